"""`import torch` and D2L's first lines work in a plain Python."""

import os
import subprocess
import sys

import pytest


def run(code, **environment):
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**{k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}, **environment},
        capture_output=True,
        text=True,
    )
    return result.returncode, result.stdout.strip(), result.stderr


def test_d2l_first_lines_work_in_a_plain_python():
    code = "import torch\nfrom d2l import torch as d2l\nprint(d2l.plot.__name__)"
    assert run(code) == (0, "plot", "")


def test_torch_runs_on_one_thread():
    assert run("import torch; print(torch.get_num_threads())")[1] == "1"


def test_a_reader_who_asks_for_threads_gets_them():
    code = "import torch; print(torch.get_num_threads())"
    assert run(code, OMP_NUM_THREADS="2")[1] == "2"


# A torchvision that is absent, broken, or whose operators load.
PRETEND = """
import torch, mlpbook.torch_setup as setup
setup.find_spec = lambda name: {package}
declared = []
setup._declare_torchvision_operators = lambda: declared.append(True)
torch.ops.load_library = {load}
setup.prepare()
print(len(declared))
"""


@pytest.mark.parametrize(
    ("package", "load", "declarations"),
    [
        ("None", "None", "0"),
        ("setup.PathFinder.find_spec('torchvision')", "lambda path: None", "0"),
        ("setup.PathFinder.find_spec('torchvision')", "lambda path: open('/absent')", "1"),
    ],
    ids=["absent", "operators load", "operators do not load"],
)
def test_operators_are_declared_only_where_they_do_not_load(package, load, declarations):
    code = PRETEND.format(package=package, load=load)
    # The entry point is kept out, so that the set-up runs once, here.
    status, printed, errors = run(code, TORCH_DEVICE_BACKEND_AUTOLOAD="0")
    assert (status, printed) == (0, declarations), errors
