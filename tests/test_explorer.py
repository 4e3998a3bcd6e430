"""What Python hands to the browser: the frames are torch's own numbers, and few enough."""

import itertools
import math
import re
from pathlib import Path

import pytest
import torch

from mlpbook import activations, depth, explorer, live, saving, softmax, units
from mlpbook.depth import explore_depth
from mlpbook.explorer import explore
from mlpbook.live import LiveFigure
from mlpbook.softmax import explore_softmax
from mlpbook.units import explore_two_units, explore_unit
from tools import svg

CALLS = [
    pytest.param(("elu",), {"alpha": (0.1, 3)}, id="one-slider"),
    pytest.param(("relu", "sigmoid", "tanh"), {}, id="three-functions"),
    pytest.param(("elu", "softplus"), {"alpha": (0.1, 3), "beta": (0.5, 10)}, id="two-sliders"),
    pytest.param(("prelu", "elu"), {"alpha": (0.5, 1)}, id="shared-slider"),
    pytest.param(("leaky_relu", "relu"), {"negative_slope": 0.2, "x": (-2, 3)}, id="fixed"),
    pytest.param(("gelu",), {"compare": "swish"}, id="compare"),
]


def numbers(figure: LiveFigure) -> torch.Tensor:
    return torch.frombuffer(bytearray(figure._table), dtype=torch.float32)


@pytest.mark.parametrize(("names", "keywords"), CALLS)
def test_every_frame_is_what_torch_gives_in_float32(names, keywords):
    figure = explore(*names, **keywords)
    table, spec = numbers(figure), figure._spec
    points = spec["points"]
    x = table[:points]
    low, high = keywords.get("x", (-5, 5))
    assert (x[0], x[-1]) == (low, high) and 0.0 in x.tolist()
    used = points
    for entry in [*spec["functions"], *spec["choices"]]:
        sliders = [s for s in spec["sliders"] if s["name"] in entry["sliders"]]
        fixed = {k: v for k, v in keywords.items() if isinstance(v, float)}
        mine = entry in spec["functions"]
        for at, stops in enumerate(itertools.product(*(s["values"] for s in sliders))):
            settings = dict(zip(entry["sliders"], stops, strict=True))
            function = activations.get(entry["name"])
            if mine:
                own = {p.name for p in function.parameters}
                settings |= {k: v for k, v in fixed.items() if k in own}
            value, slope = function.by_torch(x, **settings)
            start = entry["offset"] + at * (2 * points + 7 * entry["kinks"])
            assert torch.equal(table[start : start + points], value)
            assert torch.equal(table[start + points : start + 2 * points], slope)
            rows = table[start + 2 * points :][: 7 * entry["kinks"]].view(-1, 7)
            assert_kinks(rows, function, settings)
            used += 2 * points + rows.numel()
    assert used == table.numel()


def assert_kinks(rows, function, settings):
    kinks = function.kinks(**settings)
    assert rows[len(kinks) :].isnan().all()
    for row, kink in zip(rows.tolist(), kinks, strict=False):
        value, slope = function.by_torch(torch.tensor(kink.x), **settings)
        left, right = kink.limits or (value, value)
        expected = [kink.x, left, right, kink.left_slope, kink.right_slope, value, slope]
        assert row == pytest.approx([float(number) for number in expected])


@pytest.mark.parametrize(("names", "keywords"), CALLS)
def test_no_figure_holds_more_than_its_budget(names, keywords):
    assert len(explore(*names, **keywords)._table) <= live.BUDGET == 300_000


def test_stops_are_round_numbers_that_reach_both_ends():
    stops = explore("elu", alpha=(0.1, 3))._spec["sliders"][0]
    assert stops["values"][:3] == (0.1, 0.15, 0.2)
    assert stops["values"][-1] == 3.0
    assert stops["values"][stops["start"]] == 1.0
    assert explorer._stops(0.0, math.pi, 10)[-1] == pytest.approx(math.pi)


