"""Answers to the second part of exercise 08: the gradient of the mean squared error."""

import numpy as np
import sympy
import torch
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

gradient = Bank(checks.mse_gradient)


@gradient.right
def closed_form(w, x, y):
    return (2 * (w * x - y) * x).mean()


@gradient.right
def autograd(w, x, y):
    w = w.detach().requires_grad_()
    F.mse_loss(w * x, y).backward()
    return w.grad


@gradient.right
def autograd_of_a_plain_number(w, x, y):
    w = torch.tensor(float(w), requires_grad=True)
    return torch.autograd.grad(((w * x - y) ** 2).mean(), w)


@gradient.right
def in_place_requires_grad(w, x, y):
    w.requires_grad_()
    loss = torch.nn.MSELoss()(x * w, y)
    loss.backward()
    return w.grad.item()


@gradient.right
def two_moments(w, x, y):
    return 2 * (w * (x * x).mean() - (x * y).mean())


@gradient.right
def inner_product(w, x, y):
    return 2 / len(x) * torch.dot(x, w * x - y)


@gradient.right
def numpy_mean(w, x, y):
    return 2 * np.mean((w * np.asarray(x) - np.asarray(y)) * np.asarray(x))


@gradient.right
def plain_loop(w, x, y):
    total = 0.0
    for xi, yi in zip(x, y, strict=True):
        total += 2 * (w * xi - yi) * xi
    return total / len(x)


@gradient.right
def functional(w, x, y):
    return torch.func.grad(lambda w: ((w * x - y) ** 2).mean())(w)


@gradient.right
def central_difference(w, x, y, h=1e-4):
    loss = lambda w: ((w * x - y) ** 2).mean()  # noqa: E731
    return (loss(w + h) - loss(w - h)) / (2 * h)


@gradient.right
def single_precision(w, x, y):
    return closed_form(float(w), x.float(), y.float())


@gradient.right
def by_sympy(w, x, y):
    W = sympy.Symbol("w")
    loss = sum((W * float(a) - float(b)) ** 2 for a, b in zip(x, y, strict=True)) / len(x)
    return sympy.diff(loss, W).subs(W, float(w))


@gradient.right
def for_a_vector_of_weights(w, x, y):
    return 2 * x.T @ (x @ w - y) / len(y)


@gradient.right
def linear_layer(w, x, y):
    w = w.detach().requires_grad_()
    return torch.autograd.grad(F.mse_loss(x.mv(w), y), w)[0]


@gradient.right
def one_example_with_vectors(w, x, y):
    return 2 * (torch.dot(w, x) - y) * x


@gradient.wrong("sum over the examples")
def summed(w, x, y):
    return (2 * (w * x - y) * x).sum()


@gradient.wrong("sum over the examples")
def summed_by_autograd(w, x, y):
    w = w.detach().requires_grad_()
    F.mse_loss(w * x, y, reduction="sum").backward()
    return w.grad


@gradient.wrong("sum over the examples")
def summed_with_a_vector_of_weights(w, x, y):
    return 2 * x.T @ (x @ w - y)


@gradient.wrong("ignores x and y")
def textbook_case_with_the_wrong_sign(w, x, y):
    return 2 * (1 - w)


@gradient.wrong("for x = y = 1 alone")
def textbook_case(w, x, y):
    return 2 * (w - 1)


@gradient.wrong("factor 2 is missing")
def no_factor(w, x, y):
    return ((w * x - y) * x).mean()


@gradient.wrong("sign is wrong")
def sign(w, x, y):
    return (2 * (y - w * x) * x).mean()


@gradient.wrong("inner derivative is missing")
def no_inner_derivative(w, x, y):
    return (2 * (w * x - y)).mean()


@gradient.wrong("derivative with respect to x")
def with_respect_to_x(w, x, y):
    return (2 * (w * x - y) * w).mean()


@gradient.wrong("derivatives with respect to x")
def gradient_for_x(w, x, y):
    x = x.detach().requires_grad_()
    F.mse_loss(w * x, y).backward()
    return x.grad


@gradient.wrong("derivative with respect to y")
def with_respect_to_y(w, x, y):
    return (-2 * (w * x - y)).mean()


@gradient.wrong("the loss itself")
def loss(w, x, y):
    return ((w * x - y) ** 2).mean()


@gradient.wrong("multiply two means")
def product_of_means(w, x, y):
    return 2 * (w * x - y).mean() * x.mean()


@gradient.wrong("mean over them is missing")
def one_for_each_example(w, x, y):
    return 2 * (w * x - y) * x


@gradient.wrong("label y is missing")
def label_lost(w, x, y):
    return (2 * w * x * x).mean()


@gradient.wrong("mean absolute error")
def absolute(w, x, y):
    return (torch.sign(w * x - y) * x).mean()


@gradient.wrong("L2 norm")
def norm(w, x, y):
    w = w.detach().requires_grad_()
    torch.linalg.vector_norm(w * x - y).backward()
    return w.grad


@gradient.wrong("root of the mean")
def root(w, x, y):
    w = w.detach().requires_grad_()
    F.mse_loss(w * x, y).sqrt().backward()
    return w.grad


@gradient.wrong("divide by the number of examples twice")
def divided_twice(w, x, y):
    return closed_form(w, x, y) / len(x)


@gradient.wrong("twice the right one")
def accumulated(w, x, y):
    w = w.detach().requires_grad_()
    for _ in range(2):
        F.mse_loss(w * x, y).backward()
    return w.grad


@gradient.wrong("Only the last example")
def overwritten(w, x, y):
    for xi, yi in zip(x, y, strict=True):
        result = 2 * (w * xi - yi) * xi
    return result


@gradient.wrong("second derivative")
def curvature(w, x, y):
    return 2 * (x**2).mean()


@gradient.wrong("requires_grad_()")
def nothing_to_follow(w, x, y):
    F.mse_loss(w * x, y).backward()
    return w.grad


@gradient.wrong(None)
def best_weight(w, x, y):
    return (x * y).sum() / (x * x).sum()


@gradient.wrong(None)
def huber(w, x, y):
    w = w.detach().requires_grad_()
    F.huber_loss(w * x, y).backward()
    return w.grad


@gradient.wrong("The sign is wrong, the factor 2 is missing, and you sum")
def sum_of_y_minus_wx_times_x(w, x, y):
    return ((y - w * x) * x).sum()
