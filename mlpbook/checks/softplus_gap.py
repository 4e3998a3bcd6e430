"""The checks of exercise 11: softplus ln(1 + e^βx)/β for any x, and its gap to ReLU."""

import numpy as np

from mlpbook.checks import forms
from mlpbook.checks.attempt import Crashed, at, attempt, show
from mlpbook.checks.compare import (
    Array,
    Case,
    Mistake,
    Numbers,
    elementwise,
    named,
    numbers,
    sample,
)
from mlpbook.checks.verdict import WrongAnswer, exercise

_CASES: list[Case] = [
    {"x": sample((1.0, -1.0, 2.0, -3.0, 0.0), -5, 5), "beta": beta}
    for beta in (1.0, 2.0, 0.5, 10.0, 0.1, 3.0)
]
# Where βx is moderate though x is not: a threshold for x in place of βx is found out.
_WIDE_CASES: list[Case] = [
    {"x": np.array([25.0, -25.0, 40.0, 60.0, -60.0]), "beta": 0.1},
    {"x": np.array([120.0, 300.0, -120.0]), "beta": 0.01},
]
# Every βx that is not below 80 is beyond 12000, where no kind of float holds the exponential.
_LARGE_CASES: list[Case] = [
    {"x": np.array([1e4, -1e4, 3e4, -3e4, 2.0, -1.5]), "beta": beta} for beta in (2.0, 10.0, 1.5)
]
_SHARP_CASES: list[Case] = [
    {"x": np.array([1e4, -1e4]), "beta": 1.0},
    {"x": np.array([1e4, -1e4]), "beta": 0.1},
    {"x": np.array([15.0, -15.0, 0.5]), "beta": 1000.0},
]


def _softplus(x: Array, beta: float) -> Array:
    value: Array = np.logaddexp(0, beta * x) / beta
    return value


def _naive(z: Array) -> Array:
    """ln(1 + e^z) with overflow, as a formula copied from paper gives it."""
    with np.errstate(all="ignore"):
        value: Array = np.log(1 + np.exp(z))
    return value


def _sigmoid(z: Array) -> Array:
    value: Array = 1 / (1 + np.exp(-z))
    return value


def _split(x: Array, beta: float, tail: Array) -> Array:
    """The form max(x, 0) + tail."""
    value: Array = np.maximum(x, 0) + tail
    return value


_MISTAKES = [
    Mistake(
        "The division by β is missing: far to the right the slope is then β in place of 1.",
        lambda x, beta: _naive(beta * x),
    ),
    Mistake(
        "β is missing inside the exponential; it stands only below.",
        lambda x, beta: _naive(x) / beta,
    ),
    Mistake("β is missing everywhere: this is softplus for β = 1.", lambda x, beta: _naive(x)),
    Mistake(
        "You multiply by β at the end; the logarithm is divided by it.",
        lambda x, beta: beta * _naive(beta * x),
    ),
    Mistake(
        "Your β is the other way round: x is multiplied by it, and the logarithm divided.",
        lambda x, beta: beta * _naive(x / beta),
    ),
    Mistake("x is divided by β; it is multiplied.", lambda x, beta: _naive(x / beta) / beta),
    Mistake("You divide by β twice.", lambda x, beta: _naive(beta * x) / beta**2),
    Mistake(
        "This is the logarithm to base 2; the natural one is meant.",
        lambda x, beta: _naive(beta * x) / beta / np.log(2),
    ),
    Mistake(
        "This is the logarithm to base 10; the natural one is meant.",
        lambda x, beta: _naive(beta * x) / beta / np.log(10),
    ),
    Mistake(
        "The sign in the exponent is wrong: this falls where softplus rises.",
        lambda x, beta: _naive(-beta * x) / beta,
    ),
    Mistake(
        "The sign is wrong: softplus is never negative.",
        lambda x, beta: -_naive(beta * x) / beta,
    ),
    Mistake("This is the negative of softplus(−x).", lambda x, beta: -_naive(-beta * x) / beta),
    Mistake("The 1 is missing: ln e^βx / β is x again.", lambda x, beta: x),
    Mistake(
        "There is a 1 too many: `log1p(z)` is ln(1 + z) by itself.",
        lambda x, beta: np.log(2 + np.exp(beta * x)) / beta,
    ),
    Mistake(
        "The e in front of its power counts: `logaddexp(1, z)` is ln(e¹ + e^z).",
        lambda x, beta: np.logaddexp(1, beta * x) / beta,
    ),
    Mistake("This is ReLU: a smooth curve is asked for.", lambda x, beta: np.maximum(x, 0)),
    Mistake("This is σ(βx), the derivative of softplus.", lambda x, beta: _sigmoid(beta * x)),
    Mistake("This is Swish, x·σ(βx).", lambda x, beta: x * _sigmoid(beta * x)),
    Mistake(
        "This is the gap between softplus and ReLU, and not softplus.",
        lambda x, beta: _naive(-beta * abs(x)) / beta,
    ),
    Mistake("The logarithm is missing.", lambda x, beta: (1 + np.exp(beta * x)) / beta),
    Mistake("The logarithm and the 1 are missing.", lambda x, beta: np.exp(beta * x) / beta),
    Mistake(
        "This is shifted by ln 2/β, so that it is 0 at 0; softplus is positive.",
        lambda x, beta: (_naive(beta * x) - np.log(2)) / beta,
    ),
    Mistake(
        "β stands in front of the exponential; it belongs to its exponent.",
        lambda x, beta: np.log(1 + beta * np.exp(x)) / beta,
    ),
    Mistake(
        "This is softplus for β = 10, whatever beta is: use the argument.",
        lambda x, beta: _naive(10 * x) / 10,
    ),
    Mistake(
        "In max(x, 0) + ln(1 + e^(−β|x|))/β the division by β is missing.",
        lambda x, beta: _split(x, beta, _naive(-beta * abs(x))),
    ),
    Mistake(
        "In max(x, 0) + ln(1 + e^(−β|x|))/β the β in the exponent is missing.",
        lambda x, beta: _split(x, beta, _naive(-abs(x)) / beta),
    ),
    Mistake(
        "In max(x, 0) + ln(1 + e^(−β|x|))/β the absolute value is missing.",
        lambda x, beta: _split(x, beta, _naive(-beta * x) / beta),
    ),
    Mistake(
        "You divide max(x, 0) by β as well; only the logarithm is divided.",
        lambda x, beta: (np.maximum(x, 0) + _naive(-beta * abs(x))) / beta,
    ),
    Mistake(
        "The exponent is positive beside max(x, 0): it should fall on both sides.",
        lambda x, beta: _split(x, beta, _naive(beta * abs(x)) / beta),
    ),
    Mistake(
        "You add max(x, 0) to a softplus that is complete already.",
        lambda x, beta: _split(x, beta, _naive(beta * x) / beta),
    ),
]

