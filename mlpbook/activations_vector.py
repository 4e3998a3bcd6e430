"""Softmax and its relatives, and the gate GLU: functions of a whole vector."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from mlpbook.activations_entry import INFINITY, REAL_LINE, Interval, Reference, VectorFunction
from mlpbook.activations_smooth import sigmoid_value

# Only e to a power of at most 0 is computed: the largest element is taken off first.


def _softmax(x: Tensor, dim: int) -> Tensor:
    powers = torch.exp(x - x.amax(dim, keepdim=True))
    return powers / powers.sum(dim, keepdim=True)


def _softmax_jacobian(x: Tensor) -> Tensor:
    """Return pᵢ(δᵢⱼ − pⱼ), with 1 − pᵢ as the sum of the other p, which keeps its digits."""
    p = _softmax(x, 0)
    others = p.expand(len(p), len(p)).clone().fill_diagonal_(0).sum(1)
    return torch.diag(p * others) - torch.outer(p, p).fill_diagonal_(0)


def _log_softmax(x: Tensor, dim: int) -> Tensor:
    """Return the logarithm, in which the power of the largest element, 1, goes to log1p."""
    largest, at = x.max(dim, keepdim=True)
    others = torch.exp(x - largest).scatter(dim, at, 0.0)
    return x - largest - torch.log1p(others.sum(dim, keepdim=True))


def _log_softmax_jacobian(x: Tensor) -> Tensor:
    """Return δᵢⱼ − pⱼ."""
    p = _softmax(x, 0)
    others = p.expand(len(p), len(p)).clone().fill_diagonal_(0)
    return torch.diag(others.sum(1)) - others


def _glu(x: Tensor, dim: int) -> Tensor:
    a, b = _halves(x, dim)
    return a * sigmoid_value(b)


def _glu_jacobian(x: Tensor) -> Tensor:
    """Return ∂/∂a = diag(σ(b)) beside ∂/∂b = diag(a σ(b) σ(−b))."""
    a, b = _halves(x, 0)
    gate = sigmoid_value(b)
    return torch.cat([torch.diag(gate), torch.diag(a * gate * sigmoid_value(-b))], dim=1)


def _halves(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    size = x.size(dim)
    if size % 2:
        raise ValueError(f"GLU halves its input; {size} elements along dim {dim} are odd.")
    a, b = x.split(size // 2, dim)
    return a, b


_BRIDLE = Reference(
    "Bridle, J. S.",
    1990,
    "Probabilistic interpretation of feedforward classification network outputs, with"
    " relationships to statistical pattern recognition",
    "Neurocomputing: Algorithms, Architectures and Applications, Springer, 227–236",
)

SOFTMAX = VectorFunction(
    name="softmax",
    title="Softmax",
    formula=r"p_i = \frac{e^{x_i}}{\sum_k e^{x_k}}",
    jacobian_formula=r"p_i (\delta_{ij} - p_j)",
    closed_form=_softmax,
    closed_jacobian=_softmax_jacobian,
    torch_form=lambda x, dim: F.softmax(x, dim),
    range=Interval(0.0, 1.0),
    function="torch.softmax(x, dim)",
    functional="F.softmax(x, dim)",
    module="nn.Softmax(dim)(x)",
    reference=_BRIDLE,
    traps=(
        "Without dim, nn.Softmax guesses one by the number of dimensions and warns.",
        "The loss nn.CrossEntropyLoss wants the scores before softmax and applies it itself.",
        "Adding one number to every score changes nothing, so the Jacobian is singular.",
    ),
)

SOFTMIN = VectorFunction(
    name="softmin",
    title="Softmin",
    formula=r"p_i = \frac{e^{-x_i}}{\sum_k e^{-x_k}}",
    jacobian_formula=r"-p_i (\delta_{ij} - p_j)",
    closed_form=lambda x, dim: _softmax(-x, dim),
    closed_jacobian=lambda x: -_softmax_jacobian(-x),
    torch_form=lambda x, dim: F.softmin(x, dim),
    range=Interval(0.0, 1.0),
    functional="F.softmin(x, dim)",
    module="nn.Softmin(dim)(x)",
    reference=_BRIDLE,
    traps=("It is softmax of −x: the least score gets the largest share.",),
)

SOFTMAX2D = VectorFunction(
    name="softmax2d",
    title="Softmax over channels",
    formula=r"p_{cij} = \frac{e^{x_{cij}}}{\sum_k e^{x_{kij}}}",
    jacobian_formula=r"p_c (\delta_{cd} - p_d)",
    closed_form=_softmax,
    closed_jacobian=_softmax_jacobian,
    torch_form=lambda x, dim: nn.Softmax2d()(x),
    range=Interval(0.0, 1.0),
    functional="F.softmax(x, -3)",
    module="nn.Softmax2d()(x)",
    reference=Reference(
        "Long, J., Shelhamer, E. and Darrell, T.",
        2015,
        "Fully convolutional networks for semantic segmentation",
        "CVPR, 3431–3440",
    ),
    traps=(
        "The name means images, not two dimensions at once: at each pixel the shares of the"
        " channels add up to 1.",
    ),
    default_dim=-3,
)

LOG_SOFTMAX = VectorFunction(
    name="log_softmax",
    title="Log-softmax",
    formula=r"x_i - \ln \sum_k e^{x_k}",
    jacobian_formula=r"\delta_{ij} - p_j",
    closed_form=_log_softmax,
    closed_jacobian=_log_softmax_jacobian,
    torch_form=lambda x, dim: F.log_softmax(x, dim),
    range=Interval(-INFINITY, 0.0),
    function="torch.log_softmax(x, dim)",
    functional="F.log_softmax(x, dim)",
    module="nn.LogSoftmax(dim)(x)",
    reference=Reference(
        "Blanchard, P., Higham, D. J. and Higham, N. J.",
        2021,
        "Accurately computing the log-sum-exp and softmax functions",
        "IMA Journal of Numerical Analysis 41(4), 2311–2330",
    ),
    traps=("Its plain spelling log(softmax(x)) is −∞ as soon as a share rounds to 0.",),
)

GLU = VectorFunction(
    name="glu",
    title="GLU",
    formula=r"a_i\, \sigma(b_i), \quad x = (a, b)",
    jacobian_formula=r"\left(\operatorname{diag} \sigma(b),"
    r"\ \operatorname{diag} a\, \sigma(b)\, \sigma(-b)\right)",
    closed_form=_glu,
    closed_jacobian=_glu_jacobian,
    torch_form=lambda x, dim: F.glu(x, dim),
    range=REAL_LINE,
    functional="F.glu(x, dim)",
    module="nn.GLU(dim)(x)",
    reference=Reference(
        "Dauphin, Y. N., Fan, A., Auli, M. and Grangier, D.",
        2017,
        "Language modeling with gated convolutional networks",
        "ICML, 933–941",
    ),
    traps=(
        "It is a gate and no elementwise activation: half of the input decides how much of the"
        " other half passes.",
        "The output has half as many elements, so the layer before needs twice as many.",
    ),
)

ENTRIES = (SOFTMAX, SOFTMIN, SOFTMAX2D, LOG_SOFTMAX, GLU)
