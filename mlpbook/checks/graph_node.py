"""The check of exercise 09: a Leaky ReLU node with a slope argument for the scalar engine."""

import functools
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from mlpbook import scalar_autograd
from mlpbook.checks.attempt import Crashed, at, attempt, kind, show
from mlpbook.checks.compare import Mistake, named
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise
from mlpbook.scalar_autograd import Value

# One call: the number in x, never 0, where there is no derivative; and the slope.
# Some x lie between 0 and the slope, and some slopes are 0, 1, larger, or negative.
_CALLS: list[tuple[float, float]] = [
    (-2.0, 0.1),
    (3.0, 0.1),
    (-0.5, 0.25),
    (0.125, 0.25),
    (-4.0, 0.01),
    (1.5, 0.0),
    (-1.5, 0.0),
    (-2.5, 1.0),
    (0.5, 1.0),
    (0.75, 2.0),
    (-3.0, 2.0),
    (-0.25, -0.5),
    (2.0, -0.5),
    (-1.25, np.float64(0.3)),
    (-0.004, 0.2),
    (0.004, 0.2),
]


def _value(x: float, slope: float) -> float:
    return x if x > 0 else slope * x + 0.0  # And not -0.


def _local(x: float, slope: float) -> float:
    return 1.0 if x > 0 else slope


def _of_left(left: Callable[[float, float], float]) -> Callable[[float, float], float]:
    """A mistake on the left alone; on the right the value is x."""
    return lambda x, slope: x if x > 0 else left(x, slope)


def _fixed(slope: float) -> Callable[[float, float], float]:
    return _of_left(lambda x, _: slope * x)


_VALUE_MISTAKES = [
    Mistake(
        "On the left you have 0: this is ReLU, and the slope is missing.",
        lambda x, slope: max(x, 0.0),
    ),
    Mistake("This is x on both sides: the slope is missing.", lambda x, slope: x),
    Mistake("You have slope · x on both sides; for x > 0 it is x.", lambda x, slope: slope * x),
    Mistake(
        "The two sides are swapped: the slope belongs to negative x. Look at your > or <.",
        lambda x, slope: slope * x if x > 0 else x,
    ),
    *(
        Mistake(f"Your slope is always {fixed}, whatever the argument says.", _fixed(fixed))
        for fixed in (0.01, 0.1, 0.2, 0.25, 0.3, 0.5)
    ),
    Mistake(
        "You take the larger of x and slope · x. That is right up to a slope of 1, "
        "and wrong above it.",
        lambda x, slope: max(x, slope * x),
    ),
    Mistake(
        "You take the smaller of x and slope · x, which is right only for slopes above 1.",
        lambda x, slope: min(x, slope * x),
    ),
    Mistake(
        "On the left you give the slope itself; the value there is the slope times x.",
        _of_left(lambda x, slope: slope),
    ),
    Mistake(
        "The sign on the left is wrong: a negative x times a positive slope is negative.",
        _of_left(lambda x, slope: -slope * x),
    ),
    Mistake("On the left slope and x are added, not multiplied.", _of_left(lambda x, s: x + s)),
    Mistake("On the left the slope is subtracted; it is a factor.", _of_left(lambda x, s: x - s)),
    Mistake(
        "On the left you have (1 − slope) · x; it is slope · x.", _of_left(lambda x, s: (1 - s) * x)
    ),
    Mistake(
        "The sign of the slope is lost: it may be negative.", _of_left(lambda x, s: abs(s) * x)
    ),
    Mistake(
        "A slope of 0 is replaced by 0.01: `slope or …` takes 0 for a missing one.",
        _of_left(lambda x, s: (s or 0.01) * x),
    ),
    Mistake(
        "Both terms have ReLU(x), which is 0 on the left: the second needs −x in it.",
        lambda x, slope: (1 - slope) * max(x, 0.0),
    ),
    Mistake(
        "Both terms have ReLU(x), which is 0 on the left: the second needs −x in it.",
        lambda x, slope: (1 + slope) * max(x, 0.0),
    ),
    Mistake(
        "On the left x is divided by the slope; it is multiplied.",
        _of_left(lambda x, slope: x / slope if slope else np.nan),
    ),
    Mistake(
        "On the left you have slope · x²: the slope is multiplied by x once.",
        _of_left(lambda x, slope: slope * x * x),
    ),
    Mistake(
        "slope · x is added on both sides: on the right it comes on top of x.",
        lambda x, slope: max(x, 0.0) + slope * x,
    ),
    Mistake(
        "slope · x is subtracted on both sides: it belongs to negative x alone.",
        lambda x, slope: max(x, 0.0) - slope * x,
    ),
    Mistake(
        "The signs do not fit: −x is positive on the left, so its ReLU has to be subtracted.",
        lambda x, slope: max(x, 0.0) + slope * max(-x, 0.0),
    ),
    Mistake(
        "You have slope · ReLU(x), which is 0 on the left.", lambda x, slope: slope * max(x, 0.0)
    ),
    Mistake("This is max(slope, x): the slope is a factor of x.", lambda x, slope: max(slope, x)),
    Mistake("The part for x > 0 is missing.", lambda x, slope: slope * min(x, 0.0)),
    Mistake("On the right you give 1, the slope; the value is x.", lambda x, s: 1 if x > 0 else s),
    Mistake("On the right you give 1; the value is x.", lambda x, s: 1 if x > 0 else s * x),
    Mistake("This is the step of ReLU's derivative, not a value.", lambda x, s: float(x > 0)),
    Mistake("You compare x with the slope; the bend is at 0.", lambda x, s: x if x > s else s * x),
    Mistake("You compare x with 1; the bend is at 0.", lambda x, s: x if x > 1 else s * x),
    Mistake(
        "This is an ELU: on the left it bends, where Leaky ReLU is straight.",
        _of_left(lambda x, slope: slope * float(np.expm1(x))),
    ),
    Mistake("This is the absolute value.", lambda x, slope: abs(x)),
    Mistake("This is 0 everywhere.", lambda x, slope: 0.0),
]

