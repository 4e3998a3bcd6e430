"""Softmax of three logits, and the Jacobian that says how each probability answers to each."""

import torch
from matplotlib.figure import Figure

from mlpbook.live import STILL_SENTENCE, STYLES, LiveFigure, number, script

START = (2.0, 1.0, -1.0)
DIGITS = "₁₂₃"


class SoftmaxFigure(LiveFigure):
    """Probabilities as bars, their derivatives as a table."""

    _esm = script("softmax.js")


def explore_softmax() -> LiveFigure:
    """Return a live figure of p = softmax(a) for three logits, with the Jacobian ∂pᵢ/∂aⱼ."""
    sliders = [
        number(f"a{digit}", f"logit {i + 1}", (-6, 6), START[i]) for i, digit in enumerate(DIGITS)
    ]
    p, jacobian = by_torch(START)
    shares = ", ".join(f"{share:.3f}" for share in p.tolist())
    alt = (
        f"Softmax of the logits {', '.join(f'{a:g}' for a in START)}: the probabilities {shares}"
        " as bars, and beside them the three by three table of their derivatives by the logits."
    )
    return SoftmaxFigure({"sliders": sliders}, torch.empty(0), _still(p, jacobian), alt)


def by_torch(logits: tuple[float, ...]) -> tuple[torch.Tensor, torch.Tensor]:
    """The probabilities and their Jacobian, as torch and autograd give them."""
    a = torch.tensor(logits, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda a: a.softmax(0), a)
    return a.softmax(0), jacobian


def _still(p: torch.Tensor, jacobian: torch.Tensor) -> Figure:
    figure = Figure(figsize=(7.2, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    bars = left.bar([f"p{digit}" for digit in DIGITS], p.tolist(), color=STYLES[0]["color"])
    left.bar_label(bars, fmt="%.3f")
    left.set(ylabel="probability", ylim=(0, 1))
    right.set(xlim=(-0.5, 2.5), ylim=(2.5, -0.5))
    right.set_xticks(range(3), [f"∂a{digit}" for digit in DIGITS])
    right.set_yticks(range(3), [f"∂p{digit}" for digit in DIGITS])
    right.tick_params(length=0, labeltop=True, labelbottom=False)
    for i, row in enumerate(jacobian.tolist()):
        for j, entry in enumerate(row):
            text = f"{entry:.3f}".replace("-", "−")
            right.text(j, i, text, ha="center", va="center", weight="bold" if i == j else None)
    figure.supxlabel(STILL_SENTENCE, fontsize=8)
    return figure