_GOOD = "For moderate x your function is right."
_WIDE_MISTAKES = [
    Mistake(
        f"{_GOOD} From some x on it gives x itself,\n"
        "and how near the two are depends on βx, not on x.",
        lambda x, beta: np.where(x > 0, x, _softplus(x, beta)),
    ),
    Mistake(
        f"{_GOOD} Far out it gives ReLU,\nand how near the two are depends on βx, not on x.",
        lambda x, beta: np.maximum(x, 0),
    ),
]


def _over(x: Array, beta: float, value: float) -> Array:
    """Right values, with another one wherever e^βx is no float."""
    return np.where(beta * x > 1000, value, _softplus(x, beta))


def _under(x: Array, beta: float, value: float) -> Array:
    """Right values, with another one wherever e^(−βx) is no float."""
    return np.where(beta * x < -1000, value, _softplus(x, beta))


_OVERFLOW = (
    f"{_GOOD} Here e^βx is beyond every float.\n"
    "Write softplus with an exponent that is never positive."
)
_LARGE_MISTAKES = [
    *(Mistake(_OVERFLOW, lambda x, beta, v=v: _over(x, beta, v)) for v in (np.inf, np.nan)),
    *(
        Mistake(
            f"{_GOOD} Here e^(−βx) is beyond every float.\n"
            "Write softplus with an exponent that is never positive.",
            lambda x, beta, v=v: _under(x, beta, v),
        )
        for v in (np.inf, np.nan)
    ),
    *(
        Mistake(
            f"{_GOOD} On both sides an exponential is beyond every float.\n"
            "Write softplus with an exponent that is never positive.",
            lambda x, beta, v=v: np.where(abs(beta * x) > 1000, v, _softplus(x, beta)),
        )
        for v in (np.inf, np.nan)
    ),
    Mistake(
        f"{_GOOD} Far to the right it is 0: was an overflow replaced?",
        lambda x, beta: _over(x, beta, 0.0),
    ),
]


@exercise("Write softplus above, run that cell, then this one.")
def softplus(fn: object) -> str:
    """Check softplus, also far out."""
    elementwise(fn, _softplus, _CASES, _MISTAKES)
    _far_out(fn, _WIDE_CASES, _WIDE_MISTAKES)
    _far_out(fn, _LARGE_CASES, _LARGE_MISTAKES)
    _far_out(fn, _SHARP_CASES, _LARGE_MISTAKES)
    return (
        "Far to the right it is x, far to the left 0, and neither end needs a large number.\n"
        "Only e to a negative power ever has to be computed."
    )


def _far_out(fn: object, cases: list[Case], mistakes: list[Mistake]) -> None:
    """Judge a function that is right for moderate x."""
    try:
        elementwise(fn, _softplus, cases, mistakes)
    except Crashed as crash:
        if "OverflowError" not in str(crash):
            raise
        first, second, *_ = str(crash).splitlines()
        raise WrongAnswer(f"{first}\n{second}\n{_OVERFLOW}") from None
    except WrongAnswer as wrong:
        is_named = "\n" in str(wrong)
        flat = "" if is_named else f"\n{_GOOD} Is something clipped or replaced far out?"
        raise WrongAnswer(f"{wrong}{flat}") from None


# --- largest_gap ---

