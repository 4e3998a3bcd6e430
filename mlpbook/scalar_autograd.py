"""A scalar engine: numbers that remember how they were computed, and give their derivatives.

    a, b = Value(2.0), Value(-3.0)
    c = (a * b + 7).tanh()
    c.backward()                 # now a.grad is ∂c/∂a, and b.grad is ∂c/∂b

Every operation makes a node of the computational graph: its value, its one or two parents, and
with each parent the local slope ∂value/∂parent. `backward` multiplies the slopes along every path
from the result to a leaf and adds up the paths. The names are micrograd's (Karpathy 2020).
"""

import math
from numbers import Real
from typing import SupportsFloat

# Where a node stands in `backward`: passed on; untouched; entered; put behind its parents.
_SPENT, _NEW, _ENTERED, _ORDERED = range(-1, 3)


class Value:
    """A number and how it was computed; `Value(data)` alone is a leaf.

    `data` is the number. `grad` is ∂result/∂(this node) after `result.backward()`; a leaf adds up
    what several results give it, until you set its `grad` back to 0. Anything but a real number,
    here or as the other operand, is a TypeError.
    """

    # Slopes stand in the node itself, not in a function that computes them: that function and
    # the node would refer to each other, and only the garbage collector frees such a circle.
    __slots__ = ("data", "dleft", "dright", "grad", "left", "op", "right", "state")

    def __init__(self, data: SupportsFloat) -> None:
        if not isinstance(data, Real):
            raise TypeError(f"A Value is made of real numbers; {type(data).__name__} is none.")
        self.data, self.grad, self.op, self.state = float(data), 0.0, "", _NEW
        self.left: Value | None = None
        self.right: Value | None = None
        self.dleft = self.dright = 0.0

    def __add__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return node(self.data + other.data, "+", self, 1.0, other, 1.0)

    def __sub__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return node(self.data - other.data, "−", self, 1.0, other, -1.0)

    def __mul__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        return node(self.data * other.data, "×", self, other.data, other, self.data)

    def __truediv__(self, other: "Value | float") -> "Value":
        other = other if isinstance(other, Value) else Value(other)
        y = self.data / other.data
        return node(y, "÷", self, 1 / other.data, other, -y / other.data)

    def __pow__(self, exponent: float) -> "Value":
        x, n = self.data, Value(exponent).data
        if x < 0 and not n.is_integer():
            raise ValueError(f"{x} is negative and has no real power {n}.")
        return node(x**n, f"^{n:g}", self, n * x ** (n - 1) if n else 0.0)

    def __neg__(self) -> "Value":
        return node(-self.data, "−", self, -1.0)

    def __rsub__(self, other: float) -> "Value":
        return Value(other) - self

    def __rtruediv__(self, other: float) -> "Value":
        return Value(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def exp(self) -> "Value":
        """Return eˣ, whose slope is eˣ."""
        y = math.exp(self.data)
        return node(y, "exp", self, y)

    def log(self) -> "Value":
        """Return the natural logarithm, whose slope is 1/x; x must be positive."""
        if self.data <= 0:
            raise ValueError(f"log needs a positive number, and this one is {self.data}.")
        return node(math.log(self.data), "log", self, 1 / self.data)

    def tanh(self) -> "Value":
        """Return tanh x, whose slope is 1 − tanh² x."""
        y = math.tanh(self.data)
        return node(y, "tanh", self, 1 - y * y)

    def sigmoid(self) -> "Value":
        """Return σ(x) = 1 / (1 + e⁻ˣ), whose slope is σ(x) σ(−x)."""
        e = math.exp(-abs(self.data))  # at most 1, so nothing overflows
        larger, smaller = 1 / (1 + e), e / (1 + e)
        return node(larger if self.data > 0 else smaller, "σ", self, larger * smaller)

    def relu(self) -> "Value":
        """Return max(x, 0), whose slope is 1 for x > 0, else 0."""
        return node(max(self.data, 0.0), "ReLU", self, 1.0 if self.data > 0 else 0.0)

    def leaky_relu(self, slope: float = 0.01) -> "Value":
        """Return x for x > 0, else slope · x."""
        local = 1.0 if self.data > 0 else Value(slope).data
        return node(local * self.data, "Leaky ReLU", self, local)

    def backward(self) -> None:
        """Add ∂self/∂node to `grad` of every node above; RuntimeError if one is spent already."""
        order = _parents_first(self)
        self.grad += 1.0
        for result in reversed(order):
            if result.left is not None:
                result.left.grad += result.dleft * result.grad
            if result.right is not None:
                result.right.grad += result.dright * result.grad
            result.state = _SPENT


def node(
    data: float, op: str, left: Value, dleft: float, right: Value | None = None, dright: float = 0.0
) -> Value:
    """Return the result `data` of an operation `op`, with ∂data/∂parent behind each parent."""
    self: Value = object.__new__(Value)
    self.data, self.grad, self.op, self.state = data, 0.0, op, _NEW
    self.left, self.dleft, self.right, self.dright = left, dleft, right, dright
    return self


def _parents_first(last: Value) -> list[Value]:
    """All results that `last` was made from, each behind its parents, and `last` itself."""
    order: list[Value] = []
    stack = [last] if last.left is not None else []
    while stack:  # in place of recursion, since Python's calls nest only 1,000 deep
        result = stack[-1]
        if result.state == _NEW:
            result.state = _ENTERED
            for parent in (result.left, result.right):
                if parent is not None and parent.left is not None and parent.state != _ORDERED:
                    stack.append(parent)
        elif result.state == _SPENT:
            for seen in (*order, *stack):
                seen.state = min(seen.state, _NEW)
            raise RuntimeError("backward was here before. Compute the expression anew for another.")
        elif stack.pop().state == _ENTERED:
            result.state = _ORDERED
            order.append(result)
    return order
