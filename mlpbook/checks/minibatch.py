"""The checks of exercise 06: a nonlinearity that looks at a whole minibatch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn

from mlpbook.checks.attempt import Crashed, attempt, kind, show
from mlpbook.checks.compare import Array
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise

# Two first outputs closer than this differ by rounding alone; two examples closer than
# this, one in float32 and one in float64 say, are the same.
_ROUNDING = 1e-6


class BatchNorm(nn.BatchNorm1d):
    """Batch norm for any number of columns and any precision.

    Unlike PyTorch's it also takes a batch of one, where the formula gives the shift alone;
    so a function that compares with single rows can be judged, too.
    """

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Standardise each column, by the minibatch or, in evaluation mode, by fixed numbers."""
        X = torch.as_tensor(X)
        X = X if X.is_floating_point() else X.double()
        # The numbers learnt are the same for all columns, so they fit any width.
        mean, variance, scale, shift = (
            parameter.detach().flatten()[0].item()
            for parameter in (self.running_mean, self.running_var, self.weight, self.bias)
            if parameter is not None
        )
        if self.training:
            centred = X - X.mean(0)
            standard = centred / torch.sqrt((centred**2).mean(0) + self.eps)
        else:
            standard = (X - mean) / (variance + self.eps) ** 0.5
        return scale * standard + shift


def _batch_norm(eps: float = 1e-5, scale: float = 1.0, shift: float = 0.0) -> BatchNorm:
    layer = BatchNorm(3, eps=eps)
    nn.init.constant_(layer.weight, scale)
    nn.init.constant_(layer.bias, shift)
    return layer


def _batch_norm_in_eval_mode() -> BatchNorm:
    layer = _batch_norm(scale=1.5, shift=-0.5)
    assert layer.running_mean is not None and layer.running_var is not None
    layer.running_mean.fill_(0.3)
    layer.running_var.fill_(2.0)
    layer.eval()
    return layer


class RowByRow(nn.LayerNorm):
    """Layer norm over the last axis, for any precision."""

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Standardise each row."""
        return nn.functional.layer_norm(X, X.shape[-1:])


class Function(nn.Module):
    """A module that applies a function, and learns nothing."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Apply the function to a minibatch."""
        return self.function(X)


@dataclass(frozen=True)
class _Pair:
    """The two minibatches of one call, and the layer that they were made for."""

    layer: nn.Module
    A: Array
    B: Array

    def first_outputs(self) -> tuple[Array, Array]:
        """The layer's first output on A and on B."""
        B = self.B.copy()
        B[0] = self.A[0]  # What differs now comes from the neighbours, and not from rounding.
        first, second = (_first_output(self.layer, batch) for batch in (self.A, B))
        return first, second

    def differs(self) -> bool:
        """Whether the two first outputs differ by more than rounding."""
        first, second = self.first_outputs()
        return bool((abs(first - second) > _ROUNDING * (1 + abs(first))).any())


def _first_output(layer: nn.Module, batch: Array) -> Array:
    with torch.no_grad():
        output: Array = layer(torch.from_numpy(batch))[0].numpy()
    return output


@exercise("Write a function that makes the two minibatches above, run that cell, then this one.")
def batch_pair(fn: object) -> str:
    """Check two minibatches that treat the same first example differently."""
    layers = {
        "batch norm in training mode": _batch_norm(),
        # Hardly any ε: a difference that comes from ε alone is gone.
        "batch norm with scale -0.5, shift 2 and a tiny ε": _batch_norm(1e-14, -0.5, 2.0),
    }
    pairs = {name: _pair(fn, layer) for name, layer in layers.items()}
    for name, pair in pairs.items():
        _judge_pair(pair, name)
    pair = pairs["batch norm in training mode"]
    first, second = pair.first_outputs()
    i = int(np.argmax(abs(first - second)))
    return (
        f"One example, two predictions: entry {i} of it becomes {first[i]:.4g} in one company\n"
        f"and {second[i]:.4g} in the other. Here x alone does not say what the layer makes of it."
    )


