"""Activations that multiply x by a gate g(x) between 0 and 1: Swish, Hardswish, Mish, GELU.

None of them is monotone. Their derivatives are g + x g′.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mlpbook.activations_entry import (
    INFINITY,
    POSITIVE,
    Activation,
    Interval,
    Kink,
    Parameter,
    Properties,
    Reference,
)
from mlpbook.activations_piecewise import hardsigmoid_value
from mlpbook.activations_smooth import sigmoid_value
from mlpbook.value_and_slope import GELU_CUBIC


def _gated(low: float) -> Properties:
    return Properties(Interval(low, INFINITY, (True, False)), (0.0, INFINITY), False)


def _swish(x: Tensor, beta: float) -> Tensor:
    return x * sigmoid_value(beta * x)


def _swish_derivative(x: Tensor, beta: float) -> Tensor:
    return sigmoid_value(beta * x) * (1 + beta * x * sigmoid_value(-beta * x))


def _hardswish(x: Tensor) -> Tensor:
    return x * hardsigmoid_value(x)


def _hardswish_derivative(x: Tensor) -> Tensor:
    parabola = torch.where(x > -3, (2 * x + 3) / 6, torch.zeros_like(x))
    return torch.where(x < 3, parabola, torch.ones_like(x))


def _mish_gate(x: Tensor) -> Tensor:
    # tanh(ln(1 + u)) = (u² + 2u) / (u² + 2u + 2) with u = eˣ, divided by u² on the right.
    small = torch.exp(-x.abs())
    above = torch.where(x > 0, 1 + 2 * small, small * (small + 2))
    return above / (above + torch.where(x > 0, 2 * small**2, torch.full_like(x, 2.0)))


def _mish(x: Tensor) -> Tensor:
    return x * _mish_gate(x)


def _mish_derivative(x: Tensor) -> Tensor:
    small = torch.exp(-x.abs())
    square = small**2
    right = 4 * square * (1 + small) / (1 + 2 * small + 2 * square) ** 2
    left = 4 * small * (1 + small) / (2 + 2 * small + square) ** 2
    return _mish_gate(x) + x * torch.where(x > 0, right, left)


def _normal_cdf(x: Tensor) -> Tensor:
    # erfc, not 1 + erf: the tail on the left is lost to rounding otherwise.
    tail: Tensor = torch.special.erfc(-x / math.sqrt(2))
    return tail / 2


def _gelu(x: Tensor) -> Tensor:
    return x * _normal_cdf(x)


def _gelu_derivative(x: Tensor) -> Tensor:
    return _normal_cdf(x) + x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


# (1 + tanh u)/2 = σ(2u), and 2u is a cubic in x.
_GELU_SLOPE = 2 * math.sqrt(2 / math.pi)


def _gelu_cubic(x: Tensor) -> Tensor:
    return _GELU_SLOPE * x * (1 + GELU_CUBIC * x**2)


def _gelu_tanh(x: Tensor) -> Tensor:
    return x * sigmoid_value(_gelu_cubic(x))


def _gelu_tanh_derivative(x: Tensor) -> Tensor:
    # Beyond ±100 the gate is 0 or 1 to every digit; the clamp keeps x² from overflowing.
    cubic, near = _gelu_cubic(x), x.clamp(-100, 100)
    steepness = _GELU_SLOPE * near * (1 + 3 * GELU_CUBIC * near**2)
    return sigmoid_value(cubic) * (1 + steepness * sigmoid_value(-cubic))


SWISH = Activation(
    name="swish",
    title="Swish",
    formula=r"x\, \sigma(\beta x)",
    closed_form=_swish,
    closed_derivative=_swish_derivative,
    torch_form=lambda x, beta: F.silu(beta * x) / beta,
    # The minimum lies where 1 + u + eᵘ = 0 with u = βx, and is (u + 1)/β there.
    behaviour=lambda beta: _gated(-0.27846454276107380 / beta),
    functional="F.silu(beta * x) / beta",
    module="nn.SiLU()(beta * x) / beta",
    parameters=(Parameter("beta", "β", 1.0, POSITIVE),),
    reference=Reference(
        "Ramachandran, P., Zoph, B. and Le, Q. V.",
        2017,
        "Searching for activation functions",
        "arXiv:1710.05941",
    ),
    traps=(
        "Torch has only β = 1 and calls it SiLU, the older name (Hendrycks and Gimpel 2016;"
        " Elfwing, Uchibe and Doya 2018).",
        "It is not monotone: the least value is −0.2785/β, at x = −1.278/β.",
        "At −∞ the formula is −∞ times 0: torch gives nan, though the limit is 0.",
    ),
)

HARDSWISH = Activation(
    name="hardswish",
    title="Hardswish",
    formula=r"\tfrac{x}{6} \min(\max(x + 3, 0), 6)",
    closed_form=_hardswish,
    closed_derivative=_hardswish_derivative,
    torch_form=F.hardswish,
    behaviour=lambda: Properties(
        range=Interval(-0.375, INFINITY, (True, False)),
        limits=(0.0, INFINITY),
        monotone=False,
        kinks=(Kink(-3.0, 0.0, -0.5), Kink(3.0, 1.5, 1.0)),
    ),
    functional="F.hardswish(x)",
    module="nn.Hardswish()(x)",
    reference=Reference(
        "Howard, A. et al.",
        2019,
        "Searching for MobileNetV3",
        "ICCV, 1314–1324",
    ),
    traps=(
        "Unlike Swish it has two kinks, and left of −3 its gradient is exactly 0.",
        "Torch multiplies by up to 6 before it divides, so above 5.7e37 float32 overflows.",
    ),
)

MISH = Activation(
    name="mish",
    title="Mish",
    formula=r"x \tanh\left(\ln(1 + e^x)\right)",
    closed_form=_mish,
    closed_derivative=_mish_derivative,
    torch_form=F.mish,
    behaviour=lambda: _gated(-0.30884341301725040),
    functional="F.mish(x)",
    module="nn.Mish()(x)",
    reference=Reference(
        "Misra, D.",
        2020,
        "Mish: a self regularized non-monotonic activation function",
        "BMVC",
    ),
    traps=("It is not monotone: the least value is −0.3088, at x = −1.192.",),
)

GELU = Activation(
    name="gelu",
    title="GELU",
    formula=r"x\, \Phi(x)",
    closed_form=_gelu,
    closed_derivative=_gelu_derivative,
    torch_form=F.gelu,
    behaviour=lambda: _gated(-0.16997120747990369),
    functional="F.gelu(x)",
    module="nn.GELU()(x)",
    reference=Reference(
        "Hendrycks, D. and Gimpel, K.",
        2016,
        "Gaussian error linear units (GELUs)",
        "arXiv:1606.08415",
    ),
    traps=(
        "Many networks were trained with the tanh form, which differs by up to 4.7e-4.",
        "It is not monotone: the least value is −0.1700, at x = −0.752.",
        "Torch loses the left tail: F.gelu at −6 is −0 in float32, where it is −5.9e-9.",
    ),
)

GELU_TANH = Activation(
    name="gelu_tanh",
    title="GELU (tanh form)",
    formula=r"\tfrac{x}{2} \left(1 + \tanh\left("
    r"\sqrt{2 / \pi}\, (x + 0.044715\, x^3)\right)\right)",
    closed_form=_gelu_tanh,
    closed_derivative=_gelu_tanh_derivative,
    torch_form=lambda x: F.gelu(x, approximate="tanh"),
    behaviour=lambda: _gated(-0.17004075057125405),
    functional='F.gelu(x, approximate="tanh")',
    module='nn.GELU(approximate="tanh")(x)',
    reference=GELU.reference,
    traps=(
        "It is an approximation made for speed; torch takes the exact form unless told.",
        "The paper's third form x σ(1.702 x) is coarser; torch has no name for it.",
        "Where x² overflows, from 1.9e19 on in float32, torch's gradient is nan.",
    ),
)

ENTRIES = (SWISH, HARDSWISH, MISH, GELU, GELU_TANH)
