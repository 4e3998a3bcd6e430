"""One call of a learner's function; whatever goes wrong becomes a plain sentence."""

import copy
import inspect
import re
from collections.abc import Mapping

import numpy as np
import torch

from mlpbook.checks import sandbox
from mlpbook.checks.verdict import Unfinished, WrongAnswer

_ENTRIES = 6

# What an error of this kind usually means, and what to do about it.
_HINTS = (
    ("scalar outputs", "`backward` starts from one number: take `.sum()` before it."),
    ("does not require grad", "Autograd follows a tensor only after `.requires_grad_()`."),
    ("non-leaf|not a leaf", "Only leaves keep `.grad`: take `x.detach().requires_grad_()`."),
    (
        "ambiguous|one element tensors|to Scalar|only .* scalar",
        "x holds many numbers: use operations on the whole tensor, such as `torch.where`.",
    ),
    ("^UnboundLocalError", "A variable is read before it gets a value: look at every branch."),
    ("^NameError", "Check how the name is spelt, and run the cells above this one."),
    ("^ZeroDivisionError", "Look for what makes the denominator 0."),
    ("^RecursionError", "The function calls itself without end."),
    ("^IndexError|size of tensor|shapes cannot be|not aligned", "Print the shapes just before it."),
    ("^TypeError|^AttributeError", "Print the types of the values in this line."),
)


class Crashed(WrongAnswer):
    """The learner's function ended in an error of its own."""


def attempt(fn: object, **inputs: object) -> object:
    """Return what the learner's `fn` gives for `inputs`, passed by position.

    The function gets a copy of the inputs, so nothing that it does can reach the check.

    Raises:
        Unfinished: there is nothing to judge: the stub, or a function without a result.
        Crashed: `fn` raised an error.
        WrongAnswer: `fn` is no function, takes other arguments, changes its inputs, or
            prints its result in place of returning it.
    """
    if fn is None or fn is ...:
        raise Unfinished("is not a function yet")
    if not callable(fn):
        raise WrongAnswer(
            f"The check was given {kind(fn)}, and it needs your function itself.\n"
            "Write the name of the function without brackets and arguments."
        )
    _match_signature(fn, inputs)
    given = copy.deepcopy(list(inputs.values()))
    printed_before = sandbox.printed()
    try:
        with np.errstate(all="ignore"):
            result = fn(*given)
    except sandbox.Stopped:
        raise
    except (Exception, SystemExit) as error:
        if _is_stub(error):
            raise Unfinished("is not written yet") from None
        raise Crashed(_explain(error, inputs)) from None
    for name, now, before in zip(inputs, given, inputs.values(), strict=True):
        if not _same(now, before):
            raise WrongAnswer(
                f"Your function changes {name}, the value it is given; a caller still needs that.\n"
                f"Work on a copy, such as `{_copy_of(name, before)}`, and leave {name} as it is."
            )
    if result is None or result is ...:
        if sandbox.printed() != printed_before:
            raise WrongAnswer(
                "Your function prints its result and returns nothing.\n"
                "Put `return` in the place of `print`."
            )
        raise Unfinished("returns nothing yet")
    return result


def kind(value: object) -> str:
    """Name the type of `value` for a sentence: "a tensor", "a list", "an int"."""
    if value is None:
        return "nothing"
    name = "tensor" if isinstance(value, torch.Tensor) else type(value).__name__
    name = {"ndarray": "array", "str": "string"}.get(name, name)
    return f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"


def show(value: object) -> str:
    """Write `value` on one short line."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return show(value.tolist())
    if isinstance(value, (list, tuple)):
        entries = [*map(show, value[:_ENTRIES]), *["…"] * (len(value) > _ENTRIES)]
        return f"[{', '.join(entries)}]" if isinstance(value, list) else f"({', '.join(entries)})"
    text = " ".join(repr(value).split())
    return text if len(text) <= 100 else text[:97] + "..."


def at(inputs: Mapping[str, object]) -> str:
    """Name the input tried: "At x = -2, alpha = 0.25"."""
    return "At " + ", ".join(f"{name} = {show(value)}" for name, value in inputs.items())


def _copy_of(name: str, value: object) -> str:
    """How to write a copy of the argument `name`, down to what it holds."""
    return f"{name}.clone()" if isinstance(value, torch.Tensor) else f"copy.deepcopy({name})"


def _match_signature(fn: object, inputs: Mapping[str, object]) -> None:
    try:
        signature = inspect.signature(fn)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return  # Some functions written in C do not tell.
    try:
        signature.bind(*inputs.values())
    except TypeError:
        advice = (
            "Give it the arguments of the exercise, in this order."
            if inputs
            else "Leave the brackets after its name empty."
        )
        call = f"({', '.join(inputs)})"
        raise WrongAnswer(
            f"Your function takes {signature}, and it is called with {call}.\n{advice}"
        ) from None


def _is_stub(error: BaseException) -> bool:
    """Whether `error` is the exercise's own `raise NotImplementedError`, not a library's."""
    own = not str(error) or "NotImplementedError" in sandbox.line_of(error)
    return isinstance(error, NotImplementedError) and own


def _explain(error: BaseException, inputs: Mapping[str, object]) -> str:
    name = type(error).__name__
    message = str(error).strip().partition("\n")[0][:200]
    place = sandbox.line_of(error)
    where = f" in {place}" if place else "."
    subject = f"{at(inputs)} your function" if inputs else "Your function"
    lines = [f"{subject} stops with {kind(error)}{where}"]
    if message:
        lines.append(f"Python says: {message}")
    for pattern, hint in _HINTS:
        if re.search(pattern, f"{name}: {message}"):
            lines.append(hint if inputs else hint.replace("x holds", "A tensor here holds"))
            break
    return "\n".join(lines)


def _same(now: object, before: object) -> bool:
    """Whether an input still holds the numbers it held before the call."""
    if isinstance(before, torch.Tensor):
        return isinstance(now, torch.Tensor) and torch.equal(now.detach(), before.detach())
    if isinstance(before, np.ndarray):
        return np.array_equal(now, before)  # type: ignore[arg-type]
    if isinstance(before, (list, tuple)):
        return (
            isinstance(now, (list, tuple))
            and len(now) == len(before)
            and all(map(_same, now, before))
        )
    return True
