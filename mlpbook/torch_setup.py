"""What `import torch` does first in the book's environment.

PyTorch calls every entry point of the group `torch.backends` when it is imported.
The book registers `prepare` there, so a script, a reader's kernel and the tests all
get the same two settings without a line of set-up in a notebook.
"""

import os
from importlib.machinery import PathFinder
from importlib.util import find_spec

import torch


def prepare() -> None:
    """Use one thread, and let `import torchvision` work beside any build of torch."""
    use_one_thread()
    if not _torchvision_operators_load():
        _declare_torchvision_operators()


def use_one_thread() -> None:
    """Run torch on one thread, unless the reader asked for more with `OMP_NUM_THREADS`.

    The book's tensors are small. Two processes with two threads each on a two-core
    laptop wait for each other and run about ten times slower than with one.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)


def _torchvision_operators_load() -> bool:
    """Whether torchvision's compiled operators work here, or torchvision is absent."""
    package = find_spec("torchvision")
    if package is None:
        return True
    library = PathFinder.find_spec("_C", package.submodule_search_locations)
    if library is None or library.origin is None:
        return False
    try:
        torch.ops.load_library(library.origin)
    except OSError:
        return False
    return True


def _declare_torchvision_operators() -> None:
    """Declare the two operators without which `import torchvision` stops.

    A torchvision built for CUDA cannot load its operators beside a CPU build of torch,
    and its import ends in "operator torchvision::nms does not exist". The schemas are
    enough for the import; calling the operators still fails, and the book never does.
    """
    global _declared
    _declared = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        _declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


# Torch forgets the declarations when their Library object is collected.
_declared: torch.library.Library | None = None
