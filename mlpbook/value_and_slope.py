"""Every elementwise activation on NumPy arrays: its value and its slope, computed together.

    y, slope = value_and_slope.swish(x, beta=2.0)

The names and parameters are those of the catalogue, `mlpbook.activations`. What comes back has the
type of `x`, float32 or float64; the slope of a function made of straight lines may be a mask of
zeros and ones. The smooth functions are right to 3 units in the last place of float32, and nothing
overflows for |x| up to 10³⁸. At a kink the slope is what PyTorch says.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Both: TypeAlias = tuple[Array, Array]
Formula: TypeAlias = Callable[..., Both]

# The two numbers for which inputs of mean 0 and variance 1 give outputs of mean 0, variance 1.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
# The cubic term in GELU's tanh form.
GELU_CUBIC = 0.044715

# Numbers of a long array that are worked on at once: 128 kB in float64, so that the result of one
# step is still in the processor's cache when the next step asks for it.
_BLOCK = 16384


def _in_float64(formula: Formula) -> Formula:
    """Compute a formula in float64 and round its results once, to the type of x.

    NumPy's float32 exp may be 2.5 units off in the last place, and a product of such numbers
    further still.
    """

    @functools.wraps(formula)
    def rounded(x: Array, *args: float, **kwargs: float) -> Both:
        if x.size <= _BLOCK:
            y, slope = formula(x.astype(np.float64), *args, **kwargs)
            return y.astype(x.dtype), slope.astype(x.dtype)
        flat, y, slope = x.ravel(), np.empty(x.size, x.dtype), np.empty(x.size, x.dtype)
        for start in range(0, x.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            y[block], slope[block] = formula(flat[block].astype(np.float64), *args, **kwargs)
        return y.reshape(x.shape), slope.reshape(x.shape)

    return rounded


# Straight lines.


def relu(x: Array) -> Both:
    """Return max(x, 0)."""
    return np.maximum(x, 0.0), x > 0.0


def leaky_relu(x: Array, negative_slope: float = 0.01) -> Both:
    """Return x where x > 0, else negative_slope · x."""
    slope = (x > 0.0).astype(x.dtype)
    if 0 <= negative_slope <= 1:  # usual, and shorter
        np.maximum(slope, negative_slope, out=slope)
    else:
        slope += negative_slope * (1 - slope)
    return x * slope, slope


def rrelu(x: Array, lower: float = 1 / 8, upper: float = 1 / 3) -> Both:
    """Return Leaky ReLU with the mean slope (lower + upper)/2: RReLU as it is in evaluation."""
    return leaky_relu(x, (lower + upper) / 2)


def hardtanh(x: Array, min_val: float = -1.0, max_val: float = 1.0) -> Both:
    """Return x, cut off below min_val and above max_val."""
    return x.clip(min_val, max_val), (x > min_val) & (x < max_val)


def relu6(x: Array) -> Both:
    """Return min(max(x, 0), 6)."""
    return hardtanh(x, 0.0, 6.0)


def hardsigmoid(x: Array) -> Both:
    """Return x/6 + ½, cut off below 0 and above 1."""
    y = x * (1 / 6)
    y += 0.5
    slope = (abs(x) < 3.0).astype(x.dtype)
    slope *= 1 / 6
    return y.clip(0.0, 1.0, out=y), slope


def hardswish(x: Array) -> Both:
    """Return x · hardsigmoid(x)."""
    gate, slope = hardsigmoid(x)
    slope *= x
    slope += gate
    return x * gate, slope


def hardshrink(x: Array, lambd: float = 0.5) -> Both:
    """Return x where |x| > λ, else 0."""
    far = abs(x) > lambd
    return x * far, far


def softshrink(x: Array, lambd: float = 0.5) -> Both:
    """Return x moved towards 0 by λ, and 0 where |x| ≤ λ."""
    y = x.clip(-lambd, lambd)
    return np.subtract(x, y, out=y), abs(x) > lambd


def threshold(x: Array, threshold: float = 1.0, value: float = 0.0) -> Both:
    """Return x where x > threshold, else value."""
    above = x > threshold
    return np.where(above, x, value), above


# An exponential on the left.


def elu(x: Array, alpha: float = 1.0) -> Both:
    """Return x where x > 0, else α (eˣ − 1)."""
    return _elu(x, alpha) if alpha != 1 else _unit_elu(x)


def celu(x: Array, alpha: float = 1.0) -> Both:
    """Return x where x > 0, else α (exp(x/α) − 1)."""
    return _elu(x, alpha, alpha) if alpha != 1 else _unit_elu(x)


def selu(x: Array) -> Both:
    """Return λ elu(x), with the α and λ that keep mean 0 and variance 1."""
    return _elu(x, SELU_ALPHA, scale=SELU_SCALE)


def _unit_elu(x: Array) -> Both:
    below = np.minimum(x, 0.0)  # no factor here that is rounded: float32 is exact enough
    return np.maximum(x, np.expm1(below)), np.exp(below)


@_in_float64
def _elu(x: Array, alpha: float, width: float = 1.0, scale: float = 1.0) -> Both:
    below = np.minimum(x, 0) / width
    slope = np.where(x > 0, 1, alpha / width * np.exp(below))
    return scale * (np.maximum(x, 0) + alpha * np.expm1(below)), scale * slope


# Made of the sigmoid.


def _gates(x: Array) -> Both:
    """σ(x) and σ(−x). Not 1 − σ(x): that loses the digits of a small result."""
    e = -x  # e⁻ˣ in a moment, in the same memory: a new array costs as much as a sum
    np.minimum(e, 700.0, out=e)  # e⁷⁰⁰ is near the largest float64
    np.exp(e, out=e)
    s = 1.0 + e
    np.reciprocal(s, out=s)
    e *= s
    return s, e


@_in_float64
def sigmoid(x: Array) -> Both:
    """Return 1 / (1 + e⁻ˣ), with the slope σ(x) σ(−x)."""
    s, opposite = _gates(x)
    opposite *= s
    return s, opposite


def tanh(x: Array) -> Both:
    """Return (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), with the slope 4 σ(2x) σ(−2x)."""
    slope = sigmoid(2.0 * x)[1]
    slope *= 4.0
    return np.tanh(x), slope


@_in_float64
def tanhshrink(x: Array) -> Both:
    """Return x − tanh x, with the slope tanh² x; near 0, where this cancels, by its series."""
    t = np.tanh(x)
    y = x - t
    near = abs(x) < 0.02
    if np.count_nonzero(near):  # quicker than near.any()
        z = x[near] ** 2
        y[near] = x[near] * z * (1 / 3 - z * (2 / 15 - z * (17 / 315)))
    return y, np.square(t, out=t)


@_in_float64
def softsign(x: Array) -> Both:
    """Return x / (1 + |x|)."""
    scale = np.reciprocal(1.0 + abs(x))
    return x * scale, scale * scale


@_in_float64
def softplus(x: Array, beta: float = 1.0) -> Both:
    """Return ln(1 + exp(βx)) / β, with the slope σ(βx)."""
    e = np.exp(-abs(beta * x))  # at most 1
    s = np.reciprocal(1.0 + e)
    slope = np.where(x > 0, s, e * s)
    np.log1p(e, out=e)
    e /= beta
    e += np.maximum(x, 0.0)
    return e, slope


def log_sigmoid(x: Array) -> Both:
    """Return ln σ(x), with the slope σ(−x)."""
    y, slope = softplus(-x)
    return np.negative(y, out=y), slope


# x times a gate.


@_in_float64
def swish(x: Array, beta: float = 1.0) -> Both:
    """Return x σ(βx)."""
    u = beta * x
    s, slope = _gates(u)
    slope *= u
    slope += 1.0
    slope *= s
    return x * s, slope


@_in_float64
def mish(x: Array) -> Both:
    """Return x tanh(ln(1 + eˣ)) = x n/(n + 2), where n = u² + 2u and u = eˣ."""
    u = np.exp(np.minimum(x, 150.0))
    gate = u * (u + 2.0)  # n so far
    inverse = np.reciprocal(gate + 2.0)
    gate *= inverse
    u *= u + 1.0
    u *= inverse
    u *= inverse
    u *= 4.0 * x
    u += gate
    return x * gate, u


@_in_float64
def gelu_tanh(x: Array) -> Both:
    """Return x σ(2u), where u = √(2/π) (x + 0.044715 x³) and σ(2u) = (1 + tanh u)/2."""
    scale, cubic = math.sqrt(8 / math.pi), GELU_CUBIC * x * x
    s, opposite = _gates(scale * x * (1 + cubic))
    return x * s, s * (1 + scale * x * (1 + 3 * cubic) * opposite)


@_in_float64
def gelu(x: Array) -> Both:
    """Return x Φ(x), where Φ is the distribution function of the standard normal law."""
    t = abs(x)
    bell = np.exp(t * t / -2)
    tail = bell * _scaled_tail(t)
    cdf = np.where(x < 0, tail, 1 - tail)
    return x * cdf, cdf + x * bell / math.sqrt(2 * math.pi)


def _scaled_tail(t: Array) -> Array:
    """Φ(−t) exp(t²/2) for t ≥ 0, which falls slowly, like 1/t; NumPy has no erf of its own."""
    far = t + 5
    r = (t - 5) / far  # from −1 up to 1
    p: Array = np.full_like(t, _TAIL[-1])
    for coefficient in _TAIL[-2::-1]:
        p *= r
        p += coefficient
    p /= far
    return p


# (t + 5) Φ(−t) exp(t²/2) as a polynomial in r, lowest power first. It passes through the function
# at 21 Chebyshev points and stays within 1e-15 of it between them. The tests compute it anew.
_TAIL = (
    0.769193049750063, -0.6653825028900684, 0.49530561596999373, -0.31353315667043613,
    0.16502036616910737, -0.06911863872545303, 0.020795066827479357, -0.002993376574719397,
    -0.0007978696711036696, 0.0005448979466789302, -5.9374254572626344e-05, -4.97588940707279e-05,
    1.6676472037663173e-05, 3.972040494146394e-06, -2.759874941021964e-06, -3.2349752237852993e-07,
    4.218019214509211e-07, 2.982859361326789e-08, -5.814075965453212e-08, -2.3627806826406506e-09,
    5.151491485332322e-09,
)  # fmt: skip
