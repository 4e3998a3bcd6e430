"""The first check of exercise 04: the linear pieces of a ReLU network with one input."""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mlpbook.checks.attempt import Crashed, attempt, kind, show
from mlpbook.checks.compare import Array, Mistake, named, numbers
from mlpbook.checks.relu_networks import FORMS, FRACTIONS, are_exact, forward, mapped, plain, short
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise
from mlpbook.piecewise_linear import linear_pieces

Nested = list[Any]

_NAMES = ("left", "right", "slope", "intercept")
_UNITS_PLUS_ONE = (
    "You always have units + 1 pieces: a unit may add no knot, and in a deep network many."
)


@dataclass(frozen=True)
class _Net:
    """A ReLU network to try, on an interval.

    `by_hand` says that every number on the way to its pieces is a short binary fraction, so
    that floats are exact: a kink that cancels then cancels to the last bit.
    """

    weights: Nested
    biases: Nested
    low: float
    high: float
    by_hand: bool = True

    def __str__(self) -> str:
        """Written so that a learner can try the same network."""
        layers = f"weights {short(self.weights)} and biases {short(self.biases)}"
        return f"With {layers} on [{self.low:g}, {self.high:g}]"

    @property
    def units(self) -> int:
        """The number of hidden units."""
        return sum(map(len, self.biases[:-1]))

    @functools.cached_property
    def truth(self) -> Array:
        """The pieces as they are, one row each."""
        return self.pieces_of(self.weights, self.biases)

    def pieces_of(self, weights: Nested, biases: Nested) -> Array:
        """The pieces of another network on the same interval."""
        found = linear_pieces((weights, biases), self.low, self.high, exact=True)
        return np.array([[float(number) for number in piece] for piece in found])

    def value(self, x: Array) -> Array:
        """The network at each x."""
        return forward([*zip(self.weights, self.biases, strict=True)], x)

    @functools.cached_property
    def knots(self) -> Array:
        """Where two pieces meet."""
        return self.truth[1:, 0]

    @functools.cached_property
    def zeros(self) -> list[Array]:
        """For each hidden layer, where a unit's input crosses 0, seen in the end or not."""
        found = []
        for depth in range(1, len(self.weights)):
            roots = []
            for unit in range(len(self.biases[depth - 1])):
                weights = [*self.weights[: depth - 1], _column(self.weights[depth - 1], unit)]
                biases = [*self.biases[: depth - 1], [self.biases[depth - 1][unit]]]
                for left, right, slope, intercept in self.pieces_of(weights, biases):
                    root = -intercept / slope if slope else np.inf
                    if left <= root <= right and self.low < root < self.high:
                        roots.append(root)
            found.append(np.unique(roots))
        return found


@dataclass(frozen=True)
class _Answer:
    """The learner's pieces of one network, by their left ends; no pieces of rounding's width."""

    table: Array
    tolerance: float
    count: int

    @property
    def knots(self) -> Array:
        """Where two pieces meet."""
        return self.table[1:, 0]

    def is_table(self, expected: Array, columns: Sequence[int] = (0, 1, 2, 3)) -> bool:
        """Whether these are the expected numbers, in the columns that count."""
        if self.table.shape != expected.shape:
            return False
        mine, other = self.table[:, list(columns)], expected[:, list(columns)]
        return bool(np.allclose(mine, other, rtol=self.tolerance, atol=self.tolerance))


def _column(weight: Nested, unit: int) -> Nested:
    return [[row[unit]] for row in weight]


