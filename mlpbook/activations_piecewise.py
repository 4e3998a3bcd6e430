"""Activations made of straight pieces: ReLU and its relatives, ramps, and shrinkage."""

import torch
import torch.nn.functional as F
from torch import Tensor

from mlpbook.activations_entry import (
    INFINITY,
    NOT_NEGATIVE,
    POSITIVE,
    REAL_LINE,
    Activation,
    Interval,
    Kink,
    Parameter,
    Properties,
    Reference,
)

# Two straight pieces that meet at 0.


def _relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, torch.zeros_like(x))


def _relu_derivative(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


def _two_pieces(x: Tensor, slope: float) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def _two_pieces_derivative(x: Tensor, slope: float) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), torch.full_like(x, slope))


def _two_pieces_properties(slope: float) -> Properties:
    far_left = 0.0 if slope == 0 else -INFINITY if slope > 0 else INFINITY
    return Properties(
        range=REAL_LINE if slope > 0 else NOT_NEGATIVE,
        limits=(far_left, INFINITY),
        monotone=slope >= 0,
        zero_centred=slope == 1,
        kinks=() if slope == 1 else (Kink(0.0, slope, 1.0),),
    )


def rrelu_in_training(
    x: Tensor,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    generator: torch.Generator | None = None,
) -> tuple[Tensor, Tensor]:
    """Return RReLU as it is in training, and the slope drawn for each element.

    Every element of `x` that is not positive gets a slope of its own, uniform on
    [lower, upper); the others have slope 1. The slopes are also the derivative.

    Raises:
        ValueError: `lower` or `upper` is outside its domain.
    """
    settings = RRELU.settings(lower=lower, upper=upper)
    drawn = torch.rand(x.shape, dtype=x.dtype, generator=generator)
    slopes = settings["lower"] + (settings["upper"] - settings["lower"]) * drawn
    slopes = torch.where(x > 0, torch.ones_like(x), slopes)
    return slopes * x, slopes


# A ramp between two flat pieces.


def _ramp_derivative(x: Tensor, low: float, high: float, slope: float = 1.0) -> Tensor:
    return torch.full_like(x, slope) * ((x > low) & (x < high))


def _hardtanh_properties(min_val: float, max_val: float) -> Properties:
    return Properties(
        range=Interval(min_val, max_val, (True, True)),
        limits=(min_val, max_val),
        monotone=True,
        zero_centred=min_val == -max_val,
        kinks=(Kink(min_val, 0.0, 1.0), Kink(max_val, 1.0, 0.0)),
    )


def hardsigmoid_value(x: Tensor) -> Tensor:
    """Return x/6 + 1/2, cut off at 0 and 1. x + 3 is exact where it is small."""
    return (x + 3).clamp(0, 6) / 6


# What is small becomes 0.


def _hardshrink(x: Tensor, lambd: float) -> Tensor:
    return torch.where(x.abs() > lambd, x, torch.zeros_like(x))


def _softshrink(x: Tensor, lambd: float) -> Tensor:
    return x - x.clamp(-lambd, lambd)


def _shrink_derivative(x: Tensor, lambd: float) -> Tensor:
    return (x.abs() > lambd).to(x.dtype)


def _shrink_properties(lambd: float, jump: float) -> Properties:
    left, right = Kink(-lambd, 1.0, 0.0), Kink(lambd, 0.0, 1.0)
    if jump:
        left, right = (
            Kink(-lambd, 1.0, 0.0, limits=(-jump, 0.0)),
            Kink(lambd, 0.0, 1.0, limits=(0.0, jump)),
        )
    return Properties(REAL_LINE, (-INFINITY, INFINITY), True, True, (left, right))


def _threshold(x: Tensor, threshold: float, value: float) -> Tensor:
    return torch.where(x > threshold, x, torch.full_like(x, value))


def _threshold_derivative(x: Tensor, threshold: float, value: float) -> Tensor:
    return (x > threshold).to(x.dtype)


