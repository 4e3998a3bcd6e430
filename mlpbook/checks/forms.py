"""Kinds of numbers to hand over, for functions that are written for one kind of them only."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike

from mlpbook.checks.attempt import Crashed
from mlpbook.checks.verdict import Unfinished, WrongAnswer

Form = TypeVar("Form")
# Makes what a function is given out of an array or a number.
Kind = Callable[[ArrayLike], object]


def tensor(value: ArrayLike) -> torch.Tensor:
    """Return `value` as a tensor in double precision."""
    return torch.tensor(value, dtype=torch.float64)


def tensor32(value: ArrayLike) -> torch.Tensor:
    """Return `value` as a tensor in single precision."""
    return torch.tensor(value, dtype=torch.float32)


def array(value: ArrayLike) -> object:
    """Return `value` as a NumPy array; a single number stays a plain one."""
    values = np.array(value, dtype=np.float64)
    return values if values.ndim else values.item()


def plain(value: ArrayLike) -> object:
    """Return `value` as a number or as a list of numbers."""
    return np.asarray(value, dtype=np.float64).tolist()


def any_form(judge: Callable[[Form], None], forms: Iterable[Form]) -> None:
    """Judge an answer with one form of the inputs after the other, until one is right.

    Raises:
        Unfinished: there is no answer yet.
        WrongAnswer: no form is right; the first verdict on numbers stands before a crash.
    """
    wrong: WrongAnswer | None = None
    crash: Crashed | None = None
    for form in forms:
        try:
            return judge(form)
        except Unfinished:
            if wrong is None and crash is None:
                raise
        except Crashed as error:
            crash = crash or error
        except WrongAnswer as error:
            wrong = wrong or error
    problem = wrong or crash
    assert problem is not None
    raise problem
