"""Answers to exercise 12: units that are silent on all data, and a step that makes one."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

dead = Bank(checks.dead_units)
rate = Bank(checks.killing_rate)


@dead.right
def all_rows(weight, bias, X):
    return (X @ weight + bias <= 0).all(dim=0)


@dead.right
def strictly_below(weight, bias, X):
    return torch.all(X @ weight + bias < 0, 0)


@dead.right
def largest(weight, bias, X):
    return (X @ weight + bias).max(dim=0).values <= 0


@dead.right
def no_output(weight, bias, X):
    return torch.relu(X @ weight + bias).sum(0) == 0


@dead.right
def not_any(weight, bias, X):
    return ~(torch.addmm(bias, X, weight) > 0).any(0)


@dead.right
def linear(weight, bias, X):
    return F.relu(F.linear(X, weight.T, bias)).count_nonzero(dim=0) == 0


@dead.right
def gradient_of_the_bias(weight, bias, X):
    bias = bias.detach().requires_grad_()
    torch.relu(X @ weight + bias).sum().backward()
    return bias.grad == 0


@dead.right
def gradient_of_the_weights(weight, bias, X):
    weight = weight.detach().requires_grad_()
    torch.relu(X @ weight + bias).sum().backward()
    return (weight.grad == 0).all(dim=0)


@dead.right
def numpy(weight, bias, X):
    z = np.asarray(X) @ np.asarray(weight) + np.asarray(bias)
    return np.all(z <= 0, axis=0)


@dead.right
def arrays_only(weight, bias, X):
    return (X.dot(weight) + bias).max(axis=0).astype(np.float32) < 0


@dead.right
def loops(weight, bias, X):
    verdicts = []
    for unit in range(len(bias)):
        alive = False
        for row in X:
            z = sum(row[i] * weight[i][unit] for i in range(len(row))) + bias[unit]
            alive = alive or bool(z > 0)
        verdicts.append(not alive)
    return verdicts


@dead.right
def zeros_and_ones(weight, bias, X):
    return (X @ weight + bias <= 0).prod(0)


@dead.right
def single_precision(weight, bias, X):
    return (X.float() @ weight.float() + bias.float()).amax(0, keepdim=True) <= 0


@dead.right
def module(weight, bias, X):
    layer = nn.Sequential(nn.Linear(*weight.shape), nn.ReLU())
    layer.load_state_dict({"0.weight": weight.T, "0.bias": bias})
    return (layer(X.float()) == 0).all(0)


@dead.right
def einsum(weight, bias, X):
    z = torch.einsum("ni,ih->hn", X, weight) + bias[:, None]
    return z.le(0).all(1)


@dead.wrong("silent on some rows")
def some_rows(weight, bias, X):
    return (X @ weight + bias <= 0).any(dim=0)


@dead.wrong("silent on some rows")
def smallest(weight, bias, X):
    return (X @ weight + bias).min(dim=0).values <= 0


@dead.wrong("sign of the weights alone")
def negative_weights(weight, bias, X):
    return (weight < 0).all(dim=0)


@dead.wrong("sum of the weights alone")
def sum_of_the_weights(weight, bias, X):
    return weight.sum(0) < 0


@dead.wrong("signs of weights and bias")
def negative_parameters(weight, bias, X):
    return (weight < 0).all(dim=0) & (bias < 0)


@dead.wrong("sign of the bias alone")
def negative_bias(weight, bias, X):
    return bias < 0


@dead.wrong("need not be 0")
def zero_weights(weight, bias, X):
    return (weight == 0).all(0)


@dead.wrong("bias is left out")
def no_bias(weight, bias, X):
    return (X @ weight <= 0).all(0)


@dead.wrong("the other way round")
def alive(weight, bias, X):
    return (X @ weight + bias > 0).any(0)


@dead.wrong("active on every row")
def always_active(weight, bias, X):
    return (X @ weight + bias >= 0).all(0)


@dead.wrong("mean over the rows")
def mean(weight, bias, X):
    return X.mean(0) @ weight + bias <= 0


@dead.wrong("half of the rows")
def mostly_silent(weight, bias, X):
    return (X @ weight + bias <= 0).double().mean(0) > 0.5


@dead.wrong("first row only")
def first_row(weight, bias, X):
    return X[0] @ weight + bias <= 0


@dead.wrong("other axis")
def rows(weight, bias, X):
    return (X @ weight + bias <= 0).all(dim=1)


@dead.wrong("for each row and unit")
def table(weight, bias, X):
    return X @ weight + bias <= 0


@dead.wrong("the numbers of the dead units")
def numbers_of_units(weight, bias, X):
    return (X @ weight + bias <= 0).all(0).nonzero().flatten()


@dead.wrong("how many units are dead")
def count(weight, bias, X):
    return (X @ weight + bias <= 0).all(0).sum()


@dead.wrong("verdict on the whole layer")
def one_verdict(weight, bias, X):
    return bool((X @ weight + bias <= 0).all())


@dead.wrong("largest pre-activation of each unit")
def not_compared(weight, bias, X):
    return (X @ weight + bias).max(0).values


@dead.wrong("counts the silent rows")
def silent_rows(weight, bias, X):
    return (X @ weight + bias <= 0).sum(0)


@dead.wrong("shapes cannot be multiplied")
def weights_of_a_linear_module(weight, bias, X):
    return (F.linear(X, weight, bias) <= 0).all(0)


@dead.wrong("You call no unit dead")
def none(weight, bias, X):
    return torch.zeros(len(bias), dtype=torch.bool)


@dead.wrong(None)
def nearly_dead(weight, bias, X):
    return (X @ weight + bias <= 0.6).all(0)


@dead.wrong(None)
def on_random_inputs(weight, bias, X):
    X = torch.randn(1000, len(weight), generator=torch.Generator().manual_seed(0)).double()
    return (X @ weight + bias <= 0).all(0)


DATA = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
LABELS = torch.tensor([0.5, 1.0, 1.5], dtype=torch.float64)


def gradients():
    w, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (1.0, 0.5))
    return torch.autograd.grad(F.mse_loss(torch.relu(w * DATA + b), LABELS), (w, b))


@rate.right
def one():
    return 1.0


@rate.right
def just_enough():
    g_w, g_b = gradients()
    return ((DATA + 0.5) / (g_w * DATA + g_b)).max()


@rate.right
def both_parameters_negative():
    g_w, g_b = gradients()
    return max(1 / g_w.item(), 0.5 / g_b.item()) + 0.001


@rate.right
def doubling():
    g_w, g_b = gradients()
    size = 1e-3
    while ((1 - size * g_w) * DATA + 0.5 - size * g_b > 0).any():
        size *= 2
    return size


@rate.right
def fraction():
    return Fraction(4, 25)


@rate.right
def huge():
    return np.float32(1e6)


@rate.right
def whole_number():
    return 10


@rate.right
def array():
    return np.array([0.2])


@rate.wrong("A larger step is needed")
def usual():
    return 0.1


@rate.wrong("A larger step is needed")
def small():
    return 1e-3


@rate.wrong("nothing moves")
def zero():
    return 0.0


@rate.wrong("below 0")
def negative():
    return -1.0


@rate.wrong("where the weight gets 0")
def weight_only():
    return (1 / gradients()[0]).item()


@rate.wrong("where the weight gets 0")
def weight_gets_zero():
    return 0.15


@rate.wrong("negative already")
def weight_negative():
    return 0.154


@rate.wrong("silences one example")
def first_to_fall():
    g_w, g_b = gradients()
    return ((DATA + 0.5) / (g_w * DATA + g_b)).min()


@rate.wrong("silences two of the examples")
def middle():
    g_w, g_b = gradients()
    return ((DATA + 0.5) / (g_w * DATA + g_b)).median()


@rate.wrong("sum over the examples")
def for_the_sum():
    g_w, g_b = gradients()
    return ((DATA + 0.5) / (3 * (g_w * DATA + g_b))).max()


@rate.wrong("factor 2")
def two_twice():
    g_w, g_b = gradients()
    return ((DATA + 0.5) / (2 * (g_w * DATA + g_b))).max()


@rate.wrong("should be a number")
def infinite():
    return math.inf


@rate.wrong("shape (2,)")
def new_parameters():
    g_w, g_b = gradients()
    return 1 - g_w.item(), 0.5 - g_b.item()


@rate.wrong("returns a string")
def text():
    return "large"
