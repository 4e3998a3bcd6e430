"""How much of a gradient arrives through a chain of units, one behind the other."""

import torch
from matplotlib.figure import Figure

from mlpbook import activations
from mlpbook.live import STILL_SENTENCE, STYLES, LiveFigure, number, script

UNITS = ("relu", "tanh", "sigmoid")
DEEPEST = 50
START = 10
INPUT = 1.0


class DepthFigure(LiveFigure):
    """The gradient at the input of a chain against the number of its units."""

    _esm = script("depth.js")


def explore_depth() -> LiveFigure:
    """Return a live figure of |∂hₗ/∂x| for the chain hₗ = f(w hₗ₋₁) that starts at h₀ = x = 1.

    The weight w is the same in every unit and there are no biases. ReLU, tanh and sigmoid
    stand side by side, on a logarithmic axis.
    """
    weight = number("w", "weight of every unit", (0.5, 2), 1.0)
    weights = torch.tensor(weight["values"], dtype=torch.float64)
    table = torch.stack([arriving(name, weights).log10() for name in UNITS]).float()
    spec = {
        "slider": weight,
        "deepest": DEEPEST,
        "depth": START,
        "units": [(name, activations.get(name).title) for name in UNITS],
    }
    alt = (
        f"The gradient that arrives at the input of a chain of 1 to {DEEPEST} units with weight"
        " 1, on a logarithmic axis. ReLU: 1 at every depth. Tanh: a slow fall."
        " Sigmoid: a straight fall, a factor of about 4.5 with every unit."
    )
    return DepthFigure(spec, table, _still(table[:, weight["start"]]), alt)


def arriving(name: str, weights: torch.Tensor) -> torch.Tensor:
    """The gradients at the input: a row for each weight, a column for each depth from 1."""
    activation = activations.get(name)
    h, gradient = torch.full_like(weights, INPUT), torch.ones_like(weights)
    columns = []
    for _ in range(DEEPEST):
        h, slope = activation.by_torch(weights * h)
        gradient = gradient * weights * slope
        columns.append(gradient)
    return torch.stack(columns, dim=1)


def _still(logarithms: torch.Tensor) -> Figure:
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    axes = figure.subplots()
    depths = range(1, DEEPEST + 1)
    for name, row, style in zip(UNITS, logarithms.double(), STYLES, strict=False):
        axes.semilogy(depths, (10**row).tolist(), label=activations.get(name).title, **style)
    axes.set(xlabel="depth", ylabel="gradient at the input")
    axes.grid(alpha=0.4)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False, title="w = 1")
    figure.supxlabel(STILL_SENTENCE, fontsize=8)
    return figure
