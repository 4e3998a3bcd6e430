"""The checks of exercise 07: a sigmoid unit that does not learn, and a chain of such units."""

import decimal
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch

from mlpbook.checks.attempt import Crashed, at, attempt, kind, show
from mlpbook.checks.compare import Mistake, Numbers, named, numbers
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise

# --- flat_point ---

_LEAST_ERROR = Decimal("0.25")
_LARGEST_GRADIENT = Decimal("1e-6")
# A unit with a slope above this is not saturated: only a tiny x can make its gradient tiny.
_SATURATED = Decimal("1e-3")
_NAMES = ("w", "b", "x", "y")
# Exponents far beyond those of floats: σ′(1000) is 5e-435, and here it is not 0.
_EXACT = decimal.Context(prec=60, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])


@dataclass(frozen=True)
class _Unit:
    """One sigmoid unit, its squared error (σ(z) − y)² and what the error's gradient is made of."""

    z: Decimal
    output: Decimal
    slope: Decimal
    error: Decimal
    gradient: Decimal

    @classmethod
    def at(cls, w: float, b: float, x: float, y: float) -> "_Unit":
        """Compute the unit without rounding that matters."""
        exact = Fraction(w) * Fraction(x) + Fraction(b)
        with decimal.localcontext(_EXACT):
            z = Decimal(exact.numerator) / Decimal(exact.denominator)
            tail = (-abs(z)).exp()
            output = (tail if z < 0 else Decimal(1)) / (1 + tail)
            slope = tail / (1 + tail) ** 2
            miss = output - Decimal(y)
            return cls(z, output, slope, miss**2, 2 * miss * slope * Decimal(x))

    @property
    def is_wrong(self) -> bool:
        """Whether the error is as large as the exercise asks."""
        return self.error > _LEAST_ERROR

    @property
    def is_flat(self) -> bool:
        """Whether the gradient is tiny, and tiny since the sigmoid is flat there."""
        return abs(self.gradient) < _LARGEST_GRADIENT and self.slope < _SATURATED


@exercise("Return four numbers (w, b, x, y) above, run that cell, then this one.")
def flat_point(fn: object) -> str:
    """Check a point where a sigmoid unit is badly wrong and its gradient is tiny."""
    point = _four_numbers(attempt(fn))
    _, _, x, y = point
    unit = _Unit.at(*point)
    here = at(dict(zip(_NAMES, point, strict=True)))
    if x == 0:
        raise WrongAnswer(
            f"{here} the gradient for w is 0 because there is no input.\n"
            "With x = 0 the weight takes no part in wx + b, and no unit could learn it.\n"
            "Find a point with an input, where the sigmoid itself is what stops the gradient."
        )
    if not unit.is_wrong:
        raise WrongAnswer(
            f"{here} the squared error is {_short(unit.error)}, and it should be above 0.25."
            + _why_small_error(point)
        )
    if abs(unit.gradient) >= _LARGEST_GRADIENT:
        raise WrongAnswer(
            f"{here} the gradient for w is {_short(unit.gradient)}, "
            "and its size should be below 1e-6." + _why_large_gradient(point, unit)
        )
    if not unit.is_flat:
        raise WrongAnswer(
            f"{here} the gradient for w is tiny because x is tiny.\n"
            f"The unit itself is not saturated: σ′(wx + b) is {_short(unit.slope)} there.\n"
            "Find a point where the sigmoid is what stops the gradient."
        )
    last = (
        "In 2(σ − y)σ′x the factor σ′ stands beside the error, however large the error is."
        if 0 <= y <= 1
        else "Your label lies outside [0, 1], where σ never gets; with 0 or 1 the same can happen."
    )
    return (
        f"The output is {_short(unit.output)}, the label {show(y)}, and "
        f"σ′ = {_short(unit.slope)} lets almost nothing through.\n{last}"
    )


