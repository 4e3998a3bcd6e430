"""The catalogue of activation functions: closed forms, ranges, kinks, and torch's spelling.

    elu = activations.get("elu")
    elu.value(x, alpha=0.5)        # the formula, stable for every finite x
    elu.derivative(x, alpha=0.5)   # its derivative, written by hand
    elu.by_torch(x, alpha=0.5)     # both, as torch's own function and autograd give them

The formulas here are the book's own; the tests hold them against torch.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

INFINITY = math.inf


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; `closed` says which of the two ends belong to it."""

    low: float
    high: float
    closed: tuple[bool, bool] = (False, False)

    def __contains__(self, number: float) -> bool:
        above = number >= self.low if self.closed[0] else number > self.low
        below = number <= self.high if self.closed[1] else number < self.high
        return above and below

    def __str__(self) -> str:
        ends = ("[" if self.closed[0] else "(", "]" if self.closed[1] else ")")
        return f"{ends[0]}{self.low:g}, {self.high:g}{ends[1]}"


REAL_LINE = Interval(-INFINITY, INFINITY)
POSITIVE = Interval(0.0, INFINITY)
NOT_NEGATIVE = Interval(0.0, INFINITY, (True, False))


@dataclass(frozen=True)
class Parameter:
    """A number that shapes an activation, such as the α of ELU."""

    name: str
    symbol: str
    default: float
    domain: Interval


@dataclass(frozen=True)
class Kink:
    """A point where an activation has no derivative, with its one-sided slopes.

    `limits` are the one-sided limits of the function itself, where it jumps there.
    """

    x: float
    left_slope: float
    right_slope: float
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Reference:
    """The paper in which an activation was proposed."""

    authors: str
    year: int
    title: str
    venue: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}."


def _no_kinks(**_: float) -> tuple[Kink, ...]:
    return ()


@dataclass(frozen=True)
class Activation:
    """One activation function.

    `value`, `derivative`, `truth`, `range` and `kinks` take the entry's parameters as
    keywords; each parameter left out has its default. At a kink `derivative` gives what
    autograd gives in torch.
    """

    name: str
    title: str
    formula: str
    value: Callable[..., Tensor]
    derivative: Callable[..., Tensor]
    truth: Callable[..., Tensor]
    functional: str
    range: Callable[..., Interval]
    reference: Reference
    kinks: Callable[..., tuple[Kink, ...]] = _no_kinks
    parameters: tuple[Parameter, ...] = ()

    def settings(self, **given: float) -> dict[str, float]:
        """Return a value for every parameter: the given one, or its default.

        Raises:
            ValueError: a parameter is unknown or outside its domain.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, number in given.items():
            if name not in known:
                expected = ", ".join(known) or "none"
                raise ValueError(f"{self.title} has no parameter {name!r}. It has: {expected}.")
            if number not in known[name].domain:
                raise ValueError(f"{name} = {number:g} is outside {known[name].domain}.")
        return {name: float(given.get(name, known[name].default)) for name in known}

    def by_torch(self, x: Tensor, **parameters: float) -> tuple[Tensor, Tensor]:
        """Return f(x) by torch's own function and f′(x) by autograd, in the dtype of `x`."""
        leaf = x.detach().clone().requires_grad_()
        y = self.truth(leaf, **parameters)
        (gradient,) = torch.autograd.grad(y.sum(), leaf)
        return y.detach(), gradient


def names() -> list[str]:
    """The names of all entries, in the order of the catalogue."""
    return list(CATALOGUE)


def get(name: str) -> Activation:
    """Return the entry called `name`; capitals, blanks and hyphens do not matter.

    Raises:
        ValueError: there is no such entry; the message lists those there are.
    """
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key not in CATALOGUE:
        raise ValueError(f"There is no activation {name!r}. There are: {', '.join(CATALOGUE)}.")
    return CATALOGUE[key]


# ReLU and its relatives: two straight pieces that meet at 0.


def _relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, torch.zeros_like(x))


def _relu_derivative(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


def _two_pieces(x: Tensor, slope: float) -> Tensor:
    return torch.where(x > 0, x, slope * x)


def _two_pieces_derivative(x: Tensor, slope: float) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), torch.full_like(x, slope))


