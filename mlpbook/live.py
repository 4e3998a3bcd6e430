"""Live figures: what stands behind `explore` and its relatives.

Torch computes the numbers beforehand, for every step of the sliders; the browser only draws.
Where sliders are more than two it also computes a few formulas, which the tests hold against
torch. So a figure goes on when the kernel is busy, restarted or gone. Where no JavaScript
runs, such as on GitHub or on paper, a still figure stands in its place.
"""

from pathlib import Path
from typing import Any

import anywidget
import torch
import traitlets
from matplotlib.figure import Figure

from mlpbook import figures

# The most a figure may hold, in bytes.
BUDGET = 300_000
POINTS = 201
STILL_SENTENCE = "This is a still figure. Run the cell in Jupyter to set it in motion."

# Line styles of the still figures; live.css has the same dashes and weights.
STYLES: list[dict[str, Any]] = [
    {"color": "#0b5cad", "linestyle": "-", "linewidth": 2.4},
    {"color": "#a84300", "linestyle": (0, (5, 2)), "linewidth": 2.0},
    {"color": "#6b3fa0", "linestyle": (0, (1, 1.2)), "linewidth": 2.6},
    {"color": "#00695c", "linestyle": (0, (6, 2, 1, 2)), "linewidth": 1.8},
]

_HERE = Path(__file__).parent


def script(name: str) -> str:
    """The JavaScript of a figure: what all of them share, then the file `name`."""
    return (_HERE / "live.js").read_text("utf-8") + (_HERE / name).read_text("utf-8")


class LiveFigure(anywidget.AnyWidget):
    """A figure that the browser draws from what Python put in `_spec` and `_table`."""

    _css = _HERE / "live.css"
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


def grid_over(low: float, high: float) -> torch.Tensor:
    """The points from `low` to `high` at which the figures draw a curve, in float32."""
    # Decimals first, so that 0 is exactly 0 and -0.05 is the float32 nearest to -0.05.
    grid = torch.linspace(low, high, POINTS, dtype=torch.float64).round(decimals=9)
    return grid.float() + 0.0


def number(
    symbol: str, meaning: str, span: tuple[float, float], start: float, step: float = 0.05
) -> dict[str, Any]:
    """A slider for a number, with a stop at every `step` from one end of `span` to the other."""
    low, high = span
    values = [round(low + i * step, 2) for i in range(round((high - low) / step) + 1)]
    return {"symbol": symbol, "meaning": meaning, "values": values, "start": values.index(start)}