_BETAS = (1.0, 2.0, 0.5, 10.0, 0.1, 3.7)


def _largest(beta: float) -> float:
    return float(np.log(2)) / beta


_GAP_MISTAKES = [
    Mistake(
        "You have 1/β: at the place of the largest gap, what is the logarithm of 1 + e⁰?",
        lambda beta: 1 / beta,
    ),
    Mistake(
        "You multiply by β: a larger β brings softplus nearer to ReLU.",
        lambda beta: np.log(2) * beta,
    ),
    Mistake("β is missing: this is the gap for β = 1.", lambda beta: np.log(2)),
    Mistake("This is 1, whatever β is.", lambda beta: 1.0),
    Mistake("You divide by β twice.", lambda beta: np.log(2) / beta**2),
    Mistake("This is the inverse of the gap.", lambda beta: beta / np.log(2)),
    Mistake(
        "This is the logarithm to base 10; the natural one is meant.",
        lambda beta: np.log10(2) / beta,
    ),
    Mistake(
        "The sign is wrong: softplus lies above ReLU, and a gap is a distance.",
        lambda beta: -np.log(2) / beta,
    ),
    Mistake(
        "This is 0. The gap tends to 0 far out; look where it is widest, and give its size there.",
        lambda beta: 0.0,
    ),
    Mistake(
        "You have ½/β; ½ is the slope of softplus at 0, not its value.", lambda beta: 0.5 / beta
    ),
    Mistake("You have ½; that is the slope of softplus at 0, not its value.", lambda beta: 0.5),
    Mistake("You have 2/β: the logarithm is missing.", lambda beta: 2 / beta),
    Mistake("β stands inside the logarithm.", lambda beta: np.log(2 * beta)),
    Mistake("β stands inside the logarithm.", lambda beta: np.log(1 + beta) / beta),
    Mistake("β stands inside the logarithm.", lambda beta: np.log(1 + beta)),
    Mistake("β stands inside the logarithm.", lambda beta: np.log(2 / beta)),
    Mistake("β stands inside the logarithm.", lambda beta: np.log(1 + 1 / beta)),
    Mistake("This is a power of the logarithm.", lambda beta: np.log(2) ** beta),
    Mistake(
        "This is the gap at x = 1; it is wider elsewhere.",
        lambda beta: np.log1p(np.exp(-beta)) / beta,
    ),
    Mistake(
        "This is softplus at x = 1; the gap is what lies between it and ReLU, where it is widest.",
        lambda beta: np.logaddexp(0, beta) / beta,
    ),
    Mistake(
        "This is softplus at 0 with a 1 too many: `log1p(z)` is ln(1 + z) by itself.",
        lambda beta: np.log(3) / beta,
    ),
    Mistake("This is half of the gap.", lambda beta: np.log(2) / beta / 2),
    Mistake("This is twice the gap.", lambda beta: np.log(2) / beta * 2),
]


@exercise("Write the largest gap above, run that cell, then this one.")
def largest_gap(fn: object) -> str:
    """Check the largest distance between softplus and ReLU."""
    forms.any_form(lambda form: _judge_gap(fn, form), (forms.plain, forms.tensor, forms.tensor32))
    return (
        "It sits at x = 0, where ReLU has its kink. With β = 10 softplus is nowhere further than\n"
        "0.07 from ReLU, and a β ten times as large makes the gap ten times as small."
    )


def _judge_gap(fn: object, form: forms.Kind) -> None:
    answers = [numbers(attempt(fn, beta=form(beta)), (), "the largest gap") for beta in _BETAS]
    for answer, beta in zip(answers, _BETAS, strict=True):
        if not _agrees(answer, _largest(beta)):
            raise WrongAnswer(
                f"{at({'beta': beta})} your function gives {show(float(answer.values))}, "
                f"and it should give {show(_largest(beta))}." + _why(answers)
            )


def _agrees(answer: Numbers, expected: float) -> bool:
    """Compare relative to the expected value: a large β makes every gap small."""
    # A plain number may come out of a computation in float32.
    return bool(np.isclose(answer.values, expected, rtol=max(answer.tolerance, 2e-5), atol=1e-12))


def _why(answers: list[Numbers]) -> str:
    explanation = named(
        _GAP_MISTAKES,
        lambda mistake: all(
            np.isclose(answer.values, np.asarray(mistake.values(beta)), rtol=2e-5, atol=2e-5)
            for answer, beta in zip(answers, _BETAS, strict=True)
        ),
    )
    if explanation:
        return explanation
    if not all(np.isfinite(answer.values) for answer in answers):
        return "\nThat is no number: look for an overflow or a division by 0."
    ratios = [
        float(answer.values) / _largest(beta) for answer, beta in zip(answers, _BETAS, strict=True)
    ]
    if max(ratios) - min(ratios) < 1e-6 and 0.99 < ratios[0] < 1.01:
        return "\nThat is a rounded number: let the computer compute the logarithm."
    if all(0.5 < ratio < 1.00001 for ratio in ratios):
        return "\nIt falls a little short for some β: do the points you try hold the widest place?"
    return ""
