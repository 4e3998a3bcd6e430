"""The live figures, driven by keyboard and mouse in JupyterLab."""

import itertools

import pytest
import torch
import torch.nn.functional as F
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_output
from playwright.sync_api import Locator, Page, expect

from mlpbook import activations, depth
from mlpbook.explorer import explore
from mlpbook.softmax import by_torch
from mlpbook.units import TARGETS, UNITS

ELU = 'from mlpbook.explorer import explore\nexplore("elu", alpha=(0.1, 3))'
OVERLAY = 'from mlpbook.explorer import explore\nexplore("relu", "sigmoid", "tanh")'

UNIT = "from mlpbook.units import explore_unit\nexplore_unit()"
TWO_UNITS = "from mlpbook.units import explore_two_units\nexplore_two_units()"
DEPTH = "from mlpbook.depth import explore_depth\nexplore_depth()"
SOFTMAX = "from mlpbook.softmax import explore_softmax\nexplore_softmax()"
FLIPBOOK = """from mlpbook.flipbook import Frame, flipbook
frames = [Frame(lines=[([(0, 0), (2, k)], 0)], polygons=[([(0, 0), (1, 0), (1, k / 9)], 1)],
                caption=f"slope {k / 2}") for k in range(21)]
data = Frame(dots=[([(0.5, 4), (1.5, 8)], 4)])
flipbook(frames, (0, 2), (-1, 10), {0: "line", 1: "area", 4: "data"}, "A line turns.",
         fixed=data, seconds=SECONDS)"""
RESTING = FLIPBOOK.replace("SECONDS", "600")


@pytest.fixture
def figures(open_notebook, write_notebook):
    """Show figures in a new notebook; returns (their elements, the open notebook)."""

    def show(*sources):
        opened = open_notebook(write_notebook("figures.ipynb", *sources))
        opened.run_all()
        elements = opened.page.locator(".mlpbook-live")
        expect(elements).to_have_count(len(sources))
        for element in elements.all():
            expect(element.locator("td, .mlp-caption").first).not_to_be_empty()
        return elements.all(), opened

    return show


@pytest.fixture
def figure(figures):
    """Show one figure in a new notebook; returns (its element, the open notebook)."""

    def show(source):
        (element,), opened = figures(source)
        return element, opened

    return show


def slider(element: Locator, label: str) -> Locator:
    return element.get_by_role("slider", name=label, exact=True)