_LOCAL_MISTAKES = [
    Mistake(
        "On the left x.grad stays 0, as for ReLU: the slope is missing in the derivative.",
        lambda x, slope: float(x > 0),
    ),
    Mistake(
        "This is 1 on both sides: the slope is missing in the derivative.", lambda x, slope: 1.0
    ),
    Mistake("You have the slope on both sides; for x > 0 it is 1.", lambda x, slope: slope),
    Mistake(
        "The two sides of the derivative are swapped: look at your > or <.",
        lambda x, slope: slope if x > 0 else 1.0,
    ),
    *(
        Mistake(
            f"In the derivative your slope is always {fixed}, whatever the argument says.",
            lambda x, slope, fixed=fixed: 1.0 if x > 0 else fixed,
        )
        for fixed in (0.01, 0.1, 0.2, 0.25, 0.3, 0.5)
    ),
    Mistake(
        "In the derivative you ask which of x and slope · x is larger; "
        "above a slope of 1 that misleads.",
        lambda x, slope: 1.0 if x > slope * x else slope,
    ),
    Mistake(
        "In the derivative you look at the sign of the value; "
        "with a negative slope it is positive on the left, too.",
        lambda x, slope: 1.0 if _value(x, slope) > 0 else slope,
    ),
    Mistake(
        "The sign of the derivative on the left is wrong.",
        lambda x, slope: 1.0 if x > 0 else -slope,
    ),
    Mistake(
        "The local slope is not the value: x is differentiated away.",
        lambda x, slope: _value(x, slope),
    ),
    Mistake(
        "On the left the derivative is the slope alone, without x.",
        lambda x, slope: 1.0 if x > 0 else slope * x,
    ),
    Mistake(
        "This is x on both sides; the derivative with respect to x has no x in it.",
        lambda x, slope: x,
    ),
    Mistake(
        "This is the derivative with respect to the slope; here x varies.",
        lambda x, slope: min(x, 0.0),
    ),
    Mistake(
        "On the right the derivative is 1, the slope of the line x.",
        lambda x, slope: x if x > 0 else slope,
    ),
    Mistake(
        "On the left the derivative is there, on the right it is 0.",
        lambda x, slope: 0.0 if x > 0 else slope,
    ),
    Mistake(
        "The derivative is the step of ReLU, turned round.",
        lambda x, slope: float(x < 0),
    ),
    Mistake(
        "1 and the slope are both added, on either side; only one of them belongs to each.",
        lambda x, slope: 1.0 + slope,
    ),
    Mistake(
        "On the right the slope is added to 1.", lambda x, slope: 1.0 + slope if x > 0 else slope
    ),
    Mistake(
        "In the derivative you compare x with the slope; the bend is at 0.",
        lambda x, slope: 1.0 if x > slope else slope,
    ),
    Mistake(
        "In the derivative you compare x with 1; the bend is at 0.",
        lambda x, slope: 1.0 if x > 1 else slope,
    ),
    Mistake(
        "Every value is twice the right one: does the node have x as a parent twice, "
        "or a gradient before any `backward`?",
        lambda x, slope: 2 * _local(x, slope),
    ),
    Mistake(
        "x is a parent twice, and the second time the local slope is 1.",
        lambda x, slope: _local(x, slope) + 1,
    ),
    Mistake("The derivative is squared.", lambda x, slope: _local(x, slope) ** 2),
    Mistake(
        "The inverse of the slope stands on the left.",
        lambda x, slope: 1.0 if x > 0 else (1 / slope if slope else np.nan),
    ),
    Mistake(
        "The derivative on the left is 1 − slope; it is the slope.",
        lambda x, slope: 1.0 if x > 0 else 1 - slope,
    ),
    Mistake(
        "The sign is wrong on both sides.",
        lambda x, slope: -_local(x, slope),
    ),
    Mistake(
        "The local slope that you give to the node is 0 on both sides. "
        "x.grad holds nothing yet when the node is made.",
        lambda x, slope: 0.0,
    ),
]


