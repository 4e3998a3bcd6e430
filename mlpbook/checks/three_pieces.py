"""The checks of exercise 10: two ReLU units that follow x², and the slopes that two units reach."""

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

from mlpbook.checks import forms
from mlpbook.checks.attempt import at, attempt, kind, show
from mlpbook.checks.compare import Mistake, named, numbers
from mlpbook.checks.verdict import WrongAnswer, exercise
from mlpbook.piecewise_linear import Piece, linear_pieces

# --- two_unit_network ---

_NAMES = ("w1", "b1", "w2", "b2", "v1", "v2", "c")
_ORDER = f"({', '.join(_NAMES)})"
_ENOUGH = Fraction(25, 10000)
_NEARLY = Fraction(1, 20)
# The least errors of each way to place the two knots; solution 10 derives them.
_BEST = Fraction(64, 28125)
_TWO_PIECES = "1/180 = 0.00556"


@dataclass(frozen=True)
class _Network:
    """f(x) = v1 relu(w1 x + b1) + v2 relu(w2 x + b2) + c, in exact numbers."""

    w1: Fraction
    b1: Fraction
    w2: Fraction
    b2: Fraction
    v1: Fraction
    v2: Fraction
    c: Fraction

    @property
    def units(self) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
        """Each unit as (w, b, v)."""
        return (self.w1, self.b1, self.v1), (self.w2, self.b2, self.v2)

    def pieces(self, low: int = 0, high: int = 2) -> list[Piece]:
        """The straight pieces from `low` to `high`, neighbours with the same slope as one."""
        hidden = [[self.w1, self.w2]], [self.b1, self.b2]
        output = [[self.v1], [self.v2]], [self.c]
        weights, biases = zip(hidden, output, strict=True)
        return linear_pieces((list(weights), list(biases)), low, high, exact=True)

    def moments(self, low: int = 0, high: int = 2) -> tuple[Fraction, Fraction]:
        """The means of f − x² and of its square, from polynomial integrals."""
        first = second = Fraction(0)
        for left, right, slope, intercept in self.pieces(low, high):
            m, k, ends = Fraction(slope), Fraction(intercept), (Fraction(left), Fraction(right))
            first += _integral((k, m, Fraction(-1)), *ends)
            second += _integral((k * k, 2 * m * k, m * m - 2 * k, -2 * m, Fraction(1)), *ends)
        return first / (high - low), second / (high - low)

    @property
    def error(self) -> Fraction:
        """The mean squared error to x² on [0, 2]."""
        return self.moments()[1]

    @property
    def best_error(self) -> Fraction:
        """The mean squared error with the best c in the place of this one."""
        mean, square = self.moments()
        return square - mean**2

    def mapped(
        self, change: Callable[[Fraction, Fraction, Fraction], tuple[Fraction, ...]]
    ) -> "_Network":
        """The network with each unit's (w, b, v) replaced by what `change` makes of it."""
        (w1, b1, v1), (w2, b2, v2) = (change(*unit) for unit in self.units)
        return replace(self, w1=w1, b1=b1, v1=v1, w2=w2, b2=b2, v2=v2)


def _integral(coefficients: Sequence[Fraction], left: Fraction, right: Fraction) -> Fraction:
    """The integral of a polynomial, the coefficient of its lowest power first."""
    return sum(
        (
            coefficient * (right**power - left**power) / power
            for power, coefficient in enumerate(coefficients, start=1)
        ),
        Fraction(0),
    )


@exercise("Return the seven numbers above, run that cell, then this one.")
def two_unit_network(fn: object) -> str:
    """Check that two ReLU units follow x² on [0, 2]."""
    network = _read_network(attempt(fn))
    pieces = network.pieces()
    if network.error >= _ENOUGH:
        raise WrongAnswer(
            f"On [0, 2] your f {_about(pieces)}.\n"
            f"Its mean squared error to x² is {_short(network.error)}, "
            f"and it should be below 0.0025.\n{_why(network)}"
        )
    close = network.error - _BEST < Fraction(1, 10**9)
    return (
        f"On [0, 2] your f {_about(pieces)}.\nIts mean squared error is {_short(network.error)}. "
        + (
            "No two units come closer: that is 64/28125."
            if close
            else "The least that two units can reach is 64/28125 = 0.002276."
        )
    )