def _by_hand() -> list[_Net]:
    """Networks whose pieces one can find with a pencil, the friendly ones first."""
    fold = [[2, 4], [-2, -4]]
    nets: list[tuple[Nested, Nested, float, float]] = [
        ([[[1]], [[2]]], [[0], [1]], -1, 2),
        ([[[1, 1]], [[1], [-2]]], [[0, -1], [0]], -1, 3),
        # The second layer folds again.
        ([[[1, -1]], [[1], [1]], [[2]]], [[0, 0], [-1], [0.5]], -3, 2),
        ([[[1]], [[1, -2]], [[1], [3]]], [[1], [-2, 1], [-1]], -2, 4),
        # Kinks that cancel, wholly or in part, in the last layer or in one before.
        ([[[1, -1]], [[1], [-1]]], [[0, 0], [0]], -1, 1),
        ([[[2, 2, -2]], [[1], [1], [-1]]], [[1, -1, 1], [0]], -2, 2),
        ([[[1, -1]], [[1], [-1]], [[1]]], [[-1, 1], [-1], [2]], -1, 4),
        ([[[1, 2]], [[2], [-1]]], [[-0.5, -1], [0.25]], -2, 2),
        # Knots that coincide and do not cancel.
        ([[[1, -1]], [[1], [1]]], [[-1, 1], [0]], -1, 3),
        ([[[1, 2, 1]], [[1], [1], [-1]]], [[-1, -2, 0], [1]], -2, 3),
        # Knots outside and at the ends.
        ([[[1, 1, 1]], [[1], [2], [-1]]], [[4, 0, -4], [0]], -2, 2),
        ([[[1, 1]], [[1], [1]]], [[-1, -3], [0]], 4, 6),
        ([[[1, 1, 1]], [[1], [1], [-3]]], [[1, -2, -0.5], [2]], -1, 2),
        # Units that never or always fire, and weights of 0.
        ([[[1, 2]], [[1], [1]]], [[-9, -8], [3]], -1, 2),
        ([[[1, -1]], [[-1, -2], [-1, -1]], [[1], [4]]], [[0, 0], [0, -1], [-2]], -1, 2),
        ([[[0, 1, 0]], [[2], [1], [5]]], [[1, -0.5, -1], [0]], -1, 2),
        ([[[1, 1]], [[0], [1]]], [[0, -1], [0]], -1, 2),
        ([[[0, 0]], [[1], [1]]], [[0, 2], [1]], -1, 1),
        # A kink of the first layer, where the second one is silent.
        ([[[1, -1]], [[1], [1]], [[1]]], [[0, 1], [-2], [0]], -3, 4),
        # Tent maps: twice as many pieces with every layer.
        ([[[2, 4]], fold, [[1], [-1]]], [[0, -2], [0, -2], [0]], 0, 1),
        ([[[2, 4]], fold, fold, [[1], [-1]]], [[0, -2], [0, -2], [0, -2], [0]], 0, 1),
    ]
    return [_Net(mapped(float, w), mapped(float, b), low, high) for w, b, low, high in nets]


def _at_random() -> Iterator[_Net]:
    """Networks with drawn weights, whose kinks are clear and lie apart."""
    draw = np.random.default_rng(4)
    for widths in ((3,), (4,), (2, 2), (3, 2), (2, 2, 2), (3, 3), (2, 4)):
        while True:
            sizes = (1, *widths, 1)
            shapes = itertools.pairwise(sizes)
            weights = [(draw.integers(-200, 200, shape) / 100).tolist() for shape in shapes]
            biases = [(draw.integers(-200, 200, size) / 100).tolist() for size in sizes[1:]]
            net = _Net(weights, biases, -3.0, 3.0, by_hand=False)
            left, right, slope, _ = net.truth.T
            if (
                len(slope) > len(widths) + 1
                and (right - left).min() > 0.1
                and abs(np.diff(slope)).min() > 0.1
                and abs(slope).max() < 9
            ):
                yield net
                break


@functools.cache
def _nets() -> list[_Net]:
    return [*_by_hand(), *_at_random()]


@exercise("Write the pieces of a ReLU network above, run that cell, then this one.")
def pieces(fn: object) -> str:
    """Check the linear pieces of ReLU networks."""
    nets = _nets()
    for net in nets:
        answer = _answer(fn, net)
        if fault := _fault(net, answer):
            answers = [(net, answer), *_readable(fn, [other for other in nets if other != net])]
            raise WrongAnswer(f"{net}\n{fault}{_explanation(answers)}")
    return (
        "A layer of n units cuts each piece at most n times, so widths n₁, …, n_L give at most\n"
        "(n₁ + 1)⋯(n_L + 1) pieces. Knots that cancel, coincide or lie outside make them fewer."
    )


def _explanation(answers: Sequence[tuple[_Net, _Answer]]) -> str:
    # A grid may meet the knots of some networks, and not of all.
    is_exact = all(_near(answer.knots, net.knots, answer.tolerance) for net, answer in answers)
    possible = [one for one in _MISTAKES if not (is_exact and one.values is _on_a_grid)]
    return named(possible, lambda mistake: all(mistake.values(*pair) for pair in answers))


def _answer(fn: object, net: _Net) -> _Answer:
    """The pieces that `fn` finds, in the first form of the numbers that it accepts."""
    crashes: list[Crashed] = []
    for form in FORMS:
        weights, biases = [*map(form, net.weights)], [*map(form, net.biases)]
        low, high = (form(end) if form is FRACTIONS else end for end in (net.low, net.high))
        try:
            result = attempt(_listed(fn), weights=weights, biases=biases, low=low, high=high)
        except Crashed as crash:
            crashes.append(crash)
        else:
            return _read_pieces(result, net)
    raise crashes[0]