def _threshold_properties(threshold: float, value: float) -> Properties:
    jump = None if value == threshold else (value, threshold)
    return Properties(
        range=Interval(min(value, threshold), INFINITY, (value <= threshold, False)),
        limits=(value, INFINITY),
        monotone=value <= threshold,
        kinks=(Kink(threshold, 0.0, 1.0, jump),),
    )


RELU = Activation(
    name="relu",
    title="ReLU",
    formula=r"\max(x, 0)",
    closed_form=_relu,
    closed_derivative=_relu_derivative,
    torch_form=F.relu,
    behaviour=lambda: _two_pieces_properties(0.0),
    function="torch.relu(x)",
    functional="F.relu(x)",
    module="nn.ReLU()(x)",
    reference=Reference(
        "Fukushima, K.",
        1969,
        "Visual feature extraction by a multilayered network of analog threshold elements",
        "IEEE Transactions on Systems Science and Cybernetics 5(4), 322–333",
    ),
    traps=(
        "At 0 there is no derivative: torch.relu takes 0, torch.maximum(x, 0) ½ and clamp 1.",
        "A unit that is negative on every example has gradient 0 and stays as it is.",
    ),
)

LEAKY_RELU = Activation(
    name="leaky_relu",
    title="Leaky ReLU",
    formula=r"\begin{cases} x & x > 0 \\ s x & x \le 0 \end{cases}",
    closed_form=lambda x, negative_slope: _two_pieces(x, negative_slope),
    closed_derivative=lambda x, negative_slope: _two_pieces_derivative(x, negative_slope),
    torch_form=lambda x, negative_slope: F.leaky_relu(x, negative_slope),
    behaviour=lambda negative_slope: _two_pieces_properties(negative_slope),
    functional="F.leaky_relu(x, negative_slope)",
    module="nn.LeakyReLU(negative_slope)(x)",
    parameters=(Parameter("negative_slope", "s", 0.01, NOT_NEGATIVE),),
    reference=Reference(
        "Maas, A. L., Hannun, A. Y. and Ng, A. Y.",
        2013,
        "Rectifier nonlinearities improve neural network acoustic models",
        "ICML Workshop on Deep Learning for Audio, Speech and Language Processing",
    ),
    traps=("The short form max(sx, x) is the same function only for slopes s of at most 1.",),
)

PRELU = Activation(
    name="prelu",
    title="pReLU",
    formula=r"\max(x, 0) + \alpha \min(x, 0)",
    closed_form=lambda x, alpha: _two_pieces(x, alpha),
    closed_derivative=lambda x, alpha: _two_pieces_derivative(x, alpha),
    torch_form=lambda x, alpha: F.prelu(x, x.new_tensor([alpha])),
    behaviour=lambda alpha: _two_pieces_properties(alpha),
    function="torch.prelu(x, torch.tensor([alpha], dtype=x.dtype))",
    functional="F.prelu(x, torch.tensor([alpha], dtype=x.dtype))",
    module="nn.PReLU(init=alpha, dtype=x.dtype)(x)",
    parameters=(Parameter("alpha", "α", 0.25, REAL_LINE),),
    reference=Reference(
        "He, K., Zhang, X., Ren, S. and Sun, J.",
        2015,
        "Delving deep into rectifiers: surpassing human-level performance"
        " on ImageNet classification",
        "ICCV, 1026–1034",
    ),
    traps=(
        "The slope is a trained weight, so weight decay pulls it towards 0, that is to ReLU.",
        "At 0 F.prelu has gradient α, while the same formula by clamps has 1 + α.",
    ),
)