def _read_network(result: object) -> _Network:
    if isinstance(result, (torch.Tensor, np.ndarray)):
        result = list(result.reshape(-1))
    if not isinstance(result, (list, tuple)):
        raise WrongAnswer(
            f"Your function returns {kind(result)}, and it should return seven numbers.\n"
            f"Write them in this order: {_ORDER}."
        )
    if len(result) != len(_NAMES):
        missing = " The last one, c, is added at the end; it may be 0." if len(result) == 6 else ""
        raise WrongAnswer(
            f"Your function returns {len(result)} value{'s' * (len(result) != 1)}, and it should "
            f"return seven numbers.\nWrite them in this order: {_ORDER}.{missing}"
        )
    return _Network(*map(_exact, result, _NAMES))


def _exact(entry: object, name: str) -> Fraction:
    if entry is None:
        raise WrongAnswer(f"{name} is None, and it should be one number.")
    try:
        number = float(numbers(entry, (), name).values)
    except WrongAnswer:
        raise WrongAnswer(f"{name} is {kind(entry)}, and it should be one real number.") from None
    if not math.isfinite(number):
        raise WrongAnswer(f"{name} is {number}, and it should be a number of ordinary size.")
    return Fraction(number)


def _short(value: Fraction) -> str:
    try:
        return f"{float(value):.4g}"
    except OverflowError:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):.4g}"


def _about(pieces: Sequence[Piece]) -> str:
    """What f is on [0, 2]: "has 2 pieces: slope 1 up to x = 1, then 3"."""
    slopes = [_short(Fraction(piece.slope)) for piece in pieces]
    if len(pieces) == 1:
        return f"is one straight line, of slope {slopes[0]}"
    knots = [_short(Fraction(piece.right)) for piece in pieces[:-1]]
    then = ", ".join(
        f"then {slope}" + (f" up to x = {knot}" if knot else "")
        for slope, knot in zip(slopes[1:], [*knots[1:], ""], strict=True)
    )
    return f"has {len(pieces)} pieces: slope {slopes[0]} up to x = {knots[0]}, {then}"


def _why(network: _Network) -> str:
    """What to look at, in one or two lines, for a network whose error is too large."""
    return (
        _only_c(network)
        or _other_order(network)
        or _other_reading(network)
        or _other_interval(network)
        or _too_few_pieces(network)
        or _wrong_form(network)
        or _wrong_knots(network)
    )


def _only_c(network: _Network) -> str:
    mean, square = network.moments()
    if square - mean**2 >= _ENOUGH:
        return ""
    side = "above" if mean > 0 else "below"
    return (
        f"Only c is off: on average f lies {side} x². The corners of f need not lie on the curve."
    )


def _orders() -> Iterator[tuple[str, ...]]:
    """Orders in which people write the seven numbers."""
    for groups in itertools.permutations("wbv"):
        grouped = [f"{group}{unit}" for group in groups for unit in "12"]
        by_unit = [f"{group}{unit}" for unit in "12" for group in groups]
        for start in (grouped, by_unit):
            for place in (6, 0, 4, 2):
                yield (*start[:place], "c", *start[place:])
    pairs, swapped = ["w1", "b1", "w2", "b2"], ["b1", "w1", "b2", "w2"]
    for start in (
        [*swapped, "v1", "v2", "c"],
        ["v1", "v2", *pairs, "c"],
        ["c", *pairs, "v1", "v2"],
        [*pairs, "c", "v1", "v2"],
        ["v1", "v2", "c", *pairs],
        ["w1", "c", "w2", "b1", "v1", "v2", "b2"],
    ):
        yield tuple(start)
    for i, j in itertools.combinations(range(7), 2):  # Two numbers have changed places.
        names = list(_NAMES)
        names[i], names[j] = names[j], names[i]
        yield tuple(names)


def _other_order(network: _Network) -> str:
    for order, other in _reordered(network):
        if other.error < _ENOUGH:
            return (
                f"In the order ({', '.join(order)}) these numbers would do; the order here is\n"
                f"{_ORDER}."
            )
    return ""


def _reordered(network: _Network) -> Iterator[tuple[tuple[str, ...], _Network]]:
    values = [getattr(network, name) for name in _NAMES]
    for order in _orders():
        yield order, _Network(**dict(zip(order, values, strict=True)))


