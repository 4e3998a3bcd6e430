"""The checks of exercise 02: the two derivatives of pReLU(x, α) = max(0, x) + α min(0, x)."""

import numpy as np

from mlpbook.checks.compare import Array, Case, Mistake, elementwise, sample
from mlpbook.checks.verdict import exercise

# Slopes on both sides of 0 and of 1: a formula that is right for small α only is found out.
_CASES: list[Case] = [
    {"x": sample((-2.0, 2.0, -0.5, 0.5), -5, 5, kinks=(0,)), "alpha": alpha}
    for alpha in (0.25, 2.0, -0.5, 1.0, 0.0, 0.7)
]


def _derivative(x: Array, alpha: float) -> Array:
    return np.where(x > 0, 1, alpha)


def _slope_derivative(x: Array, alpha: float) -> Array:
    return np.where(x > 0, 0, x)


def _prelu(x: Array, alpha: float) -> Array:
    return np.where(x > 0, x, alpha * x)


def _hard_coded(slope: float) -> Mistake:
    return Mistake(
        f"The slope {slope:g} is fixed in your code; use the argument alpha.",
        lambda x, alpha: np.where(x > 0, 1, slope),
    )


_MISTAKES = [
    Mistake(
        "This is the derivative with respect to α; here α is fixed and x varies.",
        _slope_derivative,
    ),
    Mistake("This is pReLU itself; the question is its slope.", _prelu),
    Mistake("You have α on both sides of 0.", lambda x, alpha: np.full_like(x, alpha)),
    Mistake("You have the slope 1 on both sides of 0.", lambda x, alpha: np.ones_like(x)),
    Mistake(
        "This is the derivative of ReLU: α is missing.", lambda x, alpha: np.where(x > 0, 1, 0)
    ),
    Mistake(
        "The two sides are swapped: which of them does α belong to?",
        lambda x, alpha: np.where(x > 0, alpha, 1),
    ),
    Mistake(
        "Both pieces are added everywhere, 1 + α; each x lies on one piece only.",
        lambda x, alpha: np.full_like(x, 1 + alpha),
    ),
    Mistake(
        "The slope for x < 0 is 1 + α; the part max(0, x) is flat there.",
        lambda x, alpha: np.where(x > 0, 1, 1 + alpha),
    ),
    Mistake(
        "The slope for x > 0 is 1 + α; the part α·min(0, x) is flat there.",
        lambda x, alpha: np.where(x > 0, 1 + alpha, alpha),
    ),
    Mistake(
        "The sign of α is wrong: min(0, x) rises with slope +1.",
        lambda x, alpha: np.where(x > 0, 1, -alpha),
    ),
    Mistake(
        "For x < 0 you have 1 − α; the two slopes do not subtract.",
        lambda x, alpha: np.where(x > 0, 1, 1 - alpha),
    ),
    Mistake(
        "This is the sign of x: for x < 0 the slope is not −1.",
        lambda x, alpha: np.where(x > 0, 1, -1),
    ),
    Mistake(
        "For x < 0 you have α·x, the value of pReLU there, and not its slope.",
        lambda x, alpha: np.where(x > 0, 1, alpha * x),
    ),
    Mistake(
        "For x > 0 you have x, the value of pReLU there, and not its slope.",
        lambda x, alpha: np.where(x > 0, x, alpha),
    ),
    Mistake(
        "This is the derivative of max(x, αx), which is pReLU only while α ≤ 1.",
        lambda x, alpha: np.where(x > alpha * x, 1, alpha),
    ),
    Mistake(
        "The sign of α is lost: the slope may be negative.",
        lambda x, alpha: np.where(x > 0, 1, abs(alpha)),
    ),
    Mistake("For x < 0 you have 1/α.", lambda x, alpha: np.where(x > 0, 1, np.divide(1, alpha))),
    Mistake("This is 0 everywhere: pReLU is flat nowhere.", lambda x, alpha: np.zeros_like(x)),
    Mistake("For x < 0 you have α².", lambda x, alpha: np.where(x > 0, 1, alpha**2)),
    *map(_hard_coded, (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5)),
]

_SLOPE_MISTAKES = [
    Mistake(
        "This is the derivative with respect to x; here x is fixed and α varies.",
        _derivative,
    ),
    Mistake("This is pReLU itself; the question is how it changes with α.", _prelu),
    Mistake(
        "You have x on both sides of 0; for x > 0, does pReLU change with α?",
        lambda x, alpha: x,
    ),
    Mistake(
        "The two sides are swapped: for which x does α take part?",
        lambda x, alpha: np.where(x > 0, x, 0),
    ),
    Mistake(
        "For x < 0 you have 1: α is multiplied by something there.",
        lambda x, alpha: np.where(x > 0, 0, 1),
    ),
    Mistake(
        "For x < 0 you have α: differentiate α·x with respect to α, not to x.",
        lambda x, alpha: np.where(x > 0, 0, alpha),
    ),
    Mistake(
        "For x < 0 you have α·x: the factor α is still there after differentiating.",
        lambda x, alpha: np.where(x > 0, 0, alpha * x),
    ),
    Mistake("The sign is wrong for x < 0.", lambda x, alpha: np.where(x > 0, 0, -x)),
    Mistake("For x < 0 you have −1.", lambda x, alpha: np.where(x > 0, 0, -1)),
    Mistake(
        "For x > 0 you have 1: that is the derivative with respect to x.",
        lambda x, alpha: np.where(x > 0, 1, x),
    ),
    Mistake(
        "For x > 0 you have x: that piece of pReLU does not hold α.",
        lambda x, alpha: np.where(x > 0, x, -x),
    ),
    Mistake("This is 0 everywhere: α does matter for x < 0.", lambda x, alpha: np.zeros_like(x)),
    Mistake(
        "x is added on top of α: differentiate α·x with respect to α only.",
        lambda x, alpha: np.where(x > 0, 0, alpha + x),
    ),
]


@exercise("Write the derivative of pReLU with respect to x above, run that cell, then this one.")
def prelu_derivative(fn: object) -> str:
    """Check the derivative of pReLU with respect to x."""
    elementwise(fn, _derivative, _CASES, _MISTAKES)
    return (
        "Two constants, 1 and α: the slope of pReLU never depends on how far x is from 0.\n"
        "With α = 0 this is ReLU, and with α = 1 the kink is gone."
    )


@exercise("Write the derivative of pReLU with respect to α above, run that cell, then this one.")
def prelu_slope_derivative(fn: object) -> str:
    """Check the derivative of pReLU with respect to its slope α."""
    elementwise(fn, _slope_derivative, _CASES, _SLOPE_MISTAKES)
    return (
        "Only negative inputs teach α, and α itself does not appear: pReLU is linear in α.\n"
        "One α that serves many inputs gets the sum of these values."
    )
