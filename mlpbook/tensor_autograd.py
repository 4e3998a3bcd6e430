"""A tensor engine: NumPy arrays that remember how they were computed, and give their gradients.

    W = Tensor(rng.normal(size=(64, 10)), requires_grad=True)
    loss = cross_entropy(X @ W, labels)
    loss.backward()
    W.grad                       # ∂loss/∂W, an array of W's shape

Every operation makes a node that knows its parents and, for each, the function that pulls a
gradient of the node back to one of the parent: g ↦ Jᵀg, with J the Jacobian of the operation.
`backward` calls them from the result to the leaves. Names and defaults are PyTorch's; float32 and
float64 stay what they are. Chapter 06 builds this engine step by step.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from mlpbook import value_and_slope
from mlpbook.value_and_slope import Array

Pull: TypeAlias = Callable[[Array], Array]
Dim: TypeAlias = int | tuple[int, ...] | None


class Tensor:
    """An array and how it was computed; `Tensor(data)` is a leaf.

    `result.backward()` adds ∂result/∂data to `grad` of every leaf with `requires_grad`: an array of
    the same shape, or None before. A TypeError says that `data` holds other things than numbers.
    """

    __slots__ = ("data", "grad", "requires_grad", "sources")
    __array_ufunc__ = None  # NumPy's arrays leave arithmetic with a Tensor to us.

    def __init__(self, data: ArrayLike, requires_grad: bool = False) -> None:
        self.data: Array = np.asarray(data)
        if self.data.dtype.kind not in ("f" if requires_grad else "fiub"):
            kind = "floats, to have a gradient" if requires_grad else "real numbers"
            raise TypeError(f"A Tensor is made of {kind}; this is {self.data.dtype}.")
        self.grad: Array | None = None
        self.requires_grad = requires_grad
        # The parents that require a gradient, each with its pull; None once backward was here.
        self.sources: Sequence[tuple[Tensor, Pull]] | None = ()

    def backward(self, gradient: ArrayLike | None = None) -> None:
        """Add the gradient of (`gradient` · self) to `grad` of the leaves, and forget the graph.

        Without `gradient`, self must be a single number. Raises a RuntimeError where no gradient
        is required or backward was here before, a ValueError where `gradient` has another shape.
        """
        uses = _uses(self)
        if gradient is None and self.data.size == 1:
            gradient = np.ones_like(self.data)
        seed = np.array(gradient, self.data.dtype, copy=None if self.sources else True)
        if gradient is None or seed.shape != self.data.shape:
            raise ValueError(f"backward needs a gradient of shape {self.data.shape}.")
        self.grad = seed if self.grad is None else self.grad + seed
        ready = [self] if self.sources else []
        for node in ready:  # the list grows while it is read
            g: Any = node.grad
            for parent, pull in node.sources or ():
                part = np.asarray(pull(g))
                if not parent.sources and (part is g or part.base is not None):
                    part = part.copy()  # no two leaves may share the memory of a gradient
                parent.grad = part if parent.grad is None else parent.grad + part
                if parent.sources:
                    uses[parent] -= 1
                    if not uses[parent]:
                        ready.append(parent)
            node.grad = node.sources = None

    def __add__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, _operand(other, self)
        return _node(a.data + b.data, (a, lambda g: _fit(g, a)), (b, lambda g: _fit(g, b)))

    def __mul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, _operand(other, self)
        to_a, to_b = lambda g: _fit(g * b.data, a), lambda g: _fit(g * a.data, b)
        return _node(a.data * b.data, (a, to_a), (b, to_b))

    def __truediv__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, _operand(other, self)
        y = a.data / b.data
        to_a, to_b = lambda g: _fit(g / b.data, a), lambda g: _fit(-g * y / b.data, b)
        return _node(y, (a, to_a), (b, to_b))

    def __pow__(self, n: float) -> "Tensor":
        x = self.data
        return _node(x**n, (self, lambda g: g * (n * x ** (n - 1 if n else 0))))

    def __matmul__(self, other: "Tensor | ArrayLike") -> "Tensor":
        a, b = self, _operand(other, self)
        y = a.data @ b.data
        if b.data.ndim == 1:
            return (a * b).sum(-1)
        if a.data.ndim == 1:
            return (a.reshape(-1, 1) * b).sum(-2)
        to_a, to_b = lambda g: _fit(g @ b.data.mT, a), lambda g: _fit(a.data.mT @ g, b)
        return _node(y, (a, to_a), (b, to_b))

    def __neg__(self) -> "Tensor":
        return self * -1

    def __sub__(self, other: "Tensor | ArrayLike") -> "Tensor":
        return self + -_operand(other, self)

    def __rsub__(self, other: ArrayLike) -> "Tensor":
        return -self + other

    def __rtruediv__(self, other: ArrayLike) -> "Tensor":
        return _operand(other, self) / self

    def __rmatmul__(self, other: ArrayLike) -> "Tensor":
        return _operand(other, self) @ self

    __radd__, __rmul__ = __add__, __mul__

    def __getitem__(self, index: Any) -> "Tensor":
        def pull(g: Array) -> Array:
            whole = np.zeros_like(self.data)
            np.add.at(whole, index, g)  # an element that was taken twice gets both gradients
            return whole

        return _node(self.data[index], (self, pull))

    def __repr__(self) -> str:
        return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.data.shape

    @property
    def T(self) -> "Tensor":  # noqa: N802
        """The transpose."""
        return _node(self.data.T, (self, np.transpose))

    def item(self) -> float:
        """Return the only number, as Python's."""
        return self.data.item()  # type: ignore[no-any-return]

    def detach(self) -> "Tensor":
        """Return the same array without the memory of how it was computed."""
        return Tensor(self.data)

    def reshape(self, *shape: int) -> "Tensor":
        """Return the same numbers in another shape."""
        return _node(self.data.reshape(*shape), (self, lambda g: g.reshape(self.data.shape)))

    def sum(self, dim: Dim = None, keepdim: bool = False) -> "Tensor":
        """Return the sum along `dim`, by default of all elements."""
        y = self.data.sum(dim, keepdims=True)
        value = y if keepdim else y.squeeze(dim)
        return _node(value, (self, lambda g: np.full(self.data.shape, g.reshape(y.shape))))

    def mean(self, dim: Dim = None, keepdim: bool = False) -> "Tensor":
        """Return the mean along `dim`, by default of all elements."""
        total = self.sum(dim, keepdim)
        return total / (self.data.size / total.data.size)

    def amax(self, dim: Dim = None, keepdim: bool = False) -> "Tensor":
        """Return the largest element along `dim`; elements that tie share the gradient."""
        y = self.data.max(dim, keepdims=True)
        largest = self.data == y
        share = (largest / largest.sum(dim, keepdims=True)).astype(self.data.dtype)
        value = y if keepdim else y.squeeze(dim)
        return _node(value, (self, lambda g: g.reshape(y.shape) * share))

    def relu(self) -> "Tensor":
        """Return max(x, 0)."""
        return relu(self)

    def sigmoid(self) -> "Tensor":
        """Return 1 / (1 + e⁻ˣ)."""
        return sigmoid(self)

    def tanh(self) -> "Tensor":
        """Return tanh x."""
        return tanh(self)

    def exp(self) -> "Tensor":
        """Return eˣ."""
        y = np.exp(self.data)
        return _node(y, (self, lambda g: g * y))

    def log(self) -> "Tensor":
        """Return the natural logarithm."""
        return _node(np.log(self.data), (self, lambda g: g / self.data))


