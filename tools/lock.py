"""Renew requirements.txt, the lock, from the ranges in pyproject.toml.

    python -m tools.lock

One list serves Linux, macOS and Windows and every Python the book supports. Packages
that only a CUDA build of torch needs are left out: such a build names them exactly
itself, and beside a CPU build they would be gigabytes of no use.
"""

import os
import subprocess
import sys
import tomllib

from tools.notebooks import ROOT

CUDA_ONLY = (
    "cuda-bindings",
    "cuda-pathfinder",
    "cuda-toolkit",
    "nvidia-cublas",
    "nvidia-cuda-cupti",
    "nvidia-cuda-nvrtc",
    "nvidia-cuda-runtime",
    "nvidia-cudnn-cu13",
    "nvidia-cufft",
    "nvidia-cufile",
    "nvidia-curand",
    "nvidia-cusolver",
    "nvidia-cusparse",
    "nvidia-cusparselt-cu13",
    "nvidia-nccl-cu13",
    "nvidia-nvjitlink",
    "nvidia-nvshmem-cu13",
    "nvidia-nvtx",
    "triton",
)


def main() -> int:
    """Resolve the ranges and write the lock; versions that still fit stay as they are."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest_python = project["requires-python"].removeprefix(">=").partition(",")[0]
    command = [sys.executable, "-m", "uv", "pip", "compile"]
    command += ["--universal", "--fork-strategy=fewest"]
    command += ["--python-version", oldest_python, "--group=dev", "--no-annotate", "--no-header"]
    command += [f"--no-emit-package={name}" for name in CUDA_ONLY]
    command += ["--output-file=requirements.txt", "--quiet", "pyproject.toml"]
    # A wheel on this machine must not decide what others install.
    environment = {key: value for key, value in os.environ.items() if "FIND_LINKS" not in key}
    return subprocess.call(command, cwd=ROOT, env=environment)


if __name__ == "__main__":
    sys.exit(main())
