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
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[Any]
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
        ready = [self]
        for node in ready:  # the list grows while it is read
            if node.sources:
                g: Any = node.grad
                for parent, pull in node.sources:
                    part = np.asarray(pull(g))
                    if part is g or part.base is not None:
                        part = part.copy()  # no two leaves may share the memory of a gradient
                    parent.grad = part if parent.grad is None else parent.grad + part
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
        y = self.data.sum(dim, keepdims=keepdim)
        return _node(y, (self, lambda g: np.broadcast_to(_keep(g, self, dim), self.data.shape)))

    def mean(self, dim: Dim = None, keepdim: bool = False) -> "Tensor":
        """Return the mean along `dim`, by default of all elements."""
        total = self.sum(dim, keepdim)
        return total / (self.data.size / total.data.size)

    def amax(self, dim: Dim = None, keepdim: bool = False) -> "Tensor":
        """Return the largest element along `dim`; elements that tie share the gradient."""
        y = self.data.max(dim, keepdims=True)
        largest = self.data == y
        share = (largest / largest.sum(dim, keepdims=True)).astype(self.data.dtype)
        return _node(
            y if keepdim else y.squeeze(dim), (self, lambda g: _keep(g, self, dim) * share)
        )

    def exp(self) -> "Tensor":
        """Return eˣ."""
        y = np.exp(self.data)
        return _node(y, (self, lambda g: g * y))

    def log(self) -> "Tensor":
        """Return the natural logarithm."""
        return _node(np.log(self.data), (self, lambda g: g / self.data))


def _operand(other: Tensor | ArrayLike, beside: Tensor) -> Tensor:
    """`other` as a tensor; a bare number takes the type of the tensor beside it."""
    if isinstance(other, Tensor):
        return other
    return Tensor(np.asarray(other, beside.data.dtype if isinstance(other, (int, float)) else None))


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
        g = g.sum(tuple(range(g.ndim - len(shape))))
        g = g.sum(tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)
    return g.astype(operand.data.dtype, copy=False)


def _keep(g: Array, operand: Tensor, dim: Dim) -> Array:
    """`g`, a gradient of a reduction of `operand`, with the reduced axes back at length 1."""
    dim = tuple(range(operand.data.ndim)) if dim is None else dim
    return g if g.ndim == operand.data.ndim else np.expand_dims(g, dim)


# Elementwise activations. A formula takes an array x and gives the value and the slope at x.

_BLOCK = 16384  # so many numbers of a long array at once: they stay in a cache, step after step


