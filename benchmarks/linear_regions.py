"""The exact linear regions of a network, beside the grid of activation patterns.

A 2-64-64-64-1 ReLU network with He weights on [-1, 1]². The grid asks a million points which
units are active, and counts the patterns that differ: with `np.unique(…, axis=0)`, as is usual,
and with each row of bits seen as one entry, which NumPy sorts much faster. Rounds alternate, so
a busy moment hits all. Then the pieces of a 1-64-64-1 network, in float64 and in rationals.
"""

import itertools
import statistics
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.side_by_side import Task, seconds
from mlpbook.piecewise_linear import linear_pieces, linear_regions, subdivide

BOX, SEGMENT = [(-1.0, -1.0), (1.0, 1.0)], (-3.0, 3.0)
GRID, CHUNK = 1000, 100_000
NETWORKS, ROUNDS, PIECE_ROUNDS = 3, 5, 50

Bits = NDArray[np.uint8]
Entries = NDArray[np.void]


def he_network(*widths: int) -> nn.Sequential:
    """A ReLU network with He weights, and biases as torch draws them."""
    modules: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(widths):
        linear = nn.Linear(inputs, outputs)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        modules += [linear, nn.ReLU()]
    return nn.Sequential(*modules[:-1])


@torch.no_grad()
def bits_on_grid(network: nn.Sequential) -> Bits:
    """Which units are active at each point of the grid, eight to a byte."""
    line = torch.linspace(-1, 1, GRID)
    found = []
    for h in torch.cartesian_prod(line, line).split(CHUNK):
        active = []
        for module in list(network)[:-1]:
            h = module(h)
            if isinstance(module, nn.ReLU):
                active.append((h > 0).numpy())
        found.append(np.packbits(np.hstack(active), axis=1))
    return np.vstack(found)


def by_rows(network: nn.Sequential) -> Bits:
    """The patterns on the grid, as is usual."""
    return np.unique(bits_on_grid(network), axis=0)


def by_entries(network: nn.Sequential) -> Entries:
    """The patterns on the grid, each row of bits seen as one entry."""
    return np.unique(as_entries(bits_on_grid(network)))


def as_entries(bits: Bits) -> Entries:
    """Rows of bytes as single entries."""
    return np.ascontiguousarray(bits).view(np.dtype((np.void, bits.shape[1])))[:, 0]


def spread(ratios: list[float]) -> str:
    """The median of some ratios, and the lowest and the highest of them."""
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})"


def regions(network: nn.Sequential) -> None:
    """Print one row: the regions of a network, what the grid missed, and the times."""
    exact = as_entries(np.packbits(subdivide(network, BOX).patterns, axis=1))
    on_grid = by_entries(network)
    missed = len(np.setdiff1d(exact, on_grid))
    unknown = len(np.setdiff1d(on_grid, exact))
    tasks: list[Task] = [
        partial(linear_regions, network, BOX),
        partial(by_rows, network),
        partial(by_entries, network),
    ]
    rounds = [list(map(seconds, tasks)) for _ in range(ROUNDS)]
    ours, rows, entries = map(statistics.median, zip(*rounds, strict=True))
    print(
        f"  {len(exact):7} {missed:6} {missed / len(exact):6.1%} {unknown:8}"
        f" {ours:8.3f} s {rows:6.2f} s {entries:6.2f} s"
        f"   {spread([mine / rows for mine, rows, _ in rounds])}"
        f"   {spread([mine / entries for mine, _, entries in rounds])}"
    )


def pieces(network: nn.Sequential) -> None:
    """Print one row: the pieces of a network with one input, and the times."""
    found = linear_pieces(network, *SEGMENT)
    floats = [seconds(lambda: linear_pieces(network, *SEGMENT)) for _ in range(PIECE_ROUNDS)]
    exact = [seconds(lambda: linear_pieces(network, *SEGMENT, exact=True)) for _ in range(ROUNDS)]
    print(
        f"  {len(found):7} {1000 * statistics.median(floats):8.2f} ms"
        f" {1000 * statistics.median(exact):8.1f} ms"
    )


def main() -> None:
    """Print the regions of a few networks beside the grid, and the pieces of others."""
    torch.manual_seed(0)
    print(f"\nLinear regions of 2-64-64-64-1 on [-1, 1]², and on a grid of {GRID} × {GRID}\n")
    print("          missed by grid  no region             grid by            ours / grid by")
    print("  regions                of grid      ours    rows  entries    rows          entries")
    for _ in range(NETWORKS):
        regions(he_network(2, 64, 64, 64, 1))
    print("\nLinear pieces of 1-64-64-1 on [-3, 3]\n")
    print("   pieces     float64   rationals")
    for _ in range(NETWORKS):
        pieces(he_network(1, 64, 64, 1))
