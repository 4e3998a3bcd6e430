"""The check of exercise 05, part 2: the tanh network that computes what a sigmoid network does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import sympy
import torch
from numpy.typing import ArrayLike, NDArray

from mlpbook.checks.attempt import Crashed, at, attempt, kind, show
from mlpbook.checks.compare import Array, Mistake, Numbers, named, numbers
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise

_EXAMPLES = 12


@dataclass(frozen=True)
class _Network:
    """Affine layers with an activation between them, and how exact their numbers are."""

    weights: Sequence[Array]
    biases: Sequence[Array]
    tolerance: float = 0.0

    @property
    def widths(self) -> list[int]:
        return [self.weights[0].shape[0], *(bias.size for bias in self.biases)]

    def outputs(self, X: Array, activation: Callable[[Array], Array]) -> Array:
        with np.errstate(all="ignore"):
            for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
                X = activation(X @ weight + bias)
            return X @ self.weights[-1] + self.biases[-1]


def _sigmoid(z: Array) -> Array:
    value: Array = 1 / (1 + np.exp(-z))
    return value


def _draw(*widths: int) -> _Network:
    """A network of these widths; its numbers are quarters, exact in every precision."""
    generator = np.random.default_rng(widths)
    quarters = [quarter / 4 for quarter in range(-8, 9) if quarter]
    return _Network(
        [generator.choice(quarters, shape) for shape in pairwise(widths)],
        [generator.choice(quarters, width) for width in widths[1:]],
    )


# By hand first; then square layers, where a sum over the wrong axis has the right shape.
_CASES = (
    _Network([np.array([[2.0]]), np.array([[3.0]])], [np.array([-1.0]), np.array([0.5])]),
    _draw(2, 2, 2, 2),
    _draw(3, 4, 2),
    _draw(2, 3, 4, 5, 1),
    _draw(1, 3, 3, 3, 3, 2),
    _draw(4, 1, 3),
)


@dataclass(frozen=True)
class _Scales:
    """What a conversion does to one layer.

    W becomes weight · W, and b becomes bias · b + shift · (sum of W over what comes in).
    """

    weight: float
    bias: float
    shift: float = 0.0


def _by_unit(W: Array) -> Array:
    total: Array = W.sum(0)
    return total


@dataclass(frozen=True)
class _Conversion:
    """A conversion from sigmoid to tanh, right or wrong; called with a network and inputs."""

    first: _Scales = _Scales(0.5, 0.5)
    middle: _Scales = _Scales(0.25, 0.5, 0.25)
    last: _Scales = _Scales(0.5, 1, 0.5)
    middle_total: Callable[[Array], Array] = _by_unit
    last_total: Callable[[Array], Array] = _by_unit
    transposed: bool = False

    def __call__(self, network: _Network, X: Array) -> Array:
        between = len(network.weights) - 2
        scales = [self.first, *[self.middle] * between, self.last]
        totals = [_by_unit, *[self.middle_total] * between, self.last_total]
        weights, biases = [], []
        for s, total, W, b in zip(scales, totals, network.weights, network.biases, strict=True):
            weights.append(s.weight * (W.T if self.transposed else W))
            biases.append(s.bias * b + (s.shift * total(W) if s.shift else 0))
        if [bias.size for bias in biases] != network.widths[1:]:
            raise ValueError("this mistake does not fit these widths")
        return _Network(weights, biases).outputs(X, np.tanh)


_KEPT = _Scales(1, 1)
_HALF = _Scales(0.5, 0.5)


def _mistake(sentence: str, **changes: object) -> Mistake:
    return Mistake(sentence, _Conversion(**changes))  # type: ignore[arg-type]


# Mistakes in the plan: they touch every layer.
_MISTAKES = [
    _mistake(
        "These are the parameters of the sigmoid network, unchanged.",
        first=_KEPT,
        middle=_KEPT,
        last=_KEPT,
    ),
    _mistake(
        "The weights are transposed: their shape should be (inputs, outputs).", transposed=True
    ),
    *(
        _mistake(
            "The weights are scaled and the biases are not shifted: "
            "σ is never negative, so a constant is left over.",
            first=_Scales(0.5, first),
            middle=middle,
            last=_Scales(0.5, last),
        )
        for first in (0.5, 1)
        for last in (1, 0.5)
        for middle in (_Scales(0.25, 0.5), _HALF, _Scales(0.5, 1), _Scales(0.25, 1))
    ),
    _mistake(
        "Only the first layer is converted: what it feeds still expects values of σ.",
        middle=_KEPT,
        last=_KEPT,
    ),
    _mistake(
        "The hidden layers are halved inside; that tanh has another range is left out.",
        middle=_HALF,
        last=_KEPT,
    ),
    *(
        _mistake(
            "The argument is not halved: this takes σ(z) for ½ + ½ tanh(z).",
            first=_KEPT,
            middle=middle,
        )
        for middle in (_Scales(0.5, 1, 0.5), _Scales(0.25, 0.5, 0.25))
    ),
    *(
        _mistake(
            "The argument is doubled, and it should be halved.",
            first=_Scales(2, 2),
            middle=_Scales(weight, 2, 1),
        )
        for weight in (1, 4)
    ),
    _mistake(
        "This is the other direction: the sigmoid network of a given tanh network.",
        first=_Scales(2, 2),
        middle=_Scales(4, 2, -2),
        last=_Scales(2, 1, -1),
    ),
    *(
        _mistake(
            "Weights are doubled where they should be halved, and no bias is shifted.",
            first=_Scales(2, first),
            middle=_Scales(2, first),
            last=_Scales(2, last),
        )
        for first, last in ((1, 1), (2, 2), (2, 1))
    ),
    _mistake(
        "The sign of the shift is wrong.",
        middle=_Scales(0.25, 0.5, -0.25),
        last=_Scales(0.5, 1, -0.5),
    ),
    _mistake(
        "The shift is twice too large: it takes up the middle of σ's range, not its width.",
        middle=_Scales(0.25, 0.5, 0.5),
        last=_Scales(0.5, 1, 1),
    ),
    *(
        _mistake(
            "The shift is half of what it should be: it is taken from weights halved already.",
            middle=_Scales(0.25, 0.5, shift),
            last=_Scales(0.5, 1, 0.25),
        )
        for shift in (0.125, 0.0625)
    ),
    *(
        _mistake("Only the biases of the output layer are shifted.", middle=middle)
        for middle in (_Scales(0.25, 0.5), _Scales(0.25, 1), _HALF, _Scales(0.5, 1))
    ),
]

# Mistakes in one kind of layer, or in the sum, any of which may come together. The first
# entry of each list is right.
_Choices = Sequence[tuple[str, _Scales]]
_FIRST: _Choices = [
    ("", _Scales(0.5, 0.5)),
    ("The first layer is as it was: the argument of its tanh is not halved.", _KEPT),
    ("The biases of the first layer are not halved.", _Scales(0.5, 1)),
    ("The weights of the first layer are not halved.", _Scales(1, 0.5)),
    ("The first layer is doubled, and it should be halved.", _Scales(2, 2)),
    ("The weights of the first layer are doubled, and they should be halved.", _Scales(2, 1)),
    *(
        ("The first layer is treated as if its inputs came from σ.", _Scales(*scales))
        for scales in ((0.25, 0.5, 0.25), (0.5, 0.5, 0.25), (0.5, 0.5, 0.5), (0.25, 0.5))
    ),
    ("The first layer is treated as if its inputs came from σ.", _Scales(0.5, 1, 0.5)),
]
_LAST: _Choices = [
    ("", _Scales(0.5, 1, 0.5)),
    ("The output layer is not converted: it still expects values of σ.", _KEPT),
    ("The biases of the output layer are not shifted.", _Scales(0.5, 1)),
    ("The biases of the output layer are halved, and they should be shifted.", _HALF),
    *(
        (
            "The weights of the output layer are not scaled: "
            "tanh runs over an interval twice as long.",
            _Scales(1, bias, shift),
        )
        for bias in (1, 0.5)
        for shift in (0.5, 1, -1, 0.25, -0.5)
    ),
    (
        "The output layer is halved as if tanh came after it; it is affine.",
        _Scales(0.25, 0.5, 0.25),
    ),
    ("The output layer is halved as if tanh came after it; it is affine.", _Scales(0.25, 0.5)),
    *(
        (
            "The output layer's own biases are halved: no tanh comes after them.",
            _Scales(0.5, 0.5, shift),
        )
        for shift in (0.5, 0.25)
    ),
    ("The sign of the shift is wrong in the output layer.", _Scales(0.5, 1, -0.5)),
    ("The shift of the output layer is twice too large.", _Scales(0.5, 1, 1)),
    ("The shift of the output layer is half of what it should be.", _Scales(0.5, 1, 0.25)),
    *(
        (
            "The weights of the output layer are doubled, and they should be halved.",
            _Scales(2, 1, s),
        )
        for s in (0, -1, 1, 0.5)
    ),
]
_MIDDLE: _Choices = [
    ("", _Scales(0.25, 0.5, 0.25)),
    ("The layers between the first and the last are as they were.", _KEPT),
    *(
        (
            "Layers between hidden layers do not fit: they have tanh on both sides.",
            _Scales(weight, bias, shift),
        )
        for weight in (0.25, 0.5, 1, 2, 4)
        for bias in (0.5, 1, 0.25, 2)
        for shift in (0, 0.25, 0.5, 0.125, 1, -0.25, -0.5)
    ),
]
_TOTALS: Sequence[tuple[str, Callable[[Array], Array]]] = [
    ("", _by_unit),
    (
        "The shift is summed over the wrong axis: add up what comes in at each unit.",
        lambda W: W.sum(1),
    ),
    (
        "The shift is the sum over all weights of a layer: each unit has a sum of its own.",
        lambda W: np.full(W.shape[1], W.sum()),
    ),
    (
        "The shift is a mean, and it should be a sum over the units that come in.",
        lambda W: W.mean(0),
    ),
    (
        "The shift is the number of units: it depends on the weights that they come in with.",
        lambda W: np.full(W.shape[1], float(len(W))),
    ),
    (
        "The shift is a constant: it depends on the weights that come in.",
        lambda W: np.ones(W.shape[1]),
    ),
    (
        "The shift has the size of the weights, and their signs are lost.",
        lambda W: abs(W).sum(0),
    ),
]


@exercise("Return the weights and the biases above, run that cell, then this one.")
def tanh_network(fn: object) -> str:
    """Check the conversion of a sigmoid network into a tanh network."""
    inputs = [_inputs(network) for network in _CASES]
    answers = _answers(fn)
    truths = [network.outputs(X, _sigmoid) for network, X in zip(_CASES, inputs, strict=True)]
    for network, X, answer, truth in zip(_CASES, inputs, answers, truths, strict=True):
        if isinstance(answer, WrongAnswer):
            raise answer
        outputs = answer.outputs(X, np.tanh)
        wrong = np.flatnonzero(~_close(outputs, truth, answer.tolerance).all(1))
        if wrong.size:
            i = wrong[0]
            raise WrongAnswer(
                f"{_describe(network)}, at X = {show(X[i])}, the sigmoid network gives "
                f"{show(truth[i])}\nand your tanh network gives {show(outputs[i])}."
                + _explanation(answers, inputs)
            )
    return (
        "The hidden layers may keep their widths: only the affine maps between them change.\n"
        "The constants went into biases, so a network without biases could not be converted so."
    )


def _inputs(network: _Network) -> Array:
    """The same examples on every run; the first is all zeros, the second all ones."""
    width = network.widths[0]
    drawn = np.random.default_rng(7).uniform(-3, 3, (_EXAMPLES, width)).round(1)
    return np.concatenate([np.zeros((1, width)), np.ones((1, width)), drawn])


def _answers(fn: object) -> list[_Network | WrongAnswer]:
    """The learner's network for each case, or what is wrong with it."""
    answers: list[_Network | WrongAnswer] = []
    for network in _CASES:
        try:
            answers.append(_answer(fn, network))
        except Unfinished:
            if not answers:
                raise
            answers.append(WrongAnswer(f"{_describe(network)}, your function returns nothing."))
        except WrongAnswer as wrong:
            answers.append(wrong)
    return answers