def _operand(other: Tensor | ArrayLike, beside: Tensor) -> Tensor:
    """`other` as a tensor; a bare number takes the type of the floats beside it."""
    is_bare = beside.data.dtype.kind == "f" and isinstance(other, (int, float))
    return _tensor(np.asarray(other, beside.data.dtype) if is_bare else other)


def _tensor(x: Tensor | ArrayLike) -> Tensor:
    return x if isinstance(x, Tensor) else Tensor(x)


def _node(data: ArrayLike, *sources: tuple[Tensor, Pull]) -> Tensor:
    """The result of an operation on the tensors in `sources`, each with its pull."""
    node: Tensor = object.__new__(Tensor)
    node.data, node.grad = np.asarray(data), None
    node.sources = [source for source in sources if source[0].requires_grad]
    node.requires_grad = bool(node.sources)
    return node


def _uses(result: Tensor) -> dict[Tensor, int]:
    """How many operations every node above `result` went into."""
    if not result.requires_grad:
        raise RuntimeError(
            "Nothing here requires a gradient: make a Tensor with requires_grad=True."
        )
    uses, found = {result: 0}, [result]
    for node in found:  # the list grows while it is read
        if node.sources is None:
            raise RuntimeError("backward was here before. Compute the expression anew for another.")
        for parent, _ in node.sources:
            if parent not in uses:
                uses[parent] = 0
                found.append(parent)
            uses[parent] += 1
    return uses


def _fit(g: Array, operand: Tensor) -> Array:
    """The reverse of broadcasting: sum `g` over the axes along which `operand` was repeated."""
    shape = operand.data.shape
    if g.shape != shape:
        if g.ndim > len(shape):  # axes were added in front
            g = g.sum(tuple(range(g.ndim - len(shape))))
        stretched = tuple(i for i, n in enumerate(shape) if n < g.shape[i])
        g = g.sum(stretched, keepdims=True) if stretched else g
    return g.astype(operand.data.dtype, copy=False)


# Elementwise activations, made of the formulas of `value_and_slope`.


def _elementwise(formula: Callable[..., tuple[Array, Array]]) -> Callable[..., Tensor]:
    """The function of tensors that a formula for the value and the slope of arrays makes."""

    @functools.wraps(formula)
    def activation(x: Tensor | ArrayLike, *args: float, **kwargs: float) -> Tensor:
        x = x if isinstance(x, Tensor) else Tensor(x)
        y, slope = formula(x.data, *args, **kwargs)
        return _node(y, (x, lambda g: g * slope))

    return activation


