"""Numbers a learner's function returns, compared with the truth and with known mistakes."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from mlpbook.checks.attempt import Crashed, at, attempt, kind, show
from mlpbook.checks.verdict import Unfinished, WrongAnswer

Array = NDArray[np.float64]
# The arguments of one call, by name: the array first, then plain numbers.
Case = Mapping[str, Array | float]

# Absolute and relative, by the bytes of a number: wide enough for differences in place of
# derivatives, far below the distance to any mistake.
_TOLERANCES = {8: 1e-5, 4: 1e-4, 2: 2e-2}

_NOT_A_FUNCTION = (
    "Called again with the same input it gives another value: "
    "does something add up between calls, such as `.grad`?"
)


@dataclass(frozen=True)
class Mistake:
    """A known mistake: a sentence for the learner, and the values that the mistake gives."""

    sentence: str
    values: Callable[..., ArrayLike]


@dataclass(frozen=True)
class Numbers:
    """What a function returned, in float64, and how exact numbers of its own kind are."""

    values: Array
    tolerance: float

    def agree(self, expected: ArrayLike) -> NDArray[np.bool_]:
        """Say entry by entry whether the values are the expected ones; nan agrees with nan."""
        return np.isclose(
            self.values, expected, rtol=self.tolerance, atol=self.tolerance, equal_nan=True
        )


def numbers(result: object, shape: tuple[int, ...], name: str = "the result") -> Numbers:
    """Read `result` as real numbers of the given shape.

    Tensors that need grad, arrays, lists and plain numbers are all fine.

    Raises:
        WrongAnswer: `result` is something else, complex, or of another shape.
    """
    found = _read(result, name)
    if found.values.shape == shape or found.values.size == 1 == np.prod(shape):
        return Numbers(found.values.reshape(shape), found.tolerance)
    hint = ""
    if isinstance(result, tuple) and len(result) == 1:
        hint = "\n`autograd.grad` returns a tuple: take its first entry."
    elif found.values.size == 1:
        hint = "\nThat is one number for all the inputs together: was something summed up?"
    raise WrongAnswer(
        f"Your function returns {kind(result)} of shape {found.values.shape}; "
        f"{name} should have shape {shape}.{hint}"
    )


def named(mistakes: Sequence[Mistake], agrees: Callable[[Mistake], bool]) -> str:
    """The sentence of the first mistake that explains every value, on a line of its own."""
    return next((f"\n{mistake.sentence}" for mistake in mistakes if agrees(mistake)), "")


def sample(
    fixed: Sequence[float], low: float, high: float, kinks: Sequence[float] = (), count: int = 8
) -> Array:
    """The `fixed` numbers, then `count` random ones in [low, high], none near a kink."""
    drawn = np.random.default_rng(len(fixed)).uniform(low, high, 10 * count)
    far = [value for value in drawn if all(abs(value - kink) > 0.01 for kink in kinks)]
    return np.array([*fixed, *far[:count]])


def elementwise(
    fn: object,
    truth: Callable[..., Array],
    cases: Sequence[Case],
    mistakes: Sequence[Mistake],
) -> None:
    """Judge a function of one array, its first argument, and of plain numbers.

    It may be written for tensors, for arrays or for single numbers, in any precision.

    Args:
        fn: the learner's function.
        truth: the right values, from the arguments in a case.
        cases: the arguments to try, by name.
        mistakes: the known mistakes. One is named only if it explains all the values.

    Raises:
        WrongAnswer: some value is not the right one.
    """
    answers = [_answer(fn, case) for case in cases]
    explanation = named(
        mistakes,
        lambda mistake: all(
            answer.agree(mistake.values(**case)).all()
            for answer, case in zip(answers, cases, strict=True)
        ),
    )
    for answer, case in zip(answers, cases, strict=True):
        expected = truth(**case)
        for i in map(int, np.flatnonzero(~answer.agree(expected))):
            inputs = {name: _entry(value, i) for name, value in case.items()}
            if not explanation and not answer.agree(_answer(fn, case).values).all():
                explanation = f"\n{_NOT_A_FUNCTION}"
            raise WrongAnswer(
                f"{at(inputs)} your function gives {show(answer.values[i])}, "
                f"and it should give {show(expected[i])}.{explanation}"
            )


@dataclass(frozen=True)
class _Form:
    """A way to hand over an array and plain numbers, at once or number by number."""

    array: Callable[..., object]
    number: Callable[..., object]
    one_by_one: bool = False


def _float32(value: Array | float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float32)


def _float64(value: Array | float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


_FORMS = (
    _Form(_float64, float),
    _Form(_float64, _float64),
    _Form(_float32, _float32),
    _Form(np.array, float),
    _Form(float, float, one_by_one=True),
    _Form(_float64, float, one_by_one=True),
)


def _answer(fn: object, case: Case) -> Numbers:
    """The values of `fn` in the first form that it accepts."""
    crashes: list[Crashed] = []
    for form in _FORMS:
        try:
            return _one_by_one(fn, case, form) if form.one_by_one else _at_once(fn, case, form)
        except Crashed as crash:
            crashes.append(crash)
    written_for_numbers = "x holds many numbers" in str(crashes[0])
    raise crashes[-1 if written_for_numbers else 0]


def _at_once(fn: object, case: Case, form: _Form) -> Numbers:
    (name, array), *_ = case.items()
    assert isinstance(array, np.ndarray)
    return numbers(attempt(fn, **_given(case, form)), array.shape, f"one value for every {name}")


def _one_by_one(fn: object, case: Case, form: _Form) -> Numbers:
    (name, array), *_ = case.items()
    assert isinstance(array, np.ndarray)
    singles = [{key: _entry(value, i) for key, value in case.items()} for i in range(array.size)]
    found: list[Numbers] = []
    silent: list[Case] = []
    for single in singles:
        try:
            result = attempt(fn, **_given(single, form))
            found.append(numbers(result, (), f"the value for one {name}"))
        except Unfinished:
            silent.append(single)
    if silent and not found:
        raise Unfinished("returns nothing yet")
    if silent:
        raise WrongAnswer(
            f"{at(silent[0])} your function returns nothing: one branch ends without `return`."
        )
    values = np.array([entry.values for entry in found])
    return Numbers(values, max(entry.tolerance for entry in found))


def _given(case: Case, form: _Form) -> dict[str, object]:
    """The arguments of `case` in this form; the first one is the array, or an entry of it."""
    (name, array), *rest = case.items()
    return {name: form.array(array)} | {key: form.number(value) for key, value in rest}


def _entry(value: Array | float, i: int) -> float:
    return float(value[i]) if isinstance(value, np.ndarray) else float(value)


def _read(result: object, name: str) -> Numbers:
    if isinstance(result, (list, tuple)):
        return _read_list(result, name)
    if isinstance(result, torch.Tensor):
        real, floating = not result.is_complex(), result.is_floating_point()
        size = result.dtype.itemsize
        result = result.detach().cpu().to_dense()
        array = result.double().resolve_neg().numpy() if real else np.empty(())
    else:
        array = np.asarray(result)
        if array.dtype.kind == "O":  # SymPy's numbers, fractions: what float() understands.
            with contextlib.suppress(TypeError, ValueError):
                array = array.astype(np.float64)
        real, floating = array.dtype.kind != "c", array.dtype.kind == "f"
        size = array.dtype.itemsize
    if not real:
        raise WrongAnswer(
            f"Your function returns complex numbers, and {name} should be real.\n"
            "Look for a root or a power of a negative number."
        )
    if array.dtype.kind not in "biuf":
        raise WrongAnswer(
            f"Your function returns {kind(result)}, and {name} should be made of numbers.\n"
            "Return a tensor, an array, or a plain number."
        )
    tolerance = _TOLERANCES.get(size if floating else 8, _TOLERANCES[8])
    return Numbers(array.astype(np.float64), tolerance)


def _read_list(result: Sequence[object], name: str) -> Numbers:
    nothing = Numbers(np.array(np.nan), _TOLERANCES[8])
    parts = [nothing if entry is None else _read(entry, name) for entry in result]
    if len({part.values.shape for part in parts}) > 1:
        raise WrongAnswer(f"Your function returns {kind(result)} whose rows differ in length.")
    values = np.array([part.values for part in parts])
    return Numbers(values, max((part.tolerance for part in parts), default=_TOLERANCES[8]))