_FORMS: tuple[Callable[[Array], object], ...] = (
    torch.tensor,
    lambda array: torch.tensor(array, dtype=torch.float32),
    np.array,
    lambda array: array.tolist(),
)


def _answer(fn: object, network: _Network) -> _Network:
    """The learner's network, in the first form of the input that the function accepts."""
    crashes: list[Crashed] = []
    for form in _FORMS:
        weights = [form(weight) for weight in network.weights]
        biases = [form(bias) for bias in network.biases]
        try:
            return _read(attempt(fn, weights=weights, biases=biases), network)
        except Crashed as crash:
            place = at({"weights": weights, "biases": biases})
            crashes.append(Crashed(str(crash).replace(place, f"{_describe(network)},")))
    raise crashes[0]


def _describe(network: _Network) -> str:
    """Name a network: by its numbers if they are few, by its widths if not."""
    if network is _CASES[0]:
        parameters = {"weights": list(network.weights), "biases": list(network.biases)}
        return at(parameters).replace("At", "For", 1)
    return f"For a network of widths {', '.join(map(str, network.widths))}"


def _explanation(answers: Sequence[_Network | WrongAnswer], inputs: Sequence[Array]) -> str:
    """The sentences that name the mistake, each on a line of its own, or nothing."""
    return named(
        _MISTAKES, lambda mistake: _explains(mistake.values, answers, inputs)
    ) or _combined(answers, inputs)


