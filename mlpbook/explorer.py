"""The explorer: an activation and its derivative, drawn live.

    explore("elu", alpha=(0.1, 3))          # α on a slider
    explore("relu", "sigmoid", "tanh")      # several at once
    explore("gelu", compare="swish")        # with a second function for comparison

Torch computes every number beforehand, for every step of every slider.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlpbook import activations
from mlpbook.activations import Activation
from mlpbook.live import BUDGET, POINTS, STILL_SENTENCE, STYLES, LiveFigure, grid_over, script

MOST_FUNCTIONS = 4
MOST_SLIDERS = 2
MOST_KINKS = 4
# The finest grid of a slider, and the coarser ones to try where that is too much.
STEP_COUNTS = (100, 60, 50, 40, 30, 25, 20, 15, 12, 10, 8)


class Explorer(LiveFigure):
    """Activations and their derivatives, with a point on x and its tangent."""

    _esm = script("explorer.js")


@dataclass(frozen=True)
class Slider:
    """A parameter and the values that its slider stops at."""

    name: str
    symbol: str
    values: tuple[float, ...]
    start: int

    @property
    def default(self) -> float:
        """The value at which the slider stands at first."""
        return self.values[self.start]


def explore(
    *names: str,
    compare: str | None = None,
    x: tuple[float, float] = (-5.0, 5.0),
    **parameters: float | tuple[float, float],
) -> LiveFigure:
    """Return a live figure of activations and their derivatives over `x`.

    Args:
        *names: one to four names of `activations.CATALOGUE`.
        compare: a further name that the reader can exchange for any other.
        x: the interval to draw.
        **parameters: a number fixes a parameter, a pair (low, high) puts it on a slider;
            functions that have a parameter of the same name share it. At most two sliders.

    Raises:
        ValueError: a name or parameter is unknown, or there is too much of something.
    """
    functions = [activations.get(name) for name in names]
    if not 1 <= len(functions) <= MOST_FUNCTIONS:
        raise ValueError(f"Name one to {MOST_FUNCTIONS} activations; you named {len(functions)}.")
    fixed = {name: value for name, value in parameters.items() if not isinstance(value, tuple)}
    spans = {name: value for name, value in parameters.items() if isinstance(value, tuple)}
    _check_parameters(functions, fixed, spans)
    grid = grid_over(*x)
    table = [grid]
    choices = [_add(table, grid, choice, {}, []) for choice in activations.CATALOGUE.values()]
    sliders = _sliders(functions, spans, BUDGET - sum(part.nbytes for part in table))
    spec = {
        "points": grid.numel(),
        "sliders": [
            {"name": s.name, "symbol": s.symbol, "values": s.values, "start": s.start}
            for s in sliders
        ],
        "functions": [_add(table, grid, function, fixed, sliders) for function in functions],
        "choices": choices,
        "compare": activations.get(compare).name if compare else None,
    }
    drawn = [*functions, activations.get(compare)] if compare else functions
    curves = [curve for function in drawn for curve in _still_curves(function, fixed, sliders)]
    if len(curves) > MOST_FUNCTIONS:
        curves = [curve for curve in curves if curve.start]
    titles = ", ".join(curve.label for curve in curves)
    alt = (
        f"{titles} over x from {x[0]:g} to {x[1]:g}; beside it the derivative"
        f"{'s' if len(curves) > 1 else ''}."
    )
    return Explorer(spec, torch.cat(table), _still(curves, grid.double()), alt)


def _check_parameters(
    functions: Sequence[Activation],
    fixed: dict[str, float],
    spans: dict[str, tuple[float, float]],
) -> None:
    known = {parameter.name for function in functions for parameter in function.parameters}
    for name in [*fixed, *spans]:
        if name not in known:
            titles = ", ".join(function.title for function in functions)
            expected = ", ".join(sorted(known)) or "none"
            raise ValueError(f"{titles}: no parameter {name!r}. Known here: {expected}.")
    for name, (low, high) in spans.items():
        if not low < high:
            raise ValueError(f"{name} = ({low:g}, {high:g}): the first number must be smaller.")
    if len(spans) > MOST_SLIDERS:
        raise ValueError(f"At most {MOST_SLIDERS} sliders, please; give the others one number.")
    for function in functions:
        for end in (0, 1):
            ends = {name: span[end] for name, span in spans.items()}
            function.settings(**_own(function, fixed | ends))


def _own(function: Activation, settings: dict[str, float]) -> dict[str, float]:
    """The part of `settings` that `function` has parameters for."""
    own = {parameter.name for parameter in function.parameters}
    return {name: value for name, value in settings.items() if name in own}


def _bytes(frames: int) -> int:
    return frames * (2 * POINTS + MOST_KINKS * 7) * 4


def _sliders(
    functions: Sequence[Activation], spans: dict[str, tuple[float, float]], room: int
) -> list[Slider]:
    """Sliders as fine as the budget allows."""
    parameters = {p.name: p for function in functions for p in function.parameters}
    for count in STEP_COUNTS:
        sliders = []
        for name, (low, high) in spans.items():
            values = _stops(low, high, count)
            default = parameters[name].default
            start = min(range(len(values)), key=lambda i: abs(values[i] - default))
            sliders.append(Slider(name, parameters[name].symbol, values, start))
        frames = sum(len(list(_frames(function, {}, sliders))) for function in functions)
        if _bytes(frames) <= room:
            return sliders
    raise ValueError("These sliders need too many frames; name fewer functions or sliders.")


def _stops(low: float, high: float, count: int) -> tuple[float, ...]:
    """Stops from `low` to `high` in steps of 1, 2 or 5 times a power of ten, at most `count`."""
    for digits in range(6, -6, -1):
        for unit in (1, 2, 5):
            steps = (high - low) / (unit * 10.0**-digits)
            if steps <= count and abs(steps - round(steps)) < 1e-6 and steps > count / 6:
                return tuple(
                    round(low + i * unit * 10.0**-digits, 9) for i in range(round(steps) + 1)
                )
    return tuple(round(low + (high - low) * i / count, 9) for i in range(count + 1))


def _frames(
    function: Activation, fixed: dict[str, float], sliders: Iterable[Slider]
) -> Iterator[dict[str, float]]:
    """The settings of `function` at every position of its sliders, the last moving fastest."""
    own = [slider for slider in sliders if slider.name in _own(function, {slider.name: 0.0})]
    for values in itertools.product(*(slider.values for slider in own)):
        moving = dict(zip((slider.name for slider in own), values, strict=True))
        yield function.settings(**_own(function, fixed | moving))


def _add(
    table: list[torch.Tensor],
    grid: torch.Tensor,
    function: Activation,
    fixed: dict[str, float],
    sliders: Sequence[Slider],
) -> dict[str, Any]:
    """Append the frames of `function` to `table`; say where they are and what they show."""
    frames = list(_frames(function, fixed, sliders))
    kinks = max(len(function.kinks(**settings)) for settings in frames)
    offset = sum(part.numel() for part in table)
    for settings in frames:
        value, slope = function.by_torch(grid, **settings)
        table += [value, slope, _kink_rows(function, settings, kinks)]
    own = [s.name for s in sliders if s.name in _own(function, {s.name: 0.0})]
    symbols = {parameter.name: parameter.symbol for parameter in function.parameters}
    return {
        "name": function.name,
        "title": function.title,
        "sliders": own,
        "fixed": [
            f"{symbols[name]} = {value:g}" for name, value in frames[0].items() if name not in own
        ],
        "offset": offset,
        "kinks": kinks,
    }


def _kink_rows(function: Activation, settings: dict[str, float], count: int) -> torch.Tensor:
    """For each kink: x, the limits of f, the one-sided slopes, and torch's f and f′ there."""
    rows = torch.full((count, 7), torch.nan)
    for row, kink in zip(rows, function.kinks(**settings), strict=False):
        value, slope = (
            float(number) for number in function.by_torch(torch.tensor(kink.x), **settings)
        )
        limits = kink.limits or (value, value)
        row[:] = torch.tensor([kink.x, *limits, kink.left_slope, kink.right_slope, value, slope])
    return rows.flatten()


