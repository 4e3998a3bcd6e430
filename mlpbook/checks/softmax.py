"""The first check of exercise 08: the Jacobian of softmax, ∂p_i/∂a_j."""

import numpy as np
from numpy.typing import ArrayLike

from mlpbook.checks import forms
from mlpbook.checks.attempt import Crashed, attempt, show
from mlpbook.checks.compare import Array, Mistake, Numbers, named, numbers
from mlpbook.checks.verdict import WrongAnswer, exercise

_NAME = "the Jacobian"


def _random_vectors() -> list[Array]:
    rng = np.random.default_rng(8)
    return [rng.uniform(-2, 2, size).round(2) for size in (4, 2, 5, 1, 7)]


_ORDINARY = [np.array([0.0, 1.0, 2.0]), np.array([0.5, -1.0, 0.25, 1.5]), *_random_vectors()]
# All exact in float32, some beyond what a naive formula survives in extended precision.
_LARGE = [
    np.array(entries)
    for entries in (
        [1000.0, 1001.0, 999.0],
        [-1000.0, -1001.0],
        [20001.0, 20000.0, 20002.0, 0.0],
        [-20000.0, -20001.0, -20000.5],
        [10000.0, -10000.0, 9999.0, 5.0],
        [-1000.0, 1.0, 0.0],
        [800.0, 0.0, -800.0],
    )
]


def _softmax(a: Array) -> Array:
    e = np.exp(a - a.max())
    p: Array = e / e.sum()
    return p


def _jacobian(a: Array) -> Array:
    return _from(_softmax(a))


def _from(p: Array) -> Array:
    return np.diag(p) - np.outer(p, p)


def _diagonal(a: Array) -> Array:
    p = _softmax(a)
    return p * (1 - p)


def _off_diagonal(a: Array, values: ArrayLike) -> Array:
    """The right diagonal, with other values beside it."""
    size = (len(a), len(a))
    return np.where(np.eye(len(a)) > 0, np.diag(_diagonal(a)), np.broadcast_to(values, size))


def _sigmoid(a: Array) -> Array:
    value: Array = 1 / (1 + np.exp(-a))
    return value


def _other_diagonal(a: Array, values: ArrayLike) -> Array:
    """The right values beside the diagonal, with others on it."""
    size = (len(a), len(a))
    return np.where(np.eye(len(a)) > 0, np.broadcast_to(values, size), _jacobian(a))