def _combined(answers: Sequence[_Network | WrongAnswer], inputs: Sequence[Array]) -> str:
    """The fewest mistakes, each in one kind of layer, that explain every value together."""
    ends = [
        (first, last)
        for first, last in product(_FIRST, _LAST)
        # The first case has one unit in each layer: the sums cannot go wrong there, and
        # there is no layer between.
        if any(
            _explains(
                _Conversion(first[1], last=last[1], last_total=total), answers[:1], inputs[:1]
            )
            for _, total in (_TOTALS[0], _TOTALS[5])
        )
    ]
    totals = [
        pair
        for pair in product(_TOTALS, _TOTALS)
        if pair[0] == pair[1] or "" in (pair[0][0], pair[1][0])
    ]
    plans = [
        ([first[0], middle[0], last[0], *dict.fromkeys((above[0], below[0]))], conversion)
        for (first, last), middle, (above, below) in product(ends, _MIDDLE, totals)
        for conversion in [_Conversion(first[1], middle[1], last[1], above[1], below[1])]
    ]
    for sentences, conversion in sorted(plans, key=lambda plan: sum(map(bool, plan[0]))):
        if _explains(conversion, answers, inputs):
            return "".join(f"\n{sentence}" for sentence in list(filter(None, sentences))[:2])
    return ""


