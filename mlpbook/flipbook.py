"""A figure that plays: pictures of lines, dots and filled areas, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mlpbook.live import BUDGET, STILL_SENTENCE, STYLES, LiveFigure, script

# The points of a mark, one (x, y) after the other, and the number of its style.
Mark = tuple[Sequence[Sequence[float]] | torch.Tensor, int]

# The styles by their numbers; live.css has the same colours, dashes and weights.
LOOKS = [*STYLES, {"color": "#4d4d4d", "linestyle": (0, (5, 3)), "linewidth": 1.75}]
MOMENTS = 4


@dataclass(frozen=True)
class Frame:
    """One picture: what is drawn, and a caption that says what it shows.

    Every mark is a pair: its points, and a style from 0 to 4. `lines` are polylines, `polygons`
    are filled with an outline, `dots` are single points (discs, or triangles for odd styles).
    """

    lines: Sequence[Mark] = ()
    polygons: Sequence[Mark] = ()
    dots: Sequence[Mark] = ()
    caption: str = ""

    def kinds(self) -> tuple[Sequence[Mark], ...]:
        """The marks by kind, in the order in which they lie on each other."""
        return self.polygons, self.lines, self.dots


class Flipbook(LiveFigure):
    """A figure that shows one frame of many, and plays them."""

    _esm = script("flipbook.js")


def flipbook(
    frames: Sequence[Frame],
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    labels: dict[int, str],
    alt: str,
    *,
    xlabel: str = "x",
    ylabel: str = "y",
    fixed: Frame | None = None,
    moments: Sequence[int] | None = None,
    seconds: float = 6.0,
    square: bool = False,
) -> LiveFigure:
    """Return a live figure that plays `frames`, with a button to stop and a slider to go by hand.

    It plays once when it comes into view, and not at all by itself for readers whose system asks
    for less motion. Where no JavaScript runs, a few of the frames stand side by side.

    Args:
        frames: the pictures, at least two.
        xlim: the ends of the horizontal axis.
        ylim: the ends of the vertical axis.
        labels: what the legend says of each style; a style without a label has no entry.
        alt: what the figure shows, for readers who cannot see it.
        xlabel: the name of the horizontal axis.
        ylabel: the name of the vertical axis.
        fixed: marks that every frame shares, such as a target or the data.
        moments: the frames of the still figure; by default four from the first to the last.
        seconds: how long it plays.
        square: whether both axes have the same length on the screen.

    Raises:
        ValueError: there are fewer than two frames, a style is unknown, the points of a mark are
            no pairs, or all frames together hold more than a live figure may.
    """
    if len(frames) < 2:
        raise ValueError(f"A flipbook has at least two frames, and there are {len(frames)}.")
    fixed = fixed or Frame()
    table = torch.cat([_packed(frame) for frame in (fixed, *frames)])
    if table.nbytes > BUDGET:
        raise ValueError(
            f"All frames together hold {table.nbytes:,} bytes, and {BUDGET:,} is the most: "
            "take fewer frames, or fewer points."
        )
    used = [{style for mark in (fixed, *frames) for _, style in mark.kinds()[k]} for k in range(3)]
    spec = {
        "x": xlim,
        "y": ylim,
        "xlabel": xlabel,
        "ylabel": ylabel,
        "labels": [
            (style, text, next((k for k in (1, 0, 2) if style in used[k]), 1))
            for style, text in labels.items()
        ],
        "captions": [frame.caption for frame in frames],
        "seconds": seconds,
        "square": square,
    }
    if moments is None:
        moments = sorted({round(i * (len(frames) - 1) / (MOMENTS - 1)) for i in range(MOMENTS)})
    still = _still([frames[i] for i in moments], fixed, spec)
    return Flipbook(spec, table, still, alt)


def _packed(frame: Frame) -> torch.Tensor:
    """The number of marks; of each its kind, its style, the number of its points, the points."""
    marks = [(kind, *mark) for kind, group in enumerate(frame.kinds()) for mark in group]
    parts = [torch.tensor([len(marks)], dtype=torch.float32)]
    for kind, points, style in marks:
        pairs = torch.as_tensor(points, dtype=torch.float32)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ValueError(f"A mark is made of pairs (x, y); its shape is {tuple(pairs.shape)}.")
        if style not in range(len(LOOKS)):
            raise ValueError(f"There is no style {style}: they go from 0 to {len(LOOKS) - 1}.")
        parts += [torch.tensor([kind, style, len(pairs)], dtype=torch.float32), pairs.flatten()]
    return torch.cat(parts)


def _still(frames: Sequence[Frame], fixed: Frame, spec: dict[str, Any]) -> Figure:
    """The frames side by side, with the captions above them and one legend below."""
    side = 2.3 if spec["square"] else 2.0
    figure = Figure(figsize=(2.3 * len(frames), side + 0.9), layout="constrained")
    panels = figure.subplots(1, len(frames), sharex=True, sharey=True, squeeze=False)[0]
    for axes, frame in zip(panels, frames, strict=True):
        for kind in range(3):
            for points, style in (*fixed.kinds()[kind], *frame.kinds()[kind]):
                _draw(axes, kind, torch.as_tensor(points, dtype=torch.float64), LOOKS[style])
        axes.set_title(frame.caption.replace(", ", ",\n"), fontsize=8)
        axes.set(xlim=spec["x"], ylim=spec["y"], xlabel=spec["xlabel"])
        axes.set_box_aspect(1 if spec["square"] else None)
        axes.grid(alpha=0.4)
    panels[0].set_ylabel(spec["ylabel"])
    handles = []
    for style, text, kind in spec["labels"]:
        handles += _draw(panels[0], kind, torch.empty(0, 2), LOOKS[style])
        handles[-1].set_label(text)
    if handles:
        figure.legend(handles=handles, loc="outside lower center", ncols=5, frameon=False)
    figure.suptitle(STILL_SENTENCE, fontsize=8)
    return figure


def _draw(axes: Axes, kind: int, points: torch.Tensor, look: dict[str, Any]) -> list[Any]:
    x, y = points[:, 0].tolist(), points[:, 1].tolist()
    if kind == 0:
        paint = {"facecolor": look["color"] + "4d", "edgecolor": look["color"]}
        # An outline of its own: the line styles that a notebook has set are for curves.
        return list(axes.fill(x or [0, 0], y or [0, 0], linestyle="-", linewidth=1, **paint))
    if kind == 1:
        return list(axes.plot(x, y, **look))
    marker = "^" if LOOKS.index(look) % 2 else "o"
    return list(axes.plot(x, y, marker, color=look["color"], markersize=4))