def _four_numbers(result: object) -> tuple[float, float, float, float]:
    if isinstance(result, (torch.Tensor, np.ndarray)):
        result = result.reshape(-1).tolist()
    if not isinstance(result, (list, tuple)):
        raise WrongAnswer(
            f"Your function returns {kind(result)}, and it should return four numbers.\n"
            "Write them in this order: `return w, b, x, y`."
        )
    if len(result) != len(_NAMES):
        raise WrongAnswer(
            f"Your function returns {len(result)} value{'s' * (len(result) != 1)}, and it should "
            "return four numbers.\nWrite them in this order: `return w, b, x, y`."
        )
    w, b, x, y = map(_real, result, _NAMES)
    return w, b, x, y


def _real(value: object, name: str) -> float:
    """Read one entry of the point, whatever kind of number it is."""
    plain = _plain(value)
    if plain is None:
        raise WrongAnswer(f"{name} is {kind(value)}, and it should be one real number.")
    if not math.isfinite(plain):
        raise WrongAnswer(
            f"{name} is {plain}, and it should be a number of ordinary size.\n"
            "The sigmoid is flat long before infinity."
        )
    return plain


def _plain(value: object) -> float | None:
    """Return `value` as a float if it is one real number of any kind, and None if it is not."""
    try:
        if isinstance(value, (list, tuple, torch.Tensor, np.ndarray)):
            if isinstance(value, (torch.Tensor, np.ndarray)):
                value = value.reshape(-1).tolist()
            (single,) = value
            return _plain(single)
        if isinstance(value, (str, bytes, complex)):
            return None
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf
    except Exception:  # Whatever it is, its own conversion is free to raise anything.
        return None


def _why_small_error(point: tuple[float, float, float, float]) -> str:
    w, b, x, y = point
    if y == 0.5:
        return "\nThe output lies between 0 and 1, so it is never further than ½ from a label of ½."
    other = _Unit.at(-w, -b, x, y)
    if other.is_wrong and other.is_flat:
        return (
            "\nThe unit is saturated on the side of its label: it is right, and the gradient is "
            "small because the error is.\nLet it be certain of the opposite."
        )
    return _order_that_works(point) or (
        "\nWhere the error is small, the gradient may well be small."
        "\nFind a point where the unit is wrong and hardly learns from it."
    )


def _why_large_gradient(point: tuple[float, float, float, float], unit: _Unit) -> str:
    sign = "\nA negative number is not small for being below 0: its size counts."
    sign *= unit.gradient < 0
    if unit.slope < _LARGEST_GRADIENT / 2:
        return f"{sign}\nσ′ is only {_short(unit.slope)}, but x and the error multiply it."
    if order := _order_that_works(point):
        return order
    if abs(unit.z) < 4:
        return (
            f"{sign}\nHere wx + b is {_short(unit.z)} and σ′ is {_short(unit.slope)}: "
            "the sigmoid is still steep. Where is it flat?"
        )
    return (
        f"{sign}\nσ′ is {_short(unit.slope)} at wx + b = {_short(unit.z)}: this is the flat side, "
        "and not yet far enough out."
    )


def _order_that_works(point: tuple[float, float, float, float]) -> str:
    """A sentence if the numbers are right in another order that people write."""
    for order in ((0, 2, 1, 3), (2, 3, 0, 1), (2, 0, 1, 3)):
        unit = _Unit.at(*(point[i] for i in order))
        if unit.is_wrong and unit.is_flat and point[order[2]] != 0 and 0 <= point[order[3]] <= 1:
            written = ", ".join(_NAMES[order.index(i)] for i in range(4))
            return (
                f"\nIn the order ({written}) these numbers would do; "
                "the order here is (w, b, x, y)."
            )
    return ""


def _short(value: Decimal) -> str:
    """Write `value` with few digits, also one that is too small for a float."""
    if value and abs(value) < Decimal("1e-300"):
        return f"{value:.1e}"
    return f"{float(value):.4g}"