def _explains(
    conversion: Callable[..., ArrayLike],
    answers: Sequence[_Network | WrongAnswer],
    inputs: Sequence[Array],
) -> bool:
    """Whether every network that the learner returned gives what this conversion gives."""
    for network, X, answer in zip(_CASES, inputs, answers, strict=False):
        if isinstance(answer, WrongAnswer):
            continue
        try:
            expected = conversion(network, X)
        except ValueError:
            return False
        if not _close(answer.outputs(X, np.tanh), expected, answer.tolerance).all():
            return False
    return True


def _close(outputs: Array, expected: ArrayLike, tolerance: float) -> NDArray[np.bool_]:
    return Numbers(outputs, tolerance).agree(expected)


def _read(result: object, network: _Network) -> _Network:
    """Read what the learner returned as a network with these inputs and outputs."""
    weights, biases = _two_lists(result)
    if len(weights) != len(biases):
        raise WrongAnswer(
            f"Your function returns {len(weights)} weights and {len(biases)} biases.\n"
            "Every layer has one of each; a bias may be all zeros."
        )
    matrices, tolerances = [], []
    vectors = []
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        shape = _shape(weight)
        if len(shape) != 2:
            raise WrongAnswer(
                f"weights[{layer}] has shape {shape}; it should be a matrix (inputs, outputs)."
            )
        W = numbers(weight, shape, f"weights[{layer}]")
        b = _read_bias(bias, shape[1], layer)
        matrices.append(W.values)
        vectors.append(b[0])
        tolerances += [W.tolerance, b[1]]
    _match_widths([W.shape for W in matrices], network)
    return _Network(matrices, vectors, max(tolerances))