def settled(page: Page) -> None:
    """Wait until the frame that an input asked for is drawn."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def read(element: Locator, name: str) -> tuple[float, float, float]:
    row = element.locator(f'tr[data-function="{name}"]')
    cells = [row.locator(f'[data-readout="{which}"]') for which in ("value", "slope")]
    x = element.locator("caption").get_attribute("data-x")
    return tuple(float(text) for text in (x, *(cell.get_attribute("data-value") for cell in cells)))


def assert_torch(element: Locator, name: str, **settings: float) -> float:
    """Hold what the figure shows against torch in float32; return the x it shows."""
    x, value, slope = read(element, name)
    f, gradient = activations.get(name).by_torch(torch.tensor(x), **settings)
    assert value == pytest.approx(f.item(), abs=1e-6)
    assert slope == pytest.approx(gradient.item(), abs=1e-6)
    return x


def test_arrow_keys_move_x_and_the_parameter(figure):
    element, opened = figure(ELU)
    keys = opened.page.keyboard
    slider(element, "x").focus()
    assert assert_torch(element, "elu", alpha=1.0) == pytest.approx(-1)
    for _ in range(10):
        keys.press("ArrowLeft")
    settled(opened.page)
    assert assert_torch(element, "elu", alpha=1.0) == pytest.approx(-1.5)
    keys.press("Home")
    settled(opened.page)
    assert assert_torch(element, "elu", alpha=1.0) == -5

    slider(element, "α (alpha)").focus()
    for _ in range(4):
        keys.press("ArrowRight")
    settled(opened.page)
    assert slider(element, "α (alpha)").get_attribute("aria-valuetext") == "1.20"
    assert_torch(element, "elu", alpha=1.2)
    keys.press("End")
    settled(opened.page)
    assert_torch(element, "elu", alpha=3.0)
    assert opened.console == []


def test_the_mouse_drags_the_point_and_hands_over_to_the_keys(figure):
    element, opened = figure(OVERLAY)
    mouse = opened.page.mouse
    graph = element.get_by_role("img", name="Graph of ReLU, Sigmoid, Tanh", exact=True)
    graph.scroll_into_view_if_needed()
    box = graph.bounding_box()
    height = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.4, height)
    mouse.down()
    settled(opened.page)
    before = read(element, "tanh")[0]
    mouse.move(box["x"] + box["width"] * 0.8, height, steps=5)
    mouse.up()
    settled(opened.page)
    for name in ("relu", "sigmoid", "tanh"):
        after = assert_torch(element, name)
    assert after > before + 3
    mouse.move(box["x"] + box["width"] * 0.2, height)  # released: no longer dragged
    settled(opened.page)
    assert read(element, "tanh")[0] == after
    opened.page.keyboard.press("ArrowRight")
    settled(opened.page)
    assert assert_torch(element, "tanh") == pytest.approx(after + 0.05, abs=1e-6)


def test_kinks_show_open_and_closed_ends_and_both_slopes(figure):
    element, opened = figure(ELU)
    expect(element.locator(".mlp-notes li")).to_have_count(0)  # α = 1: smooth
    slider(element, "α (alpha)").focus()
    opened.page.keyboard.press("Home")
    slider(element, "x").fill("100")
    note = element.locator(".mlp-notes li")
    expect(note).to_contain_text("slope 0.1 from the left, 1 from the right")
    expect(note).to_contain_text("Autograd gives 0.1")
    expect(element.locator(".mlp-open")).to_have_count(1)
    expect(element.locator(".mlp-closed")).to_have_count(1)
    expect(element.locator('[data-readout="slope"]')).to_have_text("0.1 | 1")
    assert assert_torch(element, "elu", alpha=0.1) == 0


def test_compare_with_any_other_activation(figure):
    element, opened = figure(ELU)
    choice = element.get_by_role("combobox", name="compare with")
    for name in activations.names():
        if name == "elu":
            continue
        choice.select_option(name)
        settled(opened.page)
        assert_torch(element, name)
    choice.select_option("")
    expect(element.locator("tbody tr")).to_have_count(1)


def test_values_are_announced_once_the_reader_pauses(figure):
    element, opened = figure(ELU)
    slider(element, "x").focus()
    for _ in range(20):
        opened.page.keyboard.press("ArrowRight")
    spoken = element.locator("[aria-live=polite]")
    expect(spoken).to_have_text("x 0.00. ELU (α = 1.00): f 0.0000, f′ 1.0000.")


def error_of(element: Locator) -> float:
    return float(element.locator("[data-readout=error]").get_attribute("data-value"))


def put(element: Locator, label: str, number: float, low: float) -> None:
    """Set a slider that starts at `low` and goes in steps of 0.05."""
    slider(element, label).fill(str(round((number - low) / 0.05)))


def test_one_unit_is_what_torch_computes(figure):
    element, opened = figure(UNIT)
    x = torch.linspace(-3, 3, 201, dtype=torch.float64)
    for unit, (target, (_, function)) in itertools.product(UNITS, TARGETS.items()):
        element.get_by_role("combobox", name="unit").select_option(unit)
        element.get_by_role("combobox", name="target").select_option(target)
        for w, b in [(1.0, 0.0), (2.0, -1.0), (-3.95, 4.0), (0.0, -0.5)]:
            put(element, "w (weight)", w, -4)
            put(element, "b (bias)", b, -4)
            settled(opened.page)
            y = activations.get(unit).truth(w * x + b)
            expected = F.mse_loss(y, function(x)).item()
            assert error_of(element) == pytest.approx(expected, abs=1e-6)


def test_two_units_fold_and_add(figure):
    element, opened = figure(TWO_UNITS)
    x = torch.linspace(0, 2, 201, dtype=torch.float64)
    lowest = float("inf")
    labels = ["w₁ (weight of unit 1)", "b₁ (bias of unit 1)", "w₂ (weight of unit 2)"]
    labels += ["b₂ (bias of unit 2)", "c (bias of the sum)"]
    for numbers in [(1, 0, 1, -1, 0), (1, 0, 2, -2, -0.1), (-2, 1, 3, -3, 0.25)]:
        for label, number in zip(labels, numbers, strict=True):
            put(element, label, number, -2 if label.startswith("c") else -4)
        settled(opened.page)
        w1, b1, w2, b2, c = numbers
        y = torch.relu(w1 * x + b1) + torch.relu(w2 * x + b2) + c
        expected = F.mse_loss(y, x**2).item()
        assert error_of(element) == pytest.approx(expected, abs=1e-6)
        lowest = min(lowest, expected)
    assert float(element.locator("[data-readout=lowest]").inner_text()) <= lowest + 1e-4
    assert opened.console == []


def test_depth_shows_the_gradient_that_arrives(figure):
    element, opened = figure(DEPTH)
    for w, count in [(1.0, 10), (0.5, 50), (2.0, 50), (1.5, 1)]:
        put(element, "w (weight of every unit)", w, 0.5)
        slider(element, "depth").fill(str(count - 1))
        settled(opened.page)
        for name in depth.UNITS:
            gradient = depth.arriving(name, torch.tensor([w], dtype=torch.float64))[0, count - 1]
            row = element.locator(f'tr[data-unit="{name}"]')
            shown = row.locator("[data-readout=gradient]").get_attribute("data-value")
            assert float(shown) == pytest.approx(gradient.log10().item(), rel=1e-6, abs=1e-6)
            factor = float(row.locator("[data-readout=factor]").inner_text())
            assert factor == pytest.approx(gradient.item() ** (1 / count), abs=5.1e-4)
    slider(element, "depth").focus()
    opened.page.keyboard.press("ArrowRight")
    expect(element.locator("caption")).to_have_text("2 units, weight 1.50")
    expect(element.locator("[data-readout=gradient]").first).to_have_text("2.250")  # 1.5²
    assert opened.console == []


def test_softmax_and_its_jacobian_are_what_torch_computes(figure):
    element, opened = figure(SOFTMAX)
    for logits in [(2.0, 1.0, -1.0), (0.0, 0.0, 0.0), (6.0, -6.0, -6.0), (-3.35, 4.1, 4.05)]:
        for i, a in enumerate(logits):
            put(element, f"a{'₁₂₃'[i]} (logit {i + 1})", a, -6)
        settled(opened.page)
        p, jacobian = by_torch(logits)
        for shown, expected in [(".mlp-on-bar", p), ("[data-readout=derivative]", jacobian)]:
            values = element.locator(shown).evaluate_all(
                "all => all.map((one) => Number(one.dataset.value))"
            )
            assert values == pytest.approx(expected.flatten().tolist(), abs=1e-6)
    assert opened.console == []


def test_a_flipbook_plays_once_and_stops(figure):
    element, opened = figure(FLIPBOOK.replace("SECONDS", "1"))
    element.scroll_into_view_if_needed()
    expect(element).to_have_attribute("data-frame", "20")
    button = element.get_by_role("button")
    expect(button).to_have_text("Play")
    expect(element.locator(".mlp-caption")).to_have_text("slope 10.0")
    expect(element.locator("[aria-live=polite]")).to_have_text("slope 10.0")
    button.focus()
    opened.page.keyboard.press("Space")  # from the start again
    expect(button).to_have_text("Pause")
    expect(element).to_have_attribute("data-frame", "20")
    assert opened.console == []


def test_a_flipbook_goes_by_hand(figure):
    element, opened = figure(RESTING)
    button = element.get_by_role("button")
    expect(button).to_have_text("Pause")
    slider(element, "frame").focus()
    for _ in range(4):
        opened.page.keyboard.press("ArrowRight")
    settled(opened.page)
    expect(button).to_have_text("Play")
    expect(element.locator(".mlp-caption")).to_have_text("slope 2.0")
    assert slider(element, "frame").get_attribute("aria-valuetext") == "5 of 21"
    ends = element.locator(".mlp-style-0 > .mlp-curve[d^=M]").evaluate(
        """(curve) => { const box = curve.ownerSVGElement.height.baseVal.value;
            return [0, curve.getTotalLength()].map(
                (at) => 10 - 11 * curve.getPointAtLength(at).y / box); }"""
    )
    assert ends == pytest.approx([0, 4], abs=0.01)
    opened.page.keyboard.press("End")
    expect(element).to_have_attribute("data-frame", "20")
    assert opened.console == []


def test_a_flipbook_does_not_start_by_itself_for_readers_who_want_rest(
    lab, open_notebook, write_notebook
):
    opened = open_notebook(write_notebook("rest.ipynb", FLIPBOOK.replace("SECONDS", "1")))
    opened.page.emulate_media(reduced_motion="reduce")
    opened.run_all()
    element = opened.page.locator(".mlpbook-live")
    element.scroll_into_view_if_needed()
    opened.page.wait_for_timeout(1500)
    expect(element).to_have_attribute("data-frame", "0")
    element.get_by_role("button").click()  # asked for, it plays
    expect(element).to_have_attribute("data-frame", "20")


@pytest.mark.parametrize("command", ["restart", "shutdown"])
def test_the_figure_goes_on_when_the_kernel_does_not(figure, command):
    element, opened = figure(ELU)
    slider(element, "x").focus()
    opened.page.keyboard.press("ArrowLeft")
    opened.kernel(command)
    for _ in range(9):
        opened.page.keyboard.press("ArrowLeft")
    settled(opened.page)
    assert assert_torch(element, "elu", alpha=1.0) == pytest.approx(-1.5)


def test_ten_figures_in_one_notebook(figures):
    elements, opened = figures(*[ELU] * 10)
    for i, element in enumerate(elements):
        slider(element, "x").fill(str(10 * i))
        settled(opened.page)
        assert assert_torch(element, "elu", alpha=1.0) == pytest.approx(-5 + 0.5 * i, abs=1e-6)
    assert opened.console == []


def test_axe_finds_nothing_in_light_and_dark(figures):
    elements, opened = figures(ELU, OVERLAY, UNIT, TWO_UNITS, DEPTH, SOFTMAX, RESTING)
    for element in elements[:2]:
        element.get_by_role("combobox").select_option("gelu")
    slider(elements[0], "α (alpha)").fill("0")  # a kink, with its note
    for theme in ("Dark", "Light"):
        opened.command("apputils:change-theme", theme=f"JupyterLab {theme}")
        light = str(theme == "Light").lower()
        opened.page.wait_for_function(f"document.body.dataset.jpThemeLight === '{light}'")
        found = Axe().run(opened.page, context=".mlpbook-live").response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []


def test_nothing_is_cut_off_in_a_narrow_window_or_a_wide_one(figures):
    elements, opened = figures(OVERLAY, TWO_UNITS, DEPTH, SOFTMAX, RESTING)
    opened.command("application:toggle-left-area")
    for width in (400, 640, 1280):
        opened.page.set_viewport_size({"width": width, "height": 900})
        settled(opened.page)
        for element in elements:
            edges = element.evaluate(
                """(root) => [...root.querySelectorAll(
                        'input, select, button, label, output, td, li, svg')]
                    .map((part) => part.getBoundingClientRect())
                    .flatMap((box) => [box.left - root.getBoundingClientRect().left,
                                       root.getBoundingClientRect().right - box.right])"""
            )
            assert min(edges) >= 0


def test_a_stored_notebook_shows_the_still_figure_until_it_is_run(open_notebook, write_notebook):
    data, metadata = explore("relu")._repr_mimebundle_()
    del data["application/vnd.jupyter.widget-view+json"]
    output = new_output("execute_result", data, metadata=metadata, execution_count=1)
    opened = open_notebook(write_notebook("stored.ipynb", ELU, outputs=[output]))
    shown = opened.page.locator(".jp-OutputArea-output")
    # JupyterLab shows no SVG of a notebook that it does not trust yet: the words stand there.
    expect(shown).to_contain_text("ReLU over x from -5 to 5")
    expect(shown).to_contain_text("This is a still figure. Run the cell in Jupyter")
    opened.page.evaluate(
        """() => [...jupyterapp.shell.currentWidget.content.model.cells]
            .forEach((cell) => { cell.trusted = true; })"""
    )
    expect(opened.page.locator(".jp-RenderedSVG")).to_be_visible()
    opened.run_all()
    expect(opened.page.locator(".mlpbook-live")).to_be_visible()
    expect(opened.page.locator(".jp-RenderedSVG")).to_have_count(0)


def test_nothing_moves_by_itself_for_readers_who_want_rest(figures):
    elements, opened = figures(ELU, UNIT, DEPTH, SOFTMAX)
    opened.page.emulate_media(reduced_motion="reduce")
    for element in elements:
        element.get_by_role("slider").first.focus()
        opened.page.keyboard.press("ArrowRight")
        moving = element.evaluate(
            """(root) => root.getAnimations({ subtree: true }).length
                + [root, ...root.querySelectorAll('*')].map((part) => getComputedStyle(part))
                    .filter((style) => style.animationName !== 'none'
                        || style.transitionDuration !== '0s').length"""
        )
        assert moving == 0
