"""One unit and two units, whose weights and biases the reader sets by hand."""

from collections.abc import Callable
from typing import Any

import torch
from matplotlib.figure import Figure

from mlpbook import activations
from mlpbook.live import POINTS, STILL_SENTENCE, STYLES, LiveFigure, grid_over, number, script

# What the units of a figure may be asked to fit: a name, a title and the function.
TARGETS: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "fold": ("max(2x − 1, 0)", lambda x: (2 * x - 1).clamp(min=0)),
    "step": ("a step at 1", lambda x: (x > 1).to(x.dtype)),
    "square": ("x²", lambda x: x**2),
    "absolute": ("|x|", torch.abs),
}
UNITS = ("relu", "sigmoid", "tanh")


class UnitFigure(LiveFigure):
    """A curve made of units, and a target beside it."""

    _esm = script("units.js")


def explore_unit(unit: str = "relu", target: str = "fold") -> LiveFigure:
    """Return a live figure of one unit f(wx + b), whose w and b the reader sets.

    Args:
        unit: the activation at first; the reader can change it to any of `UNITS`.
        target: what to fit at first, one of `TARGETS`.

    Raises:
        ValueError: there is no such unit or target.
    """
    sliders = [number("w", "weight", (-4, 4), 1.0), number("b", "bias", (-4, 4), 0.0)]
    return _figure(sliders, UNITS, unit, target, (-3.0, 3.0), (-2.0, 5.0))


def explore_two_units(target: str = "square") -> LiveFigure:
    """Return a live figure of max(w₁x + b₁, 0) + max(w₂x + b₂, 0) + c on [0, 2].

    The reader sets the five numbers to fit `target`, one of `TARGETS`, and sees the mean
    squared error over the points of the figure.

    Raises:
        ValueError: there is no such target.
    """
    sliders = [
        number("w₁", "weight of unit 1", (-4, 4), 1.0),
        number("b₁", "bias of unit 1", (-4, 4), 0.0),
        number("w₂", "weight of unit 2", (-4, 4), 1.0),
        number("b₂", "bias of unit 2", (-4, 4), -1.0),
        number("c", "bias of the sum", (-2, 2), 0.0),
    ]
    return _figure(sliders, ("relu",), "relu", target, (0.0, 2.0), (-0.5, 4.5))


def _figure(
    sliders: list[dict[str, Any]],
    units: tuple[str, ...],
    unit: str,
    target: str,
    x: tuple[float, float],
    y: tuple[float, float],
) -> LiveFigure:
    for given, known in ((unit, units), (target, tuple(TARGETS))):
        if given not in known:
            raise ValueError(f"{given!r} is not possible here. There are: {', '.join(known)}.")
    grid = grid_over(*x)
    table = [grid, *(function(grid) for _, function in TARGETS.values())]
    spec = {
        "points": POINTS,
        "units": len(sliders) // 2,
        "y": y,
        "sliders": sliders,
        "activations": [(name, activations.get(name).title) for name in units],
        "activation": unit,
        "targets": [
            {"name": name, "title": title, "offset": (i + 1) * POINTS}
            for i, (name, (title, _)) in enumerate(TARGETS.items())
        ],
        "target": target,
    }
    start = [slider["values"][slider["start"]] for slider in sliders]
    words = ", ".join(f"{s['symbol']} = {v:g}" for s, v in zip(sliders, start, strict=True))
    name = activations.get(unit).title
    subject = f"One {name} unit" if len(sliders) == 2 else f"Two {name} units"
    alt = f"{subject} with {words}, and the target {TARGETS[target][0]}"
    alt += f", over x from {x[0]:g} to {x[1]:g}."
    return UnitFigure(spec, torch.cat(table), _still(grid.double(), start, unit, target, y), alt)


def _still(
    x: torch.Tensor, start: list[float], unit: str, target: str, y: tuple[float, float]
) -> Figure:
    """The figure as it stands at first."""
    weights, biases = start[0:-1:2], start[1::2]
    parts = [activations.get(unit).value(w * x + b) for w, b in zip(weights, biases, strict=True)]
    curves = [("output" if len(parts) == 1 else "sum of the units", torch.stack(parts).sum(0))]
    if len(parts) > 1:
        curves += [(f"unit {i + 1}", part) for i, part in enumerate(parts)]
    title, goal = TARGETS[target]
    curves.append((f"target {title}", goal(x)))
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    axes = figure.subplots()
    for (label, values), style in zip(curves, STYLES, strict=False):
        axes.plot(x.tolist(), values.tolist(), label=label, **style)
    axes.set(xlabel="x", ylabel="y", ylim=y)
    axes.grid(alpha=0.4)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.supxlabel(STILL_SENTENCE, fontsize=8)
    return figure