def _two_pieces_range(slope: float) -> Interval:
    return REAL_LINE if slope > 0 else NOT_NEGATIVE


def _two_pieces_kinks(slope: float) -> tuple[Kink, ...]:
    return () if slope == 1 else (Kink(0.0, slope, 1.0),)


# ELU: a line on the right, an exponential on the left.


def _elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    # expm1 keeps every digit near 0; the clamp keeps the branch not taken from overflowing.
    return torch.where(x > 0, x, alpha * torch.expm1(x.clamp(max=0)))


def _elu_derivative(x: Tensor, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(x.clamp(max=0)))


def _elu_kinks(alpha: float = 1.0) -> tuple[Kink, ...]:
    return () if alpha == 1 else (Kink(0.0, alpha, 1.0),)


# Sigmoid, tanh and what is made of them. Only e to a power of at most 0 is ever computed.


def _sigmoid(x: Tensor) -> Tensor:
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


def _softplus(x: Tensor, beta: float = 1.0) -> Tensor:
    return x.clamp(min=0) + torch.log1p(torch.exp(-(beta * x).abs())) / beta


def _softplus_derivative(x: Tensor, beta: float = 1.0) -> Tensor:
    return _sigmoid(beta * x)


def _swish(x: Tensor, beta: float = 1.0) -> Tensor:
    return x * _sigmoid(beta * x)


def _swish_derivative(x: Tensor, beta: float = 1.0) -> Tensor:
    return _sigmoid(beta * x) + beta * x * _sigmoid_derivative(beta * x)


def _swish_range(beta: float = 1.0) -> Interval:
    # The minimum lies where 1 + βx + e^(βx) = 0 with βx = u, and is (u + 1)/β there.
    return Interval(-0.27846454276107380 / beta, INFINITY, (True, False))


def _gelu(x: Tensor) -> Tensor:
    return x * _normal_cdf(x)


def _gelu_derivative(x: Tensor) -> Tensor:
    return _normal_cdf(x) + x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _normal_cdf(x: Tensor) -> Tensor:
    # erfc, not 1 + erf: the tail on the left is lost to rounding otherwise.
    tail: Tensor = torch.special.erfc(-x / math.sqrt(2))
    return tail / 2