RRELU = Activation(
    name="rrelu",
    title="RReLU",
    formula=r"\begin{cases} x & x > 0 \\ \frac{l + u}{2} x & x \le 0 \end{cases}",
    closed_form=lambda x, lower, upper: _two_pieces(x, (lower + upper) / 2),
    closed_derivative=lambda x, lower, upper: _two_pieces_derivative(x, (lower + upper) / 2),
    torch_form=lambda x, lower, upper: F.rrelu(x, lower, upper),
    behaviour=lambda lower, upper: _two_pieces_properties((lower + upper) / 2),
    function="torch.rrelu(x, lower, upper)",
    functional="F.rrelu(x, lower, upper)",
    module="nn.RReLU(lower, upper).eval()(x)",
    parameters=(
        Parameter("lower", "l", 1 / 8, NOT_NEGATIVE),
        Parameter("upper", "u", 1 / 3, NOT_NEGATIVE),
    ),
    ascending=("lower", "upper"),
    reference=Reference(
        "Xu, B., Wang, N., Chen, T. and Li, M.",
        2015,
        "Empirical evaluation of rectified activations in convolutional network",
        "arXiv:1505.00853",
    ),
    traps=(
        "The entry is the function of evaluation; in training every element that is not"
        " positive draws a slope of its own, uniform between lower and upper.",
        "A new nn.RReLU is in training mode, but F.rrelu is not unless training=True is given.",
        "The paper divides by a number from 3 to 8 and tests with x/5.5, slope 0.182; torch"
        " multiplies by one from 1/8 to 1/3 and tests with their mean, 0.229.",
    ),
)

RELU6 = Activation(
    name="relu6",
    title="ReLU6",
    formula=r"\min(\max(x, 0), 6)",
    closed_form=lambda x: x.clamp(0, 6),
    closed_derivative=lambda x: _ramp_derivative(x, 0.0, 6.0),
    torch_form=F.relu6,
    behaviour=lambda: _hardtanh_properties(0.0, 6.0),
    functional="F.relu6(x)",
    module="nn.ReLU6()(x)",
    reference=Reference(
        "Krizhevsky, A.",
        2010,
        "Convolutional deep belief networks on CIFAR-10",
        "Technical report, University of Toronto",
    ),
    traps=("Above 6 the gradient is 0 as well, so a unit can be dead on both sides.",),
)

HARDTANH = Activation(
    name="hardtanh",
    title="Hardtanh",
    formula=r"\min(\max(x, a), b)",
    closed_form=lambda x, min_val, max_val: x.clamp(min_val, max_val),
    closed_derivative=lambda x, min_val, max_val: _ramp_derivative(x, min_val, max_val),
    torch_form=lambda x, min_val, max_val: F.hardtanh(x, min_val, max_val),
    behaviour=_hardtanh_properties,
    functional="F.hardtanh(x, min_val, max_val)",
    module="nn.Hardtanh(min_val, max_val)(x)",
    parameters=(
        Parameter("min_val", "a", -1.0, REAL_LINE),
        Parameter("max_val", "b", 1.0, REAL_LINE),
    ),
    ascending=("min_val", "max_val"),
    reference=Reference(
        "Collobert, R.",
        2004,
        "Large scale machine learning",
        "PhD thesis, Université Paris VI",
    ),
    traps=(
        "The values are those of torch.clamp, the gradient at the two ends is not:"
        " hardtanh has 0 there and clamp has 1.",
    ),
)

HARDSIGMOID = Activation(
    name="hardsigmoid",
    title="Hardsigmoid",
    formula=r"\min\left(\max\left(\tfrac{x}{6} + \tfrac{1}{2}, 0\right), 1\right)",
    closed_form=hardsigmoid_value,
    closed_derivative=lambda x: _ramp_derivative(x, -3.0, 3.0, 1 / 6),
    torch_form=F.hardsigmoid,
    behaviour=lambda: Properties(
        range=Interval(0.0, 1.0, (True, True)),
        limits=(0.0, 1.0),
        monotone=True,
        kinks=(Kink(-3.0, 0.0, 1 / 6), Kink(3.0, 1 / 6, 0.0)),
    ),
    functional="F.hardsigmoid(x)",
    module="nn.Hardsigmoid()(x)",
    reference=Reference(
        "Courbariaux, M., Bengio, Y. and David, J.-P.",
        2015,
        "BinaryConnect: training deep neural networks with binary weights during propagations",
        "Advances in Neural Information Processing Systems 28, 3123–3131",
    ),
    traps=(
        "Torch's slope is 1/6; the tangent of sigmoid at 0 has 1/4, and the paper's form"
        " and older Keras have 1/2 and 1/5.",
        "Torch's gradient is the float32 number nearest to 1/6 even in float64, 5e-9 off.",
    ),
)

