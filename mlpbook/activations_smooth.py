"""Activations made of exponentials, and Softsign: smooth but for the kink of ELU and SELU.

The formulas never raise e to a positive power, so nothing overflows, and they take no
difference of two numbers that are nearly equal, so small values keep their digits.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from mlpbook.activations_entry import (
    INFINITY,
    POSITIVE,
    REAL_LINE,
    Activation,
    Interval,
    Kink,
    Parameter,
    Properties,
    Reference,
)
from mlpbook.value_and_slope import SELU_ALPHA, SELU_SCALE

# A line on the right, an exponential on the left.


def _elu(x: Tensor, alpha: float) -> Tensor:
    # expm1 keeps every digit near 0; the clamp keeps the branch not taken from overflowing.
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


def _elu_derivative(x: Tensor, alpha: float) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(x.clamp(max=0)))


def _celu(x: Tensor, alpha: float) -> Tensor:
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0) / alpha))


def _celu_derivative(x: Tensor, alpha: float) -> Tensor:
    return torch.exp(x.clamp(max=0) / alpha)


def _exponential_left(level: float, kinks: tuple[Kink, ...] = ()) -> Properties:
    return Properties(Interval(-level, INFINITY), (-level, INFINITY), True, kinks=kinks)


# Sigmoid, tanh and what is made of them.


def sigmoid_value(x: Tensor) -> Tensor:
    """Return 1/(1 + e^(−x)), raising e to negative powers only."""
    small = torch.exp(-x.abs())
    return torch.where(x >= 0, torch.ones_like(x), small) / (1 + small)


def _sigmoid_derivative(x: Tensor) -> Tensor:
    small = torch.exp(-x.abs())
    return small / (1 + small) ** 2


def _tanh(x: Tensor) -> Tensor:
    less = torch.expm1(-2 * x.abs())
    return torch.sign(x) * -less / (2 + less)


def _tanh_derivative(x: Tensor) -> Tensor:
    small = torch.exp(-2 * x.abs())
    return 4 * small / (1 + small) ** 2


def _tanhshrink(x: Tensor) -> Tensor:
    # Near 0 the difference loses its digits. There (x cosh x − sinh x) / cosh x is used, with
    # the numerator as its power series, all of whose terms have the sign of x.
    near = x.clamp(-1, 1)
    series = torch.zeros_like(x)
    for k in range(10, 0, -1):
        series = series * near**2 + 2 * k / math.factorial(2 * k + 1)
    return torch.where(x.abs() < 1, near**3 * series / torch.cosh(near), x - _tanh(x))


def _tanhshrink_derivative(x: Tensor) -> Tensor:
    return _tanh(x) ** 2


def _softplus(x: Tensor, beta: float) -> Tensor:
    return x.clamp(min=0) + torch.log1p(torch.exp(-(beta * x).abs())) / beta


def _softplus_derivative(x: Tensor, beta: float) -> Tensor:
    return sigmoid_value(beta * x)


def _log_sigmoid(x: Tensor) -> Tensor:
    return x.clamp(max=0) - torch.log1p(torch.exp(-x.abs()))


def _log_sigmoid_derivative(x: Tensor) -> Tensor:
    return sigmoid_value(-x)


def _softsign(x: Tensor) -> Tensor:
    return x / (1 + x.abs())


def _softsign_derivative(x: Tensor) -> Tensor:
    return (1 + x.abs()) ** -2


ELU = Activation(
    name="elu",
    title="ELU",
    formula=r"\begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}",
    closed_form=_elu,
    closed_derivative=_elu_derivative,
    torch_form=lambda x, alpha: F.elu(x, alpha),
    behaviour=lambda alpha: _exponential_left(
        alpha, () if alpha == 1 else (Kink(0.0, alpha, 1.0),)
    ),
    functional="F.elu(x, alpha)",
    module="nn.ELU(alpha)(x)",
    parameters=(Parameter("alpha", "α", 1.0, POSITIVE),),
    reference=Reference(
        "Clevert, D.-A., Unterthiner, T. and Hochreiter, S.",
        2016,
        "Fast and accurate deep network learning by exponential linear units (ELUs)",
        "ICLR",
    ),
    traps=(
        "It is smooth at 0 for α = 1 alone.",
        "Its α sets the level −α, not how soon it is reached: 95 % of it at x = −3 for every α.",
    ),
)

CELU = Activation(
    name="celu",
    title="CELU",
    formula=r"\begin{cases} x & x > 0 \\ \alpha (e^{x / \alpha} - 1) & x \le 0 \end{cases}",
    closed_form=_celu,
    closed_derivative=_celu_derivative,
    torch_form=lambda x, alpha: F.celu(x, alpha),
    behaviour=lambda alpha: _exponential_left(alpha),
    function="torch.celu(x, alpha)",
    functional="F.celu(x, alpha)",
    module="nn.CELU(alpha)(x)",
    parameters=(Parameter("alpha", "α", 1.0, POSITIVE),),
    reference=Reference(
        "Barron, J. T.",
        2017,
        "Continuously differentiable exponential linear units",
        "arXiv:1704.07483",
    ),
    traps=(
        "Its α also stretches x, so CELU and ELU agree only for α = 1.",
        "Torch's gradient rounds 1/α to float32 even in float64: 1.3e-7 off at x = −1, α = 0.1.",
    ),
)

SELU = Activation(
    name="selu",
    title="SELU",
    formula=r"\lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}"
    r"\quad \lambda \approx 1.0507,\ \alpha \approx 1.6733",
    closed_form=lambda x: SELU_SCALE * _elu(x, SELU_ALPHA),
    closed_derivative=lambda x: SELU_SCALE * _elu_derivative(x, SELU_ALPHA),
    torch_form=F.selu,
    behaviour=lambda: _exponential_left(
        SELU_SCALE * SELU_ALPHA, (Kink(0.0, SELU_SCALE * SELU_ALPHA, SELU_SCALE),)
    ),
    function="torch.selu(x)",
    functional="F.selu(x)",
    module="nn.SELU()(x)",
    reference=Reference(
        "Klambauer, G., Unterthiner, T., Mayr, A. and Hochreiter, S.",
        2017,
        "Self-normalizing neural networks",
        "Advances in Neural Information Processing Systems 30, 971–980",
    ),
    traps=(
        "It keeps mean 0 and variance 1 only with weights of variance 1/(number of inputs);"
        ' for that, torch\'s initialisations want nonlinearity="linear".',
        "With dropout it needs nn.AlphaDropout, since plain dropout changes mean and variance.",
        "It has a kink at 0: its slope falls from 1.758 to 1.051.",
    ),
)

SOFTPLUS = Activation(
    name="softplus",
    title="Softplus",
    formula=r"\frac{1}{\beta} \ln\left(1 + e^{\beta x}\right)",
    closed_form=_softplus,
    closed_derivative=_softplus_derivative,
    torch_form=lambda x, beta: F.softplus(x, beta),
    behaviour=lambda beta: Properties(POSITIVE, (0.0, INFINITY), True),
    functional="F.softplus(x, beta)",
    module="nn.Softplus(beta)(x)",
    parameters=(Parameter("beta", "β", 1.0, POSITIVE),),
    reference=Reference(
        "Dugas, C., Bengio, Y., Bélisle, F., Nadeau, C. and Garcia, R.",
        2001,
        "Incorporating second-order functional knowledge for better option pricing",
        "Advances in Neural Information Processing Systems 13, 472–478",
    ),
    traps=(
        "Where βx > 20 torch returns x itself, at most 2.1e-9/β below the formula, and slope 1.",
        "At 0 it is not 0 but (ln 2)/β, which is also its largest distance from ReLU.",
    ),
)

LOG_SIGMOID = Activation(
    name="log_sigmoid",
    title="Log-sigmoid",
    formula=r"\ln \frac{1}{1 + e^{-x}}",
    closed_form=_log_sigmoid,
    closed_derivative=_log_sigmoid_derivative,
    torch_form=F.logsigmoid,
    behaviour=lambda: Properties(Interval(-INFINITY, 0.0), (-INFINITY, 0.0), True),
    functional="F.logsigmoid(x)",
    module="nn.LogSigmoid()(x)",
    reference=Reference(
        "Mikolov, T., Sutskever, I., Chen, K., Corrado, G. and Dean, J.",
        2013,
        "Distributed representations of words and phrases and their compositionality",
        "Advances in Neural Information Processing Systems 26, 3111–3119",
    ),
    traps=(
        "It is part of a loss, hardly ever the activation of a hidden layer.",
        "Its plain spelling log(sigmoid(x)) is −∞ in float32 from about x = −89 on.",
    ),
)

SIGMOID = Activation(
    name="sigmoid",
    title="Sigmoid",
    formula=r"\frac{1}{1 + e^{-x}}",
    closed_form=sigmoid_value,
    closed_derivative=_sigmoid_derivative,
    torch_form=torch.sigmoid,
    behaviour=lambda: Properties(Interval(0.0, 1.0), (0.0, 1.0), True),
    function="torch.sigmoid(x)",
    functional="F.sigmoid(x)",
    module="nn.Sigmoid()(x)",
    reference=Reference(
        "Rumelhart, D. E., Hinton, G. E. and Williams, R. J.",
        1986,
        "Learning representations by back-propagating errors",
        "Nature 323, 533–536",
    ),
    traps=(
        "The slope is at most ¼, so a chain of sigmoids shrinks gradients.",
        "All outputs are positive, so the next layer's inputs are not centred.",
        "Torch's gradient is σ(1 − σ), exactly 0 from x = 17 on in float32, where it is 4.1e-8.",
        "With a cross-entropy loss use nn.BCEWithLogitsLoss and leave the sigmoid out.",
    ),
)

TANH = Activation(
    name="tanh",
    title="Tanh",
    formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
    closed_form=_tanh,
    closed_derivative=_tanh_derivative,
    torch_form=torch.tanh,
    behaviour=lambda: Properties(Interval(-1.0, 1.0), (-1.0, 1.0), True, zero_centred=True),
    function="torch.tanh(x)",
    functional="F.tanh(x)",
    module="nn.Tanh()(x)",
    reference=Reference(
        "LeCun, Y., Bottou, L., Orr, G. B. and Müller, K.-R.",
        1998,
        "Efficient BackProp",
        "Neural Networks: Tricks of the Trade, Springer, 9–50",
    ),
    traps=(
        "Its outputs are centred, but it saturates like sigmoid.",
        "The printed formula is nan in float32 from |x| = 89 on; torch.tanh is not.",
        "Torch's gradient is 1 − tanh², exactly 0 from |x| = 10 on in float32, not 8.2e-9.",
    ),
)

SOFTSIGN = Activation(
    name="softsign",
    title="Softsign",
    formula=r"\frac{x}{1 + |x|}",
    closed_form=_softsign,
    closed_derivative=_softsign_derivative,
    torch_form=F.softsign,
    behaviour=lambda: Properties(Interval(-1.0, 1.0), (-1.0, 1.0), True, zero_centred=True),
    functional="F.softsign(x)",
    module="nn.Softsign()(x)",
    reference=Reference(
        "Elliott, D. L.",
        1993,
        "A better activation function for artificial neural networks",
        "Technical report ISR TR 93-8, University of Maryland",
    ),
    traps=(
        "It is once differentiable at 0 but not twice, in spite of |x| in its formula.",
        "It saturates slowly, like 1 − 1/|x|: at x = 9 it has come to 0.9, tanh to 1 − 3e-8.",
        "Far out autograd's slope loses digits: at x = 1e6 in float32 it is 2 % too large.",
    ),
)

TANHSHRINK = Activation(
    name="tanhshrink",
    title="Tanhshrink",
    formula=r"x - \tanh(x)",
    closed_form=_tanhshrink,
    closed_derivative=_tanhshrink_derivative,
    torch_form=F.tanhshrink,
    behaviour=lambda: Properties(REAL_LINE, (-INFINITY, INFINITY), True, zero_centred=True),
    functional="F.tanhshrink(x)",
    module="nn.Tanhshrink()(x)",
    reference=Reference(
        "Collobert, R., Kavukcuoglu, K. and Farabet, C.",
        2011,
        "Torch7: a Matlab-like environment for machine learning",
        "BigLearn, NIPS Workshop",
    ),
    traps=(
        "Near 0 it is about x³/3, and torch's difference x − tanh x has lost those digits:"
        " in float32 nothing right is left at x = 1e-4.",
        "The slope at 0 is 0, so small inputs hardly pass and hardly train.",
    ),
)

ENTRIES = (
    ELU,
    CELU,
    SELU,
    SOFTPLUS,
    LOG_SIGMOID,
    SIGMOID,
    TANH,
    SOFTSIGN,
    TANHSHRINK,
)
