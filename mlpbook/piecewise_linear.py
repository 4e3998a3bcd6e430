"""A ReLU network is continuous and piecewise linear: here are its pieces.

    network = [[[1, 1]], [[1], [-2]]], [[0, -1], [0]]     # relu(x) - 2 relu(x - 1)
    for left, right, slope, intercept in linear_pieces(network, -1, 3): ...
    for vertices, weight, bias in linear_regions(nn.Sequential(...), [(-1, -1), (1, 1)]): ...

A network is a pair `(weights, biases)`, with `weights[l]` of shape (inputs, outputs) and
`biases[l]` of shape (outputs,), or a `torch.nn.Sequential` of Linear and ReLU, LeakyReLU or
PReLU. With one input its pieces are intervals, in float64 or exactly in rationals: a network
of integers and fractions gives fractions; one with floats gives floats, unless exact numbers
are asked for. With two inputs its regions are polygons (see `mlpbook.linear_regions`).
"""

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from mlpbook.linear_regions import Region, Subdivision, linear_regions, subdivide
from mlpbook.relu_network import (
    EPSILON,
    Array,
    Layer,
    Network,
    Number,
    Slopes,
    numbers,
    read_network,
)

__all__ = ["Piece", "Region", "Subdivision", "linear_pieces", "linear_regions", "subdivide"]


class Piece(NamedTuple):
    """The network is x ↦ slope · x + intercept from `left` to `right`."""

    left: Number
    right: Number
    slope: Number
    intercept: Number


def linear_pieces(
    network: Network,
    low: Number,
    high: Number,
    exact: bool | None = None,
    *,
    negative_slope: Slopes = 0,
) -> list[Piece]:
    """The pieces of a network with one input and one output, from `low` to `high`.

    Neighbours differ: where the kinks of several units cancel, there is no knot.

    Args:
        network: `(weights, biases)` with at least one layer, or a `torch.nn.Sequential`.
        low: where the first piece begins.
        high: where the last piece ends.
        exact: whether to compute in rationals; by default where the network holds integers
            and fractions only. A float then counts as the fraction that it is.
        negative_slope: for `(weights, biases)`, the slope of the activation where z < 0: one
            number, or for each hidden layer one number or one for each unit. 0 is ReLU.

    Raises:
        TypeError: a layer of a Sequential is neither Linear nor ReLU, LeakyReLU or PReLU.
        ValueError: the interval is empty, a layer does not fit the one before, a number is not
            finite, or there is more than one input or output.
    """
    layers, exact = read_network(network, 1, exact, negative_slope)
    knots = numbers([low, high], exact)
    if not knots[0] < knots[1]:
        raise ValueError(f"low must be less than high, and they are {low} and {high}.")
    scale = 1
    if exact:
        layers, scale = _in_integers(layers)
    # maps[p, :, u] are slope and intercept of unit u on piece p. It starts with x itself.
    maps = np.array([[[1], [0]]], dtype=object if exact else float)
    for weight, bias, below, above in layers:
        maps = maps @ weight
        maps[:, 1] += bias
        if (below != above).any():
            knots, maps = _fold(knots, maps, below, above)
    slack = np.zeros(len(knots), int) if exact else _rounding(layers, knots)
    pieces = _merge(knots.tolist(), maps[:, :, 0].tolist(), slack.tolist())
    if exact:
        unit = Fraction(1, scale)
        pieces = [Piece(left, right, m * unit, c * unit) for left, right, m, c in pieces]
    return pieces


def _in_integers(layers: Sequence[Layer]) -> tuple[list[Layer], int]:
    """A network of integers, and how many times the given one it is.

    ReLU(cz) = c ReLU(z) for c > 0, so layer by layer a common denominator can be taken out:
    the kinks stay where they are, and integers are much faster than fractions.
    """
    found, scale = [], 1
    for weight, bias, below, above in layers:
        denominator = _common_denominator(weight, bias)
        of_slopes = _common_denominator(below)
        scale *= denominator
        found.append(
            Layer(
                _each(int, weight * denominator),
                _each(int, bias * scale),
                _each(int, below * of_slopes),
                _each(int, above * of_slopes),
            )
        )
        scale *= of_slopes
    return found, scale


