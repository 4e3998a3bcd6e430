"""The checks of exercise 12: ReLU units that are silent on all data, and a step that makes one."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mlpbook.checks import forms
from mlpbook.checks.attempt import attempt, kind, show
from mlpbook.checks.compare import Array, Mistake, named, numbers
from mlpbook.checks.verdict import WrongAnswer, exercise

Bools = NDArray[np.bool_]

# --- dead_units ---

# No pre-activation is nearer to the kink than this: a unit at 0 is never graded.
_MARGIN = 0.02


@dataclass(frozen=True)
class _Layer:
    """A hidden layer X @ weight + bias, and its data."""

    weight: Array
    bias: Array
    X: Array

    @property
    def inputs(self) -> dict[str, Array]:
        """The arguments of one call, by name."""
        return {"weight": self.weight, "bias": self.bias, "X": self.X}

    @property
    def z(self) -> Array:
        """The pre-activations, one row for each example."""
        return self.X @ self.weight + self.bias

    @property
    def dead(self) -> Bools:
        """Which units are silent on every row."""
        return np.asarray((self.z < 0).all(axis=0))


def _by_hand() -> _Layer:
    """Units that tell every known mistake from the truth."""
    X = np.array([[1.0, 2.0], [-1.0, 0.6], [2.0, -0.9]])
    weight = np.array([[1.0, -1.0, 1.0, -1.0, 0.5, -0.5], [1.0, -2.0, 0.5, -1.0, 1.0, 1.0]])
    bias = np.array([0.25, -3.0, -4.0, 4.0, -2.25, -1.0])
    return _Layer(weight, bias, X)


def _equal_rows() -> _Layer:
    """Units whose output is constant on the data, and dead or alive all the same."""
    weight = np.array([[1.0, -1.0, 0.5, 2.0], [-0.5, 0.5, 1.0, -1.0]])
    return _Layer(weight, np.array([0.5, 0.5, 1.0, -5.0]), np.array([[1.0, -2.0], [1.0, -2.0]]))


def _random_layers() -> Iterator[_Layer]:
    rng = np.random.default_rng(12)
    for examples, inputs, units, shift in (
        (4, 3, 7, -1.5),
        (6, 2, 9, -2.0),
        (1, 4, 5, -0.5),
        (5, 3, 1, -9.0),
        (5, 1, 8, -0.5),
        (7, 3, 6, 4.0),
        (5, 2, 4, -8.0),
        (9, 5, 12, -3.0),
    ):
        X = rng.normal(size=(examples, inputs)).round(2)
        weight = rng.normal(size=(inputs, 4 * units)).round(2)
        bias = (rng.normal(size=4 * units) + shift).round(2)
        without, within = X @ weight, X @ weight + bias
        clear = np.minimum(abs(without), abs(within)).min(axis=0) > _MARGIN
        far = np.flatnonzero(clear)[:units]
        yield _Layer(weight[:, far], bias[far], X)


_LAYERS = [_by_hand(), _equal_rows(), *_random_layers()]


def _z(weight: Array, bias: Array, X: Array) -> Array:
    return X @ weight + bias


_MISTAKES = [
    Mistake(
        "You mark units that are silent on some rows. A unit is dead only if it is silent on all.",
        lambda weight, bias, X: (_z(weight, bias, X) < 0).any(axis=0),
    ),
    Mistake(
        "You have it the other way round: true is for the dead.",
        lambda weight, bias, X: (_z(weight, bias, X) > 0).any(axis=0),
    ),
    Mistake(
        "You mark the units that are active on every row.",
        lambda weight, bias, X: (_z(weight, bias, X) > 0).all(axis=0),
    ),
    Mistake("The bias is left out.", lambda weight, bias, X: (X @ weight < 0).all(axis=0)),
    Mistake(
        "The bias is subtracted; it is added.",
        lambda weight, bias, X: (X @ weight - bias < 0).all(axis=0),
    ),
    Mistake(
        "You look at the sign of the weights alone; inputs may be negative, and there is a bias.",
        lambda weight, bias, X: (weight < 0).all(axis=0),
    ),
    Mistake(
        "You look at the sign of the weights alone; inputs may be negative, and there is a bias.",
        lambda weight, bias, X: (weight < 0).any(axis=0),
    ),
    Mistake(
        "You look at the sum of the weights alone; what counts is X @ weight + bias.",
        lambda weight, bias, X: weight.sum(axis=0) < 0,
    ),
    Mistake(
        "You look at the sum of weights and bias alone; what counts is X @ weight + bias.",
        lambda weight, bias, X: weight.sum(axis=0) + bias < 0,
    ),
    Mistake(
        "You look at the signs of weights and bias; what counts is X @ weight + bias.",
        lambda weight, bias, X: (weight < 0).all(axis=0) & (bias < 0),
    ),
    Mistake(
        "You look at the sign of the bias alone; what counts is X @ weight + bias.",
        lambda weight, bias, X: bias < 0,
    ),
    Mistake(
        "You look at the mean over the rows; one row that gets through is enough to be alive.",
        lambda weight, bias, X: _z(weight, bias, X).mean(axis=0) < 0,
    ),
    Mistake(
        "You count half of the rows; one row that gets through is enough to be alive.",
        lambda weight, bias, X: (_z(weight, bias, X) < 0).mean(axis=0) > 0.5,
    ),
    Mistake(
        "You count half of the rows; one row that gets through is enough to be alive.",
        lambda weight, bias, X: (_z(weight, bias, X) < 0).mean(axis=0) >= 0.5,
    ),
    Mistake(
        "You look at the first row only.",
        lambda weight, bias, X: _z(weight, bias, X)[0] < 0,
    ),
    Mistake(
        "You look at the last row only.",
        lambda weight, bias, X: _z(weight, bias, X)[-1] < 0,
    ),
    Mistake(
        "You mark every unit that a small output leaves below 1.",
        lambda weight, bias, X: (_z(weight, bias, X) < 1).all(axis=0),
    ),
    Mistake("You call every unit dead.", lambda weight, bias, X: np.ones(len(bias), dtype=bool)),
    Mistake(
        "You call no unit dead. Its weights and bias need not be 0: what counts is the output.",
        lambda weight, bias, X: np.zeros(len(bias), dtype=bool),
    ),
]

# What comes back in another shape, or as other numbers than true and false.
_OTHER_RESULTS: list[tuple[str, Callable[[_Layer], object]]] = [
    (
        "There is one value for each row: these are the rows on which all units are silent. "
        "Go along the other axis.",
        lambda layer: (layer.z < 0).all(axis=1),
    ),
    (
        "There is one value for each row; go along the other axis.",
        lambda layer: (layer.z < 0).any(axis=1),
    ),
    (
        "There is one value for each row and unit; a unit is dead if all of its column is silent.",
        lambda layer: layer.z < 0,
    ),
    (
        "This marks the active rows and units; a unit is dead if none of its column is active.",
        lambda layer: layer.z > 0,
    ),
    ("These are the pre-activations: compare them with 0.", lambda layer: layer.z),
    ("These are the outputs of the layer.", lambda layer: np.maximum(layer.z, 0)),
    (
        "This is the largest pre-activation of each unit: compare it with 0.",
        lambda layer: layer.z.max(axis=0),
    ),
    (
        "This is the largest output of each unit: compare it with 0.",
        lambda layer: np.maximum(layer.z, 0).max(axis=0),
    ),
    (
        "This is the sum of the outputs of each unit: compare it with 0.",
        lambda layer: np.maximum(layer.z, 0).sum(axis=0),
    ),
    (
        "This counts the silent rows of each unit: are they all of the rows?",
        lambda layer: (layer.z < 0).sum(axis=0),
    ),
    (
        "This is the share of silent rows of each unit: is it all of them?",
        lambda layer: (layer.z < 0).mean(axis=0),
    ),
    (
        "These are the numbers of the dead units; return true or false for each unit.",
        lambda layer: np.flatnonzero(layer.dead),
    ),
    (
        "This is how many units are dead; return true or false for each of them.",
        lambda layer: layer.dead.sum(),
    ),
    (
        "This is the share of dead units; return true or false for each of them.",
        lambda layer: layer.dead.mean(),
    ),
    (
        "This is one verdict on the whole layer; return one for each unit.",
        lambda layer: layer.dead.all(),
    ),
    (
        "This is one verdict on the whole layer; return one for each unit.",
        lambda layer: layer.dead.any(),
    ),
]


@exercise("Write the test for dead units above, run that cell, then this one.")
def dead_units(fn: object) -> str:
    """Check which hidden ReLU units are silent on all the data."""
    forms.any_form(
        lambda form: _judge_layers(fn, form),
        (forms.tensor, forms.tensor32, forms.array, forms.plain),
    )
    return (
        "The data decide: one unit may be dead on one data set and alive on another.\n"
        "On this data a dead unit gets no gradient, so it cannot come back by its own means."
    )


def _judge_layers(fn: object, form: forms.Kind) -> None:
    verdicts = [_verdicts(fn, form, layer) for layer in _LAYERS]
    for verdict, layer in zip(verdicts, _LAYERS, strict=True):
        for unit in map(int, np.flatnonzero(verdict != layer.dead)):
            raise WrongAnswer(
                _about(layer, unit)
                + named(
                    _MISTAKES,
                    lambda mistake: all(
                        np.array_equal(found, mistake.values(**one.inputs))
                        for found, one in zip(verdicts, _LAYERS, strict=True)
                    ),
                )
            )


def _about(layer: _Layer, unit: int) -> str:
    """Say what is wrong with the verdict on one unit."""
    of_unit = layer.z[:, unit]
    if layer.dead[unit]:
        rows = f"X @ weight + bias gives it {show(of_unit)}, one number for each row"
        return f"Your function says that unit {unit} is alive, and it is dead:\n{rows}."
    row = int(of_unit.argmax())
    return (
        f"Your function says that unit {unit} is dead, and it is alive:\n"
        f"on row {row} of X its pre-activation is {show(of_unit[row])}."
    )


def _verdicts(fn: object, form: forms.Kind, layer: _Layer) -> Bools:
    """What `fn` says of each unit of `layer`."""
    result = attempt(fn, **{name: form(value) for name, value in layer.inputs.items()})
    units = len(layer.bias)
    try:
        shape = getattr(result, "shape", ())
        aside = tuple(shape) in {(1, units), (units, 1)}  # A row or a column does as well.
        found = numbers(result, tuple(shape) if aside else (units,))
    except WrongAnswer as wrong:
        first = str(wrong).splitlines()[0]
        raise WrongAnswer(f"{first}{_other_result(result, layer)}") from None
    values = found.values.reshape(units)
    if not np.isin(values, (0, 1)).all():
        raise WrongAnswer(
            f"Your function returns {show(values)}, and it should return true or false for "
            f"each unit.{_other_result(result, layer)}"
        )
    verdicts: Bools = values == 1
    return verdicts


def _other_result(result: object, layer: _Layer) -> str:
    for sentence, values in _OTHER_RESULTS:
        expected = np.asarray(values(layer), dtype=np.float64)
        try:
            found = numbers(result, expected.shape)
        except WrongAnswer:
            continue
        if found.values.size and found.agree(expected).all():
            return f"\n{sentence}"
    return ""


# --- killing_rate ---

_W, _B = Fraction(1), Fraction(1, 2)
_X = [Fraction(1), Fraction(2), Fraction(3)]
_Y = [Fraction(1, 2), Fraction(1), Fraction(3, 2)]
_SILENT = 1e-6


def _mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


_Z = [_W * x + _B for x in _X]
_SLOPE_W = _mean([2 * (z - y) * x for z, x, y in zip(_Z, _X, _Y, strict=True)])
_SLOPE_B = _mean([2 * (z - y) for z, y in zip(_Z, _Y, strict=True)])
# The rate from which on each example is silent, for the gradients of w and b.
_RATES = [z / (_SLOPE_W * x + _SLOPE_B) for z, x in zip(_Z, _X, strict=True)]


def _rate_mistakes() -> list[tuple[str, float]]:
    """Numbers that come out of known mistakes."""
    least = max(_RATES)
    return [
        (
            "That is where the weight gets 0; the bias still keeps the unit alive.",
            float(_W / _SLOPE_W),
        ),
        (
            "That is where the bias gets 0; the weight still keeps the unit alive.",
            float(_B / _SLOPE_B),
        ),
        (
            "That silences one example; the unit is dead only if all are silent.",
            float(min(_RATES)),
        ),
        (
            "That silences two of the examples; the unit is dead only if all are silent.",
            float(sorted(_RATES)[1]),
        ),
        (
            "That would do if the loss were the sum over the examples; it is their mean.",
            float(least / len(_X)),
        ),
        ("Is a factor 2 counted twice?", float(least / 2)),
    ]


@exercise("Return a learning rate above, run that cell, then this one.")
def killing_rate(fn: object) -> str:
    """Check a learning rate that silences a given unit on all its data in one step."""
    rate = _rate(attempt(fn))
    exact = Fraction(rate)
    w, b = _W - exact * _SLOPE_W, _B - exact * _SLOPE_B
    after = [w * x + b for x in _X]
    if max(after) > _SILENT:
        row = after.index(max(after))
        raise WrongAnswer(
            f"With the rate {show(rate)} the step leads to w = {_short(float(w))}, "
            f"b = {_short(float(b))}.\n"
            f"On the example x = {show(float(_X[row]))} the unit then gives "
            f"{show(float(after[row]))}: it is alive.{_why_alive(rate)}"
        )
    return (
        f"The step leads to w = {_short(float(w))}, b = {_short(float(b))}, and wx + b is at most "
        f"{_short(float(max(after)))} on the data.\n"
        "From there the gradient is 0: no further step, however large, moves this unit."
    )


def _short(value: float) -> str:
    return "0" if abs(value) <= _SILENT else show(value)


def _rate(result: object) -> float:
    rate = float(numbers(result, (), "the learning rate").values)
    if not math.isfinite(rate):
        raise WrongAnswer(f"The learning rate is {rate}, and it should be a number.")
    if isinstance(result, bool):
        raise WrongAnswer(f"Your function returns {kind(result)}, and it should return a number.")
    if rate == 0:
        raise WrongAnswer("With the rate 0 nothing moves.")
    if rate < 0:
        raise WrongAnswer(
            f"The rate {show(rate)} is below 0: that climbs, and makes the output larger still.\n"
            "A learning rate is positive, and the step is w − rate · gradient."
        )
    return rate


def _why_alive(rate: float) -> str:
    for sentence, value in _rate_mistakes():
        if math.isclose(rate, value, rel_tol=2e-3):
            return f"\n{sentence}"
    if rate > _W / _SLOPE_W:
        return "\nThe weight is negative already, and the bias still keeps the unit alive."
    return "\nA larger step is needed."