def _pair(fn: object, layer: nn.Module) -> _Pair:
    """Read what `fn` returns for `layer` as two minibatches with the same first example."""
    try:
        result = attempt(fn, layer=layer)
    except Crashed as crash:
        raise Crashed(_renamed(crash, "With batch norm as the layer,")) from None
    if isinstance(result, (torch.Tensor, np.ndarray)) and result.ndim == 3 and len(result) == 2:
        result = tuple(result)
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        count = f" of {len(result)}" if isinstance(result, (tuple, list)) else ""
        raise WrongAnswer(
            f"Your function returns {kind(result)}{count}, and it should return two minibatches.\n"
            "End it with `return A, B`."
        )
    A, B = (_minibatch(part, name) for part, name in zip(result, "AB", strict=True))
    if A.shape[1] != B.shape[1]:
        raise WrongAnswer(
            f"The rows of A have {A.shape[1]} entries and those of B {B.shape[1]}, "
            "so no example can be in both.\nGive both minibatches the same number of columns."
        )
    if not np.allclose(A[0], B[0], rtol=_ROUNDING, atol=_ROUNDING):
        raise WrongAnswer(
            f"The first example of A is {show(A[0])}, and that of B is {show(B[0])}.\n"
            "It should be the same one: only its neighbours may change."
        )
    return _Pair(layer, A, B)


def _minibatch(value: object, name: str) -> Array:
    if value is None:
        raise WrongAnswer(f"Your function returns None for {name}; both A and B are needed.")
    try:
        if isinstance(value, torch.Tensor):
            if value.is_complex():
                raise TypeError
            value = value.detach().cpu().double().numpy()
        array = np.array(_entries(value), dtype=np.float64)
    except Exception:
        raise WrongAnswer(
            f"{name} is {kind(value)} that cannot be read as a table of numbers.\n"
            "Return two tensors of shape (examples, inputs)."
        ) from None
    if array.ndim != 2 or not array.size:
        raise WrongAnswer(
            f"{name} has shape {array.shape}, and a minibatch has shape (examples, inputs): "
            "one row for\neach example. A minibatch of four examples with one input each "
            "has shape (4, 1)."
        )
    if not np.isfinite(array).all():
        raise WrongAnswer(f"{name} holds nan or infinity; the example should be found in numbers.")
    if len(array) == 1:
        raise WrongAnswer(
            f"{name} has one row, a first example without neighbours. PyTorch's batch norm stops "
            "there\nin training mode, for one number has no spread. Give each minibatch more rows."
        )
    return array