_MISTAKES = [
    Mistake(
        "You have p(1 − p) on the diagonal only: every a_j stands in the sum below every p_i.",
        lambda a: np.diag(_diagonal(a)),
    ),
    Mistake("The sign is wrong everywhere: p_i grows with its own a_i.", lambda a: -_jacobian(a)),
    Mistake(
        "There is a plus where the quotient rule has a minus.",
        lambda a: np.diag(_softmax(a)) + np.outer(_softmax(a), _softmax(a)),
    ),
    Mistake(
        "This is diag(p) alone: the derivative of the denominator is missing.",
        lambda a: np.diag(_softmax(a)),
    ),
    Mistake(
        "This is −p_i p_j everywhere: the derivative of the numerator is missing.",
        lambda a: -np.outer(_softmax(a), _softmax(a)),
    ),
    Mistake(
        "This is p_i p_j everywhere: no entry of a plays a part of its own.",
        lambda a: np.outer(_softmax(a), _softmax(a)),
    ),
    Mistake(
        "The sign is wrong beside the diagonal: where another a_j grows, p_i must shrink.",
        lambda a: _off_diagonal(a, np.outer(_softmax(a), _softmax(a))),
    ),
    Mistake(
        "You have p_i (1 − p_j) everywhere; the 1 belongs to the diagonal alone.",
        lambda a: np.outer(_softmax(a), 1 - _softmax(a)),
    ),
    Mistake(
        "You have p_j (1 − p_i) everywhere; the 1 belongs to the diagonal alone.",
        lambda a: np.outer(1 - _softmax(a), _softmax(a)),
    ),
    Mistake(
        "You have p_i (1 − p_i) in the whole row; it belongs to the diagonal alone.",
        lambda a: np.repeat(_diagonal(a)[:, None], len(a), axis=1),
    ),
    Mistake(
        "You have p_j (1 − p_j) in the whole column; it belongs to the diagonal alone.",
        lambda a: np.repeat(_diagonal(a)[None], len(a), axis=0),
    ),
    Mistake(
        "This is the derivative of a sigmoid in every entry: softmax couples the entries.",
        lambda a: np.diag(_sigmoid(a) * _sigmoid(-a)),
    ),
    Mistake(
        "Your formula is right for p = softmax(a), and it has the sigmoid of a in place of p.",
        lambda a: _from(_sigmoid(a)),
    ),
    Mistake(
        "Your p is e^a without the division by its sum.",
        lambda a: _from(np.exp(a)),
    ),
    Mistake(
        "This is e^a on the diagonal: softmax also divides by the sum.",
        lambda a: np.diag(np.exp(a)),
    ),
    Mistake(
        "You have a itself where p = softmax(a) belongs.",
        lambda a: _from(a),
    ),
    Mistake(
        "This is the Jacobian of log-softmax: the factor p_i is missing.",
        lambda a: np.eye(len(a)) - _softmax(a)[None],
    ),
    Mistake(
        "The factor p is missing: this is 1 − p on the diagonal and −p beside it.",
        lambda a: np.eye(len(a)) - _softmax(a)[:, None],
    ),
    Mistake(
        "There is a 1 on the diagonal where p_i belongs.",
        lambda a: np.eye(len(a)) - np.outer(_softmax(a), _softmax(a)),
    ),
    Mistake(
        "`p * p` multiplies entry by entry; the term is the table of all p_i p_j.",
        lambda a: np.diag(_softmax(a)) - (_softmax(a) ** 2)[None],
    ),
    Mistake(
        "p² is subtracted in whole rows; the term is the table of all p_i p_j.",
        lambda a: np.diag(_softmax(a)) - (_softmax(a) ** 2)[:, None],
    ),
    Mistake(
        "`p @ p` is one number; the term is the table of all p_i p_j.",
        lambda a: np.diag(_softmax(a)) - _softmax(a) @ _softmax(a),
    ),
    Mistake(
        "p_i² is subtracted twice on the diagonal.",
        lambda a: np.diag(_diagonal(a)) - np.outer(_softmax(a), _softmax(a)),
    ),
    Mistake(
        "Beside the diagonal you have −p_j: the factor p_i is missing.",
        lambda a: _off_diagonal(a, -_softmax(a)[None]),
    ),
    Mistake(
        "Beside the diagonal you have −p_i: the factor p_j is missing.",
        lambda a: _off_diagonal(a, -_softmax(a)[:, None]),
    ),
    Mistake(
        "On the diagonal you have p_i: the part −p_i² is missing.",
        lambda a: _other_diagonal(a, np.diag(_softmax(a))),
    ),
    Mistake(
        "On the diagonal you have 1 − p_i: the factor p_i is missing.",
        lambda a: _other_diagonal(a, np.diag(1 - _softmax(a))),
    ),
    Mistake("On the diagonal you have 0.", lambda a: _other_diagonal(a, 0.0)),
    Mistake(
        "Each row is the sum of the rows up to it: `.grad` adds up between calls of `backward`.",
        lambda a: _jacobian(a).cumsum(axis=0),
    ),
    Mistake(
        "The sign in the exponent is wrong: this is for the softmax of −a.",
        lambda a: _jacobian(-a),
    ),
    Mistake(
        "The sign in the exponent is wrong: your p is the softmax of −a.",
        lambda a: -_jacobian(-a),
    ),
    Mistake(
        "The signs are lost: some of the derivatives are negative.", lambda a: abs(_jacobian(a))
    ),
    Mistake("Every value is twice the right one.", lambda a: 2 * _jacobian(a)),
    Mistake(
        "Every row repeats p: this is the value of softmax, and not its derivatives.",
        lambda a: np.repeat(_softmax(a)[None], len(a), axis=0),
    ),
    Mistake("This is 0 everywhere: p_i does depend on a_j.", lambda a: np.zeros((len(a), len(a)))),
]