@dataclass(frozen=True)
class _Expression:
    """A longer expression with the node y in it, and its derivative with respect to x."""

    text: str
    build: Callable[[Callable[[Value], Value], Value], Value]
    derivative: Callable[[float, float, float], float]  # of x, the value y, and dy/dx
    hint: str = ""


_USED_TWICE = "Your node is one of several paths from x: backward adds up what they bring."
_EXPRESSIONS = [
    _Expression("(3y)²", lambda leaky, x: (3 * leaky(x)) ** 2, lambda x, y, d: 18 * y * d),
    _Expression("1 / (2 + y²)", lambda f, x: 1 / (2 + f(x) ** 2), lambda x, y, d: _bell(y) * d),
    _Expression("y + y²", lambda f, x: _with_square(f(x)), lambda x, y, d: (1 + 2 * y) * d),
    _Expression(
        "xy + 5x", lambda f, x: x * f(x) + 5 * x, lambda x, y, d: y + x * d + 5, _USED_TWICE
    ),
    _Expression("y · y, from two calls,", lambda f, x: f(x) * f(x), lambda x, y, d: 2 * y * d),
    _Expression(
        "leaky_relu(1 · x) + 2x",
        lambda f, x: f(1.0 * x) + 2 * x,
        lambda x, y, d: d + 2,
    ),
]


def _bell(y: float) -> float:
    return -2 * y / (2 + y * y) ** 2


def _with_square(y: Value) -> Value:
    return y + y**2


def _at(call: tuple[float, float]) -> str:
    x, slope = call
    return at({"x": x, "slope": slope})


@dataclass(frozen=True)
class _Seen:
    """What came of one call: the node's value, x.grad after `backward`, whether they are linked."""

    value: float
    gradient: float
    connected: bool


@exercise("Write the node above, run that cell, then this one.")
def leaky_relu(fn: object) -> str:
    """Check a Leaky ReLU node: its value, its local slope, and its place in a longer expression."""
    if not callable(fn):
        attempt(fn)
    seen = _all_seen(fn)
    _judge_values(seen)
    _judge_gradients(seen)
    for x, slope in _CALLS[:2] + _CALLS[9:12]:
        for expression in _EXPRESSIONS:
            _judge_expression(fn, x, slope, expression)
        _judge_two_results(fn, x, slope)
    return (
        "Your node keeps its value and its local slope, and `backward` multiplies that slope by\n"
        "all that comes after. On the left `slope` gets through; with 0 it is ReLU."
    )


def _all_seen(fn: object) -> list[_Seen]:
    seen: list[_Seen] = []
    silent: dict[str, Unfinished] = {}
    for x, slope in _CALLS:
        try:
            seen.append(_see(fn, x, slope))
        except Unfinished as unfinished:
            silent[_at((x, slope))] = unfinished
    for here, first in silent.items():
        if not seen:
            raise first
        raise WrongAnswer(
            f"{here} your function returns nothing: one branch ends without `return`."
        )
    return seen


def _see(fn: object, number: float, slope: float) -> _Seen:
    x = Value(number)
    y = _node(fn, x, slope)
    value = _number(y.data, "The value `data` of your node")
    connected = _leads_to(y, x)
    _backward(y, _at((number, slope)))
    return _Seen(value, _number(x.grad, "After `backward` x.grad"), connected)


def _judge_values(seen: list[_Seen]) -> None:
    found = [node.value for node in seen]
    for number, call in zip(found, _CALLS, strict=True):
        if not _close(number, _value(*call)):
            raise WrongAnswer(
                f"{_at(call)} the value of your node is {show(number)}, "
                f"and it should be {show(_value(*call))}.{_explanation(_VALUE_MISTAKES, found)}"
            )


