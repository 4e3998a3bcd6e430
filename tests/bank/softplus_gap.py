"""Answers to exercise 11: softplus and its gap to ReLU."""

import math
from decimal import Decimal

import numpy as np
import sympy
import torch
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

function = Bank(checks.softplus)
gap = Bank(checks.largest_gap)


@function.right
def library(x, beta):
    return F.softplus(x, beta)


@function.right
def module(x, beta):
    return torch.nn.Softplus(beta=beta)(x)


@function.right
def logaddexp(x, beta):
    return torch.logaddexp(beta * x, torch.zeros_like(x)) / beta


@function.right
def logaddexp_in_numpy(x, beta):
    return np.logaddexp(0, beta * np.asarray(x)) / beta


@function.right
def two_parts(x, beta):
    return x.clamp(min=0) + torch.log1p(torch.exp(-beta * x.abs())) / beta


@function.right
def log_of_a_sigmoid(x, beta):
    return -F.logsigmoid(-beta * x) / beta


@function.right
def threshold(x, beta):
    z = beta * x
    return torch.where(z > 30, x, torch.log(1 + torch.exp(z)) / beta)


@function.right
def logsumexp(x, beta):
    return torch.logsumexp(torch.stack([torch.zeros_like(x), beta * x]), dim=0) / beta


@function.right
def single_numbers(x, beta):
    return max(x, 0) + math.log1p(math.exp(-beta * abs(x))) / beta


@function.right
def branches(x, beta):
    if beta * x > 0:
        return x + math.log(1 + math.exp(-beta * x)) / beta
    return math.log(1 + math.exp(beta * x)) / beta


@function.right
def many_digits(x, beta):
    z = Decimal(float(beta)) * Decimal(float(x))
    return float((1 + z.exp()).ln() / Decimal(float(beta)))


@function.right
def single_precision(x, beta):
    return F.softplus(x.float(), beta=beta)


@function.right
def array_methods(x, beta):
    z = x.astype(np.float32) * np.float32(beta)
    return np.where(z > 0, x, 0) + np.log1p(np.exp(-np.fabs(z))) / beta


@function.right
def half_sum(x, beta):
    z = beta * x / 2
    return (z + z.abs() + torch.log1p(torch.exp(-2 * z.abs()))) / beta


@function.right
def naive_with_a_mask(x, beta):
    y = torch.log1p(torch.exp(beta * x)) / beta
    y[torch.isinf(y)] = x[torch.isinf(y)]
    return y


def naive(x, beta):
    return torch.log(1 + torch.exp(beta * x)) / beta


@function.wrong("beyond every float")
def overflows(x, beta):
    return naive(x, beta)


@function.wrong("beyond every float")
def overflows_with_log1p(x, beta):
    return np.log1p(np.exp(beta * np.asarray(x))) / beta


@function.wrong("beyond every float")
def overflows_as_a_plain_number(x, beta):
    return math.log(1 + math.exp(beta * x)) / beta


@function.wrong("beyond every float")
def overflows_in_extended_precision(x, beta):
    return np.log1p(np.exp(np.longdouble(beta) * np.asarray(x, dtype=np.longdouble))) / beta


@function.wrong("e^(−βx) is beyond")
def other_tail(x, beta):
    return x + torch.log1p(torch.exp(-beta * x)) / beta


@function.wrong("beyond every float")
def mask_times_infinity(x, beta):
    mask = beta * x > 30
    return mask * x + ~mask * naive(x, beta)


@function.wrong("clipped or replaced")
def clipped(x, beta):
    return naive(x.clamp(max=20), beta)


@function.wrong("clipped or replaced")
def infinity_replaced(x, beta):
    return torch.nan_to_num(naive(x, beta))


@function.wrong("not on x")
def threshold_on_x(x, beta):
    return torch.where(x > 20, x, naive(x, beta))


@function.wrong("division by β is missing")
def no_division(x, beta):
    return F.softplus(beta * x)


@function.wrong("missing inside the exponential")
def beta_below_only(x, beta):
    return F.softplus(x) / beta


@function.wrong("β is missing everywhere")
def without_beta(x, beta):
    return torch.logaddexp(x, torch.zeros_like(x))


@function.wrong("multiply by β at the end")
def multiplied(x, beta):
    return beta * torch.logaddexp(beta * x, torch.zeros_like(x))


@function.wrong("the other way round")
def temperature(x, beta):
    return beta * F.softplus(x / beta)


@function.wrong("sign in the exponent")
def mirrored(x, beta):
    return F.softplus(-x, beta)


@function.wrong("This is ReLU")
def relu(x, beta):
    return torch.relu(x)


@function.wrong("This is σ(βx)")
def sigmoid(x, beta):
    return torch.sigmoid(beta * x)


@function.wrong("1 is missing")
def identity(x, beta):
    return torch.log(torch.exp(beta * x)) / beta


@function.wrong("1 too many")
def one_too_many(x, beta):
    return torch.log1p(1 + torch.exp(beta * x)) / beta