def _elementwise(
    returns: str, formula: Callable[..., tuple[Array, Array]], wide: bool = False
) -> Callable[..., Tensor]:
    """Make a function of tensors of a formula.

    A `wide` formula gets float64, also in place of float32: there NumPy's exp may be 2.5 units off
    in the last place, and products of exponentials would be off by more than 3.
    """

    def both(x: Array, *args: Any, **kwargs: Any) -> tuple[Array, Array]:
        y, slope = formula(x.astype(np.float64, copy=False) if wide else x, *args, **kwargs)
        return y.astype(x.dtype, copy=False), slope.astype(x.dtype, copy=False)

    @functools.wraps(formula)
    def activation(x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if x.data.size <= _BLOCK:
            y, slope = both(x.data, *args, **kwargs)
        else:
            flat = x.data.ravel()
            y, slope = np.empty_like(flat), np.empty_like(flat)
            for start in range(0, flat.size, _BLOCK):
                block = slice(start, start + _BLOCK)
                y[block], slope[block] = both(flat[block], *args, **kwargs)
            y, slope = y.reshape(x.data.shape), slope.reshape(x.data.shape)
        return _node(y, (x, lambda g: g * slope))

    activation.__doc__ = f"Return {returns}, element by element."
    return activation


def _leaky(x: Array, negative_slope: float = 0.01) -> tuple[Array, Array]:
    larger = np.maximum if negative_slope <= 1 else np.minimum
    one, below = x.dtype.type(1), x.dtype.type(negative_slope)
    return larger(x, below * x), np.where(x > 0, one, below)


def _clipped(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> tuple[Array, Array]:
    return x.clip(min_val, max_val), (x > min_val) & (x < max_val)


def _exponential(x: Array, alpha: float, width: float = 1.0) -> tuple[Array, Array]:
    if alpha != 1 or width != 1:  # each factor of the exponential is one more rounding
        x = x.astype(np.float64)
    below = np.minimum(x, 0)
    e, m = (
        (np.exp(below), np.expm1(below))
        if width == 1
        else (np.exp(below / width), np.expm1(below / width))
    )
    slope = e if alpha == width else np.where(x > 0, 1, alpha / width * e)
    return np.maximum(x, 0) + alpha * m, slope


def _selu(x: Array) -> tuple[Array, Array]:
    y, slope = _exponential(x, _ALPHA)
    return _SCALE * y, _SCALE * slope


def _gates(x: Array) -> tuple[Array, Array]:
    """σ(x) and σ(−x), each to the last digit."""
    e = np.exp(np.minimum(-x, 700))  # e⁷⁰⁰ is near the largest float64
    s = 1 / (1 + e)
    return s, e * s


def _sigmoid(x: Array) -> tuple[Array, Array]:
    s, opposite = _gates(x)
    return s, s * opposite


def _tanh(x: Array) -> tuple[Array, Array]:
    s, opposite = _gates(2 * x)
    return np.tanh(x), 4 * s * opposite


def _gated(x: Array, inner: Array, steepness: float | Array) -> tuple[Array, Array]:
    """The value and slope of x σ(u) with u = `inner`, with u′ = `steepness`."""
    s, opposite = _gates(inner)
    return x * s, s * (1 + x * steepness * opposite)


def _softplus(x: Array, beta: float = 1.0) -> tuple[Array, Array]:
    u = beta * x
    return np.maximum(x, 0) + np.log1p(np.exp(-abs(u))) / beta, _gates(u)[0]


def _tanhshrink(x: Array) -> tuple[Array, Array]:
    t, square = np.tanh(x), x * x
    series = x * square * (1 / 3 - square * (2 / 15 - square * (17 / 315)))
    return np.where(square < 4e-4, series, x - t), t * t  # near 0 the difference cancels


def _softsign(x: Array) -> tuple[Array, Array]:
    scale = 1 / (1 + abs(x))
    return x * scale, scale * scale


def _hardswish(x: Array) -> tuple[Array, Array]:
    gate = (x / 6 + 0.5).clip(0, 1)
    return x * gate, gate + x * (abs(x) < 3) / 6


def _mish(x: Array) -> tuple[Array, Array]:
    u = np.exp(np.minimum(x, 150))
    n = u * (u + 2)  # tanh(ln(1 + u)) = n / (n + 2)
    gate = n / (n + 2)
    return x * gate, gate + x * (4 * u * (u + 1)) / (n + 2) ** 2


# For t ≥ 0, Φ(−t) = exp(−t²/2) P(r) / (t + 5) with r = (t − 5)/(t + 5): P, lowest power first, is
# the polynomial through the Chebyshev points, right to 1e-15. The tests compute it anew.
_TAIL = (
    0.769193049750063, -0.6653825028900684, 0.49530561596999373, -0.31353315667043613,
    0.16502036616910737, -0.06911863872545303, 0.020795066827479357, -0.002993376574719397,
    -0.0007978696711036696, 0.0005448979466789302, -5.9374254572626344e-05, -4.97588940707279e-05,
    1.6676472037663173e-05, 3.972040494146394e-06, -2.759874941021964e-06, -3.2349752237852993e-07,
    4.218019214509211e-07, 2.982859361326789e-08, -5.814075965453212e-08, -2.3627806826406506e-09,
    5.151491485332322e-09,
)  # fmt: skip


def _gelu(x: Array) -> tuple[Array, Array]:
    t = abs(x)
    r, p = (t - 5) / (t + 5), np.full_like(x, _TAIL[-1])
    for coefficient in _TAIL[-2::-1]:
        p *= r
        p += coefficient
    bell = np.exp(x * x / -2)
    tail = bell * p / (t + 5)
    phi = np.where(x < 0, tail, 1 - tail)
    return x * phi, phi + x * bell / np.sqrt(2 * np.pi)


_SCALE, _ALPHA = 1.0507009873554805, 1.6732632423543772  # SELU's own (Klambauer et al. 2017)
_STEEP, _CUBIC = np.sqrt(8 / np.pi), 0.044715  # σ(2u) = (1 + tanh u)/2 in GELU's second form

relu = _elementwise("max(x, 0)", lambda x: (np.maximum(x, 0), x > 0))
leaky_relu = _elementwise("x where x > 0, else negative_slope · x", _leaky)
relu6 = _elementwise("min(max(x, 0), 6)", lambda x: _clipped(x, 0, 6))
hardtanh = _elementwise("x, cut off below min_val and above max_val", _clipped)
hardsigmoid = _elementwise(
    "x/6 + ½, cut off below 0 and above 1",
    lambda x: ((x / 6 + 0.5).clip(0, 1), (abs(x) < 3) / x.dtype.type(6)),
)
hardswish = _elementwise("x · hardsigmoid(x)", _hardswish)
hardshrink = _elementwise(
    "x where |x| > lambd, else 0", lambda x, lambd=0.5: (x * (abs(x) > lambd), abs(x) > lambd)
)
softshrink = _elementwise(
    "x moved towards 0 by lambd, at most to 0",
    lambda x, lambd=0.5: (x - x.clip(-lambd, lambd), abs(x) > lambd),
)
threshold = _elementwise(
    "x where x > threshold, else value",
    lambda x, threshold=1.0, value=0.0: (np.where(x > threshold, x, value), x > threshold),
)
rrelu = _elementwise(
    "x where x > 0, else the mean slope times x: RReLU in evaluation",
    lambda x, lower=1 / 8, upper=1 / 3: _leaky(x, (lower + upper) / 2),
)
elu = _elementwise("x where x > 0, else α (eˣ − 1)", lambda x, alpha=1.0: _exponential(x, alpha))
celu = _elementwise(
    "x where x > 0, else α (exp(x/α) − 1)", lambda x, alpha=1.0: _exponential(x, alpha, alpha)
)
selu = _elementwise("λ elu(x), with the α and λ that keep mean 0 and variance 1", _selu)
softplus = _elementwise("ln(1 + exp(βx)) / β", _softplus, wide=True)
log_sigmoid = _elementwise("ln σ(x)", lambda x: (-_softplus(-x)[0], _gates(x)[1]), wide=True)
sigmoid = _elementwise("1 / (1 + e⁻ˣ)", _sigmoid, wide=True)
tanh = _elementwise("tanh x", _tanh, wide=True)
softsign = _elementwise("x / (1 + |x|)", _softsign, wide=True)
tanhshrink = _elementwise("x − tanh x", _tanhshrink, wide=True)
swish = _elementwise("x σ(βx)", lambda x, beta=1.0: _gated(x, beta * x, beta), wide=True)
mish = _elementwise("x tanh(ln(1 + eˣ))", _mish, wide=True)
gelu = _elementwise("x Φ(x), with Φ the distribution function of the normal law", _gelu, wide=True)
gelu_tanh = _elementwise(
    "x σ(√(8/π) (x + 0.044715 x³)), GELU's other form",
    lambda x: _gated(x, _STEEP * x * (1 + _CUBIC * x * x), _STEEP * (1 + 3 * _CUBIC * x * x)),
    wide=True,
)


def prelu(x: Tensor, alpha: Tensor | float = 0.25) -> Tensor:
    """Return max(x, 0) + α min(x, 0); a tensor α is learned, one for all or one for a channel."""
    if not isinstance(alpha, Tensor):
        return leaky_relu(x, alpha)
    below = np.minimum(x.data, 0)
    to_x = lambda g: np.where(x.data > 0, g, alpha.data * g)
    to_alpha = lambda g: _fit(g * below, alpha)
    return _node(np.maximum(x.data, 0) + alpha.data * below, (x, to_x), (alpha, to_alpha))


# Functions of a whole vector, along `dim`.


def softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return exp(xᵢ) / Σₖ exp(xₖ)."""
    e = np.exp(x.data - x.data.max(dim, keepdims=True))
    p = e / e.sum(dim, keepdims=True)
    return _node(p, (x, lambda g: p * (g - (g * p).sum(dim, keepdims=True))))


def softmin(x: Tensor, dim: int = -1) -> Tensor:
    """Return softmax(−x)."""
    return softmax(-x, dim)


def softmax2d(x: Tensor) -> Tensor:
    """Return the softmax over the channels of images, the third axis from the end."""
    return softmax(x, -3)


def log_softmax(x: Tensor, dim: int = -1) -> Tensor:
    """Return xᵢ − ln Σₖ exp(xₖ)."""
    centred = x.data - x.data.max(dim, keepdims=True)
    y = centred - np.log(np.exp(centred).sum(dim, keepdims=True))
    return _node(y, (x, lambda g: g - np.exp(y) * g.sum(dim, keepdims=True)))


def glu(x: Tensor, dim: int = -1) -> Tensor:
    """Return a σ(b), where a and b are the two halves of x."""
    if x.data.shape[dim] % 2:
        raise ValueError(f"GLU halves its input; {x.data.shape[dim]} elements are odd.")
    first, second = np.split(np.arange(x.data.shape[dim]), 2)
    before = (slice(None),) * (dim % x.data.ndim)
    return x[(*before, first)] * sigmoid(x[(*before, second)])


def cross_entropy(scores: Tensor, labels: ArrayLike) -> Tensor:
    """Return the mean over rows of −ln softmax(scores)[label]; labels are whole numbers from 0."""
    rows = np.arange(len(scores.data))
    return -log_softmax(scores)[rows, np.asarray(labels)].mean()


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
                v *= self.momentum
                v += p.grad
                p.data -= self.lr * v
