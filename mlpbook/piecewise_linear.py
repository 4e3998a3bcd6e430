"""The linear pieces of a ReLU network with one input, in float64 or exactly in rationals.

    weights, biases = [[[1, 1]], [[1], [-2]]], [[0, -1], [0]]     # relu(x) - 2 relu(x - 1)
    for left, right, slope, intercept in linear_pieces((weights, biases), -1, 3): ...

`weights[l]` has shape (inputs, outputs) and `biases[l]` shape (outputs,). Every layer but the
last is followed by ReLU. A network with integers and fractions gives fractions; one with
floats gives floats, unless exact numbers are asked for.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, NamedTuple, SupportsFloat, TypeAlias

import numpy as np
from numpy.typing import NDArray

Number: TypeAlias = float | Fraction
# Of dtype float64, or of dtype object with fractions in it.
Array: TypeAlias = NDArray[Any]
# `(weights, biases)`, of tensors, arrays or nested lists.
Network: TypeAlias = tuple[Sequence[Any], Sequence[Any]]

# In float64, values this far apart are taken for equal, relative to what they are a sum of.
_EPSILON = 256 * np.finfo(float).eps


class Piece(NamedTuple):
    """The network is x ↦ slope · x + intercept from `left` to `right`."""

    left: Number
    right: Number
    slope: Number
    intercept: Number


def linear_pieces(
    network: Network, low: Number, high: Number, exact: bool | None = None
) -> list[Piece]:
    """The pieces of a ReLU network with one input and one output, from `low` to `high`.

    Neighbours differ: where the kinks of several units cancel, there is no knot.

    Args:
        network: `(weights, biases)`, with at least one layer.
        low: where the first piece begins.
        high: where the last piece ends.
        exact: whether to compute in fractions; by default where the network holds integers
            and fractions only. A float then counts as the fraction that it is.

    Raises:
        ValueError: the interval is empty, a layer does not fit the one before, a number is not
            finite, or there is more than one input or output.
    """
    layers, exact = _read(network, exact)
    knots = _convert([low, high], exact)
    if not knots[0] < knots[1]:
        raise ValueError(f"low must be less than high, and they are {low} and {high}.")
    # maps[p, :, u] are slope and intercept of unit u on piece p. It starts with x itself.
    maps = _convert([[[1], [0]]], exact)
    for index, (weight, bias) in enumerate(layers):
        if index > 0:
            knots, maps = _fold(knots, maps)
        maps = maps @ weight
        maps[:, -1] += bias
    slack = np.zeros(len(knots), int) if exact else _rounding(layers, knots)
    return _merge(knots.tolist(), maps[:, :, 0].tolist(), slack.tolist())


def _fold(knots: Array, maps: Array) -> tuple[Array, Array]:
    """Cut the pieces wherever a unit crosses 0, and apply ReLU to each unit on each piece."""
    piece, unit = np.nonzero(maps[:, 0])
    with np.errstate(over="ignore"):
        roots = 0 - maps[piece, 1, unit] / maps[piece, 0, unit]  # never -0.0
    inside = (knots[piece] < roots) & (roots < knots[piece + 1])
    finer = np.unique(np.concatenate([knots, roots[inside]]))
    maps = maps[np.searchsorted(knots, finer[:-1], side="right") - 1]
    middles = (finer[:-1] + finer[1:]) / 2
    active = middles[:, None] * maps[:, 0] + maps[:, 1] > 0
    return finer, maps * active[:, None]


def _rounding(layers: Sequence[tuple[Array, Array]], x: Array) -> Array:
    """How far rounding may have moved the value of the network at each x.

    Errors add up like independent ones. A unit counts as active if rounding may have hidden it.
    """
    value, error = x[:, None], abs(x[:, None])
    for index, (weight, bias) in enumerate(layers):
        if index > 0:
            error = error * (value + _EPSILON * error > 0)
            value = np.maximum(value, 0)
        value = value @ weight + bias
        error = np.sqrt(error**2 @ weight**2 + bias**2)
    found: Array = _EPSILON * error[:, 0]
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


def _read(network: Network, exact: bool | None) -> tuple[list[tuple[Array, Array]], bool]:
    """The layers as arrays of one kind of number, and whether it is the exact kind."""
    weights, biases = network
    if not 0 < len(weights) == len(biases):
        raise ValueError(f"There are {len(weights)} weight matrices and {len(biases)} biases.")
    raw = [(_nested(weight), _nested(bias)) for weight, bias in zip(weights, biases, strict=True)]
    if exact is None:
        exact = all(isinstance(entry, Rational) for entry in _flat(raw))
    layers = [(_convert(weight, exact), _convert(bias, exact)) for weight, bias in raw]
    width = 1
    for index, (weight, bias) in enumerate(layers):
        if weight.ndim != 2 or weight.shape[0] != width or bias.shape != weight.shape[1:]:
            raise ValueError(
                f"Layer {index} takes {width} inputs: its weights have shape {weight.shape}, "
                f"its biases {bias.shape}, and they should have ({width}, n) and (n,)."
            )
        width = len(bias)
    if width != 1:
        raise ValueError(f"The network has {width} outputs; choose one of them.")
    return layers, exact


def _nested(values: Any) -> Any:
    """Lists in lists of numbers, from a tensor, an array or a nested sequence."""
    if isinstance(values, (list, tuple)):
        return [_nested(entry) for entry in values]
    return values.tolist() if hasattr(values, "tolist") else values


def _flat(values: Any) -> Iterable[Any]:
    """The numbers in nested lists and tuples."""
    if isinstance(values, (list, tuple)):
        return itertools.chain.from_iterable(map(_flat, values))
    return [values]


def _convert(values: Any, exact: bool) -> Array:
    """An array of fractions, or of float64."""
    numbers = list(_flat(values))
    if not all(isinstance(number, Rational) or math.isfinite(number) for number in numbers):
        raise ValueError("The network and the interval must be made of finite numbers.")
    array = np.empty(len(numbers), dtype=object if exact else float)
    array[:] = [_fraction(number) if exact else float(number) for number in numbers]
    return array.reshape(np.asarray(values, dtype=object).shape)


def _fraction(number: SupportsFloat) -> Fraction:
    if isinstance(number, Integral):
        return Fraction(int(number))
    if isinstance(number, Rational):
        return Fraction(int(number.numerator), int(number.denominator))
    return Fraction(float(number))
