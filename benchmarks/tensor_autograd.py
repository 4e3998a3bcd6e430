"""The tensor engine beside PyTorch and HIPS autograd, one thread each.

Every elementwise activation goes forward and back on float32 numbers from −10 to 10, then a network
784-256-10 takes a step on a batch of 256. The turns alternate.
"""

import functools
import statistics
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import torch
from autograd import make_vjp
from autograd.scipy.special import erf
from threadpoolctl import threadpool_limits
from torch.nn import functional as F
from tqdm import tqdm

from benchmarks.side_by_side import Task, memory_of, ratio, spread, turns
from mlpbook import activations, tensor_autograd
from mlpbook.tensor_autograd import SGD, Tensor, cross_entropy
from mlpbook.value_and_slope import GELU_CUBIC, SELU_ALPHA, SELU_SCALE, Array

# How many numbers, and how many calls make one turn.
SIZES = {160: 200, 10_000: 20, 1_000_000: 1}
ROUNDS = 15
WIDTHS, BATCH = (784, 256, 10), 256


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + anp.exp(-x))


def _elu(x: Any, alpha: float) -> Any:
    return anp.where(x > 0, x, alpha * anp.expm1(anp.minimum(x, 0)))


# The formulas as a user of autograd writes them.
HIPS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda x: anp.maximum(x, 0),
    "leaky_relu": lambda x: anp.where(x > 0, x, 0.01 * x),
    "prelu": lambda x: anp.where(x > 0, x, 0.25 * x),
    "rrelu": lambda x: anp.where(x > 0, x, (1 / 8 + 1 / 3) / 2 * x),
    "relu6": lambda x: anp.clip(x, 0, 6),
    "hardtanh": lambda x: anp.clip(x, -1, 1),
    "hardsigmoid": lambda x: anp.clip(x / 6 + 0.5, 0, 1),
    "hardshrink": lambda x: anp.where(anp.abs(x) > 0.5, x, 0),
    "softshrink": lambda x: x - anp.clip(x, -0.5, 0.5),
    "threshold": lambda x: anp.where(x > 1, x, 0),
    "elu": lambda x: _elu(x, 1),
    "celu": lambda x: _elu(x, 1),
    "selu": lambda x: SELU_SCALE * _elu(x, SELU_ALPHA),
    "softplus": lambda x: anp.logaddexp(0, x),
    "log_sigmoid": lambda x: -anp.logaddexp(0, -x),
    "sigmoid": _sigmoid,
    "tanh": anp.tanh,
    "softsign": lambda x: x / (1 + anp.abs(x)),
    "tanhshrink": lambda x: x - anp.tanh(x),
    "swish": lambda x: x * _sigmoid(x),
    "hardswish": lambda x: x * anp.clip(x + 3, 0, 6) / 6,
    "mish": lambda x: x * anp.tanh(anp.logaddexp(0, x)),
    "gelu": lambda x: x * (1 + erf(x / 2**0.5)) / 2,
    "gelu_tanh": lambda x: x * (1 + anp.tanh((2 / np.pi) ** 0.5 * (x + GELU_CUBIC * x**3))) / 2,
}
# Where the catalogue's form has a parameter that torch's own function has not.
TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {"swish": F.silu}


def three_ways(name: str, size: int) -> dict[str, Task]:
    """One activation, forward and back, by the engine, by torch and by autograd."""
    x = np.linspace(-10, 10, size, dtype=np.float32)
    g = np.ones_like(x)
    leaf, truth = Tensor(x, requires_grad=True), torch.tensor(x, requires_grad=True)
    seed = torch.tensor(g)
    function = getattr(tensor_autograd, name)
    settings = activations.get(name).settings()
    torchs = TORCH.get(name, functools.partial(activations.get(name).torch_form, **settings))

    def ours() -> None:
        leaf.grad = None
        function(leaf).backward(g)

    def theirs() -> None:
        truth.grad = None
        torchs(truth).backward(seed)

    def hips() -> None:
        make_vjp(HIPS[name])(x)[0](g)

    return {"mlpbook": ours, "torch": theirs, "autograd": hips}


def one_way(which: str, name: str, size: int) -> Task:
    """One of the three, for a process of its own; a first small call loads what it needs."""
    three_ways(name, 10)[which]()
    return three_ways(name, size)[which]