CATALOGUE: dict[str, Activation] = {
    entry.name: entry
    for entry in (
        Activation(
            name="relu",
            title="ReLU",
            formula=r"\max(x, 0)",
            value=_relu,
            derivative=_relu_derivative,
            truth=F.relu,
            functional="F.relu(x)",
            range=lambda: NOT_NEGATIVE,
            kinks=lambda: (Kink(0.0, 0.0, 1.0),),
            reference=Reference(
                "Fukushima, K.",
                1969,
                "Visual feature extraction by a multilayered network of analog threshold elements",
                "IEEE Transactions on Systems Science and Cybernetics 5(4), 322–333",
            ),
        ),
        Activation(
            name="leaky_relu",
            title="Leaky ReLU",
            formula=r"\begin{cases} x & x > 0 \\ s x & x \le 0 \end{cases}",
            value=lambda x, negative_slope=0.01: _two_pieces(x, negative_slope),
            derivative=lambda x, negative_slope=0.01: _two_pieces_derivative(x, negative_slope),
            truth=lambda x, negative_slope=0.01: F.leaky_relu(x, negative_slope),
            functional="F.leaky_relu(x, negative_slope)",
            range=lambda negative_slope=0.01: _two_pieces_range(negative_slope),
            kinks=lambda negative_slope=0.01: _two_pieces_kinks(negative_slope),
            parameters=(Parameter("negative_slope", "s", 0.01, NOT_NEGATIVE),),
            reference=Reference(
                "Maas, A. L., Hannun, A. Y. and Ng, A. Y.",
                2013,
                "Rectifier nonlinearities improve neural network acoustic models",
                "ICML Workshop on Deep Learning for Audio, Speech and Language Processing",
            ),
        ),
        Activation(
            name="prelu",
            title="pReLU",
            formula=r"\max(x, 0) + \alpha \min(x, 0)",
            value=lambda x, alpha=0.25: _two_pieces(x, alpha),
            derivative=lambda x, alpha=0.25: _two_pieces_derivative(x, alpha),
            truth=lambda x, alpha=0.25: F.prelu(x, x.new_tensor([alpha])),
            functional="F.prelu(x, torch.tensor([alpha], dtype=x.dtype))",
            range=lambda alpha=0.25: _two_pieces_range(alpha),
            kinks=lambda alpha=0.25: _two_pieces_kinks(alpha),
            parameters=(Parameter("alpha", "α", 0.25, REAL_LINE),),
            reference=Reference(
                "He, K., Zhang, X., Ren, S. and Sun, J.",
                2015,
                "Delving deep into rectifiers: surpassing human-level performance"
                " on ImageNet classification",
                "ICCV, 1026–1034",
            ),
        ),
        Activation(
            name="elu",
            title="ELU",
            formula=r"\begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}",
            value=_elu,
            derivative=_elu_derivative,
            truth=lambda x, alpha=1.0: F.elu(x, alpha),
            functional="F.elu(x, alpha)",
            range=lambda alpha=1.0: Interval(-alpha, INFINITY),
            kinks=_elu_kinks,
            parameters=(Parameter("alpha", "α", 1.0, POSITIVE),),
            reference=Reference(
                "Clevert, D.-A., Unterthiner, T. and Hochreiter, S.",
                2016,
                "Fast and accurate deep network learning by exponential linear units (ELUs)",
                "ICLR",
            ),
        ),
        Activation(
            name="softplus",
            title="Softplus",
            formula=r"\frac{1}{\beta} \ln\left(1 + e^{\beta x}\right)",
            value=_softplus,
            derivative=_softplus_derivative,
            # Where βx > 20 torch returns x itself: at most 2.1e-9/β below the formula.
            truth=lambda x, beta=1.0: F.softplus(x, beta),
            functional="F.softplus(x, beta)",
            range=lambda beta=1.0: POSITIVE,
            parameters=(Parameter("beta", "β", 1.0, POSITIVE),),
            reference=Reference(
                "Dugas, C., Bengio, Y., Bélisle, F., Nadeau, C. and Garcia, R.",
                2001,
                "Incorporating second-order functional knowledge for better option pricing",
                "Advances in Neural Information Processing Systems 13, 472–478",
            ),
        ),
        Activation(
            name="swish",
            title="Swish",
            formula=r"x\, \sigma(\beta x)",
            value=_swish,
            derivative=_swish_derivative,
            truth=lambda x, beta=1.0: F.silu(beta * x) / beta,
            functional="F.silu(beta * x) / beta",
            range=_swish_range,
            parameters=(Parameter("beta", "β", 1.0, POSITIVE),),
            reference=Reference(
                "Ramachandran, P., Zoph, B. and Le, Q. V.",
                2017,
                "Searching for activation functions",
                "arXiv:1710.05941",
            ),
        ),
        Activation(
            name="gelu",
            title="GELU",
            formula=r"x\, \Phi(x)",
            value=_gelu,
            derivative=_gelu_derivative,
            truth=F.gelu,
            functional="F.gelu(x)",
            range=lambda: Interval(-0.16997120747990369, INFINITY, (True, False)),
            reference=Reference(
                "Hendrycks, D. and Gimpel, K.",
                2016,
                "Gaussian error linear units (GELUs)",
                "arXiv:1606.08415",
            ),
        ),
        Activation(
            name="sigmoid",
            title="Sigmoid",
            formula=r"\frac{1}{1 + e^{-x}}",
            value=_sigmoid,
            derivative=_sigmoid_derivative,
            truth=torch.sigmoid,
            functional="F.sigmoid(x)",
            range=lambda: Interval(0.0, 1.0),
            reference=Reference(
                "Rumelhart, D. E., Hinton, G. E. and Williams, R. J.",
                1986,
                "Learning representations by back-propagating errors",
                "Nature 323, 533–536",
            ),
        ),
        Activation(
            name="tanh",
            title="Tanh",
            formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
            value=_tanh,
            derivative=_tanh_derivative,
            truth=torch.tanh,
            functional="F.tanh(x)",
            range=lambda: Interval(-1.0, 1.0),
            reference=Reference(
                "LeCun, Y., Bottou, L., Orr, G. B. and Müller, K.-R.",
                1998,
                "Efficient BackProp",
                "Neural Networks: Tricks of the Trade, Springer, 9–50",
            ),
        ),
    )
}