@function.wrong("base 2")
def base_two(x, beta):
    return torch.log2(1 + torch.exp(beta * x)) / beta


@function.wrong("β = 10, whatever beta is")
def hard_coded(x, beta):
    return F.softplus(x, beta=10)


@function.wrong("gap between softplus and ReLU")
def only_the_gap(x, beta):
    return F.softplus(x, beta) - torch.relu(x)


@function.wrong("the division by β is missing")
def tail_not_divided(x, beta):
    return torch.relu(x) + torch.log1p(torch.exp(-beta * x.abs()))


@function.wrong("divide max(x, 0) by β as well")
def all_divided(x, beta):
    return (torch.relu(x) + torch.log1p(torch.exp(-beta * x.abs()))) / beta


@function.wrong(None)
def smoothed_otherwise(x, beta):
    return (x + torch.sqrt(x * x + 4 / beta**2)) / 2


@function.wrong(None)
def elu(x, beta):
    return F.elu(x, beta)


@gap.right
def closed_form(beta):
    return math.log(2) / beta


@gap.right
def value_at_the_kink(beta):
    return F.softplus(torch.zeros((), dtype=torch.float64), beta).item()


@gap.right
def tensor(beta):
    return torch.tensor(2.0).log() / beta


@gap.right
def largest_on_a_grid(beta):
    x = torch.arange(-400, 401, dtype=torch.float64) / 100
    return (F.softplus(x, beta) - torch.relu(x)).max()


@gap.right
def by_sympy(beta):
    return sympy.log(2) / beta


@gap.right
def by_sympy_limit(beta):
    x = sympy.Symbol("x")
    return (sympy.log(1 + sympy.exp(sympy.Rational(str(beta)) * x)) / beta).subs(x, 0).evalf()


@gap.right
def inverse_hyperbolic(beta):
    return 2 * math.atanh(1 / 3) / beta


@gap.right
def golden_section(beta):
    def distance(x):
        return math.log1p(math.exp(-beta * abs(x))) / beta

    low, high = -1.0, 1.5
    for _ in range(100):
        a, b = low + 0.382 * (high - low), high - 0.382 * (high - low)
        low, high = (low, b) if distance(a) > distance(b) else (a, high)
    return distance((low + high) / 2)


@gap.right
def entropy_of_a_coin(beta):
    p = torch.tensor([0.5, 0.5])
    return -(p * p.log()).sum().item() / beta


@gap.right
def array_of_one(beta):
    return np.logaddexp(0, np.zeros(1)) / beta


@gap.wrong("1/β")
def inverse(beta):
    return 1 / beta


@gap.wrong("1/β")
def logarithm_to_base_two(beta):
    return math.log2(2) / beta


@gap.wrong("multiply by β")
def times(beta):
    return math.log(2) * beta


@gap.wrong("β is missing")
def constant(beta):
    return math.log(2)


@gap.wrong("inverse of the gap")
def upside_down(beta):
    return beta / math.log(2)


@gap.wrong("base 10")
def base_ten(beta):
    return math.log10(2) / beta


@gap.wrong("sign is wrong")
def relu_minus_softplus(beta):
    return -math.log(2) / beta


@gap.wrong("This is 0")
def where_it_is(beta):
    return 0.0


@gap.wrong("This is 0")
def far_out(beta):
    x = torch.tensor(1e4, dtype=torch.float64)
    return F.softplus(x, beta) - torch.relu(x)


@gap.wrong("½/β")
def half(beta):
    return 0.5 / beta


@gap.wrong("logarithm is missing")
def no_logarithm(beta):
    return 2 / beta


@gap.wrong("inside the logarithm")
def inside(beta):
    return math.log(1 + beta) / beta


@gap.wrong("inside the logarithm")
def two_beta(beta):
    return math.log(2 * beta)


@gap.wrong("divide by β twice")
def squared(beta):
    return math.log(2) / beta**2


@gap.wrong("gap at x = 1")
def at_one(beta):
    return F.softplus(torch.tensor(1.0), beta) - 1


@gap.wrong("rounded number")
def rounded(beta):
    return 0.69 / beta


@gap.wrong("falls a little short")
def grid_without_zero(beta):
    x = torch.linspace(-5, 5, 1000, dtype=torch.float64)
    return (F.softplus(x, beta) - torch.relu(x)).max()


@gap.wrong("division by 0")
def divides_by_zero(beta):
    return math.log(2) / (beta - beta)


@gap.wrong("look for an overflow")
def overflow_on_a_grid(beta):
    x = torch.arange(-1e4, 1e4 + 1, dtype=torch.float64)
    return (torch.log(1 + torch.exp(beta * x)) / beta - torch.relu(x)).max()


@gap.wrong(None)
def mean_gap(beta):
    x = torch.arange(-5, 5.1, 0.1, dtype=torch.float64)
    return (F.softplus(x, beta) - torch.relu(x)).mean()


@function.wrong("the absolute value is missing")
def split_without_the_absolute_value(x, beta):
    return torch.relu(x) + torch.log1p(torch.exp(-beta * x)) / beta