# Readings of the numbers that are wrong, and how they are put right, unit by unit.
_READINGS: list[
    tuple[str, Callable[[Fraction, Fraction, Fraction], tuple[Fraction, Fraction, Fraction]]]
] = [
    (
        "Your biases have the wrong sign: relu(wx + b) bends where wx + b = 0.",
        lambda w, b, v: (w, -b, v),
    ),
    (
        "Your b is the place of the bend, and relu(wx + b) bends where wx + b = 0.",
        lambda w, b, v: (w, -w * b, v),
    ),
    (
        "Your b is the one of relu(w(x + b)); here it is not multiplied by w.",
        lambda w, b, v: (w, w * b, v),
    ),
    (
        "Your v is the slope that each unit adds; that slope is v · w.",
        lambda w, b, v: (w, b, v / w),
    ),
    (
        "Your v is the slope that each unit adds, which is v · w, "
        "and your b the place of its bend, where wx + b = 0.",
        lambda w, b, v: (w, -w * b, v / w),
    ),
    ("The signs of v are wrong: f opens downward.", lambda w, b, v: (w, b, -v)),
    (
        "Your units face left: relu(wx + b) with w < 0 is active on the left of its bend.",
        lambda w, b, v: (-w, -b, v),
    ),
    (
        "Your units face left: relu(wx + b) with w < 0 is active on the left of its bend.",
        lambda w, b, v: (-w, -b, -v),
    ),
    (
        "The signs of w are wrong: relu(wx + b) bends where wx + b = 0, and faces left if w < 0.",
        lambda w, b, v: (-w, b, v),
    ),
]


def _other_reading(network: _Network) -> str:
    if not network.w1 or not network.w2:
        return ""
    for sentence, change in _READINGS:
        other = network.mapped(change)
        if other.best_error < _ENOUGH:
            also = "" if other.error < _ENOUGH else "\nThen look at c as well."
            return f"{sentence}{also}"
    for other in _last_slope_as_a_total(network):
        if other.best_error < _ENOUGH:
            return (
                "After the second bend both units are active, and their slopes add up: "
                "the second one brings only the difference."
            )
    return ""


def _last_slope_as_a_total(network: _Network) -> Iterator[_Network]:
    """The networks in which v of one unit is meant as the whole slope behind its bend."""
    yield replace(network, v2=network.v2 - network.v1 * network.w1 / network.w2)
    yield replace(network, v1=network.v1 - network.v2 * network.w2 / network.w1)


def _other_interval(network: _Network) -> str:
    for low, high in ((0, 1), (-1, 1), (-2, 0), (1, 3), (-2, 2)):
        # As strict as on [0, 2]: on an interval twice as wide the error is 16 times as large.
        if network.moments(low, high)[1] < _ENOUGH * Fraction(high - low, 2) ** 4:
            return f"On [{low}, {high}] your f follows x² well; the question is about [0, 2]."
    return ""


def _bends(network: _Network) -> str:
    """Say of each unit that does not bend f inside [0, 2] why it does not."""
    reasons = []
    for number, (w, b, v) in enumerate(network.units, start=1):
        if w == 0:
            reasons.append(f"unit {number} has the weight 0 and never bends")
        elif v == 0:
            reasons.append(f"unit {number} has the output weight 0 and brings nothing")
        elif -b / w in (0, 2):
            reasons.append(f"unit {number} bends at x = {_short(-b / w)}, on the border of [0, 2]")
        elif not 0 < -b / w < 2:
            reasons.append(f"unit {number} bends at x = {_short(-b / w)}, outside [0, 2]")
    if not reasons:
        return "Both units bend at the same x."
    text = ", and ".join(reasons)
    return f"{text[0].upper()}{text[1:]}."


def _too_few_pieces(network: _Network) -> str:
    pieces = network.pieces()
    if len(pieces) == 3:
        return ""
    if len(pieces) == 1:
        for order, other in _reordered(network):
            if other.error < _NEARLY:
                return (
                    f"{_bends(network)}\nRead in the order ({', '.join(order)}), f has "
                    f"{len(other.pieces())} pieces and the error {_short(other.error)}: "
                    "not enough either."
                )
    return f"{_bends(network)}\n" + (
        "Three free slopes ⅔, 2, 10/3 would need a third unit: see which slopes two units reach."
        if _has_free_slopes(pieces)
        else f"No f with fewer than three pieces on [0, 2] gets below {_TWO_PIECES}."
    )