HARDSHRINK = Activation(
    name="hardshrink",
    title="Hardshrink",
    formula=r"\begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}",
    closed_form=_hardshrink,
    closed_derivative=_shrink_derivative,
    torch_form=F.hardshrink,
    behaviour=lambda lambd: _shrink_properties(lambd, jump=lambd),
    function="torch.hardshrink(x, lambd)",
    functional="F.hardshrink(x, lambd)",
    module="nn.Hardshrink(lambd)(x)",
    parameters=(Parameter("lambd", "λ", 0.5, POSITIVE),),
    reference=Reference(
        "Donoho, D. L. and Johnstone, I. M.",
        1994,
        "Ideal spatial adaptation by wavelet shrinkage",
        "Biometrika 81(3), 425–455",
    ),
    traps=(
        "It jumps at ±λ, and it takes no value y with 0 < |y| ≤ λ.",
        "With λ = 0, which torch allows, it is x itself, yet the gradient at 0 is 0 and not 1.",
    ),
)

SOFTSHRINK = Activation(
    name="softshrink",
    title="Softshrink",
    formula=r"\operatorname{sign}(x) \max(|x| - \lambda, 0)",
    closed_form=_softshrink,
    closed_derivative=_shrink_derivative,
    torch_form=F.softshrink,
    behaviour=lambda lambd: _shrink_properties(lambd, jump=0.0),
    functional="F.softshrink(x, lambd)",
    module="nn.Softshrink(lambd)(x)",
    parameters=(Parameter("lambd", "λ", 0.5, POSITIVE),),
    reference=Reference(
        "Donoho, D. L.",
        1995,
        "De-noising by soft-thresholding",
        "IEEE Transactions on Information Theory 41(3), 613–627",
    ),
    traps=("Every value is λ too small in size, however large x is.",),
)

THRESHOLD = Activation(
    name="threshold",
    title="Threshold",
    formula=r"\begin{cases} x & x > \theta \\ v & x \le \theta \end{cases}",
    closed_form=_threshold,
    closed_derivative=_threshold_derivative,
    torch_form=lambda x, threshold, value: F.threshold(x, threshold, value),
    behaviour=_threshold_properties,
    function="torch.threshold(x, threshold, value)",
    functional="F.threshold(x, threshold, value)",
    module="nn.Threshold(threshold, value)(x)",
    parameters=(
        Parameter("threshold", "θ", 1.0, REAL_LINE),
        Parameter("value", "v", 0.0, REAL_LINE),
    ),
    reference=Reference(
        "Konda, K., Memisevic, R. and Krueger, D.",
        2015,
        "Zero-bias autoencoders and the benefits of co-adapting features",
        "ICLR",
    ),
    traps=(
        "Torch has no defaults for θ and v; the catalogue takes the paper's 1 and 0.",
        "It jumps at θ unless v = θ, and with v > θ it falls there.",
        "No gradient reaches θ or v, since both are plain numbers.",
    ),
)

ENTRIES = (
    RELU,
    LEAKY_RELU,
    PRELU,
    RRELU,
    RELU6,
    HARDTANH,
    HARDSIGMOID,
    HARDSHRINK,
    SOFTSHRINK,
    THRESHOLD,
)
