"""Figures are compared by what they draw."""

import contextlib

import matplotlib.pyplot as plt
import numpy as np
import pytest

from mlpbook import figures
from tools import svg

x = np.linspace(-8, 8, 160)
relu = np.maximum(x, 0)


def drawn(curve=relu, xlabel="x", ylim=None, style="-", image=None):
    figure, axes = plt.subplots(figsize=(5, 2.5))
    axes.plot(x, curve, style)
    axes.set(xlabel=xlabel, ylim=ylim)
    if image is not None:
        axes.imshow(image)
    text = figures.render_svg(figure, "a curve")
    plt.close(figure)
    return text


def test_the_same_figure_is_the_same_text():
    assert drawn() == drawn()


def test_last_bits_do_not_count():
    noise = 1 + 1e-7 * np.sin(1000 * x)
    assert drawn() != drawn(relu * noise)
    assert svg.difference(drawn(), drawn(relu * noise)) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"curve": relu * 1.001},
        {"curve": relu * 1.001, "ylim": (-1, 9)},
        {"curve": np.where(x > 0, x, 0.01 * x)},
        {"curve": [*relu[:-1], np.nan]},
        {"xlabel": "t"},
        {"ylim": (-1, 8.01)},
        {"style": "--"},
        {"image": np.eye(3)},
    ],
    ids=lambda change: "-".join(change),
)
def test_a_change_of_what_is_drawn_is_found(changed):
    before = drawn(ylim=changed.get("ylim") and (-1, 9)) if "curve" in changed else drawn()
    assert svg.difference(before, drawn(**changed))
    assert svg.difference(drawn(**changed), before)


def test_a_change_of_a_thousandth_of_a_small_curve_is_found():
    small = 0.05 * np.tanh(x)
    assert svg.difference(drawn(small, ylim=(-1, 1)), drawn(small * 1.001, ylim=(-1, 1)))


def test_pixels_are_compared_to_two_levels():
    image = np.linspace(0, 1, 64).reshape(8, 8)
    assert svg.difference(drawn(image=image), drawn(image=image + 1e-9)) is None
    assert svg.difference(drawn(image=image), drawn(image=image.T))


def test_names_of_clip_paths_and_markers_do_not_count(monkeypatch):
    before = drawn(style="o-")
    monkeypatch.setattr(figures.plt, "rc_context", lambda settings: contextlib.nullcontext())
    after = drawn(style="o-")  # without the book's salt every name is drawn at random
    assert before != after
    assert svg.difference(before, after) is None