def _has_free_slopes(pieces: Sequence[Piece]) -> bool:
    """Whether there are two of the slopes that three pieces without any tie would have."""
    slopes = [Fraction(piece.slope) for piece in pieces]
    return len(slopes) == 2 and any(
        max(abs(slopes[0] - first), abs(slopes[1] - second)) < Fraction(1, 50)
        for first, second in ((Fraction(2, 3), 2), (2, Fraction(10, 3)))
    )


def _wrong_form(network: _Network) -> str:
    """Name a form that cannot come near enough, whatever its numbers."""
    (w1, b1, _), (w2, b2, _) = network.units
    if w1 > 0 and w2 > 0:
        return ""
    if w1 < 0 and w2 < 0:
        return (
            "Both units face left (w < 0), so f is constant on the right, where x² is steepest.\n"
            f"No f with slopes (a, b, 0) gets below {_TWO_PIECES}."
        )
    (rightward, leftward) = (-b1 / w1, -b2 / w2) if w1 > 0 else (-b2 / w2, -b1 / w1)
    if rightward > leftward:
        return (
            "One unit faces left and one right, and between their bends both are silent.\n"
            f"No f with slopes (p, 0, q) gets below {_TWO_PIECES}."
        )
    return (
        "One unit faces left and one right, and between their bends both are active.\n"
        "No f with slopes (p, p + q, q) gets below 0.00431."
    )


def _wrong_knots(network: _Network) -> str:
    first, second = sorted((-network.b1 / network.w1, -network.b2 / network.w2))
    knots = float(first), float(second)
    best = _least_error(*knots)
    if best < float(_ENOUGH):
        return (
            f"The bends are well placed: with other slopes and another c, {best:.4g} is possible.\n"
            "After the first bend one unit is active, and after the second both add up."
        )
    thirds = (
        "Thirds of [0, 2] suit three free slopes; here the first slope is always 0."
        if np.allclose(knots, (2 / 3, 4 / 3), atol=0.02)
        else "The bends are not well placed: where x² is flat, and where it is steep, "
        "what can f do there?"
    )
    return f"{thirds}\nWith these bends no slopes and no c get below {best:.4g}."


def _least_error(first: float, second: float) -> float:
    """The least error of a constant, then two slopes, that bend at these places."""
    points, weights = np.polynomial.legendre.leggauss(4)  # Exact up to the seventh power.
    ends = [0.0, first, second, 2.0]
    half = np.diff(ends)[:, None] / 2
    x = (np.array(ends[:-1])[:, None] + half * (1 + points)).ravel()
    root = np.sqrt((half * weights).ravel() / 2)
    columns = np.stack([np.ones_like(x), np.maximum(x - first, 0), np.maximum(x - second, 0)])
    solution = np.linalg.lstsq((columns * root).T, x**2 * root, rcond=None)[0]
    return float((((solution @ columns - x**2) * root) ** 2).sum())


# --- possible_slopes ---

_ARGUMENTS = ("w1", "w2", "v1", "v2")
_Weights = tuple[float, float, float, float]

_CALLS: list[_Weights] = [
    (2.0, -1.0, 3.0, 0.5),
    (1.0, 2.0, 1.0, 1.0),
    (-1.5, 0.5, 2.0, -4.0),
    (0.1, 0.2, 3.0, 1.5),
    (1.0, 2.0, 4.0, -2.0),
    (1.0, 1.0, 2.0, 2.0),
    (0.0, 2.0, 3.0, 1.5),
    (3.0, 5.0, 0.0, 2.0),
    (-0.7, -1.3, 0.9, -2.1),
    (-2.0, -3.0, -1.0, -0.5),
]


def _slopes(w1: float, w2: float, v1: float, v2: float) -> list[float]:
    return [0.0, v1 * w1, v2 * w2, v1 * w1 + v2 * w2]


def _without(*places: int) -> Callable[..., list[float]]:
    """The right slopes but for those at these places of 0, first unit, second unit, both."""
    return lambda *call: [slope for i, slope in enumerate(_slopes(*call)) if i not in places]


def _without_biases(*signs: int) -> Callable[..., list[float]]:
    """The slopes with both biases 0, on the right of 0 (1), on the left of it (-1)."""
    return lambda w1, w2, v1, v2: [
        sum(v * w for w, v in ((w1, v1), (w2, v2)) if sign * w > 0) for sign in signs
    ]


