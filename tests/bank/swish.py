"""Answers to exercise 03: the derivative of Swish."""

import math

import numpy as np
import sympy
import torch
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

derivative = Bank(checks.swish_derivative)


@derivative.right
def product_rule(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta * x * s * (1 - s)


@derivative.right
def short_form(x, beta):
    s = torch.sigmoid(beta * x)
    f = x * s
    return beta * f + s * (1 - beta * f)


@derivative.right
def autograd(x, beta):
    x = x.detach().requires_grad_()
    (x * torch.sigmoid(beta * x)).sum().backward()
    return x.grad


@derivative.right
def autograd_through_silu(x, beta):
    if beta == 0:
        return torch.full_like(x, 0.5)
    z = (beta * x).detach().requires_grad_()
    return torch.autograd.grad(F.silu(z).sum(), z)[0]


@derivative.right
def exponentials_in_numpy(x, beta):
    e = np.exp(-beta * np.asarray(x))
    return (1 + e + beta * np.asarray(x) * e) / (1 + e) ** 2


@derivative.right
def array_methods(x, beta):
    z = x.astype(np.float32) * np.float32(beta)
    s = 1 / (1 + np.exp(-z))
    return s * (1 + z * (1 - s))


@derivative.right
def single_numbers(x, beta):
    s = 1 / (1 + math.exp(-beta * x))
    return s + beta * x * s * (1 - s)


@derivative.right
def loop_over_the_entries(x, beta):
    out = torch.empty_like(x)
    for i, value in enumerate(x):
        out[i] = single_numbers(value, beta)
    return out


@derivative.right
def central_difference(x, beta, h=1e-4):
    def swish(x):
        return x * torch.sigmoid(beta * x)

    return (swish(x + h) - swish(x - h)) / (2 * h)


@derivative.right
def with_tanh(x, beta):
    t = torch.tanh(beta * x / 2)
    return (1 + t) / 2 + beta * x * (1 - t**2) / 4


@derivative.right
def with_cosh(x, beta):
    z = beta * x
    return (z / 2 + torch.cosh(z / 2) * torch.exp(z / 2)) / (2 * torch.cosh(z / 2) ** 2)


@derivative.right
def two_tails(x, beta):
    s, t = torch.sigmoid(beta * x), torch.sigmoid(-beta * x)
    return s + beta * x * s * t


@derivative.right
def single_precision(x, beta):
    return product_rule(x.float(), beta)


@derivative.right
def by_sympy(x, beta):
    X, B = sympy.symbols("x beta")
    slope = sympy.diff(X / (1 + sympy.exp(-B * X)), X)
    return sympy.lambdify((X, B), slope, "numpy")(x, beta)


@derivative.right
def by_sympy_for_one_number(x, beta):
    X = sympy.Symbol("x")
    return sympy.diff(X / (1 + sympy.exp(-beta * X)), X).subs(X, x).evalf()


@derivative.right
def forward_mode(x, beta):
    swish = lambda value: value * torch.sigmoid(beta * value)  # noqa: E731
    return torch.func.vmap(torch.func.grad(swish))(x)


@derivative.wrong("dropped β from the chain rule")
def beta_dropped(x, beta):
    s = torch.sigmoid(beta * x)
    return s + x * s * (1 - s)


@derivative.wrong("dropped β from the chain rule")
def beta_dropped_in_the_short_form(x, beta):
    s = torch.sigmoid(beta * x)
    return x * s + s * (1 - x * s)


@derivative.wrong("second β is missing")
def second_beta_dropped(x, beta):
    s = torch.sigmoid(beta * x)
    return beta * x * s + s * (1 - x * s)


@derivative.wrong("first β is missing")
def first_beta_dropped(x, beta):
    s = torch.sigmoid(beta * x)
    return x * s + s * (1 - beta * x * s)


@derivative.wrong("factor x is missing")
def sigmoid_for_swish(x, beta):
    s = torch.sigmoid(beta * x)
    return beta * s + s * (1 - beta * s)


@derivative.wrong("σ(βx) alone")
def no_product_rule(x, beta):
    return torch.sigmoid(beta * x)


@derivative.wrong("second term of the product rule alone")
def second_term_only(x, beta):
    s = torch.sigmoid(beta * x)
    return beta * x * s * (1 - s)


@derivative.wrong("derivative of σ alone")
def bump(x, beta):
    s = torch.sigmoid(beta * x)
    return s * (1 - s)


@derivative.wrong("derivative of σ(βx)")
def product_of_derivatives(x, beta):
    s = torch.sigmoid(beta * x)
    return beta * s * (1 - s)


@derivative.wrong("minus")
def minus(x, beta):
    s = 1 / (1 + np.exp(-beta * np.asarray(x)))
    return s - beta * x * s * (1 - s)


@derivative.wrong("β = 1")
def silu(x, beta):
    x = x.detach().requires_grad_()
    F.silu(x).sum().backward()
    return x.grad


@derivative.wrong("with respect to β")
def other_argument(x, beta):
    betas = torch.full_like(x, beta).requires_grad_()
    (x * torch.sigmoid(betas * x)).sum().backward()
    return betas.grad


@derivative.wrong("Swish itself")
def the_function(x, beta):
    return x / (1 + torch.exp(-beta * x))


@derivative.wrong("factor x is missing")
def x_lost(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta * s * (1 - s)


@derivative.wrong("multiplies both terms")
def beta_in_front(x, beta):
    return beta * product_rule(x, beta)


@derivative.wrong("β is squared")
def beta_squared(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta**2 * x * s * (1 - s)


@derivative.wrong("only in front")
def beta_outside_only(x, beta):
    s = torch.sigmoid(x)
    return s + beta * x * s * (1 - s)


@derivative.wrong("inside the σ of the first term")
def beta_lost_in_the_first_term(x, beta):
    s = torch.sigmoid(beta * x)
    return torch.sigmoid(x) + beta * x * s * (1 - s)


@derivative.wrong("inside the derivative of σ")
def beta_lost_in_the_second_term(x, beta):
    s = torch.sigmoid(x)
    return torch.sigmoid(beta * x) + beta * x * s * (1 - s)


@derivative.wrong("sign in the exponent")
def exponent(x, beta):
    s = 1 / (1 + torch.exp(beta * x))
    return s - beta * x * s * (1 - s)


@derivative.wrong("belongs to tanh")
def tanh_rule(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta * x * (1 - s**2)


@derivative.wrong("1 − σ is missing")
def factor_missing(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta * x * s


@derivative.wrong("factor σ is missing")
def other_factor_missing(x, beta):
    s = torch.sigmoid(beta * x)
    return s + beta * x * (1 - s)


@derivative.wrong("summed up")
def sum_of_slopes(x, beta):
    return product_rule(x, beta).sum()


@derivative.wrong("stops with a NameError")
def forgotten_name(x, beta):
    return sigma(beta * x)  # noqa: F821


@derivative.wrong(None)
def gelu(x, beta):
    x = x.detach().requires_grad_()
    F.gelu(beta * x).sum().backward()
    return x.grad


@derivative.wrong(None)
def one_sided_and_coarse(x, beta, h=0.01):
    return ((x + h) * torch.sigmoid(beta * (x + h)) - x * torch.sigmoid(beta * x)) / h


@derivative.wrong("minus where the product rule has a plus, and β is dropped")
def minus_and_no_beta(x, beta):
    s = torch.sigmoid(beta * x)
    return s - x * s * (1 - s)


@derivative.wrong("rule alone, and β is dropped")
def second_term_without_beta(x, beta):
    s = torch.sigmoid(beta * x)
    return x * s * (1 - s)


@derivative.wrong("σ(x) alone: β is missing")
def sigmoid_without_beta(x, beta):
    return torch.sigmoid(x)


@derivative.wrong("derivative of σ(x) alone")
def bump_without_beta(x, beta):
    return torch.sigmoid(x) * torch.sigmoid(-x)


@derivative.wrong("the first plus is a minus")
def short_form_with_a_minus(x, beta):
    s = torch.sigmoid(beta * x)
    f = x * s
    return beta * f - s * (1 - beta * f)


@derivative.wrong("the minus is a plus")
def short_form_with_a_plus(x, beta):
    s = torch.sigmoid(beta * x)
    f = x * s
    return beta * f + s * (1 + beta * f)