def _read_bias(bias: object, width: int, layer: int) -> tuple[Array, float]:
    if bias is None:
        raise WrongAnswer(
            f"biases[{layer}] is nothing. Every layer has biases; they may be all zeros."
        )
    shape = _shape(bias)
    if shape not in ((width,), (1, width)) and not (width == 1 and np.prod(shape) == 1):
        raise WrongAnswer(
            f"biases[{layer}] has shape {shape}, and weights[{layer}] has {width} "
            f"output{'s' * (width != 1)}: the shape should be ({width},).\n"
            "A bias belongs to an output: look at the axis of every sum."
        )
    b = numbers(bias, shape, f"biases[{layer}]")
    return b.values.reshape(width), b.tolerance


def _two_lists(result: object) -> tuple[list[object], list[object]]:
    if isinstance(result, torch.nn.Module):
        raise WrongAnswer(
            "Your function returns a module.\nReturn its parameters: the list of weights, "
            "(inputs, outputs) each, and the list of biases."
        )
    parts = _entries(result)
    if parts is not None:
        parts = [_listed(part) for part in parts]
    if parts and all(_is_layer(part) for part in parts):
        raise WrongAnswer(
            "Your function returns a pair (W, b) for each layer.\n"
            "Return two lists instead: all the weights, then all the biases."
        )
    if parts is None or len(parts) != 2:
        count = "" if parts is None else f" with {len(parts)} entries"
        raise WrongAnswer(
            f"Your function returns {kind(result)}{count}.\n"
            "Return the pair (weights, biases): two lists with one entry for each layer."
        )
    if isinstance(parts[0], (torch.Tensor, np.ndarray)) and parts[0].ndim == 2:
        raise WrongAnswer(
            f"Your function returns {kind(result)} of {', '.join(map(kind, parts))}.\n"
            "Return the pair (weights, biases): two lists with one entry for each layer."
        )
    weights, biases = map(_entries, parts)
    if not weights or not biases:
        raise WrongAnswer("weights and biases should both be lists with one entry a layer.")
    dimensions = [{len(_shape(entry)) for entry in part} for part in (weights, biases)]
    if dimensions == [{1}, {2}]:
        raise WrongAnswer("The two lists are swapped: return the weights first, then the biases.")
    return [_plain(entry) for entry in weights], [_plain(entry) for entry in biases]


def _match_widths(shapes: Sequence[tuple[int, ...]], network: _Network) -> None:
    """Raise `WrongAnswer` if the layers do not fit each other, the inputs or the outputs."""
    ends = network.widths[0], network.widths[-1]
    problem = _misfit(shapes, *ends)
    if not problem:
        return
    hint = "A layer is X @ W + b, with W of shape (inputs, outputs)."
    if not _misfit([shape[::-1] for shape in shapes], *ends):
        hint = "The weights are transposed: their shape should be (inputs, outputs)."
    raise WrongAnswer(f"{_describe(network)}, {problem}.\n{hint}")


def _misfit(shapes: Sequence[tuple[int, ...]], inputs: int, outputs: int) -> str:
    incoming = inputs
    for layer, (rows, columns) in enumerate(shapes):
        if rows != incoming:
            return f"your weights[{layer}] has {rows} rows, and {incoming} values come in"
        incoming = columns
    if incoming != outputs:
        return f"your network has {incoming} outputs in place of {outputs}"
    return ""


def _entries(value: object) -> list[object] | None:
    """The entries of a list, or of anything that can stand for one."""
    if isinstance(value, (str, dict, set)) or not isinstance(value, Iterable):
        return None
    if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim == 0:
        return None
    return list(value)


def _listed(value: object) -> object:
    """A list in the place of a generator, which can be read only once."""
    return list(value) if isinstance(value, Iterator) else value


def _is_layer(value: object) -> bool:
    """Whether `value` is a matrix and a vector, as in a list of pairs (W, b)."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return False
    parts = _entries(value)
    return parts is not None and [len(_shape(part)) for part in parts] == [2, 1]


def _shape(value: object) -> tuple[int, ...]:
    """The shape of a tensor, an array or nested lists; of anything else, that of a number."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return tuple(value.shape)
    if isinstance(value, (list, tuple)):
        return (len(value), *(_shape(value[0]) if value else ()))
    return ()


def _plain(value: object) -> object:
    """Fractions and SymPy's numbers as floats, wherever they stand."""
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (Fraction, sympy.Number)):
        return float(value)
    return value