_NO_BIASES = (
    "That is what f gives with both biases 0, where both units bend at x = 0.\n"
    "With other biases more slopes come up."
)
_FREE = "The three slopes are not free: each unit adds v · w where it is active, and 0 elsewhere."
_SET_MISTAKES = [
    Mistake("0 is missing: where both units are silent, f is the constant c.", _without(0)),
    Mistake("The slope where both units are active is missing.", _without(3)),
    Mistake(
        "The slope where both units are active is missing, and the one where both are silent.",
        _without(0, 3),
    ),
    Mistake("The slope of the first unit alone is missing.", _without(1)),
    Mistake("The slope of the second unit alone is missing.", _without(2)),
    Mistake("The slopes where one unit alone is active are missing.", _without(1, 2)),
    Mistake("This is the slope where both are active; a unit may be silent.", _without(0, 1, 2)),
    Mistake("You have the first unit alone.", _without(2, 3)),
    Mistake("You have the second unit alone.", _without(1, 3)),
    Mistake("Two slopes are missing: those with the second unit silent.", _without(0, 1)),
    Mistake("Two slopes are missing: those with the first unit silent.", _without(0, 2)),
    Mistake("This is 0 alone, the slope where both units are silent.", _without(1, 2, 3)),
    Mistake(
        "The output weights are missing: a unit's slope w is multiplied by its v.",
        lambda w1, w2, v1, v2: [0, w1, w2, w1 + w2],
    ),
    Mistake(
        "The output weights are missing, and so is the slope 0.",
        lambda w1, w2, v1, v2: [w1, w2, w1 + w2],
    ),
    Mistake("The output weights are missing.", lambda w1, w2, v1, v2: [0, w1, w2]),
    Mistake("The output weights are missing.", lambda w1, w2, v1, v2: [w1, w2]),
    Mistake(
        "The hidden weights are missing: relu(wx + b) rises with the slope w.",
        lambda w1, w2, v1, v2: [0, v1, v2, v1 + v2],
    ),
    Mistake("The hidden weights are missing.", lambda w1, w2, v1, v2: [v1, v2, v1 + v2]),
    Mistake("The hidden weights are missing.", lambda w1, w2, v1, v2: [0, v1, v2]),
    Mistake(
        "The signs are lost: a slope may be negative.",
        lambda *call: [0, *(abs(slope) for slope in _slopes(*call))],
    ),
    Mistake(
        "The signs are lost: a slope may be negative.",
        lambda w1, w2, v1, v2: [0, abs(v1 * w1), abs(v2 * w2), abs(v1 * w1) + abs(v2 * w2)],
    ),
    Mistake(
        "The signs of w are lost: a unit that faces left has a slope w below 0.",
        lambda w1, w2, v1, v2: _slopes(abs(w1), abs(w2), v1, v2),
    ),
    Mistake(
        "The signs of v are lost: a negative v turns the unit's slope over.",
        lambda w1, w2, v1, v2: _slopes(w1, w2, abs(v1), abs(v2)),
    ),
    Mistake(
        "You apply relu to the slopes; it acts on wx + b, and a slope may be negative.",
        lambda *call: [max(slope, 0) for slope in _slopes(*call)],
    ),
    Mistake(
        "You apply relu to the slopes; it acts on wx + b, and a slope may be negative.",
        lambda w1, w2, v1, v2: [
            0,
            max(v1 * w1, 0),
            max(v2 * w2, 0),
            max(v1 * w1, 0) + max(v2 * w2, 0),
        ],
    ),
    Mistake(
        "You apply relu to w: a unit with negative w is active on the left of its bend, "
        "and has the slope w there.",
        lambda w1, w2, v1, v2: _slopes(max(w1, 0), max(w2, 0), v1, v2),
    ),
    Mistake(
        "Every slope stands there with both signs: a unit is active with v · w or silent with 0.",
        lambda *call: [sign * slope for slope in _slopes(*call) for sign in (1, -1)],
    ),
    Mistake(
        "Units are active or silent; a silent one brings 0, not −v · w.",
        lambda w1, w2, v1, v2: [s * v1 * w1 + t * v2 * w2 for s in (1, -1) for t in (1, -1)],
    ),
    Mistake(
        "The difference v1·w1 − v2·w2 stands there: active units add up.",
        lambda w1, w2, v1, v2: [0, v1 * w1, v2 * w2, v1 * w1 - v2 * w2],
    ),
    Mistake(
        "The difference v2·w2 − v1·w1 stands there: active units add up.",
        lambda w1, w2, v1, v2: [0, v1 * w1, v2 * w2, v2 * w2 - v1 * w1],
    ),
    Mistake(
        "The sum and the difference stand there: active units add up, silent ones bring 0.",
        lambda w1, w2, v1, v2: [*_slopes(w1, w2, v1, v2), v1 * w1 - v2 * w2, v2 * w2 - v1 * w1],
    ),
    Mistake(
        "The slopes of the two units are multiplied; where both are active, they add up.",
        lambda w1, w2, v1, v2: [0, v1 * w1, v2 * w2, v1 * w1 * v2 * w2],
    ),
    Mistake(
        "v1 belongs to w1 and v2 to w2; you have them crossed.",
        lambda w1, w2, v1, v2: _slopes(w2, w1, v1, v2),
    ),
    Mistake(
        "v1 belongs to w1 and v2 to w2; you multiply sums.",
        lambda w1, w2, v1, v2: [0, v1 * w1, v2 * w2, (v1 + v2) * (w1 + w2)],
    ),
    Mistake(
        "v and w are added; the slope of a unit is their product.",
        lambda w1, w2, v1, v2: [0, v1 + w1, v2 + w2, v1 + w1 + v2 + w2],
    ),
    Mistake(
        "v is divided by w, and it is multiplied.",
        lambda w1, w2, v1, v2: (
            [0, v1 / w1, v2 / w2, v1 / w1 + v2 / w2] if w1 and w2 else [math.nan]
        ),
    ),
    Mistake(
        "Half of the sum stands there: active units add up, without a mean.",
        lambda w1, w2, v1, v2: [0, v1 * w1, v2 * w2, (v1 * w1 + v2 * w2) / 2],
    ),
    Mistake(_FREE, lambda w1, w2, v1, v2: [2 / 3, 2, 10 / 3]),
    Mistake(
        "These are the slopes for your own network; here the weights are arguments.",
        lambda w1, w2, v1, v2: [0, 1.6, 3.2],
    ),
    Mistake(
        "These are slopes and weights mixed: the slopes of f are asked for, v included.",
        lambda w1, w2, v1, v2: [0, w1, w2, v1 * w1 + v2 * w2],
    ),
    Mistake(
        "You have one order of the bends. With units that face the same way and bends in a given "
        "order,\nthree slopes come up; other biases bring the fourth.",
        lambda w1, w2, v1, v2: sorted({0, v1 * w1, v1 * w1 + v2 * w2}),
    ),
    Mistake(
        "v and w are added; the slope of a unit is their product.",
        lambda w1, w2, v1, v2: [0, v1 + w1, v2 + w2],
    ),
    Mistake(
        "The slope of the second unit has the wrong sign.",
        lambda w1, w2, v1, v2: _slopes(w1, w2, v1, -v2),
    ),
    Mistake(
        "The slope of the first unit has the wrong sign.",
        lambda w1, w2, v1, v2: _slopes(w1, w2, -v1, v2),
    ),
    Mistake(
        "0 comes up with units that face opposite ways, too: between their bends, "
        "if their active sides lie apart.",
        lambda *call: _slopes(*call)[int(call[0] * call[1] <= 0) :],
    ),
    Mistake(
        "The sum comes up with units that face opposite ways, too: between their bends, "
        "if their active sides overlap.",
        lambda *call: _slopes(*call)[: 3 + int(call[0] * call[1] > 0)],
    ),
    *(Mistake(_NO_BIASES, _without_biases(*signs)) for signs in ((1,), (-1,), (1, -1))),
    Mistake("This is no slope at all.", lambda *call: []),
]