# --- chain_gradient ---

# What one call gets: the weights, first layer first, and x.
_Call = tuple[list[float], float]


def _random_calls() -> list[_Call]:
    rng = np.random.default_rng(7)
    calls = []
    for depth in (2, 3, 5, 6, 8):
        signs = rng.choice((-1.0, 1.0), depth)
        sizes = rng.uniform(1, 4, depth)
        calls.append(((signs * sizes).round(2).tolist(), round(float(rng.uniform(-1, 1)), 2)))
    return calls


# Their derivatives lie between 1e-4 and 1 in size, far above rounding even in float32.
_CALLS: list[_Call] = [
    ([2.0], 0.0),
    ([1.0, -2.0], 0.5),
    ([-3.0], 0.4),
    ([1.5, -2.0, 3.0], -0.7),
    ([-1.2, 2.4, 0.6, -3.5], 1.1),
    *_random_calls(),
]


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def _slope(z: float) -> float:
    return _sigmoid(z) * _sigmoid(-z)


def _states(weights: Sequence[float], x: float) -> tuple[list[float], list[float]]:
    """The pre-activations z_1 … z_L, and the values h_0 … h_L with h_0 = x."""
    before, after = [], [x]
    for w in weights:
        before.append(w * after[-1])
        after.append(_sigmoid(before[-1]))
    return before, after


def _factors(weights: Sequence[float], x: float) -> list[float]:
    """What each layer multiplies the derivative by."""
    return [w * _slope(z) for w, z in zip(weights, _states(weights, x)[0], strict=True)]


def _derivative(weights: Sequence[float], x: float) -> float:
    return math.prod(_factors(weights, x))


def _for_each_weight(weights: Sequence[float], x: float) -> list[float]:
    """The derivatives of the chain with respect to its weights."""
    before, after = _states(weights, x)
    factors = _factors(weights, x)
    return [math.prod(factors[i + 1 :]) * _slope(before[i]) * after[i] for i in range(len(weights))]


def _product_with(
    factor: Callable[[float, float, float], float],
) -> Callable[[Sequence[float], float], float]:
    """The product over the layers of another factor of w, z and the layer's input."""

    def values(weights: Sequence[float], x: float) -> float:
        before, after = _states(weights, x)
        return math.prod(map(factor, weights, before, after))

    return values


def _slopes(weights: Sequence[float], x: float) -> list[float]:
    return [_slope(z) for z in _states(weights, x)[0]]


def _tanh_chain(weights: Sequence[float], x: float) -> float:
    gradient = 1.0
    for w in weights:
        x = math.tanh(w * x)
        gradient *= w * (1 - x * x)
    return gradient