def _judge_gradients(seen: list[_Seen]) -> None:
    """Judge what `backward` puts into x.grad where the values are right."""
    found = [node.gradient for node in seen]
    for node, call in zip(seen, _CALLS, strict=True):
        if not _close(node.gradient, _local(*call)):
            why = _explanation(_LOCAL_MISTAKES, found) if node.connected else _NOT_CONNECTED
            raise WrongAnswer(
                f"{_at(call)} the value is right, and after `backward` x.grad is "
                f"{show(node.gradient)};\nit should be {show(_local(*call))}.{why}"
            )


_NOT_CONNECTED = (
    "\nYour Value is a new leaf that does not know x, so no gradient finds its way."
    "\n`node` makes one that remembers x as its parent, with the local slope."
)


def _explanation(mistakes: list[Mistake], found: list[float]) -> str:
    """Name the mistake that gives all these numbers, one for each call."""
    return named(
        mistakes,
        lambda mistake: all(
            _close(number, mistake.values(*call))
            for number, call in zip(found, _CALLS, strict=True)
        ),
    )


def _judge_expression(fn: object, number: float, slope: float, expression: _Expression) -> None:
    x = Value(number)
    result = expression.build(lambda given: _node(fn, given, slope), x)
    _backward(result, _at((number, slope)))
    local = _local(number, slope)
    expected = expression.derivative(number, _value(number, slope), local)
    gradient = _number(x.grad, "After `backward` x.grad")
    if _close(gradient, expected):
        return
    why = expression.hint
    if _close(gradient, local):
        why = "What comes after the node is missing: its gradient multiplies the local slope."
    elif gradient == 0:
        why = "The gradient stops at your node: the engine asks for its parent and its local slope."
    raise WrongAnswer(
        f"Alone your node is right. Now y is your node at x = {show(number)}, "
        f"slope = {show(slope)}.\n"
        f"The derivative of {expression.text} by x is {show(gradient)} in your graph, "
        f"and it should be {show(expected)}." + (f"\n{why}" if why else "")
    )


def _judge_two_results(fn: object, number: float, slope: float) -> None:
    """Two results from the same x, one after the other: a leaf adds up what they give it."""
    x = Value(number)
    for calls in (1, 2):
        _backward(_node(fn, x, slope), _at((number, slope)))
        gradient, expected = (
            _number(x.grad, "After `backward` x.grad"),
            calls * _local(number, slope),
        )
        if not _close(gradient, expected):
            raise WrongAnswer(
                f"Called {calls} times with the same x, each time with `backward` after it, "
                f"it leaves x.grad = {show(gradient)};\n"
                f"it should be {show(expected)}. Does something remain between two calls?"
            )


def _node(fn: object, x: Value, slope: float) -> Value:
    """The node that `fn` makes of x, with everything else as it was before.

    Raises:
        WrongAnswer: it is no node, or the function did more than make one.
    """
    here = _at((x.data, slope))
    data, grad = x.data, x.grad
    try:
        result = _attempt(fn, x, slope)
    except Unfinished:
        if x.grad == grad:
            raise
        raise WrongAnswer(
            f"{here} your function changes x.grad and returns nothing.\n"
            "Return the node, and leave `backward` to the caller: it may go on with the node."
        ) from None
    if x.data != data:
        raise WrongAnswer(
            f"{here} your function changes x.data; a caller still needs x.\n"
            "Make a new node for the result."
        )
    spent = isinstance(result, Value) and result.left is not None and result.state < 0
    if x.grad != grad and spent:
        raise WrongAnswer(
            f"{here} your function calls `backward` itself. It should make the node, no more:\n"
            "the caller goes on with it, and calls `backward` on the last result."
        )
    if x.grad != grad and x.grad == 0:
        raise WrongAnswer(
            f"{here} your function sets x.grad to 0, and it was {show(grad)}.\n"
            "A leaf adds up what several results give it; only the caller knows when to start anew."
        )
    if x.grad != grad:
        raise WrongAnswer(
            f"{here} your function changes x.grad itself: it was {show(grad)}, "
            f"and it is {show(x.grad)} before the caller's `backward`.\n"
            "What comes after the node is not known yet, and it has to multiply the local slope.\n"
            "Give the local slope to the node; `backward` adds the product to x.grad."
        )
    if not isinstance(result, Value):
        raise WrongAnswer(_no_node(result, here))
    return result