# What comes back as one row of numbers, in place of the table.
_VECTORS = [
    Mistake(
        "You have p(1 − p) alone, the diagonal: every p_i depends on every a_j, "
        "so the result is a table.",
        _diagonal,
    ),
    Mistake(
        "The p_i add up to 1, so the gradient of their sum is 0: "
        "each p_i has a row of derivatives of its own.",
        lambda a: np.zeros(len(a)),
    ),
    Mistake("This is softmax itself; the question is its derivatives.", _softmax),
    Mistake("This is the first row alone; each p_i has one.", lambda a: _jacobian(a)[0]),
    Mistake("This is the second row alone; each p_i has one.", lambda a: _jacobian(a)[1]),
    Mistake("This is the last row alone; each p_i has one.", lambda a: _jacobian(a)[-1]),
    Mistake(
        "This is the derivative of a sigmoid in every entry: softmax couples the entries.",
        lambda a: _sigmoid(a) * _sigmoid(-a),
    ),
    Mistake("This is p(1 − p) with the sign of a descent.", lambda a: -_diagonal(a)),
]


@exercise("Write the Jacobian of softmax above, run that cell, then this one.")
def softmax_jacobian(fn: object) -> str:
    """Check the Jacobian of softmax, also for large entries."""
    forms.any_form(
        lambda form: _judge(fn, form), (forms.tensor, forms.tensor32, forms.array, forms.plain)
    )
    return (
        "Each row adds up to 0: what one p_i gains, the others lose, since all p add up to 1.\n"
        "And softmax sees only the differences of the a, so their common size cannot matter."
    )


def _judge(fn: object, form: forms.Kind) -> None:
    answers = [_answer(fn, form, a) for a in _ORDINARY]
    for answer, a in zip(answers, _ORDINARY, strict=True):
        if not answer.agree(_jacobian(a)).all():
            raise WrongAnswer(
                _where(answer, a)
                + named(
                    _MISTAKES,
                    lambda mistake: all(
                        given.agree(mistake.values(one)).all()
                        for given, one in zip(answers, _ORDINARY, strict=True)
                    ),
                )
            )
    for a in _LARGE:
        try:
            answer = _answer(fn, form, a)
        except Crashed as crash:
            if "OverflowError" in str(crash) or "ZeroDivisionError" in str(crash):
                first, second, *_ = str(crash).splitlines()
                raise WrongAnswer(f"{first}\n{second}\n{_why(a)}") from None
            raise
        if not answer.agree(_jacobian(a)).all():
            finite = np.isfinite(answer.values).all()
            raise WrongAnswer(f"{_where(answer, a)}\n{_DIFFERENCES if finite else _why(a)}")


_DIFFERENCES = (
    "For small entries your function is right. Softmax depends on the differences between\n"
    "the entries alone: were these lost, by clipping or by rounding?"
)


def _why(a: Array) -> str:
    if a.max() > 0:
        return (
            "For small entries your function is right. Here an exponential is beyond every float.\n"
            "Which change of all entries of a leaves softmax as it is?"
        )
    return (
        "For small entries your function is right. Here every exponential is rounded to 0,\n"
        "and 0/0 is no number. Which change of all entries of a leaves softmax as it is?"
    )


def _answer(fn: object, form: forms.Kind, a: Array) -> Numbers:
    result = attempt(fn, a=form(a))
    try:
        return numbers(result, (len(a), len(a)), _NAME)
    except WrongAnswer as wrong:
        try:
            row = numbers(result, (len(a),), _NAME)
        except WrongAnswer:
            raise wrong from None
        why = named(_VECTORS, lambda mistake: bool(row.agree(mistake.values(a)).all()))
        raise WrongAnswer(f"{str(wrong).splitlines()[0]}{why}") from None


def _where(answer: Numbers, a: Array) -> str:
    right = _jacobian(a)
    i, j = map(int, np.argwhere(~answer.agree(right))[0])
    return (
        f"At a = {show(a)} your function gives {show(answer.values[i, j])} for the derivative of "
        f"p[{i}] with respect to a[{j}], and it should be {show(right[i, j])}."
    )
