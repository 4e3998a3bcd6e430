"""The checks of exercise 01: a stack of affine layers, and the widths that lose something."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import torch

from mlpbook.checks.attempt import Crashed, at, attempt, kind, show
from mlpbook.checks.compare import Array, Mistake, Numbers, named, numbers
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise


@dataclass(frozen=True)
class _Stack:
    """Affine layers X @ W + b, and how to speak of them."""

    weights: list[Array]
    biases: list[Array]
    where: str

    @property
    def shape(self) -> tuple[int, int]:
        return self.weights[0].shape[0], self.weights[-1].shape[1]


def _random_stack(*widths: int) -> _Stack:
    generator = np.random.default_rng(widths)
    weights = [
        generator.normal(size=shape) / np.sqrt(shape[0]) for shape in itertools.pairwise(widths)
    ]
    biases = [generator.normal(size=width) for width in widths[1:]]
    return _Stack(weights, biases, f"For random layers of widths {_arrows(widths)}")


def _arrows(widths: Iterable[object]) -> str:
    return " → ".join(map(str, widths))


_BY_HAND = _Stack(
    [np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [2.0, -1.0]])],
    [np.array([1.0, -2.0]), np.array([5.0, 3.0])],
    "With W₁ = [[1, 2], [3, 4]], b₁ = [1, -2], W₂ = [[0, 1], [2, -1]], b₂ = [5, 3]",
)
# Two layers first, and equal widths first of all: there most mistakes still give numbers,
# and can be named by them.
_STAGES = [
    [_BY_HAND]
    + [_random_stack(*w) for w in ((3, 3, 3), (2, 3, 2), (3, 5, 2), (4, 1, 3), (1, 4, 1))],
    [
        _random_stack(*w)
        for w in ((3, 3, 3, 3), (2, 2, 2, 2, 2), (2, 4, 3, 2), (3, 2, 5, 4, 2), (1, 3, 1, 2, 3, 1))
    ],
]


def _product(matrices: Sequence[Array]) -> Array:
    return reduce(np.matmul, matrices)


def _weight(weights: list[Array], biases: list[Array]) -> Array:
    return _product(weights)


def _bias(weights: list[Array], biases: list[Array]) -> Array:
    bias = biases[0]
    for W, b in zip(weights[1:], biases[1:], strict=True):
        bias = bias @ W + b
    return bias


def _carried(
    step: Callable[[Array, Array, Array], Array],
) -> Callable[[list[Array], list[Array]], Array]:
    """A bias that goes through the layers one by one, `step(bias so far, W, b)`."""

    def bias(weights: list[Array], biases: list[Array]) -> Array:
        result = biases[0]
        for W, b in zip(weights[1:], biases[1:], strict=True):
            result = step(result, W, b)
        return result

    return bias


def _through_the_next_alone(weights: list[Array], biases: list[Array]) -> Array:
    through = [b @ W for b, W in zip(biases[:-1], weights[1:], strict=True)]
    return sum(through, biases[-1])


def _through_the_last_alone(weights: list[Array], biases: list[Array]) -> Array:
    return sum((b @ weights[-1] for b in biases[:-1]), biases[-1])


def _through_its_own(weights: list[Array], biases: list[Array]) -> Array:
    return sum((b @ W for b, W in zip(biases[:-1], weights, strict=False)), biases[-1])


_WEIGHT_MISTAKES = [
    Mistake(
        "The order is reversed: X meets W₁ first, so W₁ stands on the left of the product.",
        lambda weights, biases: _product(weights[::-1]),
    ),
    Mistake(
        "This is the transpose: here W has one row for each input and one column for each output.",
        lambda weights, biases: _product(weights).T,
    ),
    Mistake(
        "The weights are added; one layer after another multiplies them.",
        lambda weights, biases: sum(weights[1:], weights[0]),
    ),
    Mistake(
        "The weights are multiplied entry by entry (*); this is a matrix product (@).",
        lambda weights, biases: reduce(np.multiply, weights),
    ),
    Mistake(
        "The factors are transposed: X @ W needs no transpose.",
        lambda weights, biases: _product([W.T for W in weights]),
    ),
    Mistake("This is the last weight alone.", lambda weights, biases: weights[-1]),
    Mistake("This is the first weight alone.", lambda weights, biases: weights[0]),
    Mistake(
        "The layers after the second are ignored; the stack may have more than two.",
        lambda weights, biases: weights[0] @ weights[1],
    ),
    Mistake(
        "The layers between the first and the last are left out.",
        lambda weights, biases: weights[0] @ weights[-1],
    ),
    Mistake("The last layer is left out.", lambda weights, biases: _product(weights[:-1])),
    Mistake("The first layer is left out.", lambda weights, biases: _product(weights[1:])),
    Mistake(
        "This is W and b added up: W multiplies X, and b stands for itself.",
        lambda weights, biases: _weight(weights, biases) + _bias(weights, biases),
    ),
    Mistake(
        "The first weight is multiplied in twice: start the loop at the second layer.",
        lambda weights, biases: _product([weights[0], *weights]),
    ),
]

_BIAS_MISTAKES = [
    Mistake(
        "You have b₁ + b₂ (the sum of the biases); b₁ is an input of the second layer, "
        "and meets W₂.",
        lambda weights, biases: sum(biases[1:], biases[0]),
    ),
    Mistake(
        "You forgot b₁W₂: this is the last bias alone. What becomes of b₁ in the second layer?",
        lambda weights, biases: biases[-1],
    ),
    Mistake(
        "b₂ is missing: this is b₁W₂. Each layer still adds its own bias.",
        _carried(lambda bias, W, b: bias @ W),
    ),
    Mistake("This is the first bias alone.", lambda weights, biases: biases[0]),
    Mistake("The bias is 0 here; collapsed layers have one.", lambda w, b: np.zeros_like(b[-1])),
    Mistake(
        "You have W₂b₁ for b₁W₂: the bias is a row, and the matrix stands on its right.",
        _carried(lambda bias, W, b: W @ bias + b),
    ),
    Mistake(
        "b₂ meets W₂ too, as in (b₁ + b₂)W₂; it is added after W₂.",
        _carried(lambda bias, W, b: (bias + b) @ W),
    ),
    Mistake(
        "b₁ meets W₁ here, its own weight; it is added after W₁ and goes on into W₂.",
        _through_its_own,
    ),
    Mistake(
        "The roles are swapped: you have b₁ + b₂W₂ for b₁W₂ + b₂.",
        _carried(lambda bias, W, b: bias + b @ W),
    ),
    Mistake(
        "The roles are swapped: you have b₁ + b₂W₁ for b₁W₂ + b₂.",
        lambda weights, biases: _bias(weights[::-1], biases[::-1]),
    ),
    Mistake(
        "There is a minus between the two parts of the bias.",
        _carried(lambda bias, W, b: bias @ W - b),
    ),
    Mistake(
        "There is a minus between the two parts of the bias.",
        _carried(lambda bias, W, b: b - bias @ W),
    ),
    Mistake(
        "b₁ goes through W₁W₂; it is added after W₁ and meets W₂ alone.",
        lambda weights, biases: sum(
            (b @ _product(weights) for b in biases[:-1]), np.array(biases[-1])
        ),
    ),
    Mistake(
        "The biases are multiplied entry by entry.",
        lambda weights, biases: reduce(np.multiply, biases),
    ),
    Mistake(
        "Each bias goes through the next layer alone; it meets every layer after its own.",
        _through_the_next_alone,
    ),
    Mistake(
        "Each bias goes through the last layer alone; it meets every layer after its own.",
        _through_the_last_alone,
    ),
    Mistake(
        "b₁ goes through every layer, and the biases in between are added as they are.",
        lambda weights, biases: sum(biases[1:], biases[0] @ _product(weights[1:])),
    ),
    Mistake(
        "The biases between the first and the last are left out.",
        lambda weights, biases: biases[0] @ _product(weights[1:]) + biases[-1],
    ),
    Mistake(
        "The layers after the second are ignored in b.",
        lambda weights, biases: biases[0] @ weights[1] + biases[1],
    ),
    Mistake(
        "The bias starts with b₁ twice: start the loop at the second layer.",
        lambda weights, biases: _bias([weights[0], *weights], [biases[0], *biases]),
    ),
]


@dataclass(frozen=True)
class _Answer:
    """The layer that a function gave for a stack, as numbers."""

    stack: _Stack
    W: Numbers
    b: Numbers

    def right(self) -> bool:
        stack = self.stack
        return bool(
            self.W.agree(_weight(stack.weights, stack.biases)).all()
            and self.b.agree(_bias(stack.weights, stack.biases)).all()
        )


_FORMS: tuple[Callable[[Array], object], ...] = (
    lambda array: torch.tensor(array, dtype=torch.float64),
    lambda array: torch.tensor(array, dtype=torch.float32),
    lambda array: np.array(array),
    lambda array: array.tolist(),
)


@exercise("Write the one layer that equals the stack above, run that cell, then this one.")
def collapse(fn: object) -> str:
    """Check the one affine layer that equals a stack of affine layers."""
    answered = False
    for stage in _STAGES:
        answers: list[_Answer] = []
        failures: list[WrongAnswer] = []
        for stack in stage:
            try:
                answers.append(_answer(fn, stack))
            except WrongAnswer as failure:
                failures.append(failure)
            except Unfinished:
                if not answered and not answers:
                    raise
                failures.append(WrongAnswer(f"{stack.where} your function returns nothing."))
        _judge(answers, failures)
        answered = True
    return (
        "However many layers there are, W has the rank of the narrowest one at most: depth\n"
        "without a nonlinearity adds parameters and not a single new function."
    )


def _judge(answers: Sequence[_Answer], failures: Sequence[WrongAnswer]) -> None:
    wrong = [answer for answer in answers if not answer.right()]
    if wrong:
        raise WrongAnswer(_difference(wrong[0], answers))
    if failures and answers:
        equal = "\nWhere all widths are equal it is right: look at what is a row, what a column."
        square = all(len({*a.stack.weights[0].shape}) == 1 for a in answers)
        raise WrongAnswer(f"{failures[0]}{equal if square else ''}")
    if failures:
        raise failures[0]


def _difference(answer: _Answer, answers: Sequence[_Answer]) -> str:
    """Say where the answer differs, and by which mistake all the answers can be explained."""
    stack = answer.stack
    expected_W, expected_b = (f(stack.weights, stack.biases) for f in (_weight, _bias))
    W_name = named(_WEIGHT_MISTAKES, lambda mistake: _explains(mistake, answers, "W"))
    b_name = named(_BIAS_MISTAKES, lambda mistake: _explains(mistake, answers, "b"))
    for index in np.argwhere(~answer.W.agree(expected_W)):
        i, j = map(int, index)
        return (
            f"{stack.where},\nyour W[{i}, {j}] is {show(answer.W.values[i, j])}, "
            f"and it should be {show(expected_W[i, j])}.{W_name}{b_name}"
        )
    j = int(np.flatnonzero(~answer.b.agree(expected_b))[0])
    return (
        f"{stack.where},\nyour b[{j}] is {show(answer.b.values[j])}, "
        f"and it should be {show(expected_b[j])}; W is right.{b_name}"
    )


def _explains(mistake: Mistake, answers: Sequence[_Answer], part: str) -> bool:
    """Whether `mistake`, and not the truth, gives this part of every answer.

    Many mistakes give numbers only where widths are equal; the other stacks do not count.
    """
    truth = {"W": _weight, "b": _bias}[part]
    differs = False
    for answer in answers:
        given: Numbers = getattr(answer, part)
        stack = answer.stack
        try:
            values = np.asarray(mistake.values(stack.weights, stack.biases))
        except ValueError:
            continue
        if values.shape != given.values.shape:
            continue
        if not given.agree(values).all():
            return False
        differs |= not given.agree(truth(stack.weights, stack.biases)).all()
    return differs


def _answer(fn: object, stack: _Stack) -> _Answer:
    """The answer of `fn` for `stack`, in the first form of the layers that it accepts."""
    crashes: list[str] = []
    for form in _FORMS:
        inputs = {
            "weights": [form(W) for W in stack.weights],
            "biases": [form(b) for b in stack.biases],
        }
        try:
            result = attempt(fn, **inputs)
        except Crashed as crash:
            crashes.append(str(crash).replace(at(inputs), stack.where))
            continue
        return _read(result, stack)
    raise Crashed(crashes[0])


def _read(result: object, stack: _Stack) -> _Answer:
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        count = f" of {len(result)}" if isinstance(result, (tuple, list)) else ""
        raise WrongAnswer(
            f"Your function returns {kind(result)}{count}, and it should return a pair: W and b.\n"
            "End it with `return W, b`."
        )
    W, b = result
    for part, name in ((W, "W"), (b, "b")):
        if part is None:
            raise WrongAnswer(f"Your function returns None for {name}; both W and b are needed.")
    rows, columns = stack.shape
    if _dimensions(W) == 1 < _dimensions(b):
        raise WrongAnswer("Your function returns b and then W; return W first: `return W, b`.")
    try:
        weight = numbers(W, (rows, columns), "W")
        try:
            bias = numbers(b, (columns,), "b")
        except WrongAnswer as failure:
            try:  # D2L writes a bias as a matrix of one row.
                row = numbers(b, (1, columns), "b")
            except WrongAnswer:
                raise failure from None
            bias = Numbers(row.values.reshape(columns), row.tolerance)
    except WrongAnswer as failure:
        text = str(failure)
        raise WrongAnswer(f"{stack.where},\n{text[:1].lower()}{text[1:]}") from None
    except Exception:
        raise WrongAnswer(
            f"W and b, {kind(W)} and {kind(b)}, cannot be read as numbers.\n"
            "Return two tensors, arrays or lists."
        ) from None
    return _Answer(stack, weight, bias)


def _dimensions(value: object) -> int:
    """How many indices an entry of `value` has; 0 if that cannot be said."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return value.ndim
    return 1 + _dimensions(value[0]) if isinstance(value, (list, tuple)) and value else 0