@exercise("Write the set of slopes above, run that cell, then this one.")
def possible_slopes(fn: object) -> str:
    """Check the slopes that two ReLU units can give, whatever their biases."""
    forms.any_form(lambda form: _judge_slopes(fn, form), (forms.plain, forms.tensor))
    return (
        "Each unit is active or silent, which makes four slopes at most: two of them are free,\n"
        "0 is always there, and the fourth is the sum. Three slopes of your own choice are not."
    )


def _judge_slopes(fn: object, form: forms.Kind) -> None:
    found = [_read_slopes(_call(fn, form, call), call) for call in _CALLS]
    for slopes, call in zip(found, _CALLS, strict=True):
        expected = _slopes(*call)
        if not _same(slopes, expected):
            here = at(dict(zip(_ARGUMENTS, call, strict=True)))
            why = named(
                _SET_MISTAKES,
                lambda mistake: all(
                    _same(one, np.asarray(mistake.values(*weights), dtype=float).tolist())
                    for one, weights in zip(found, _CALLS, strict=True)
                ),
            )
            raise WrongAnswer(
                f"{here} your function gives {_braces(slopes)},\n"
                f"and it should give {_braces(expected)}.{why or _difference(slopes, call)}"
            )


def _call(fn: object, form: forms.Kind, call: _Weights) -> object:
    given = dict(zip(_ARGUMENTS, map(form, call), strict=True))
    if not callable(fn):
        return attempt(fn, **given)

    @functools.wraps(fn)
    def at_once(*arguments: object) -> object:
        result = fn(*arguments)
        # A generator runs the learner's lines only when it is asked for its entries.
        return list(itertools.islice(result, 1000)) if isinstance(result, Iterator) else result

    return attempt(at_once, **given)