def _readable(fn: object, nets: Sequence[_Net]) -> Iterator[tuple[_Net, _Answer]]:
    """What `fn` gives for those networks for which it gives pieces at all."""
    for net in nets:
        try:
            yield net, _answer(fn, net)
        except (WrongAnswer, Unfinished):
            continue


def _listed(fn: object) -> object:
    """`fn`, its result read to the end where it comes bit by bit, as from `zip` and `map`."""
    if not callable(fn):
        return fn

    @functools.wraps(fn)
    def whole(*inputs: object) -> object:
        result = fn(*inputs)
        return list(result) if isinstance(result, Iterator) else result

    return whole


def _read_pieces(result: object, net: _Net) -> _Answer:
    if isinstance(result, (torch.Tensor, np.ndarray)) and result.ndim > 0:
        result = list(result)
    if not isinstance(result, (list, tuple)):
        raise WrongAnswer(
            f"Your function returns {kind(result)}.\n"
            "Return a list with one tuple (left, right, slope, intercept) for each piece."
        )
    if not result:
        raise WrongAnswer(
            f"{net}\nyour list is empty. A straight line is one piece, "
            "and the parts before the\nfirst knot and after the last one are pieces, too."
        )
    rows, tolerance, empty = [], 0.0, None
    for piece in result:
        raw = _four(piece)
        if any(entry is None for entry in raw):
            raise WrongAnswer(f"A piece of yours holds None: {show(tuple(raw))}.")
        found = [numbers(plain(e), (), f"the {n}") for n, e in zip(_NAMES, raw, strict=True)]
        rows.append([float(number.values) + 0.0 for number in found])  # never -0.0
        tolerance = max([tolerance, *(number.tolerance for number in found)])
        same = raw[0] == raw[1] if are_exact(*raw[:2]) else rows[-1][0] == rows[-1][1]
        empty = rows[-1] if same else empty
    table = np.array(sorted(rows))
    _reject_broken(table, empty, net)
    wide = table[:, 1] - table[:, 0] > 0.1 * tolerance * (net.high - net.low)
    return _Answer(table[wide], tolerance, len(table))


def _reject_broken(table: Array, empty: list[float] | None, net: _Net) -> None:
    if np.isinf(table[:, :2]).any():
        raise WrongAnswer(f"{net}\none of your pieces is endless. Cut the pieces at low and high.")
    if not np.isfinite(table).all():
        raise WrongAnswer(
            f"{net}\nyour pieces hold nan or infinity. Look for a division by 0: "
            "a unit whose slope is 0 has no zero."
        )
    for left, right, *_ in table[table[:, 0] > table[:, 1]]:
        raise WrongAnswer(
            f"{net}\none piece has left = {left:.6g} and right = {right:.6g}; left must be smaller."
        )
    if empty:
        rule = f"\n{_UNITS_PLUS_ONE}" if _follows_a_rule(net, len(table)) else ""
        raise WrongAnswer(
            f"{net}\none of your {len(table)} pieces begins and ends at x = {empty[0]:.6g}; it has "
            "no width.\nLeave out knots that lie outside or at the ends, and use each knot once."
            f"{rule}"
        )


def _follows_a_rule(net: _Net, count: int) -> bool:
    """Whether there is one piece more than units, in all hidden layers or in the first."""
    return count in (net.units + 1, len(net.biases[0]) + 1)


def _four(piece: object) -> list[Any]:
    """The four entries of a piece: of a tuple, list, array, dictionary or object with names."""
    if isinstance(piece, Mapping) and all(name in piece for name in _NAMES):
        return [piece[name] for name in _NAMES]
    if all(hasattr(piece, name) for name in _NAMES):
        return [getattr(piece, name) for name in _NAMES]
    if isinstance(piece, (torch.Tensor, np.ndarray)) and piece.ndim > 0:
        piece = list(piece)
    if not isinstance(piece, (list, tuple)):
        raise WrongAnswer(
            f"Your list holds {kind(piece)} where a piece should be.\n"
            "Return a list with one tuple (left, right, slope, intercept) for each piece."
        )
    if len(piece) != 4:
        raise WrongAnswer(
            f"A piece of yours has {len(piece)} entries.\n"
            "It should have four: left, right, slope, intercept."
        )
    return list(piece)


def _fault(net: _Net, answer: _Answer) -> str:
    """What is wrong with the pieces, or nothing."""
    return _uncovered(net, answer) or _wrong_value(net, answer) or _needless_knot(net, answer)