@exercise("Write widths that lose expressive power above, run that cell, then this one.")
def bottleneck(fn: object) -> str:
    """Check layer widths with which affine layers reach fewer maps than one layer does."""
    widths = _read_widths(attempt(fn))
    first, *hidden, last = widths
    reach, most = min(widths), min(first, last)
    if hidden and min(hidden) < most:
        return (
            f"With {_arrows(widths)}, W has rank {reach} at most; "
            f"one layer {first} → {last} reaches rank {most}.\n"
            "The numbers lost in the narrow layer are gone: no later layer brings them back."
        )
    raise WrongAnswer(_no_bottleneck(first, hidden, last))


def _no_bottleneck(first: int, hidden: list[int], last: int) -> str:
    whole = _arrows((first, *hidden, last))
    if not hidden:
        return (
            f"{whole} is one layer without a hidden one, so there is nothing to compare it with.\n"
            "Put at least one hidden width between the inputs and the outputs."
        )
    narrow, most = min(hidden), min(first, last)
    if narrow >= max(first, last) and not narrow == first == last:
        reason = f"A hidden layer of {narrow} is wide: it passes on everything that it is given."
    elif narrow == first == last:
        reason = f"No layer is narrower than another, so rank {most} goes through."
    elif last <= first:
        reason = f"The output is the narrow place: no rank above {most} gets out."
    else:
        reason = f"The input is the narrow place: no rank above {most} comes in."
    return (
        f"{whole} is no bottleneck: it reaches every affine map {first} → {last}.\n"
        f"{reason}\n"
        f"One layer {first} → {last} has rank {most} at most, "
        f"and the hidden width {narrow} allows that too."
    )