def _common_denominator(*arrays: Array) -> int:
    return math.lcm(*(entry.denominator for array in arrays for entry in array.flat))


def _fold(knots: Array, maps: Array, below: Array, above: Array) -> tuple[Array, Array]:
    """Cut the pieces wherever a unit crosses 0, and apply the activation on each piece."""
    left, right = _at_ends(knots, maps)
    crosses = ((left < 0) & (right > 0)) | ((left > 0) & (right < 0))
    piece, unit = np.nonzero(crosses & (below != above))
    roots = 0 - _ratio(maps[piece, 1, unit], maps[piece, 0, unit])  # never -0.0
    inside = (knots[piece] < roots) & (roots < knots[piece + 1])  # not so in floats, at times
    finer = np.unique(np.concatenate([knots, roots[inside]]))
    maps = maps[np.searchsorted(knots, finer[:-1], side="right") - 1]
    left, right = _at_ends(finer, maps)
    return finer, maps * np.where(left + right > 0, above, below)[:, None]


def _at_ends(knots: Array, maps: Array) -> tuple[Array, Array]:
    """Each unit at the left and the right end of each piece, times a positive number."""
    if knots.dtype == object:  # At n/d: slope · n + intercept · d, to stay in integers.
        n, d = (_each(part, knots)[:, None] for part in (_numerator, _denominator))
    else:
        n, d = knots[:, None], np.ones((len(knots), 1))
    slope, intercept = maps[:, 0], maps[:, 1]
    return slope * n[:-1] + intercept * d[:-1], slope * n[1:] + intercept * d[1:]


def _ratio(one: Array, other: Array) -> Array:
    return _each(Fraction, one, other) if one.dtype == object else one / other


def _each(function: Callable[..., Any], *arrays: Array) -> Array:
    """The function of each entry, as an array of objects."""
    found: Array = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return found


_numerator, _denominator = operator.attrgetter("numerator"), operator.attrgetter("denominator")


def _rounding(layers: Sequence[Layer], x: Array) -> Array:
    """How far rounding may have moved the value of the network at each x.

    Errors add up like independent ones. A unit counts as active if rounding may have hidden it.
    """
    value, error = x[:, None], abs(x[:, None])
    for weight, bias, below, above in layers:
        value = value @ weight + bias
        error = np.sqrt(error**2 @ weight**2 + bias**2)
        is_silent = value + EPSILON * error <= 0
        error = error * np.where(is_silent, abs(below), np.maximum(abs(below), above))
        value = value * np.where(value > 0, above, below)
    found: Array = EPSILON * error[:, 0]
    return found


def _merge(
    knots: Sequence[Any], maps: Sequence[Sequence[Any]], slack: Sequence[Any]
) -> list[Piece]:
    """Join neighbours that follow one line, up to `slack` at each knot.

    A piece so narrow that it cannot be told from a point joins a neighbour, too.
    """

    def same(one: Sequence[Any], other: Sequence[Any], *places: int) -> bool:
        slope, intercept = one[0] - other[0], one[1] - other[1]
        return all(abs(slope * knots[i] + intercept) <= slack[i] for i in places)

    starts, kept = [0], [maps[0]]
    for i, line in enumerate(maps[1:], start=1):
        if same(kept[-1], line, i, i + 1):
            continue
        if same(kept[-1], line, starts[-1], i):
            kept[-1] = line
        else:
            starts.append(i)
            kept.append(line)
    ends = [knots[i] for i in [*starts, -1]]
    return [
        Piece(*sides, *line) for sides, line in zip(itertools.pairwise(ends), kept, strict=True)
    ]