def _uncovered(net: _Net, answer: _Answer) -> str:
    table, near = answer.table, answer.tolerance * (net.high - net.low)
    if not len(table):
        return "your pieces have no width."
    first, last = table[0, 0], table[:, 1].max()
    if first < net.low - near or last > net.high + near:
        return (
            f"your pieces go from {first:.6g} to {last:.6g}, beyond the interval.\n"
            "Cut them at low and high, and leave out those that lie outside."
        )
    if first > net.low + near or last < net.high - near:
        return (
            f"your pieces go from {first:.6g} to {last:.6g}, and the interval is longer.\n"
            "The parts before the first knot and after the last one are pieces, too."
        )
    for right, left in zip(table[:-1, 1], table[1:, 0], strict=True):
        if abs(right - left) > near:
            how = "no piece covers the x" if left > right else "two pieces overlap"
            return f"{how} between {min(left, right):.6g} and {max(left, right):.6g}."
    return ""


def _wrong_value(net: _Net, answer: _Answer) -> str:
    for left, right, slope, intercept in answer.table:
        inner = net.knots[(left < net.knots) & (net.knots < right)]
        x = np.array([(left + right) / 2, left, right, *inner])
        got, expected = slope * x + intercept, net.value(x)
        scale = 1 + abs(expected) + abs(slope * x) + abs(intercept)
        for i in np.flatnonzero(abs(got - expected) > answer.tolerance * scale):
            return (
                f"your piece from {left:.6g} to {right:.6g} gives {got[i]:.6g} at x = {x[i]:.6g}, "
                f"and the network gives {expected[i]:.6g}."
            )
    return ""


def _needless_knot(net: _Net, answer: _Answer) -> str:
    table = answer.table
    needed = 0
    for one, other in zip(table[:-1, 2:], table[1:, 2:], strict=True):
        needed += not np.allclose(one, other, rtol=answer.tolerance, atol=answer.tolerance)
    exact = (table[:-1, 2:] == table[1:, 2:]).all(axis=1)
    if net.by_hand and needed < len(table) - 1:
        gaps = abs(np.diff(table[:, 2:], axis=0)).max(axis=1)
        exact = gaps <= answer.tolerance * (1 + abs(table[:-1, 2:]).max(axis=1))
    for x in answer.knots[exact]:
        return (
            f"you report a knot at x = {x:.6g}, and the network does not bend there: "
            "the pieces on its\ntwo sides lie on one line. Kinks that cancel, or that a later "
            "layer does not see, are no knots: merge."
        )
    if needed > len(net.knots):
        return f"you have {len(table)} pieces, and there are {len(net.truth)}."
    return ""


def _near(one: Array, other: Array, distance: float) -> bool:
    """Whether each number of `one` lies close to a number of `other`."""
    return all(len(other) > 0 and abs(other - x).min() <= distance for x in one)


def _only_layer(net: _Net, answer: _Answer, layer: int) -> bool:
    """Whether all knots are those of one hidden layer; where it is the only one, none lacks."""
    lacks = len(net.zeros) == 1 and not _near(net.knots, answer.knots, 1e-3)
    return _near(answer.knots, net.zeros[layer], 1e-3) and not lacks


def _on_a_grid(net: _Net, answer: _Answer) -> bool:
    """Whether there are knots near the true ones, and the right lines far from them."""
    distance = 0.02 * (net.high - net.low)
    x = net.truth[:, :2].mean(axis=1)
    _, _, slope, intercept = answer.table[np.searchsorted(answer.knots, x)].T
    return (
        not _uncovered(net, answer)
        and np.allclose(slope * x + intercept, net.value(x), atol=answer.tolerance)
        and _near(answer.knots, net.knots, distance)
        and _near(net.knots, answer.knots, distance)
    )


def _columns(net: _Net, change: Callable[[Array, Array, Array, Array], Sequence[Array]]) -> Array:
    """The right pieces with something else in their columns."""
    return np.stack(np.broadcast_arrays(*change(*net.truth.T)), axis=1)


def _without(biases: Nested) -> Nested:
    return [[0.0 for _ in bias] for bias in biases]


def _one_layer(layers: Sequence[tuple[Any, Any]]) -> tuple[Nested, Nested]:
    """Affine layers in a row, as one."""
    weight, bias = np.array(layers[0][0]), np.array(layers[0][1])
    for W, b in layers[1:]:
        weight, bias = weight @ np.array(W), bias @ np.array(W) + np.array(b)
    return weight.tolist(), bias.tolist()


def _linear_after(net: _Net, hidden: int) -> Array:
    """The pieces if only the first `hidden` layers had an activation."""
    layers = [*zip(net.weights, net.biases, strict=True)]
    weight, bias = _one_layer(layers[hidden:])
    return net.pieces_of([*net.weights[:hidden], weight], [*net.biases[:hidden], bias])