def _read_widths(result: object) -> list[int]:
    if isinstance(result, torch.Tensor):
        result = result.tolist()
    if isinstance(result, np.ndarray):
        result = result.tolist()
    if not isinstance(result, Sequence) or isinstance(result, (str, bytes)):
        raise WrongAnswer(
            f"Your function returns {kind(result)}, and it should return a list of widths,\n"
            "from the inputs to the outputs, such as [3, 5, 2]."
        )
    entries = [_whole(entry) for entry in result]
    widths = [entry for entry in entries if entry is not None]
    if len(widths) < len(entries) or any(width < 1 for width in widths):
        raise WrongAnswer(
            f"Your function returns {show(list(result))}, and a width is a whole number, "
            "1 or more.\nReturn one number for each layer, from the inputs to the outputs."
        )
    if len(widths) < 2:
        raise WrongAnswer(
            f"Your function returns {show(list(result))}: the widths go from the inputs,\n"
            "through at least one hidden layer, to the outputs."
        )
    return widths


def _whole(entry: object) -> int | None:
    """The whole number that `entry` is, as a plain one."""
    if isinstance(entry, (str, bytes)):
        return None
    try:
        number = float(entry)  # type: ignore[arg-type]
        return int(number) if number.is_integer() else None
    except Exception:
        return None