def _read_slopes(result: object, call: _Weights) -> list[float]:
    here = at(dict(zip(_ARGUMENTS, call, strict=True)))
    if isinstance(result, (torch.Tensor, np.ndarray)):
        result = list(result.reshape(-1)) if result.ndim else result
    if isinstance(result, (str, dict)) or not _is_several(result):
        hint = ""
        if isinstance(result, dict):
            hint = "\nPut the slopes alone into the set, without names."
        elif isinstance(result, int):
            hint = "\nIf this is how many there are: the slopes themselves are asked for."
        elif isinstance(result, (float, torch.Tensor, np.generic)):
            hint = "\nOther biases give other slopes: put all of them into one set."
        raise WrongAnswer(
            f"{here} your function returns {kind(result)}, and it should return a set of numbers."
            + hint
        )
    assert isinstance(result, Iterable)
    slopes = []
    for entry in itertools.islice(result, 1000):
        if entry is None:
            raise WrongAnswer(f"{here} one of your slopes is None, and each should be one number.")
        try:
            slope = float(numbers(entry, (), "a slope").values)
        except WrongAnswer:
            hint = (
                "\nPut all slopes that can come up into one set, number by number."
                if isinstance(entry, (list, tuple, set, frozenset))
                else ""
            )
            raise WrongAnswer(
                f"{here} one of your slopes is {kind(entry)}, and each should be one number.{hint}"
            ) from None
        if not math.isfinite(slope):
            raise WrongAnswer(f"{here} one of your slopes is {slope}, and no slope is.")
        slopes.append(slope)
    return slopes


def _is_several(result: object) -> bool:
    try:
        iter(result)  # type: ignore[call-overload]
    except TypeError:
        return False
    return True


def _same(found: Sequence[float], expected: Sequence[float]) -> bool:
    """Whether both hold the same numbers, within rounding; order and repetition do not count."""
    return not (_not_in(found, expected) or _not_in(expected, found))


def _not_in(some: Sequence[float], others: Sequence[float]) -> list[float]:
    return [
        one
        for one in some
        if not any(np.isclose(one, other, rtol=1e-5, atol=1e-6) for other in others)
    ]


def _braces(slopes: Sequence[float]) -> str:
    different: list[float] = []
    for slope in sorted(slopes):
        if not different or not np.isclose(slope, different[-1], rtol=1e-5, atol=1e-6):
            different.append(slope)
    shown = [show(slope + 0.0) for slope in different[:8]] + ["…"] * (len(different) > 8)
    return f"{{{', '.join(shown)}}}"


def _difference(slopes: Sequence[float], call: _Weights) -> str:
    """What can be said of a set that no known mistake explains."""
    extra, missing = _not_in(slopes, _slopes(*call)), _not_in(_slopes(*call), slopes)
    if extra:
        between = min(_slopes(*call)) < min(extra) <= max(extra) < max(_slopes(*call))
        return (
            f"\nNo biases give the slope {show(extra[0])}: each unit adds v · w or nothing."
            + "\nIf you take differences: one across a bend mixes two slopes." * between
        )
    if 0 in call[:2]:
        return "\nWith w = 0 a unit is constant: it has the slope 0, active or silent."
    return (
        f"\nSome biases give the slope {show(missing[0])} at some x: which units are active there?"
    )