def copying(size: int) -> dict[str, Task]:
    """The least that any way there and back must do: read and write the bytes, twice."""
    x = np.linspace(-10, 10, size, dtype=np.float32)
    return {"copies": lambda: (x.copy(), x.copy())}


def elementwise(size: int, repeat: int) -> None:
    """Print the table of all activations for one size."""
    print(f"\nForward and back of {size:,} numbers, the time of mlpbook as a part of the other's\n")
    print(f"  {'':12} {'of torch':>22} {'of autograd':>22}    in copies")
    torchs, hips = [], []
    for name in tqdm(activations.names(), desc=f"{size:,}", leave=False):
        seconds = turns(three_ways(name, size) | copying(size), ROUNDS, repeat)
        torchs.append(ratio(seconds["mlpbook"], seconds["torch"]))
        hips.append(ratio(seconds["mlpbook"], seconds["autograd"]))
        copies = ratio(seconds["mlpbook"], seconds["copies"])[0]
        tqdm.write(f"  {name:12} {spread(torchs[-1]):>22} {spread(hips[-1]):>22} {copies:12.1f}")
    print(f"  {'median':12} {statistics.median(t[0] for t in torchs):22.2f}", end=" ")
    print(f"{statistics.median(h[0] for h in hips):22.2f}")


def masks() -> None:
    """Print what ReLU's way back costs in other spellings, and with signs in order."""
    x, g = np.random.default_rng(0).normal(size=(2, 1_000_000)).astype(np.float32)
    order = np.argsort(x)
    x_sorted, g_sorted = x[order], g[order]

    def masked(g: Array, x: Array) -> None:
        h = g.copy()
        h[x <= 0] = 0

    tasks: dict[str, Task] = {
        "g * (x > 0)": lambda: g * (x > 0),
        "np.where(x > 0, g, 0)": lambda: np.where(x > 0, g, 0),
        "h = g.copy(); h[x <= 0] = 0": lambda: masked(g, x),
        "the same, x in order": lambda: masked(g_sorted, x_sorted),
    }
    seconds = turns(tasks, ROUNDS)
    print("\nReLU's way back over 1,000,000 numbers, as a multiple of the product\n")
    for name, times in seconds.items():
        print(f"  {name:30} {spread(ratio(times, seconds['g * (x > 0)']))}")


def network_steps() -> dict[str, Task]:
    """A step of a network with cross-entropy and SGD, by the engine and by torch."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(BATCH, WIDTHS[0])).astype(np.float32)
    labels = rng.integers(0, WIDTHS[2], BATCH)
    shapes = (WIDTHS[:2], WIDTHS[1:2], WIDTHS[1:], WIDTHS[2:])
    arrays = [rng.normal(size=shape).astype(np.float32) * 0.05 for shape in shapes]
    ours = [Tensor(array.copy(), requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    inputs, tensors, targets = Tensor(X), torch.tensor(X), torch.tensor(labels)
    sgd, torchs_sgd = SGD(ours, 0.1), torch.optim.SGD(theirs, 0.1)

    def step() -> None:
        W, b, V, c = ours
        loss = cross_entropy((inputs @ W + b).relu() @ V + c, labels)
        sgd.zero_grad()
        loss.backward()
        sgd.step()

    def torchs_step() -> None:
        W, b, V, c = theirs
        loss = F.cross_entropy((tensors @ W + b).relu() @ V + c, targets)
        torchs_sgd.zero_grad()
        loss.backward()
        torchs_sgd.step()

    return {"mlpbook": step, "torch": torchs_step}


def main() -> None:
    """Print the tables."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        for size, repeat in SIZES.items():
            elementwise(size, repeat)
        masks()
        seconds = turns(network_steps(), 60)
    torch.set_num_threads(threads)
    print(f"\nOne step of a network {'-'.join(map(str, WIDTHS))}, batch {BATCH}\n")
    print(f"  mlpbook / torch {spread(ratio(seconds['mlpbook'], seconds['torch']))}")
    print("\nMemory that Swish of 1,000,000 numbers, there and back, adds to a fresh process\n")
    for name in ("mlpbook", "torch", "autograd"):
        print(f"  {name:10} {memory_of(one_way, name, 'swish', 1_000_000):5.0f} MB")