def _mirrored(net: _Net) -> Array:
    """The pieces if the activation were min(0, z): a unit fires where it should be silent."""
    weights = [net.weights[0], *(mapped(float.__neg__, weight) for weight in net.weights[1:])]
    weights = [*map(functools.partial(mapped, float.__neg__), weights[:-1]), weights[-1]]
    biases = [*map(functools.partial(mapped, float.__neg__), net.biases[:-1]), net.biases[-1]]
    return net.pieces_of(weights, biases)


def _has_slopes_at(net: _Net, answer: _Answer, side: int) -> bool:
    """Whether the slopes are those of the units with `z > 0` at the left or right ends.

    Where floats are not exact, a unit at its kink is on or off by chance, so nothing is said.
    """
    expected = net.truth.copy()
    h, slope = expected[:, side, None], np.ones((len(expected), 1))
    for depth, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
        if depth:
            h, slope = np.maximum(h, 0), slope * (h > 0)
        h, slope = h @ np.array(weight) + np.array(bias), slope @ np.array(weight)
    expected[:, 2] = slope[:, 0]
    return not net.by_hand or answer.is_table(expected, (0, 1, 2))


def _table(change: Callable[[_Net], Array]) -> Callable[[_Net, _Answer], bool]:
    """Whether the pieces are those that `change` gives."""
    return lambda net, answer: answer.is_table(change(net))


_MISTAKES = [
    Mistake(
        _UNITS_PLUS_ONE,
        lambda net, answer: answer.count == net.units + 1,
    ),
    Mistake(
        _UNITS_PLUS_ONE,
        lambda net, answer: answer.count == len(net.biases[0]) + 1,
    ),
    Mistake(
        "Slope and intercept are swapped.",
        _table(lambda net: _columns(net, lambda left, right, s, c: (left, right, c, s))),
    ),
    Mistake(
        "The intercept is the value at x = 0 of the line, not the value at the left end.",
        _table(lambda net: _columns(net, lambda left, right, s, c: (left, right, s, s * left + c))),
    ),
    Mistake(
        "The intercept is the value at x = 0 of the line, not the value at the right end.",
        _table(
            lambda net: _columns(net, lambda left, right, s, c: (left, right, s, s * right + c))
        ),
    ),
    Mistake(
        "You return the values at the two ends in place of slope and intercept.",
        _table(
            lambda net: _columns(
                net, lambda left, right, s, c: (left, right, s * left + c, s * right + c)
            )
        ),
    ),
    Mistake(
        "The intercept is always 0 in your answer.",
        _table(lambda net: _columns(net, lambda left, right, s, c: (left, right, s, 0 * c))),
    ),
    Mistake(
        "ReLU is applied to the output, too; the last layer is affine.",
        _table(lambda net: net.pieces_of([*net.weights, [[1.0]]], [*net.biases, [0.0]])),
    ),
    Mistake(
        "The biases are missing.",
        _table(lambda net: net.pieces_of(net.weights, _without(net.biases))),
    ),
    Mistake(
        "The bias of the output is missing.",
        _table(lambda net: net.pieces_of(net.weights, [*net.biases[:-1], [0.0]])),
    ),
    Mistake(
        "The biases of the hidden layers are missing.",
        _table(
            lambda net: net.pieces_of(net.weights, [*_without(net.biases[:-1]), net.biases[-1]])
        ),
    ),
    Mistake(
        "ReLU is missing: without it the whole network is one line.",
        _table(lambda net: _linear_after(net, 0)),
    ),
    Mistake(
        "ReLU is missing after the first hidden layer: you have the kinks of the first layer only.",
        _table(lambda net: _linear_after(net, 1)),
    ),
    Mistake(
        "Your units fire where their input is negative; ReLU keeps the positive part.",
        _table(_mirrored),
    ),
    Mistake(
        "Your slopes are those at the left ends, where units are at a kink: take a point within.",
        lambda net, answer: _has_slopes_at(net, answer, 0),
    ),
    Mistake(
        "Your slopes are those at the right ends, where units are at a kink: take a point within.",
        lambda net, answer: _has_slopes_at(net, answer, 1),
    ),
    Mistake(
        "You have the kinks of the first layer only: the units of each later layer fold again.",
        lambda net, answer: _only_layer(net, answer, 0),
    ),
    Mistake(
        "You have the kinks of the last hidden layer only: those of earlier layers remain, too.",
        lambda net, answer: _only_layer(net, answer, -1),
    ),
    Mistake(
        "Your knots are near the true ones, not on them: a grid only comes close; solve for zeros.",
        _on_a_grid,
    ),
]