def _entries(value: object) -> object:
    """Lists in place of the tensors in a list."""
    if isinstance(value, torch.Tensor):
        return value.tolist()
    return [_entries(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def _judge_pair(pair: _Pair, name: str) -> None:
    if pair.differs():
        return
    first, _ = pair.first_outputs()
    raise WrongAnswer(
        f"With {name}, the first output is {show(first)} in both minibatches.\n"
        f"{_why_equal(pair.A, pair.B)}"
    )


def _why_equal(A: Array, B: Array) -> str:
    """Say why batch norm does not tell the minibatches apart."""
    if A.shape == B.shape and np.allclose(A, B):
        return "A and B are the same minibatch: change a row below the first."
    if len(A) == len(B) and np.allclose(_sorted(A), _sorted(B)):
        return "The same neighbours stand in another order; mean and variance do not see that."
    if len(A) == len(B) == 2:
        return (
            "Two numbers, standardised, are -1 and +1 whatever they are (up to ε): what counts is\n"
            "which of them is larger. Take three rows or more."
        )
    if len(A) == len(B) and A.any() and np.allclose(_standard(A), _standard(B)):
        return "B is A moved or stretched, column by column, and standardising undoes just that."
    if all(np.allclose(batch, batch[0]) for batch in (A, B)):
        return "All rows of a minibatch are equal, so each row is the mean, and becomes 0."
    if np.allclose(A.mean(0), B.mean(0)) and np.allclose(A.var(0), B.var(0)):
        return "The rows differ, but their mean and variance do not, and nothing else counts here."
    if np.allclose(A.mean(0), A[0]) and np.allclose(B.mean(0), B[0]):
        return "The first example is the mean in both, and the mean always becomes 0."
    return "Change the neighbours so that the first example is high in one company, low in another."


def _standard(batch: Array) -> Array:
    standard: Array = (batch - batch.mean(0)) / (batch.std(0) + 1e-12)
    return standard


def _sorted(batch: Array) -> Array:
    return np.array(sorted(batch.tolist()))


def _renamed(crash: Crashed, where: str) -> str:
    """The message of `crash` with `where` in the place of a layer written out."""
    _, found, rest = str(crash).partition("your function stops")
    return f"{where} {found}{rest}" if found else str(crash)


def _softmax_over_rows(X: torch.Tensor) -> torch.Tensor:
    return torch.softmax(X, 0)


def _centred(X: torch.Tensor) -> torch.Tensor:
    return X - X.mean(0)


def _shared_out(X: torch.Tensor) -> torch.Tensor:
    return X / X.exp().mean(0)


def _gated_by_the_batch(X: torch.Tensor) -> torch.Tensor:
    return X * torch.sigmoid(X.exp().mean())


def _times_its_mean(X: torch.Tensor) -> torch.Tensor:
    return X * X.mean(-1, keepdim=True)


def _running_total(X: torch.Tensor) -> torch.Tensor:
    return X.cumsum(0)


@dataclass(frozen=True)
class _Layer:
    """A layer to ask about, and on which part of X one entry of its output depends."""

    name: str
    module: nn.Module
    sees: Literal["entry", "row", "column", "minibatch"]
    constant_alone: bool = False  # whether a batch of one gives the same whatever is in it

    @property
    def depends(self) -> bool:
        return self.sees in ("column", "minibatch")

    @property
    def is_batch_norm(self) -> bool:
        return isinstance(self.module, BatchNorm)


# Each treats all rows alike and couples every two of them, or none: so it does not matter
# which neighbour is changed and which output is looked at.
_LAYERS = (
    _Layer("ReLU", nn.ReLU(), "entry"),
    _Layer("batch norm in training mode", _batch_norm(), "column", True),
    _Layer("batch norm in evaluation mode", _batch_norm_in_eval_mode(), "entry"),
    _Layer("nn.Softmax(dim=-1), one row at a time,", nn.Softmax(dim=-1), "row"),
    _Layer(
        "torch.softmax(X, 0), one column at a time,", Function(_softmax_over_rows), "column", True
    ),
    _Layer("layer norm, one row at a time,", RowByRow(3), "row"),
    _Layer("X - X.mean(0)", Function(_centred), "column", True),
    _Layer("the sigmoid", nn.Sigmoid(), "entry"),
    _Layer("X / X.exp().mean(0)", Function(_shared_out), "column"),
    _Layer("X * sigmoid(X.exp().mean())", Function(_gated_by_the_batch), "minibatch"),
    _Layer("X * X.mean(-1, keepdim=True)", Function(_times_its_mean), "row"),
)
_BATCHES = (
    torch.tensor(
        [[1.0, -2.0, 0.5], [0.25, 1.0, -1.0], [-0.5, 0.75, 2.0], [1.5, -1.25, 0.75]],
        dtype=torch.float64,
    ),
    torch.from_numpy(np.random.default_rng(6).normal(size=(6, 3)).round(3)),
)
_CALLS = [(layer, X) for layer in _LAYERS for X in _BATCHES]


@dataclass(frozen=True)
class _Habit:
    """A known mistake: a sentence, and what it says about a layer, None if that is open."""

    sentence: str
    says: Callable[[_Layer], bool | None]

    def explains(self, verdicts: list[bool]) -> bool:
        """Whether each verdict is the one that this mistake gives."""
        expected = [self.says(layer) for layer, _ in _CALLS]
        return all(e is None or e == v for e, v in zip(expected, verdicts, strict=True))


_RECOGNISES = (
    "It recognises batch norm by its type, its attributes or its mode.\n"
    "Judge a layer by what it does with X: others mix rows as well."
)
_HABITS = (
    _Habit("True and False are swapped.", lambda layer: not layer.depends),
    _Habit(
        "It says False for every layer. Change a neighbour and look at another row: a batch of\n"
        "one has no neighbours, and the same rows in another order are the same minibatch.",
        lambda layer: False,
    ),
    _Habit(
        "Evaluation mode is called dependent, and it uses stored numbers: they are the same\n"
        "whatever the batch. Ask the layer in the mode in which it is given.",
        lambda layer: layer.depends or layer.is_batch_norm,
    ),
    _Habit(
        "For every other layer it is right, so was batch norm put into evaluation mode?\n"
        "Ask the layer in the mode in which it is given.",
        lambda layer: layer.depends and not layer.is_batch_norm,
    ),
    _Habit(_RECOGNISES, lambda layer: layer.is_batch_norm),
    _Habit(_RECOGNISES, lambda layer: layer.is_batch_norm and layer.module.training),
    _Habit(
        "This is the training mode of the layer, and ReLU has one too.\n"
        "Judge a layer by what it does with X.",
        lambda layer: layer.module.training,
    ),
    _Habit(
        "It calls elementwise layers dependent, such as ReLU. An output may depend on its own\n"
        "row: change one row, and compare the outputs of another one alone.",
        lambda layer: True if layer.depends or layer.sees == "entry" else None,
    ),
    _Habit(
        "It says True where an output depends on other columns of its own row.\n"
        "A row is an example: only the other rows are neighbours.",
        lambda layer: None if layer.sees == "row" else layer.depends,
    ),
    _Habit(
        "It asks a batch of one whether its own row matters, or takes all rows or all outputs at\n"
        "once. Change one row, keep the others, and compare the outputs of one of those.",
        lambda layer: (
            layer.sees == "entry" if layer.sees == "entry" or layer.constant_alone else None
        ),
    ),
    _Habit(
        "It looks at columns that mix, in place of rows. A row is an example, and a neighbour\n"
        "is another row.",
        lambda layer: layer.sees in ("row", "minibatch"),
    ),
    _Habit(
        "It misses some layers that do mix rows. Change a neighbour so that its sum, its spread\n"
        "and its order all change, and compare every entry of another row.",
        lambda layer: None if layer.depends else False,
    ),
)


@exercise("Write the test of a layer above, run that cell, then this one.")
def depends_on_batch(fn: object) -> str:
    """Check a function that finds out whether a layer couples the examples of a minibatch."""
    verdicts: list[bool] = []
    for layer, X in _CALLS:
        try:
            verdicts.append(_verdict(fn, layer.module, X, f"With {layer.name}"))
        except Unfinished:
            if not verdicts:
                raise
            raise WrongAnswer(
                f"With {layer.name} your function returns nothing: one branch ends without "
                "`return`.\nReturn True or False in each."
            ) from None
    names = (habit.sentence for habit in _HABITS if habit.explains(verdicts))
    explanation = next((f"\n{name}" for name in names), "")
    for (layer, X), verdict in zip(_CALLS, verdicts, strict=True):
        if verdict != layer.depends:
            raise WrongAnswer(
                f"With {layer.name} and X = {show(X)},\nyour function says {verdict}, "
                f"and it should say {layer.depends}.{explanation}"
            )
    return (
        "ReLU, softmax over a row and layer norm leave every example alone; batch norm does\n"
        f"so in evaluation mode only.{_on_an_unequal_layer(fn)}"
    )


def _verdict(fn: object, layer: nn.Module, X: torch.Tensor, where: str) -> bool:
    """The answer of `fn` for a minibatch in float64 or, where that fails, in float32."""
    crashes: list[Crashed] = []
    for batch in (X, X.float()):
        try:
            return _truth_value(attempt(fn, layer=layer, X=batch))
        except Crashed as crash:
            crashes.append(crash)
    raise Crashed(_renamed(crashes[0], where))


def _truth_value(result: object) -> bool:
    if isinstance(result, (torch.Tensor, np.ndarray, np.generic)):
        if len(np.ravel(result.tolist())) != 1:
            raise WrongAnswer(
                f"Your function returns {kind(result)} of shape {tuple(result.shape)}, and the "
                "question has one answer.\nJoin the entries: `.any()` says whether one is True."
            )
        result = result.item()
    if isinstance(result, bool) or (isinstance(result, int) and result in (0, 1)):
        return bool(result)
    raise WrongAnswer(
        f"Your function returns {show(result)}, {kind(result)}.\n"
        "Return True or False: does any output depend on another row?"
    )


def _on_an_unequal_layer(fn: object) -> str:
    """A remark for a function that looks at some rows alone; the exercise asks no more."""
    try:
        found = _verdict(fn, Function(_running_total), _BATCHES[0], "")
    except (WrongAnswer, Unfinished):
        return ""
    if found:
        return ""
    return (
        " Yours looks at some rows alone: X.cumsum(0), which\n"
        "does not treat all rows alike, would need every pair of them."
    )
