"""The second check of exercise 08: the gradient of the mean of (w·x − y)² with respect to w."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlpbook.checks import forms
from mlpbook.checks.attempt import Crashed, at, attempt, show
from mlpbook.checks.compare import Array, Mistake, Numbers, named, numbers
from mlpbook.checks.verdict import WrongAnswer, exercise


@dataclass(frozen=True)
class _Call:
    """One call: w of shape (inputs,), x of shape (examples, inputs), y of shape (examples,)."""

    w: Array
    x: Array
    y: Array

    @property
    def numbers(self) -> tuple[Array, Array, Array]:
        """What the mistakes are computed from."""
        return self.w, self.x, self.y


def _call(w: list[float], x: list[list[float]], y: list[float]) -> _Call:
    return _Call(np.array(w), np.array(x), np.array(y))


def _random_calls(shapes: list[tuple[int, int]]) -> list[_Call]:
    rng = np.random.default_rng(4)
    return [
        _Call(
            *(rng.uniform(-2, 2, size).round(2) for size in (inputs, (examples, inputs), examples))
        )
        for examples, inputs in shapes
    ]


_ONE_WEIGHT = [
    _call([2.0], [[1.0], [2.0], [3.0]], [1.0, 6.0, 7.0]),
    _call([3.0], [[1.0], [1.0], [1.0], [1.0]], [1.0, 1.0, 1.0, 1.0]),
    _call([-1.5], [[0.5], [-1.0], [2.0]], [1.0, 0.25, -2.0]),
    *_random_calls([(5, 1), (8, 1), (1, 1), (3, 1)]),
]
_WEIGHTS = _random_calls([(4, 2), (5, 3), (7, 2)])
_ONE_EXAMPLE = _random_calls([(1, 2), (1, 3), (1, 4)])


def _rest(w: Array, x: Array, y: Array) -> Array:
    return x @ w - y


def _gradient(w: Array, x: Array, y: Array) -> Array:
    return 2 * x.T @ _rest(w, x, y) / len(y)


def _norm(rest: Array) -> float:
    return float(np.sqrt((rest**2).sum()))


_MISTAKES = [
    Mistake(
        "You sum over the examples; the loss takes their mean.",
        lambda w, x, y: len(y) * _gradient(w, x, y),
    ),
    Mistake(
        "The factor 2 is missing: it comes down from the square.",
        lambda w, x, y: _gradient(w, x, y) / 2,
    ),
    Mistake(
        "The factor 2 is missing, and you sum over the examples where the loss takes the mean.",
        lambda w, x, y: len(y) / 2 * _gradient(w, x, y),
    ),
    Mistake(
        "The sign is wrong: differentiate (wx − y)², in which w has a plus.",
        lambda w, x, y: -_gradient(w, x, y),
    ),
    Mistake(
        "The sign is wrong, and you sum over the examples where the loss takes the mean.",
        lambda w, x, y: -len(y) * _gradient(w, x, y),
    ),
    Mistake(
        "The sign is wrong, and the factor 2 is missing.",
        lambda w, x, y: -_gradient(w, x, y) / 2,
    ),
    Mistake(
        "The sign is wrong, the factor 2 is missing, and you sum where the loss takes the mean.",
        lambda w, x, y: -len(y) / 2 * _gradient(w, x, y),
    ),
    Mistake(
        "The inner derivative is missing: w is multiplied by x.",
        lambda w, x, y: np.full(len(w), 2 * _rest(w, x, y).mean()),
    ),
    Mistake(
        "The inner derivative is missing, and you sum where the loss takes the mean.",
        lambda w, x, y: np.full(len(w), 2 * _rest(w, x, y).sum()),
    ),
    Mistake(
        "You have 2(1 − w), which ignores x and y; and for x = y = 1 its sign is wrong.",
        lambda w, x, y: 2 * (1 - w),
    ),
    Mistake(
        "You have 2(w − 1), which holds for x = y = 1 alone.",
        lambda w, x, y: 2 * (w - 1),
    ),
    Mistake(
        "This is the derivative with respect to x; here w varies.",
        lambda w, x, y: 2 * _rest(w, x, y).mean() * w,
    ),
    Mistake(
        "This is the derivative with respect to x; here w varies.",
        lambda w, x, y: 2 * _rest(w, x, y).sum() * w,
    ),
    Mistake(
        "This is the derivative with respect to y; here w varies.",
        lambda w, x, y: np.full(len(w), -2 * _rest(w, x, y).mean()),
    ),
    Mistake(
        "This is the loss itself; the question is how it changes with w.",
        lambda w, x, y: np.full(len(w), (_rest(w, x, y) ** 2).mean()),
    ),
    Mistake(
        "You multiply two means; the mean is taken of the products (wx − y)·x.",
        lambda w, x, y: 2 * _rest(w, x, y).mean() * x.mean(axis=0),
    ),
    Mistake(
        "You multiply sums; each example's wx − y is multiplied by its own x.",
        lambda w, x, y: 2 * _rest(w, x, y).sum() * x.sum(axis=0),
    ),
    Mistake(
        "The label y is missing: this is the gradient of the mean of (wx)².",
        lambda w, x, y: 2 * x.T @ (x @ w) / len(y),
    ),
    Mistake(
        "There is a plus in the difference: this is the gradient for (wx + y)².",
        lambda w, x, y: 2 * x.T @ (x @ w + y) / len(y),
    ),
    Mistake(
        "The factor x is squared.",
        lambda w, x, y: 2 * (x**2).T @ _rest(w, x, y) / len(y),
    ),
    Mistake(
        "The difference is squared still: the power falls by one.",
        lambda w, x, y: 2 * x.T @ _rest(w, x, y) ** 2 / len(y),
    ),
    Mistake(
        "This is the gradient of the mean absolute error.",
        lambda w, x, y: x.T @ np.sign(_rest(w, x, y)) / len(y),
    ),
    Mistake(
        "The size of the difference alone is there; its sign matters.",
        lambda w, x, y: 2 * x.T @ abs(_rest(w, x, y)) / len(y),
    ),
    Mistake(
        "This is the gradient of the L2 norm, which is the root of the sum of squares.",
        lambda w, x, y: x.T @ _rest(w, x, y) / _norm(_rest(w, x, y)),
    ),
    Mistake(
        "This is the gradient of the root of the mean; the loss has no root.",
        lambda w, x, y: x.T @ _rest(w, x, y) / _norm(_rest(w, x, y)) / np.sqrt(len(y)),
    ),
    Mistake(
        "You divide by the number of examples twice.",
        lambda w, x, y: _gradient(w, x, y) / len(y),
    ),
    Mistake(
        "You divide by the number of examples minus one.",
        lambda w, x, y: _gradient(w, x, y) * np.divide(len(y), len(y) - 1),
    ),
    Mistake(
        "Only the first example counts in your code.",
        lambda w, x, y: _gradient(w, x[:1], y[:1]),
    ),
    Mistake(
        "Only the last example counts in your code.",
        lambda w, x, y: _gradient(w, x[-1:], y[-1:]),
    ),
    Mistake(
        "The last example is divided by the number of examples, and the others are lost: "
        "add up inside the loop.",
        lambda w, x, y: _gradient(w, x[-1:], y[-1:]) / len(y),
    ),
    Mistake(
        "This is the second derivative.",
        lambda w, x, y: 2 * (x**2).mean(axis=0),
    ),
    Mistake(
        "Every value is twice the right one: was a gradient accumulated, or the 2 taken twice?",
        lambda w, x, y: 2 * _gradient(w, x, y),
    ),
    Mistake(
        "This is w after a step of gradient descent; the question is the gradient.",
        lambda w, x, y: w - _gradient(w, x, y),
    ),
    Mistake("This is 0 everywhere.", lambda w, x, y: np.zeros(len(w))),
]

# What comes back as one number for each example.
_EACH = [
    Mistake(
        "This is the derivative of each example's own square: the mean over them is missing.",
        lambda w, x, y: 2 * _rest(w, x, y) * x[:, 0],
    ),
    Mistake(
        "This is the sum's terms without the 2: the mean over the examples is missing.",
        lambda w, x, y: _rest(w, x, y) * x[:, 0],
    ),
    Mistake(
        "These are the parts that the examples bring to the mean: add them up.",
        lambda w, x, y: 2 * _rest(w, x, y) * x[:, 0] / len(y),
    ),
    Mistake(
        "These are the derivatives with respect to x; here w varies.",
        lambda w, x, y: 2 * _rest(w, x, y) * w[0] / len(y),
    ),
    Mistake(
        "These are the derivatives with respect to x; here w varies.",
        lambda w, x, y: 2 * _rest(w, x, y) * w[0],
    ),
    Mistake(
        "These are the derivatives with respect to y; here w varies.",
        lambda w, x, y: -2 * _rest(w, x, y) / len(y),
    ),
    Mistake(
        "The inner derivative x is missing, and so is the mean over the examples.",
        lambda w, x, y: 2 * _rest(w, x, y),
    ),
    Mistake(
        "The sign is wrong, and the mean over the examples is missing.",
        lambda w, x, y: -2 * _rest(w, x, y) * x[:, 0],
    ),
]


@dataclass(frozen=True)
class _Form:
    """A way to read the question: the calls, and what the arguments of a call are."""

    calls: list[_Call]
    arguments: Callable[[_Call], dict[str, object]]


def _one_weight(number: forms.Kind, values: forms.Kind) -> _Form:
    return _Form(
        _ONE_WEIGHT,
        lambda call: {"w": number(call.w[0]), "x": values(call.x[:, 0]), "y": values(call.y)},
    )


def _columns(values: forms.Kind) -> _Form:
    """One weight of shape (1,), and the examples below each other."""
    return _Form(
        _ONE_WEIGHT,
        lambda call: {"w": values(call.w), "x": values(call.x), "y": values(call.y[:, None])},
    )


def _weights(values: forms.Kind) -> _Form:
    """The same question for a vector of weights, with one example in each row of x."""
    return _Form(
        _WEIGHTS, lambda call: {"w": values(call.w), "x": values(call.x), "y": values(call.y)}
    )


def _weights_in_a_column(values: forms.Kind) -> _Form:
    return _Form(
        _WEIGHTS,
        lambda call: {
            "w": values(call.w[:, None]),
            "x": values(call.x),
            "y": values(call.y[:, None]),
        },
    )


def _one_example(values: forms.Kind) -> _Form:
    """The product w·x of two vectors, and the mean over one example."""
    return _Form(
        _ONE_EXAMPLE,
        lambda call: {"w": values(call.w), "x": values(call.x[0]), "y": values(call.y[0])},
    )


_FORMS = (
    _one_weight(forms.tensor, forms.tensor),
    _one_weight(forms.plain, forms.tensor),
    _one_weight(forms.array, forms.array),
    _one_weight(forms.plain, forms.plain),
    _one_weight(forms.tensor32, forms.tensor32),
    *(
        form(values)
        for form in (_weights, _columns, _weights_in_a_column)
        for values in (forms.tensor, forms.array, forms.tensor32)
    ),
)
_FORMS_OF_ONE_EXAMPLE = tuple(map(_one_example, (forms.tensor, forms.array, forms.tensor32)))


@exercise("Write the gradient of the mean squared error above, run that cell, then this one.")
def mse_gradient(fn: object) -> str:
    """Check the gradient of the mean squared error of a line through the origin."""
    try:
        forms.any_form(lambda form: _judge(fn, form), _FORMS)
    except Crashed as crash:
        try:
            forms.any_form(lambda form: _judge(fn, form), _FORMS_OF_ONE_EXAMPLE)
        except WrongAnswer:
            raise crash from None
    return (
        "Each example pulls with its own difference times its own x, and the mean settles it.\n"
        "The gradient is 0 where these pulls cancel: there the differences and x are orthogonal."
    )


def _judge(fn: object, form: _Form) -> None:
    answers = [_answer(fn, form, call) for call in form.calls]
    for answer, call in zip(answers, form.calls, strict=True):
        right = _gradient(*call.numbers)
        if not answer.agree(right).all():
            given, expected = answer.values, right
            if len(right) == 1:
                given, expected = given[0], expected[0]
            raise WrongAnswer(
                f"{at(form.arguments(call))} your function gives {show(given)}, "
                f"and it should give {show(expected)}."
                + named(
                    _MISTAKES,
                    lambda mistake: all(
                        found.agree(mistake.values(*one.numbers)).all()
                        for found, one in zip(answers, form.calls, strict=True)
                    ),
                )
            )


def _answer(fn: object, form: _Form, call: _Call) -> Numbers:
    arguments = form.arguments(call)
    result = attempt(fn, **arguments)
    size = len(call.w)
    try:
        return numbers(result, (size,), "the gradient")
    except WrongAnswer as wrong:
        for shape in ((size, 1), (1, size)):  # A column or a row, as some formulas leave it.
            try:
                found = numbers(result, shape, "the gradient")
            except WrongAnswer:
                continue
            return Numbers(found.values.reshape(size), found.tolerance)
        if size > 1:
            raise
        raise WrongAnswer(_why_not_one_number(result, call, str(wrong))) from None


def _why_not_one_number(result: object, call: _Call, message: str) -> str:
    """Name what a function gives that returns several numbers for one weight."""
    try:
        each = numbers(result, (len(call.y),), "the gradient")
    except WrongAnswer:
        return message.replace("shape (1,)", "one number, as there is one w")
    why = named(_EACH, lambda mistake: bool(each.agree(mistake.values(*call.numbers)).all()))
    return (
        f"Your function returns {len(call.y)} numbers, one for each example; "
        f"there is one w, so the gradient is one number.{why}"
    )