@dataclass(frozen=True)
class _Curve:
    function: Activation
    settings: dict[str, float]
    label: str
    start: bool


def _still_curves(
    function: Activation, fixed: dict[str, float], sliders: Sequence[Slider]
) -> Iterator[_Curve]:
    """The curves of `function` in the still figure: at the sliders' start, and at both ends."""
    symbols = {parameter.name: parameter.symbol for parameter in function.parameters}
    start = function.settings(**_own(function, fixed | {s.name: s.default for s in sliders}))
    variants = [start]
    for slider in sliders:
        if slider.name in start:
            ends = (slider.values[0], slider.values[-1])
            variants += [start | {slider.name: end} for end in ends if end != slider.default]
    for settings in variants:
        words = ", ".join(f"{symbols[name]} = {value:g}" for name, value in settings.items())
        label = f"{function.title} ({words})" if words else function.title
        yield _Curve(function, settings, label, settings is start)


def _still(curves: Sequence[_Curve], x: torch.Tensor) -> Figure:
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    for curve, style in zip(curves, itertools.cycle(STYLES)):
        _draw(left, right, x, curve, style)
    left.set(xlabel="x", ylabel="f(x)")
    right.set(xlabel="x", ylabel="f′(x)")
    for axes in (left, right):
        axes.grid(alpha=0.4)
    handles, labels = left.get_legend_handles_labels()
    columns = len(labels) if sum(map(len, labels)) < 50 else 2
    figure.legend(handles, labels, loc="outside upper center", ncols=columns, frameon=False)
    figure.supxlabel(STILL_SENTENCE, fontsize=8)
    return figure


def _draw(left: Axes, right: Axes, x: torch.Tensor, curve: _Curve, style: dict[str, Any]) -> None:
    """Draw f and, broken at its kinks, f′."""
    value, slope = curve.function.by_torch(x, **curve.settings)
    kinks = curve.function.kinks(**curve.settings)
    edges = [-torch.inf, *(kink.x for kink in kinks), torch.inf]
    for i, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = (x > low) & (x < high)
        xs, ys, slopes = x[inside].tolist(), value[inside].tolist(), slope[inside].tolist()
        if i > 0:
            before = kinks[i - 1]
            xs, slopes = [before.x, *xs], [before.right_slope, *slopes]
            ys = [_limit(curve, before, 1), *ys]
        if i < len(kinks):
            after = kinks[i]
            xs, slopes = [*xs, after.x], [*slopes, after.left_slope]
            ys = [*ys, _limit(curve, after, 0)]
        left.plot(xs, ys, label=curve.label if i == 0 else None, **style)
        right.plot(xs, slopes, **style)
    for kink in kinks:
        at = float(curve.function.by_torch(torch.tensor(kink.x).double(), **curve.settings)[1])
        for end in {kink.left_slope, kink.right_slope}:
            face = style["color"] if end == at else "white"
            right.plot(
                [kink.x],
                [end],
                "o",
                markersize=5,
                zorder=3,
                markeredgecolor=style["color"],
                markerfacecolor=face,
            )


def _limit(curve: _Curve, kink: activations.Kink, side: int) -> float:
    if kink.limits:
        return kink.limits[side]
    return float(curve.function.value(torch.tensor(kink.x).double(), **curve.settings))
