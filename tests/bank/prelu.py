"""Answers to exercise 02: the derivatives of pReLU."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

derivative = Bank(checks.prelu_derivative)
slope = Bank(checks.prelu_slope_derivative)


@derivative.right
def where_strict(x, alpha):
    return torch.where(x > 0, 1.0, alpha)


@derivative.right
def where_with_equality(x, alpha):
    return torch.where(x >= 0, torch.ones_like(x), alpha * torch.ones_like(x))


@derivative.right
def by_sign(x, alpha):
    return (1 + alpha) / 2 + (1 - alpha) / 2 * torch.sign(x)


@derivative.right
def autograd_through_prelu(x, alpha):
    x = x.detach().requires_grad_()
    F.prelu(x, torch.tensor(alpha, dtype=x.dtype)).sum().backward()
    return x.grad


@derivative.right
def autograd_that_keeps_its_graph(x, alpha):
    x = x.clone().requires_grad_()
    y = torch.clamp(x, min=0) + alpha * torch.clamp(x, max=0)
    return torch.autograd.grad(y.sum(), x, create_graph=True)[0]


@derivative.right
def autograd_with_a_slope_that_must_be_a_tensor(x, alpha):
    x = x.detach().requires_grad_()
    F.prelu(x, alpha).sum().backward()
    return x.grad


@derivative.right
def a_float32_module(x, alpha):
    x = x.float().requires_grad_()
    nn.PReLU(init=alpha)(x).sum().backward()
    return x.grad


@derivative.right
def a_module_that_takes_float32_only(x, alpha):
    x = x.detach().requires_grad_()
    nn.PReLU(init=alpha)(x).sum().backward()
    return x.grad


@derivative.right
def numpy_masks(x, alpha):
    x = np.asarray(x)
    return (x > 0) + alpha * (x < 0)


@derivative.right
def numpy_that_needs_an_array(x, alpha):
    out = x.copy()
    out[x > 0] = 1
    out[x <= 0] = alpha
    return out


@derivative.right
def one_number_at_a_time(x, alpha):
    if x > 0:
        return 1
    return alpha


@derivative.right
def one_plain_number_at_a_time(x, alpha):
    return (math.copysign(1, x) + 1) / 2 * (1 - alpha) + alpha


@derivative.right
def nothing_at_the_kink(x, alpha):
    return None if x == 0 else 1.0 if x > 0 else float(alpha)


@derivative.right
def nan_at_the_kink(x, alpha):
    return torch.where(x == 0, torch.nan, torch.where(x > 0, 1.0, alpha))


@derivative.right
def a_list(x, alpha):
    return [1.0 if value > 0 else alpha for value in x.tolist()]


@derivative.right
def a_list_of_tensors(x, alpha):
    return [torch.tensor(1.0) if value > 0 else torch.tensor(float(alpha)) for value in x]


@derivative.right
def heaviside(x, alpha):
    return alpha + (1 - alpha) * torch.heaviside(x, torch.tensor(0.5, dtype=x.dtype))


@derivative.right
def quotient(x, alpha):
    return F.leaky_relu(x, alpha) / x


@derivative.right
def central_difference(x, alpha, h=1e-4):
    def prelu(x):
        return x.clamp(min=0) + alpha * x.clamp(max=0)

    return (prelu(x + h) - prelu(x - h)) / (2 * h)


@derivative.right
def fine_difference_with_a_slope_that_must_be_a_tensor(x, alpha, h=1e-7):
    return (F.prelu(x + h, alpha) - F.prelu(x - h, alpha)) / (2 * h)


@derivative.right
def fractions_of_plain_numbers(x, alpha):
    x = Fraction(x)
    return max(x, 0) / x + Fraction(alpha) * min(x, 0) / x


@derivative.right
def half_precision(x, alpha):
    return torch.where(x > 0, 1.0, alpha).half()


@derivative.right
def vectorised_gradient(x, alpha):
    one = torch.func.grad(lambda value: torch.where(value > 0, value, alpha * value))
    return torch.func.vmap(one)(x)


@derivative.wrong("α on both sides")
def alpha_everywhere(x, alpha):
    return torch.full_like(x, alpha)


@derivative.wrong("slope 1 on both sides")
def one_everywhere(x, alpha):
    return torch.ones_like(x)


@derivative.wrong("derivative of ReLU")
def relu(x, alpha):
    return (x > 0).double()


@derivative.wrong("derivative of ReLU")
def relu_truth_values(x, alpha):
    return x > 0


@derivative.wrong("added everywhere")
def sum_of_both(x, alpha):
    return 1 + alpha * torch.ones_like(x)


@derivative.wrong("for x < 0 is 1 + α")
def sum_on_the_left(x, alpha):
    return 1 + alpha * (x < 0)


@derivative.wrong("for x > 0 is 1 + α")
def sum_on_the_right(x, alpha):
    return alpha + 1.0 * (x > 0)


@derivative.wrong("sign of α is wrong")
def minus_alpha(x, alpha):
    return torch.where(x > 0, 1.0, -alpha)


@derivative.wrong("1 − α")
def one_minus_alpha(x, alpha):
    return torch.where(x > 0, 1.0, 1 - alpha)


@derivative.wrong("swapped")
def swapped(x, alpha):
    return torch.where(x > 0, alpha, 1.0)


@derivative.wrong("swapped")
def swapped_numpy_float32(x, alpha):
    return np.where(np.asarray(x) < 0, 1, alpha).astype(np.float32)


@derivative.wrong("swapped")
def swapped_for_single_numbers(x, alpha):
    if x < 0:
        return 1.0
    return alpha


@derivative.wrong("slope 0.01 is fixed")
def leaky_relu(x, alpha):
    x = x.detach().requires_grad_()
    F.leaky_relu(x).sum().backward()
    return x.grad


@derivative.wrong("slope 0.25 is fixed")
def module_with_its_own_slope(x, alpha):
    x = x.float().requires_grad_()
    nn.PReLU()(x).sum().backward()
    return x.grad


@derivative.wrong("with respect to α")
def other_argument(x, alpha):
    return x.clamp(max=0)


@derivative.wrong("pReLU itself")
def the_function(x, alpha):
    return F.leaky_relu(x, alpha)


@derivative.wrong("α·x")
def value_on_the_left(x, alpha):
    return torch.where(x > 0, 1.0, alpha * x)


@derivative.wrong("For x > 0 you have x")
def value_on_the_right(x, alpha):
    return torch.where(x > 0, x, alpha)


@derivative.wrong("only while α ≤ 1")
def as_a_maximum(x, alpha):
    x = x.detach().requires_grad_()
    torch.maximum(x, alpha * x).sum().backward()
    # Where the two are equal, for α = 1, autograd takes the mean of two equal slopes.
    return x.grad


@derivative.wrong("sign of x")
def sign(x, alpha):
    return torch.sign(x)


@derivative.wrong("sign of α is lost")
def size_of_alpha(x, alpha):
    return torch.where(x > 0, 1.0, abs(alpha))


@derivative.wrong("α²")
def alpha_squared(x, alpha):
    return torch.where(x > 0, 1.0, alpha * alpha)


@derivative.wrong("1/α")
def one_over_alpha(x, alpha):
    return torch.where(x > 0, 1.0, 1 / alpha)


@derivative.wrong("summed up")
def mean_slope(x, alpha):
    return torch.where(x > 0, 1.0, alpha).mean()


@derivative.wrong("first entry")
def tuple_of_autograd(x, alpha):
    x = x.detach().requires_grad_()
    return torch.autograd.grad(F.leaky_relu(x, alpha).sum(), x)


@derivative.wrong(None)
def a_little_off(x, alpha):
    return torch.where(x > 0, 1.0, alpha) + 1e-3


@derivative.wrong(None)
def right_for_large_inputs_only(x, alpha):
    return torch.where(x.abs() < 1, 0.5, torch.where(x > 0, 1.0, alpha))


@derivative.wrong(None)
def whole_numbers(x, alpha):
    return torch.where(x > 0, 1.0, alpha).long()


@slope.right
def clamp(x, alpha):
    return x.clamp(max=0)


@slope.right
def minimum(x, alpha):
    return torch.minimum(x, torch.zeros_like(x))


@slope.right
def numpy_minimum(x, alpha):
    return np.minimum(np.asarray(x), 0)


@slope.right
def minus_relu_of_minus_x(x, alpha):
    return -F.relu(-x)


@slope.right
def half_of_x_minus_its_size(x, alpha):
    return (x - abs(x)) / 2


@slope.right
def python_minimum(x, alpha):
    return min(x, 0)


@slope.right
def branch(x, alpha):
    return 0 if x > 0 else x


@slope.right
def one_alpha_for_each(x, alpha):
    slopes = torch.full_like(x, alpha).requires_grad_()
    (x.clamp(min=0) + slopes * x.clamp(max=0)).sum().backward()
    return slopes.grad


@slope.right
def forward_mode(x, alpha):
    alpha = torch.as_tensor(alpha, dtype=x.dtype)
    return torch.func.jacfwd(lambda a: torch.where(x > 0, x, a * x))(alpha)


@slope.right
def autograd_for_one_number(x, alpha):
    alpha = torch.tensor(alpha, dtype=x.dtype, requires_grad=True)
    y = F.prelu(x, alpha)
    y.backward()
    return alpha.grad


@slope.right
def float32(x, alpha):
    return torch.where(x.float() < 0, x.float(), 0)


@slope.right
def difference_quotient(x, alpha, h=1e-5):
    return (F.leaky_relu(x, alpha + h) - F.leaky_relu(x, alpha - h)) / (2 * h)


@slope.wrong("with respect to x")
def derivative_for_x(x, alpha):
    return torch.where(x > 0, 1.0, alpha)


@slope.wrong("pReLU itself")
def value(x, alpha):
    return np.where(x > 0, x, alpha * np.asarray(x))


@slope.wrong("x on both sides")
def x_everywhere(x, alpha):
    return x.clone()


@slope.wrong("swapped")
def maximum(x, alpha):
    return x.clamp(min=0)


@slope.wrong("For x < 0 you have 1")
def mask(x, alpha):
    return (x < 0).to(x.dtype)


@slope.wrong("For x < 0 you have α:")
def alpha_on_the_left(x, alpha):
    return torch.where(x > 0, 0.0, alpha)


@slope.wrong("α·x")
def factor_kept(x, alpha):
    return alpha * x.clamp(max=0)


@slope.wrong("sign is wrong")
def sign_lost(x, alpha):
    return F.relu(-x)


@slope.wrong("you have −1")
def minus_mask(x, alpha):
    return -1.0 * (x < 0)


@slope.wrong("For x > 0 you have 1")
def one_on_the_right(x, alpha):
    return torch.where(x > 0, 1.0, x)


@slope.wrong("For x > 0 you have x")
def size(x, alpha):
    return abs(x)


@slope.wrong("0 everywhere")
def zero(x, alpha):
    return torch.zeros_like(x)


@slope.wrong("added on top")
def x_plus_alpha(x, alpha):
    return torch.where(x > 0, 0.0, x + alpha)


_shared = torch.tensor(0.25, dtype=torch.float64, requires_grad=True)


@slope.wrong("add up between calls")
def gradient_that_is_never_cleared(x, alpha):
    _shared.data.fill_(alpha)
    if x > 0 or x <= 0:
        F.prelu(x, _shared).backward()
    return _shared.grad.clone()


@slope.wrong("summed up")
def gradient_of_the_sum(x, alpha):
    alpha = torch.tensor(alpha, dtype=x.dtype, requires_grad=True)
    F.prelu(x, alpha).sum().backward()
    return alpha.grad


@slope.wrong(None)
def cubed(x, alpha):
    return x.clamp(max=0) ** 3


@slope.wrong(None)
def scaled(x, alpha):
    return 1.01 * x.clamp(max=0)


@derivative.wrong("The slope 0.3 is fixed")
def slope_of_another_library(x, alpha):
    return torch.where(x > 0, 1.0, 0.3)


@derivative.wrong("0 everywhere")
def flat_everywhere(x, alpha):
    return torch.zeros_like(x)