def _attempt(fn: object, x: Value, slope: float) -> object:
    """Call `fn` with x itself: a copy would get the gradient in its place."""
    assert callable(fn)

    @functools.wraps(fn)
    def with_x(number: float, slope: float) -> Any:
        try:
            return fn(x, slope)
        except Exception as error:
            raise error.with_traceback(_without_engine(error.__traceback__)) from None

    try:
        return attempt(with_x, x=x.data, slope=slope)
    except Crashed as crash:
        message = str(crash)
        for pattern, hint in _HINTS:
            if re.search(pattern, message):
                lines = message.splitlines()[:2]
                raise Crashed("\n".join([*lines, hint])) from None
        raise


def _without_engine(trace: TracebackType | None) -> TracebackType | None:
    """The same calls without the engine's own, so that a verdict shows the learner's line."""
    calls = [
        (frame, line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_code.co_filename != scalar_autograd.__file__
    ]
    kept: TracebackType | None = None
    for frame, line in reversed(calls):
        kept = TracebackType(kept, frame, frame.f_lasti, line)
    return kept


# What an error of this kind usually means here, in place of the general advice.
_HINTS = (
    (
        r"not supported between instances",
        "x is a Value, and a Value knows no order: compare its number, `x.data`.",
    ),
    (
        r"no attribute '(_backward|_prev|_op|_children|parents|children)'",
        "Here a node holds its parent and its local slope, a number, and `backward` is there "
        "already:\nmake it with `node(...)`, without a function of your own.",
    ),
    (
        r"\bnode\(\) (missing|takes|got)",
        "`node` takes the value, a name for the operation, the parent and the local slope.",
    ),
    (
        r"real numbers; Value is none",
        "x is a Value already, and its number is `x.data`.",
    ),
    (
        r"A Value is made of real numbers",
        "The engine computes with plain numbers: not with tensors, arrays or None.",
    ),
    (
        r"Value\.__init__\(\)",
        "`Value(data)` takes one number; `node(...)` makes a result that remembers its parent.",
    ),
    (
        r"(not|got) (a )?'?Value'?|must be Tensor|[Uu]nsupported operand|bad operand type|"
        r"must be real number|argument must be a string or a real number|"
        r"invalid combination of arguments|no attribute '(clamp|item|detach|abs|where|shape)'",
        "x is a Value of the scalar engine, not a tensor and not a number: its number is `x.data`.",
    ),
    (
        r"'Value' object has no attribute",
        "A Value has + − × ÷ and powers, exp, log, tanh, sigmoid and relu; its number is `x.data`.",
    ),
)


def _no_node(result: object, here: str) -> str:
    begin = f"{here} your function returns {kind(result)}, and it should return a Value."
    if isinstance(result, (tuple, list)):
        return f"{begin}\nReturn the node alone: value and local slope both go into it."
    if callable(result):
        return f"{begin}\nA call is missing: write the brackets with the arguments after its name."
    return (
        f"{begin}\nA number has no memory of x, so no gradient can flow back through it.\n"
        "`node` makes a Value that remembers x, with the local slope."
    )


def _number(value: object, name: str) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError):
        advice = " Take `x.data` where you take x." * isinstance(value, Value)
        raise WrongAnswer(
            f"{name} is {kind(value)}, and it should be a plain number.\n"
            f"`node` needs numbers as value and as local slope.{advice}"
        ) from None


def _backward(result: Value, here: str) -> None:
    try:
        result.backward()
    except RuntimeError as error:
        if "backward was here before" not in str(error):
            raise _stopped(here, error) from None
        raise WrongAnswer(
            f"{here} your node has been through `backward` before.\n"
            "Does your function call `backward`, or return the same node twice? "
            "Make a new node in each call."
        ) from None
    except Exception as error:  # The node may hold anything, or be of the learner's own class.
        raise _stopped(here, error) from None


def _stopped(here: str, error: Exception) -> WrongAnswer:
    message = str(error).partition("\n")[0][:150]
    return WrongAnswer(
        f"{here} your node is made, and `backward` stops at it with {kind(error)}.\n"
        f"Python says: {message}\n"
        "A node holds its value and its local slope as plain numbers, and its parent, a Value."
    )


def _leads_to(result: Value, leaf: Value) -> bool:
    """Whether `leaf` is among the nodes that `result` was made from."""
    stack, seen = [result], set()
    while stack:
        node = stack.pop()
        if node is leaf:
            return True
        if isinstance(node, Value) and id(node) not in seen:
            seen.add(id(node))
            stack += [parent for parent in (node.left, node.right) if parent is not None]
    return False


def _close(found: object, expected: object) -> bool:
    return bool(np.isclose(float(found), float(expected), rtol=1e-5, atol=1e-6))  # type: ignore[arg-type]