_MISTAKES = [
    Mistake(
        "You took ¼ for every layer and left out the weights; and σ′ is ¼ at 0 only.",
        lambda weights, x: 0.25 ** len(weights),
    ),
    Mistake(
        "This is the bound, w/4 for every layer; σ′ is ¼ at 0 only.",
        lambda weights, x: math.prod(weights) / 4 ** len(weights),
    ),
    Mistake(
        "This is the bound, |w|/4 for every layer; σ′ is ¼ at 0 only.",
        lambda weights, x: abs(math.prod(weights)) / 4 ** len(weights),
    ),
    Mistake("This is ¼, the largest value of σ′, for every chain.", lambda weights, x: 0.25),
    Mistake(
        "This is the value of the chain; the question is its slope.",
        lambda weights, x: _states(weights, x)[1][-1],
    ),
    Mistake(
        "The last weight is left out of the product.",
        lambda weights, x: _derivative(weights, x) / weights[-1],
    ),
    Mistake(
        "The first weight is left out of the product: x is multiplied by it, too.",
        lambda weights, x: _derivative(weights, x) / weights[0],
    ),
    Mistake(
        "This is the product of the weights only: every layer brings its σ′ as well.",
        lambda weights, x: math.prod(weights),
    ),
    Mistake(
        "This is the product of the σ′ only: every layer brings its weight as well.",
        lambda weights, x: math.prod(_slopes(weights, x)),
    ),
    Mistake(
        "You took σ′ at the output h of each layer; it belongs at the pre-activation z, "
        "and σ′(z) = h(1 − h).",
        _product_with(lambda w, z, h: w * _slope(_sigmoid(z))),
    ),
    Mistake(
        "You took σ′ at the input of each layer; it belongs at the pre-activation, "
        "weight times input.",
        _product_with(lambda w, z, h: w * _slope(h)),
    ),
    Mistake(
        "h(1 − h) is σ′ when h is the output of a layer, and you have its pre-activation there.",
        _product_with(lambda w, z, h: w * z * (1 - z)),
    ),
    Mistake(
        "You took h(1 − h) of the input of each layer; it belongs to its output.",
        _product_with(lambda w, z, h: w * h * (1 - h)),
    ),
    Mistake(
        "This is the factor of one layer only, the first; the chain rule has one for every layer.",
        lambda weights, x: _factors(weights, x)[0],
    ),
    Mistake(
        "This is the factor of one layer only, the last; the chain rule has one for every layer.",
        lambda weights, x: _factors(weights, x)[-1],
    ),
    Mistake(
        "This is one layer only, with the last weight and x; the chain rule has one for every "
        "layer.",
        lambda weights, x: weights[-1] * _slope(weights[-1] * x),
    ),
    Mistake(
        "This is one layer only, whose weight is the product of all; a σ stands between them.",
        lambda weights, x: math.prod(weights) * _slope(math.prod(weights) * x),
    ),
    Mistake(
        "You add what the layers bring; the chain rule multiplies it.",
        lambda weights, x: sum(_factors(weights, x)),
    ),
    Mistake(
        "This is the mean of what the layers bring; the chain rule multiplies it.",
        lambda weights, x: sum(_factors(weights, x)) / len(weights),
    ),
    Mistake(
        "The sum of the σ′ stands where their product should.",
        lambda weights, x: math.prod(weights) * sum(_slopes(weights, x)),
    ),
    Mistake(
        "The sum of the weights stands where their product should.",
        lambda weights, x: sum(weights) * math.prod(_slopes(weights, x)),
    ),
    Mistake(
        "The weights are in reversed order: weights[0] is next to x.",
        lambda weights, x: _derivative(weights[::-1], x),
    ),
    Mistake(
        "This is the derivative with respect to the last weight; here x varies.",
        lambda weights, x: _for_each_weight(weights, x)[-1],
    ),
    Mistake(
        "This is the derivative with respect to the first weight; here x varies.",
        lambda weights, x: _for_each_weight(weights, x)[0],
    ),
    Mistake(
        "Every layer gets x in your code; from the second on it gets the output of the one before.",
        lambda weights, x: math.prod(w * _slope(w * x) for w in weights),
    ),
    Mistake(
        "All layers share the σ′ of the last one in your code; each has its own.",
        lambda weights, x: math.prod(weights) * _slopes(weights, x)[-1] ** len(weights),
    ),
    Mistake(
        "All layers share the σ′ of the first one in your code; each has its own.",
        lambda weights, x: math.prod(weights) * _slopes(weights, x)[0] ** len(weights),
    ),
    Mistake(
        "Only the last layer's σ′ is there; every layer has one.",
        lambda weights, x: math.prod(weights) * _slopes(weights, x)[-1],
    ),
    Mistake(
        "Only the first layer's σ′ is there; every layer has one.",
        lambda weights, x: math.prod(weights) * _slopes(weights, x)[0],
    ),
    Mistake(
        "The σ′ of the last layer is missing: there is a σ around everything.",
        lambda weights, x: _derivative(weights, x) / _slopes(weights, x)[-1],
    ),
    Mistake(
        "The σ′ of the first layer is missing.",
        lambda weights, x: _derivative(weights, x) / _slopes(weights, x)[0],
    ),
    Mistake(
        "The last weight is missing: the last unit gets w times what the unit before gives.",
        lambda weights, x: _derivative([*weights[:-1], 1.0], x),
    ),
    Mistake(
        "The first weight is missing: the first unit gets w times x.",
        lambda weights, x: _derivative([1.0, *weights[1:]], x),
    ),
    Mistake(
        "Your chain lacks its last layer.",
        lambda weights, x: _derivative(weights[:-1], x),
    ),
    Mistake(
        "Your chain lacks its first layer.",
        lambda weights, x: _derivative(weights[1:], x),
    ),
    Mistake(
        "This is the derivative of σ(σ(… σ(x))): your chain has no weights.",
        lambda weights, x: _derivative([1.0] * len(weights), x),
    ),
    Mistake(
        "The weights are missing where you compute the activations; only the product has them.",
        lambda weights, x: math.prod(weights) * _derivative([1.0] * len(weights), x),
    ),
    Mistake("The factor 1 − σ is missing in σ′.", _product_with(lambda w, z, h: w * _sigmoid(z))),
    Mistake("The factor σ is missing in σ′.", _product_with(lambda w, z, h: w * _sigmoid(-z))),
    Mistake(
        "You used 1 − σ² for σ′; that belongs to tanh.",
        _product_with(lambda w, z, h: w * (1 - _sigmoid(z) ** 2)),
    ),
    Mistake("This is the derivative of a chain of tanh units.", _tanh_chain),
    Mistake(
        "The signs of the weights are lost: a negative weight turns the slope around.",
        lambda weights, x: abs(_derivative(weights, x)),
    ),
    Mistake(
        "The weights are squared.",
        _product_with(lambda w, z, h: w * w * _slope(z)),
    ),
    Mistake(
        "There is a factor x too many: the derivative of w·x with respect to x is w.",
        lambda weights, x: x * _derivative(weights, x),
    ),
    Mistake("The sign is wrong.", lambda weights, x: -_derivative(weights, x)),
    Mistake(
        "Every value is twice the right one: was a gradient accumulated?",
        lambda weights, x: 2 * _derivative(weights, x),
    ),
    Mistake("This is 0 everywhere.", lambda weights, x: 0.0),
]


