"""ReLU networks in the checks: numbers for a learner's function, and the ones it returns."""

import functools
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
import sympy
import torch

from mlpbook.checks.compare import Array

Form = Callable[[Any], Any]


def mapped(function: Callable[[Any], Any], entries: Any) -> Any:
    """The function of each number in nested lists."""
    if isinstance(entries, list):
        return [mapped(function, entry) for entry in entries]
    return function(entries)


FRACTIONS: Form = functools.partial(mapped, Fraction)
# Numbers for the learner's function, from nested lists of floats.
FORMS: tuple[Form, ...] = (
    functools.partial(torch.tensor, dtype=torch.float64),
    functools.partial(np.array, dtype=np.float64),
    functools.partial(mapped, float),
    FRACTIONS,
    functools.partial(torch.tensor, dtype=torch.float32),
)


def forward(layers: Sequence[tuple[Any, Any]], x: Array) -> Array:
    """The ReLU network of these layers, with one input and one output, at each x."""
    h = x[:, None]
    with np.errstate(all="ignore"):
        for depth, (weight, bias) in enumerate(layers):
            h = (np.maximum(h, 0) if depth else h) @ np.array(weight) + np.array(bias)
    found: Array = h[:, 0]
    return found


def are_exact(*entries: object) -> bool:
    """Whether these are fractions or integers."""
    return all(isinstance(entry, (Rational, sympy.Rational)) for entry in entries)


def plain(value: object) -> object:
    """`value` with floats in the place of fractions and other exact numbers."""
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, np.ndarray) and value.dtype == object:
        return plain(value.tolist())
    if isinstance(value, (Rational, Decimal)) or (
        isinstance(value, sympy.Expr) and value.is_number
    ):
        try:
            return float(value)
        except OverflowError:
            return math.inf
        except (TypeError, ValueError):
            return value
    return value


def shape_of(value: object) -> tuple[int, ...]:
    """The shape of nested lists, a tensor or an array, read along the first entries."""
    if isinstance(value, list):
        return (len(value), *(shape_of(value[0]) if value else ()))
    return tuple(getattr(value, "shape", ()))


def short(value: object) -> str:
    """Nested lists of numbers, without needless zeros."""
    if isinstance(value, list):
        return f"[{', '.join(map(short, value))}]"
    return f"{value:g}"