relu = _elementwise(value_and_slope.relu)
leaky_relu = _elementwise(value_and_slope.leaky_relu)
rrelu = _elementwise(value_and_slope.rrelu)
relu6 = _elementwise(value_and_slope.relu6)
hardtanh = _elementwise(value_and_slope.hardtanh)
hardsigmoid = _elementwise(value_and_slope.hardsigmoid)
hardswish = _elementwise(value_and_slope.hardswish)
hardshrink = _elementwise(value_and_slope.hardshrink)
softshrink = _elementwise(value_and_slope.softshrink)
threshold = _elementwise(value_and_slope.threshold)
elu = _elementwise(value_and_slope.elu)
celu = _elementwise(value_and_slope.celu)
selu = _elementwise(value_and_slope.selu)
sigmoid = _elementwise(value_and_slope.sigmoid)
tanh = _elementwise(value_and_slope.tanh)
tanhshrink = _elementwise(value_and_slope.tanhshrink)
softsign = _elementwise(value_and_slope.softsign)
softplus = _elementwise(value_and_slope.softplus)
log_sigmoid = _elementwise(value_and_slope.log_sigmoid)
swish = _elementwise(value_and_slope.swish)
mish = _elementwise(value_and_slope.mish)
gelu = _elementwise(value_and_slope.gelu)
gelu_tanh = _elementwise(value_and_slope.gelu_tanh)


def prelu(x: Tensor | ArrayLike, alpha: Tensor | float = 0.25) -> Tensor:
    """Return max(x, 0) + α min(x, 0).

    A tensor α is learned: it holds one slope for all, or one for each channel, axis 1 of x.
    """
    x = _tensor(x)
    if not isinstance(alpha, Tensor):
        return leaky_relu(x, alpha)
    slopes = alpha.reshape(-1, *(1,) * (x.data.ndim - 2))
    below = np.minimum(x.data, 0)
    return _node(
        np.maximum(x.data, 0) + slopes.data * below,
        (x, lambda g: np.where(x.data > 0, g, slopes.data * g)),
        (slopes, lambda g: _fit(g * below, slopes)),
    )


# Functions of a whole vector, along `dim`.


def softmax(x: Tensor | ArrayLike, dim: int = -1) -> Tensor:
    """Return exp(xᵢ) / Σₖ exp(xₖ)."""
    x = _tensor(x)
    e = np.exp(x.data - x.data.max(dim, keepdims=True))
    p = e / e.sum(dim, keepdims=True)
    return _node(p, (x, lambda g: p * (g - (g * p).sum(dim, keepdims=True))))


def softmin(x: Tensor | ArrayLike, dim: int = -1) -> Tensor:
    """Return softmax(−x)."""
    return softmax(-_tensor(x), dim)


def softmax2d(x: Tensor | ArrayLike) -> Tensor:
    """Return the softmax over the channels of images, the third axis from the end."""
    return softmax(x, -3)


def log_softmax(x: Tensor | ArrayLike, dim: int = -1) -> Tensor:
    """Return xᵢ − ln Σₖ exp(xₖ)."""
    x = _tensor(x)
    centred = x.data - x.data.max(dim, keepdims=True)
    y = centred - np.log(np.exp(centred).sum(dim, keepdims=True))
    return _node(y, (x, lambda g: g - np.exp(y) * g.sum(dim, keepdims=True)))


def glu(x: Tensor | ArrayLike, dim: int = -1) -> Tensor:
    """Return a σ(b), where a and b are the two halves of x."""
    x = _tensor(x)
    if x.data.shape[dim] % 2:
        raise ValueError(f"GLU halves its input; {x.data.shape[dim]} elements are odd.")
    first, second = np.split(np.arange(x.data.shape[dim]), 2)
    before = (slice(None),) * (dim % x.data.ndim)
    return x[(*before, first)] * sigmoid(x[(*before, second)])


def cross_entropy(scores: Tensor | ArrayLike, labels: ArrayLike) -> Tensor:
    """Return the mean over rows of −ln softmax(scores)[label].

    Raises:
        ValueError: `labels` is not one whole number, from 0, for each row.
    """
    scores, whole = _tensor(scores), np.asarray(labels)
    rows, classes = scores.data.shape
    is_whole = whole.dtype.kind in "iu" and np.isin(whole, np.arange(classes)).all()
    if whole.shape != (rows,) or not is_whole:
        raise ValueError(f"The labels must be {rows} whole numbers from 0 to {classes - 1}.")
    return -log_softmax(scores)[np.arange(rows), whole].mean()


class SGD:
    """Gradient descent: v ← momentum · v + gradient, then parameter ← parameter − lr · v."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.0) -> None:
        self.params, self.lr, self.momentum = list(params), lr, momentum
        self.velocities = [np.zeros_like(p.data) for p in self.params]

    def zero_grad(self) -> None:
        """Forget the gradients; those of a further backward would be added to them."""
        for p in self.params:
            p.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        for p, v in zip(self.params, self.velocities, strict=True):
            if p.grad is not None:
                if self.momentum:
                    v *= self.momentum
                    v += p.grad
                move = self.lr * (v if self.momentum else p.grad)
                # A new array, in the memory of the move: the old one may be the caller's.
                p.data = np.subtract(p.data, move, out=move)
