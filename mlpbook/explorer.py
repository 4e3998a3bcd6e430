"""Live figures: an activation and its derivative, with sliders that need no kernel.

    explore("elu", alpha=(0.1, 3))          # α on a slider
    explore("relu", "sigmoid", "tanh")      # several at once
    explore("gelu", compare="swish")        # with a second function for comparison
    explore_unit()                          # weight and bias of one unit, set by hand
    explore_two_units()                     # two units that fold and add to fit x²

Torch computes every number beforehand, for every step of every slider. The browser only
draws, and adds up the few formulas of a unit, where sliders are more than two. So a figure
goes on when the kernel is busy, restarted or gone. Where no JavaScript runs, such as on
GitHub or on paper, a still figure stands in its place.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import torch
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlpbook import activations, figures
from mlpbook.activations import Activation

# The most a figure may hold, in bytes.
BUDGET = 300_000
POINTS = 201
MOST_FUNCTIONS = 4
MOST_SLIDERS = 2
# The finest grid of a slider, and the coarser ones to try where that is too much.
STEP_COUNTS = (100, 60, 50, 40, 30, 25, 20, 15, 12, 10, 8)
STILL_SENTENCE = "This is a still figure. Run the cell in Jupyter to set it in motion."

# Line styles of the still figure; explorer.css has the same dashes and weights.
STYLES: list[dict[str, Any]] = [
    {"color": "#0b5cad", "linestyle": "-", "linewidth": 2.4},
    {"color": "#a84300", "linestyle": (0, (5, 2)), "linewidth": 2.0},
    {"color": "#6b3fa0", "linestyle": (0, (1, 1.2)), "linewidth": 2.6},
    {"color": "#00695c", "linestyle": (0, (6, 2, 1, 2)), "linewidth": 1.8},
]

_HERE = Path(__file__).parent


class LiveFigure(anywidget.AnyWidget):
    """A figure that the browser draws from what Python put in `_spec` and `_table`."""

    _esm = _HERE / "explorer.js"
    _css = _HERE / "explorer.css"
    _spec = traitlets.Dict().tag(sync=True)
    _table = traitlets.Bytes().tag(sync=True)

    def __init__(self, spec: dict[str, Any], table: torch.Tensor, still: Figure, alt: str) -> None:
        self.still = still
        self.alt = alt
        super().__init__(_spec={**spec, "alt": alt}, _table=table.numpy().tobytes())

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        """Offer the live figure, the still one and its description: each reader takes the best."""
        alt = f"{self.alt} {STILL_SENTENCE}"
        data = {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
            "image/svg+xml": figures.render_svg(self.still, alt),
            "text/plain": alt,
        }
        return data, {"image/svg+xml": {"alt": alt}}


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
    grid = _grid(*x)
    choices = list(activations.CATALOGUE.values())
    room = BUDGET - _bytes(len(choices)) - grid.numel() * 4
    sliders = _sliders(functions, spans, room)

    table = [grid]
    spec = {
        "kind": "activations",
        "points": grid.numel(),
        "sliders": [
            {"name": s.name, "symbol": s.symbol, "values": s.values, "start": s.start}
            for s in sliders
        ],
        "functions": [_add(table, grid, function, fixed, sliders) for function in functions],
        "choices": [_add(table, grid, function, {}, []) for function in choices],
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
    return LiveFigure(spec, torch.cat(table), _still(curves, grid.double()), alt)


# What the units of a figure may be asked to fit: a name, a title and the function.
TARGETS: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "fold": ("max(2x − 1, 0)", lambda x: (2 * x - 1).clamp(min=0)),
    "step": ("a step at 1", lambda x: (x > 1).to(x.dtype)),
    "square": ("x²", lambda x: x**2),
    "absolute": ("|x|", torch.abs),
}
UNITS = ("relu", "sigmoid", "tanh")


def explore_unit(unit: str = "relu", target: str = "fold") -> LiveFigure:
    """Return a live figure of one unit f(wx + b), whose w and b the reader sets.

    Args:
        unit: the activation at first; the reader can change it to any of `UNITS`.
        target: what to fit at first, one of `TARGETS`.

    Raises:
        ValueError: there is no such unit or target.
    """
    sliders = [
        _number("w", "weight", -4, 4, 1.0),
        _number("b", "bias", -4, 4, 0.0),
    ]
    return _units(1, sliders, list(UNITS), unit, target, (-3.0, 3.0), (-2.0, 5.0))


def explore_two_units(target: str = "square") -> LiveFigure:
    """Return a live figure of max(w₁x + b₁, 0) + max(w₂x + b₂, 0) + c on [0, 2].

    The reader sets the five numbers to fit `target`, one of `TARGETS`, and sees the mean
    squared error over the points of the figure.

    Raises:
        ValueError: there is no such target.
    """
    sliders = [
        _number("w₁", "weight of unit 1", -4, 4, 1.0),
        _number("b₁", "bias of unit 1", -4, 4, 0.0),
        _number("w₂", "weight of unit 2", -4, 4, 1.0),
        _number("b₂", "bias of unit 2", -4, 4, -1.0),
        _number("c", "bias of the sum", -2, 2, 0.0),
    ]
    return _units(2, sliders, ["relu"], "relu", target, (0.0, 2.0), (-0.5, 4.5))


def _number(symbol: str, meaning: str, low: float, high: float, start: float) -> dict[str, Any]:
    stops = [round(low + i * 0.05, 2) for i in range(round((high - low) / 0.05) + 1)]
    return {"symbol": symbol, "meaning": meaning, "values": stops, "start": stops.index(start)}


def _units(
    count: int,
    sliders: list[dict[str, Any]],
    units: list[str],
    unit: str,
    target: str,
    x: tuple[float, float],
    y: tuple[float, float],
) -> LiveFigure:
    for given, known in ((unit, units), (target, list(TARGETS))):
        if given not in known:
            raise ValueError(f"{given!r} is not possible here. There are: {', '.join(known)}.")
    grid = _grid(*x)
    table = [grid, *(function(grid) for _, function in TARGETS.values())]
    spec = {
        "kind": "units",
        "points": POINTS,
        "units": count,
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
    title, goal = TARGETS[target]
    wide = grid.double()
    parts = [
        activations.get(unit).value(w * wide + b)
        for w, b in zip(start[0 : 2 * count : 2], start[1 : 2 * count : 2], strict=True)
    ]
    curves = [("output" if count == 1 else "sum of the units", torch.stack(parts).sum(0))]
    if count > 1:
        curves += [(f"unit {i + 1}", part) for i, part in enumerate(parts)]
    curves.append((f"target {title}", goal(wide)))
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    axes = figure.subplots()
    for (label, values), style in zip(curves, STYLES, strict=False):
        axes.plot(wide.tolist(), values.tolist(), label=label, **style)
    axes.set(xlabel="x", ylabel="y", ylim=y)
    axes.grid(alpha=0.4)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    figure.supxlabel(STILL_SENTENCE, fontsize=8)
    words = ", ".join(f"{s['symbol']} = {v:g}" for s, v in zip(sliders, start, strict=True))
    name = activations.get(unit).title
    alt = f"{'One' if count == 1 else 'Two'} {name} unit{'s' * (count > 1)} with {words}, "
    alt += f"and the target {title}, over x from {x[0]:g} to {x[1]:g}."
    return LiveFigure(spec, torch.cat(table), figure, alt)


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


def _grid(low: float, high: float) -> torch.Tensor:
    # Decimals first, so that 0 is exactly 0 and -0.05 is the float32 nearest to -0.05.
    grid = torch.linspace(low, high, POINTS, dtype=torch.float64).round(decimals=9)
    return grid.float() + 0.0


def _bytes(frames: int) -> int:
    return frames * (2 * POINTS + 7) * 4


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
