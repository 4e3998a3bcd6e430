"""Answers to exercise 13: a figure of the sigmoid and its derivative."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from mlpbook import checks
from tests.bank import Bank

figure = Bank(checks.sigmoid_figure)

X = np.arange(-8, 8.1, 0.1)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def both(x=X, first=None, second=None, labels=("σ(x)", "σ′(x)"), title="Sigmoid"):
    fig, axes = plt.subplots()
    s = sigmoid(x)
    axes.plot(x, s if first is None else first, label=labels[0])
    axes.plot(x, s * (1 - s) if second is None else second, "--", label=labels[1])
    axes.set(xlabel="x", title=title)
    axes.legend()
    return fig


@figure.right
def one_frame():
    return both()


@figure.right
def without_pyplot():
    fig = Figure(figsize=(5, 2.5))
    axes = fig.subplots()
    x = torch.linspace(-6, 6, 100)
    axes.plot(x, torch.sigmoid(x), "k-", label="sigmoid")
    axes.plot(x, torch.sigmoid(x) * torch.sigmoid(-x), "k:", label="derivative")
    axes.legend()
    return fig


@figure.right
def autograd_and_current_figure():
    x = torch.arange(-8.0, 8.0, 0.1, requires_grad=True)
    y = torch.sigmoid(x)
    y.sum().backward()
    plt.figure()
    plt.plot(x.detach(), y.detach())
    plt.plot(x.detach(), x.grad)
    plt.legend(["sigmoid", "grad of sigmoid"])
    plt.xlabel("x")
    plt.title("Sigmoid")
    return plt.gcf()


@figure.right
def two_frames():
    fig, (left, right) = plt.subplots(1, 2, sharex=True)
    x = np.linspace(-10, 10, 201)
    left.plot(x, np.exp(-np.logaddexp(0, -x)))
    left.set_title("sigmoid")
    right.plot(x, 0.25 / np.cosh(x / 2) ** 2)
    right.set_title("its derivative")
    return fig


@figure.right
def two_frames_with_vertical_labels():
    fig, (upper, lower) = plt.subplots(2, 1)
    upper.plot(X, (np.tanh(X / 2) + 1) / 2)
    lower.plot(X, (1 - np.tanh(X / 2) ** 2) / 4)
    upper.set_ylabel("σ(x)")
    lower.set(ylabel="σ′(x)", xlabel="x")
    fig.suptitle("Sigmoid, by way of tanh")
    return fig


@figure.right
def differences_on_a_coarse_grid():
    x = np.linspace(-8, 8, 81)
    return both(x, second=np.gradient(sigmoid(x), x))


@figure.right
def falling_grid():
    x = np.linspace(5, -5, 50)
    return both(x)


@figure.right
def with_a_line_at_one_half():
    fig = both()
    axes = fig.axes[0]
    axes.axhline(0.5, color="grey")
    axes.axvline(0)
    axes.plot([-8, 8], [1, 1], ":")
    return fig


@figure.right
def second_scale():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X))
    axes.set_ylabel("sigmoid")
    twin = axes.twinx()
    twin.plot(X, sigmoid(X) * sigmoid(-X), "r--")
    twin.set_ylabel("derivative")
    return fig


@figure.right
def words_beside_the_curves():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X))
    axes.plot(X, sigmoid(X) * sigmoid(-X))
    axes.text(2, 0.95, r"$\sigma$")
    axes.annotate(r"$\sigma'$", (1, 0.2))
    return fig


@figure.right
def legend_of_the_figure():
    fig, axes = plt.subplots(layout="constrained")
    (first,) = axes.plot(X, sigmoid(X))
    (second,) = axes.plot(X, sigmoid(X) * sigmoid(-X))
    fig.legend([first, second], ["logistic function", "slope"])
    return fig


@figure.right
def dots():
    fig, axes = plt.subplots()
    axes.scatter(X, sigmoid(X), label="sigmoid")
    axes.plot(X, sigmoid(X) * sigmoid(-X), ".", label="slope")
    axes.legend()
    return fig


@figure.right
def tanh_for_comparison():
    fig = both()
    fig.axes[0].plot(X, np.tanh(X), ":", label="tanh(x)")
    fig.axes[0].legend()
    return fig


@figure.right
def line_collection():
    fig, axes = plt.subplots()
    curves = [np.column_stack([X, y]) for y in (sigmoid(X), sigmoid(X) * sigmoid(-X))]
    axes.add_collection(LineCollection(curves[:1], label="σ"))
    axes.add_collection(LineCollection(curves[1:], label="dσ/dx", linestyle="--"))
    axes.autoscale()
    axes.legend()
    return fig


@figure.right
def shown_already():
    fig = both(X.astype(np.float32))
    plt.close(fig)
    return fig


@figure.wrong("A new title does not change the curve")
def title_only():
    fig, axes = plt.subplots()
    axes.plot(X, np.tanh(X), label="sigmoid")
    axes.set_title("Sigmoid")
    axes.legend()
    return fig


@figure.wrong("A new title does not change the curve")
def title_only_with_the_derivative():
    return both(first=np.tanh(X), second=1 - np.tanh(X) ** 2)


@figure.wrong("twice as steep")
def scaled_tanh():
    return both(first=(np.tanh(X) + 1) / 2)


@figure.wrong("twice as steep")
def scaled_tanh_and_its_derivative():
    y = (np.tanh(X) + 1) / 2
    return both(first=y, second=np.gradient(y, X))


@figure.wrong("no curve in them")
def computed_and_not_drawn():
    fig, axes = plt.subplots()
    x = X
    y = sigmoid(x)
    slope = y * (1 - y)  # noqa: F841
    axes.set(xlabel="x", title="Sigmoid")
    return fig


@figure.wrong("The figure is empty")
def empty():
    return plt.figure()


@figure.wrong("draw it, too")
def no_derivative():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X), label="sigmoid")
    axes.set(xlabel="x", title="Sigmoid")
    axes.legend()
    return fig


@figure.wrong("The sigmoid itself is missing")
def derivative_only():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X) * sigmoid(-X), label="derivative")
    axes.legend()
    return fig


@figure.wrong("nothing says which is which")
def no_labels():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X))
    axes.plot(X, sigmoid(X) * sigmoid(-X))
    return fig


@figure.wrong("does not show them")
def no_legend():
    fig, axes = plt.subplots()
    axes.plot(X, sigmoid(X), label="sigmoid")
    axes.plot(X, sigmoid(X) * sigmoid(-X), label="derivative")
    return fig


@figure.wrong("labels are swapped")
def swapped():
    return both(labels=("derivative", "sigmoid"))


@figure.wrong("label still says 'tanh'")
def old_label():
    return both(labels=("tanh", "derivative"))


@figure.wrong("title says tanh")
def old_title():
    return both(title="tanh")


@figure.wrong("still drawn beside them")
def old_curve():
    fig = both()
    fig.axes[0].plot(X, np.tanh(X))
    return fig


@figure.wrong("derivative of tanh")
def derivative_of_tanh():
    return both(second=1 - np.tanh(X) ** 2)


@figure.wrong("that rule belongs to tanh")
def rule_of_tanh():
    return both(second=1 - sigmoid(X) ** 2)


@figure.wrong("divide them by the distance")
def not_divided():
    return both(second=np.gradient(sigmoid(X)))


@figure.wrong("the sign in the exponent")
def mirrored():
    return both(first=sigmoid(-X))


@figure.wrong("so its slope is positive")
def negative_slope():
    return both(second=-sigmoid(X) * sigmoid(-X))


@figure.wrong("wider grid")
def one_side():
    return both(np.arange(0, 8, 0.1))


@figure.wrong("wider grid")
def narrow():
    return both(np.linspace(-1, 1, 100))


@figure.wrong("too few points")
def coarse():
    return both(np.linspace(-8, 8, 7))


@figure.wrong("invisible")
def invisible():
    fig = both()
    for line in fig.axes[0].lines:
        line.set_visible(False)
    return fig


@figure.wrong("outside of the frame")
def out_of_sight():
    fig = both()
    fig.axes[0].set_xlim(20, 30)
    return fig


@figure.wrong("its figure is `.figure`")
def axes_returned():
    return both().axes[0]


@figure.wrong("draws a figure and returns nothing")
def nothing_returned():
    both()


@figure.wrong("no numbers")
def overflow():
    x = np.arange(-1000, 1000, 0.5)
    return both(x, first=np.exp(x) / (1 + np.exp(x)))


@figure.wrong("drawn twice")
def twice():
    return both(second=sigmoid(X))


@figure.wrong("hard sigmoid")
def hard():
    return both(first=np.clip(X / 6 + 0.5, 0, 1))


@figure.wrong(None)
def normal_distribution():
    fig = both(second=np.exp(-(X**2) / 2) / np.sqrt(2 * np.pi))
    return fig