@dataclass(frozen=True)
class _Form:
    """A way to hand over the weights and x. A guess may help an answer, and never blames it."""

    weights: Callable[[list[float]], object]
    x: Callable[[float], object]
    guess: bool = False


def _tensor(value: object) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def _tensor32(value: object) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float32)


_FORMS = (
    _Form(list, _tensor),
    _Form(list, float),
    _Form(_tensor, _tensor),
    _Form(_tensor, float),
    _Form(np.array, float),
    _Form(lambda weights: [_tensor(w) for w in weights], _tensor),
    _Form(np.array, np.array, guess=True),
    _Form(list, lambda x: _tensor([x]), guess=True),
    _Form(_tensor, lambda x: _tensor([x]), guess=True),
    _Form(lambda weights: [_tensor([[w]]) for w in weights], lambda x: _tensor([[x]]), guess=True),
    _Form(
        lambda weights: [np.array([[w]]) for w in weights], lambda x: np.array([[x]]), guess=True
    ),
    _Form(list, _tensor32, guess=True),
    _Form(_tensor32, _tensor32, guess=True),
    _Form(list, lambda x: _tensor32([x]), guess=True),
    _Form(list, lambda x: _tensor32([[x]]), guess=True),
)


@exercise("Write the derivative of the chain above, run that cell, then this one.")
def chain_gradient(fn: object) -> str:
    """Check the derivative of a chain of sigmoid units with respect to its input."""
    crash: Crashed | None = None
    wrong: WrongAnswer | None = None
    suspect: _Call | None = None
    for form in _FORMS:
        try:
            if suspect is not None and not _is_right(_answer(fn, form, suspect), suspect):
                continue
            suspect, verdict = _judge(fn, form)
        except Unfinished:
            if crash is None and wrong is None:
                raise
            continue
        except Crashed as error:
            crash = crash or error
            continue
        except WrongAnswer as error:
            verdict = error
        if verdict is None:
            return (
                "Every layer multiplies the derivative by w·σ′(z), at most |w|/4 in size:\n"
                "ten layers with |w| ≤ 2 leave less than a thousandth of it."
            )
        if not form.guess:
            wrong = wrong or verdict
    problem = wrong or crash
    assert problem is not None
    raise problem


