"""The check of exercise 03: the derivative of Swish, f(x) = x σ(βx), with respect to x."""

import numpy as np

from mlpbook.checks.compare import Array, Case, Mistake, elementwise, sample
from mlpbook.checks.verdict import exercise

_CASES: list[Case] = [
    {"x": sample((1.0, -1.0, 2.0, -3.0, 0.0), -5, 5), "beta": beta}
    for beta in (2.0, 1.0, 0.5, -0.7, 0.0, 1.3)
]


def _sigmoid(z: Array) -> Array:
    value: Array = 1 / (1 + np.exp(-z))
    return value


def _bump(z: Array) -> Array:
    """The derivative of the sigmoid."""
    return _sigmoid(z) * _sigmoid(-z)


def _swish(x: Array, beta: float) -> Array:
    return x * _sigmoid(beta * x)


def _derivative(x: Array, beta: float) -> Array:
    return _sigmoid(beta * x) + beta * x * _bump(beta * x)


def _short(x: Array, beta: float, first: float, second: float) -> Array:
    """The short form βf + σ(1 − βf), with other factors in the place of β."""
    f = _swish(x, beta)
    return first * f + _sigmoid(beta * x) * (1 - second * f)


_MISTAKES = [
    Mistake(
        "You dropped β from the chain rule: the inner function βx has a derivative too.",
        lambda x, beta: _sigmoid(beta * x) + x * _bump(beta * x),
    ),
    Mistake(
        "This is σ(βx) alone: the product rule has a second term.",
        lambda x, beta: _sigmoid(beta * x),
    ),
    Mistake(
        "This is the second term of the product rule alone; σ(βx) is missing.",
        lambda x, beta: beta * x * _bump(beta * x),
    ),
    Mistake(
        "This is the derivative of σ alone; Swish is x times σ.",
        lambda x, beta: _bump(beta * x),
    ),
    Mistake(
        "This is the derivative of σ(βx); Swish is x times σ(βx).",
        lambda x, beta: beta * _bump(beta * x),
    ),
    Mistake(
        "There is a minus where the product rule has a plus.",
        lambda x, beta: _sigmoid(beta * x) - beta * x * _bump(beta * x),
    ),
    Mistake(
        "There is a minus where the product rule has a plus, and β is dropped from the chain rule.",
        lambda x, beta: _sigmoid(beta * x) - x * _bump(beta * x),
    ),
    Mistake(
        "This is the second term of the product rule alone, and β is dropped from the chain rule.",
        lambda x, beta: x * _bump(beta * x),
    ),
    Mistake(
        "This is σ(x) alone: β is missing, and the product rule has a second term.",
        lambda x, beta: _sigmoid(x),
    ),
    Mistake(
        "This is the derivative of σ(x) alone; Swish is x times σ(βx).",
        lambda x, beta: _bump(x),
    ),
    Mistake(
        "β is missing everywhere: this is the derivative for β = 1.",
        lambda x, beta: _derivative(x, 1.0),
    ),
    Mistake(
        "This is the derivative with respect to β; here β is fixed and x varies.",
        lambda x, beta: x**2 * _bump(beta * x),
    ),
    Mistake(
        "This is Swish itself; the question is its slope.",
        lambda x, beta: x * _sigmoid(beta * x),
    ),
    Mistake(
        "The factor x is missing in the second term of the product rule.",
        lambda x, beta: _sigmoid(beta * x) + beta * _bump(beta * x),
    ),
    Mistake(
        "β multiplies both terms; only the derivative of σ(βx) brings a factor β.",
        lambda x, beta: beta * _derivative(x, beta),
    ),
    Mistake(
        "β is squared in the second term.",
        lambda x, beta: _sigmoid(beta * x) + beta**2 * x * _bump(beta * x),
    ),
    Mistake(
        "β is missing inside σ; it stands only in front.",
        lambda x, beta: _sigmoid(x) + beta * x * _bump(x),
    ),
    Mistake(
        "β is missing inside the σ of the first term.",
        lambda x, beta: _sigmoid(x) + beta * x * _bump(beta * x),
    ),
    Mistake(
        "β is missing inside the derivative of σ.",
        lambda x, beta: _sigmoid(beta * x) + beta * x * _bump(x),
    ),
    Mistake(
        "The sign in the exponent is wrong: this is the derivative for −β.",
        lambda x, beta: _derivative(x, -beta),
    ),
    Mistake(
        "You used 1 − σ² for the derivative of σ; that belongs to tanh.",
        lambda x, beta: _sigmoid(beta * x) + beta * x * (1 - _sigmoid(beta * x) ** 2),
    ),
    Mistake(
        "The factor 1 − σ is missing in the derivative of σ.",
        lambda x, beta: _sigmoid(beta * x) + beta * x * _sigmoid(beta * x),
    ),
    Mistake(
        "The factor σ is missing in the derivative of σ.",
        lambda x, beta: _sigmoid(beta * x) + beta * x * _sigmoid(-beta * x),
    ),
    Mistake(
        "In the short form βf + σ(1 − βf), the second β is missing.",
        lambda x, beta: _short(x, beta, beta, 1),
    ),
    Mistake(
        "In the short form βf + σ(1 − βf), the first β is missing.",
        lambda x, beta: _short(x, beta, 1, beta),
    ),
    Mistake(
        "In the short form βf + σ(1 − βf), the first plus is a minus.",
        lambda x, beta: 2 * beta * _swish(x, beta) - _short(x, beta, beta, beta),
    ),
    Mistake(
        "In the short form βf + σ(1 − βf), the minus is a plus.",
        lambda x, beta: _short(x, beta, beta, -beta),
    ),
]


@exercise("Write the derivative of Swish with respect to x above, run that cell, then this one.")
def swish_derivative(fn: object) -> str:
    """Check the derivative of Swish with respect to x."""
    elementwise(fn, _derivative, _CASES, _MISTAKES)
    return (
        "The slope depends on βx alone: it is ½ at 0, above 1 where βx > 1.28 and below 0 where\n"
        "βx < −1.28. So Swish is steeper than the identity in places, and it is not monotone."
    )