@pytest.mark.parametrize(("names", "keywords"), CALLS)
def test_the_still_figure_is_the_same_every_time(names, keywords):
    first, second = (explore(*names, **keywords)._repr_mimebundle_()[0] for _ in range(2))
    assert first["image/svg+xml"] == second["image/svg+xml"]
    assert svg.difference(first["image/svg+xml"], second["image/svg+xml"]) is None
    assert first["text/plain"] == second["text/plain"]
    assert live.STILL_SENTENCE in first["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in first


@pytest.mark.parametrize(
    ("names", "keywords", "message"),
    [
        ((), {}, "Name one to 4"),
        (("relu",) * 5, {}, "you named 5"),
        (("relo",), {}, "There is no activation 'relo'"),
        (("relu",), {"alpha": 1.0}, "no parameter 'alpha'"),
        (("elu",), {"alpha": (3, 0.1)}, "smaller"),
        (("elu",), {"alpha": (-1, 1)}, "outside"),
        (
            ("elu", "softplus", "leaky_relu"),
            {"alpha": (1, 2), "beta": (1, 2), "negative_slope": (0, 1)},
            "At most 2 sliders",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_plain_words(names, keywords, message):
    with pytest.raises(ValueError, match=message):
        explore(*names, **keywords)


@pytest.mark.parametrize("make", [explore_unit, explore_two_units])
def test_units_carry_their_targets_from_torch(make):
    figure = make()
    table, points = numbers(figure), figure._spec["points"]
    x = table[:points]
    for target in figure._spec["targets"]:
        values = table[target["offset"] :][:points]
        assert torch.equal(values, units.TARGETS[target["name"]][1](x))


def test_unknown_units_and_targets_are_refused():
    with pytest.raises(ValueError, match=r"'gelu' is not possible here\. There are: relu"):
        explore_unit("gelu")
    with pytest.raises(ValueError, match="There are: fold, step"):
        explore_two_units("cube")


def test_depth_is_the_gradient_that_autograd_sends_through_the_chain():
    figure = explore_depth()
    weights = figure._spec["slider"]["values"]
    table = numbers(figure).view(len(depth.UNITS), len(weights), depth.DEEPEST)
    for (name, _), frames in zip(figure._spec["units"], table, strict=True):
        for w, row in zip(weights[::5], frames[::5], strict=True):
            for count in (1, 2, 17, depth.DEEPEST):
                h = x = torch.tensor(depth.INPUT, dtype=torch.float64, requires_grad=True)
                for _ in range(count):
                    h = activations.get(name).truth(w * h)
                h.backward()
                expected = x.grad.log10()
                torch.testing.assert_close(row[count - 1].double(), expected, rtol=1e-6, atol=1e-6)


def test_the_jacobian_of_softmax_is_diag_p_minus_p_p():
    p, jacobian = softmax.by_torch(softmax.START)
    torch.testing.assert_close(jacobian, p.diag() - torch.outer(p, p))


@pytest.mark.parametrize("make", [explore_unit, explore_two_units, explore_depth, explore_softmax])
def test_every_figure_has_a_still_one_and_words(make):
    first, second = (make()._repr_mimebundle_()[0] for _ in range(2))
    assert first["image/svg+xml"] == second["image/svg+xml"]
    assert first["text/plain"] == second["text/plain"]
    assert live.STILL_SENTENCE in first["text/plain"]
    assert len(make()._table) <= live.BUDGET


def test_a_saved_notebook_keeps_the_still_figure_and_other_widgets():
    live_view = {saving.LIVE_VIEW: {"model_id": "1"}}
    outputs = [
        {"output_type": "display_data", "data": {**live_view, saving.STILL: "<svg/>"}},
        {"output_type": "display_data", "data": dict(live_view)},
        {"output_type": "stream", "name": "stdout", "text": "1"},
    ]
    cells = [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]
    saving.keep_still_figures({"type": "notebook", "content": {"cells": cells}}, path="a.ipynb")
    assert [output.get("data") for output in outputs] == [{saving.STILL: "<svg/>"}, live_view, None]
    saving.keep_still_figures({"type": "file", "content": "text"}, path="a.txt")


def test_every_colour_stands_out_from_its_ground():
    css = (Path(live.__file__).parent / "live.css").read_text()
    themes = re.findall(r"--mlp-ground:[^;]*?(#\w{6}).*?\}", css, re.DOTALL)
    blocks = re.findall(r"\{([^{}]*--mlp-ground:[^{}]*)\}", css)
    assert themes == ["#ffffff", "#111111", "#111111"]
    for ground, block in zip(themes, blocks, strict=True):
        colours = dict(re.findall(r"--mlp-([\w-]+):.*?(#\w{6})", block))
        for name in ["text", "quiet", "focus", *(f"curve-{i}" for i in range(5))]:
            assert contrast(colours[name], ground) >= 4.5, name
        assert contrast(colours["axis"], ground) >= 3


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