def _judge(fn: object, form: _Form) -> tuple[_Call | None, WrongAnswer | None]:
    """The first call with a wrong answer, if there is one, and what to say about it."""
    answers: list[Numbers] = []
    for call in _CALLS:
        try:
            answers.append(_answer(fn, form, call))
        except Unfinished:
            if not answers:
                raise
            return call, WrongAnswer(
                f"{_at(call)} your function returns nothing: one branch ends without `return`."
            )
    for answer, call in zip(answers, _CALLS, strict=True):
        if not _is_right(answer, call):
            explanation = named(
                _MISTAKES,
                lambda mistake: all(
                    _agrees(given, mistake.values(*one), one)
                    for given, one in zip(answers, _CALLS, strict=True)
                ),
            )
            return call, WrongAnswer(
                f"{_at(call)} your function gives {show(float(answer.values))}, "
                f"and it should give {show(_derivative(*call))}.{explanation}"
            )
    return None, None


def _answer(fn: object, form: _Form, call: _Call) -> Numbers:
    weights, x = call
    result = attempt(fn, weights=form.weights(weights), x=form.x(x))
    if isinstance(result, (torch.Tensor, np.ndarray, np.generic, list, tuple)):
        _look_into(result, call)
        return numbers(result, (), "the derivative")
    plain = _plain(result)  # Fractions and SymPy's numbers are fine, too.
    return numbers(result if plain is None else plain, (), "the derivative")


def _look_into(result: object, call: _Call) -> None:
    """Raise if `result` holds several numbers that belong to the question."""
    if isinstance(result, (torch.Tensor, np.ndarray)):
        result = result.reshape(-1).tolist()
    if not isinstance(result, (list, tuple)) or len(result) < 2:
        return
    entries = [_plain(entry) for entry in result]
    values = np.array([math.nan if entry is None else entry for entry in entries])
    right = _derivative(*call)
    close = np.isclose(values, right, rtol=1e-4, atol=0)
    begin = f"{_at(call)} your function returns {len(values)} numbers in place of one.\n"
    if len(values) == len(call[0]) and np.allclose(values, _for_each_weight(*call), rtol=1e-4):
        raise WrongAnswer(
            f"{begin}These are the derivatives with respect to the weights; here x varies."
        )
    if close.any():
        raise WrongAnswer(f"{begin}One of them is the derivative: return that one alone.")
    if math.isclose(math.prod(values), right, rel_tol=1e-4):
        raise WrongAnswer(f"{begin}These are the factors of the layers: return their product.")


def _is_right(answer: Numbers, call: _Call) -> bool:
    return _agrees(answer, _derivative(*call), call)


def _agrees(answer: Numbers, expected: object, call: _Call) -> bool:
    """Compare relative to the right value: a small derivative is judged as strictly as a large."""
    size = abs(_derivative(*call))
    # A plain number may come out of a computation in float32.
    scaled = Numbers(answer.values / size, max(answer.tolerance, 5e-5))
    return bool(scaled.agree(np.asarray(expected, dtype=np.float64) / size))


def _at(call: _Call) -> str:
    return at({"weights": call[0], "x": call[1]})
