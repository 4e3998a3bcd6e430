"""From a slider's event to the painted frame: the explorer beside `interact` and `d2l.plot`.

Both draw a function and its derivative, stand in one notebook of one JupyterLab, and take
turns, a step each. A frame counts as painted in the first task after the animation frame in
which the new picture is in the page; with `interact` that is its second image. Before each
step the page rests for a moment, so that neither pays for what the other left to do.
"""

import statistics
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import CDPSession, ElementHandle, Page
from tqdm import trange

from tools import lab, notebooks

STEPS = 100
FIGURES = 10
LONG_RUN = 10_000
REPORTS = 5
EXPLORER = 'from mlpbook.explorer import explore\nexplore("elu", alpha=(0.1, 3))'
INTERACT = """\
%matplotlib inline
import torch
from d2l import torch as d2l
from ipywidgets import interact
x = torch.arange(-5.0, 5.0, 0.05, requires_grad=True)
@interact(alpha=(0.1, 3.0, 0.05))
def draw(alpha=1.0):
    y = torch.nn.functional.elu(x, alpha)
    x.grad = None
    y.backward(torch.ones_like(x))
    d2l.plot(x.detach(), y.detach(), 'x', 'elu(x)', figsize=(5, 2.5))
    d2l.plt.show()
    d2l.plot(x.detach(), x.grad, 'x', 'grad of elu', figsize=(5, 2.5))
    d2l.plt.show()
"""

REST = "new Promise((done) => setTimeout(() => requestIdleCallback(() => done()), 50))"
# Move the native slider, then wait until what it changes has changed and is painted.
STEP_EXPLORER = """(root, i) => new Promise((done) => {
    const input = root.querySelector('input[type=range]');
    const curve = root.querySelector('path.mlp-curve');
    const before = curve.getAttribute('d');
    const start = performance.now();
    input.value = i;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    const look = () => {
        if (curve.getAttribute('d') === before) return requestAnimationFrame(look);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - start);
        port2.postMessage(0);
    };
    requestAnimationFrame(look);
})"""
# ipywidgets' slider is noUiSlider; its own API moves it as the mouse does.
STEP_INTERACT = """(root, i) => new Promise((done) => {
    const slider = root.querySelector('.noUi-target').noUiSlider;
    const second = () => root.querySelectorAll('.jp-OutputArea img')[1];
    const before = second().src;
    const start = performance.now();
    slider.set(0.1 + 0.05 * i, true);
    const look = () => {
        if (!second()?.complete || second().src === before) return requestAnimationFrame(look);
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now() - start);
        port2.postMessage(0);
    };
    requestAnimationFrame(look);
})"""
RUN_ON = """async ([root, steps]) => {
    const input = root.querySelector('input[type=range]');
    for (let i = 0; i < steps; i++) {
        input.value = i % Number(input.max);
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(requestAnimationFrame);
    }
}"""


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook of code cells to `path`."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebooks.normalise(notebook)
    nbformat.write(notebook, path)


def step(page: Page, script: str, element: ElementHandle, i: int) -> float:
    """Move one slider to step `i`; return the milliseconds until the frame is painted."""
    page.evaluate(REST)
    milliseconds: float = page.evaluate(f"([root, i]) => ({script})(root, i)", [element, i])
    return milliseconds


def report(name: str, times: list[float]) -> None:
    """Print the median and the 95th percentile of `times`."""
    p95 = statistics.quantiles(times, n=20)[-1]
    print(f"  {name:38} median {statistics.median(times):7.1f} ms   p95 {p95:7.1f} ms")


def beside_interact(jupyter: lab.Lab) -> None:
    """Let both take turns for `STEPS` steps."""
    ours, theirs = [], []
    with jupyter.open("both.ipynb") as notebook:
        notebook.run_all()
        page = notebook.page
        live = page.wait_for_selector(".mlpbook-live")
        interact = page.wait_for_selector(".widget-interact")
        page.wait_for_function(
            "document.querySelectorAll('.widget-interact .jp-OutputArea img').length === 2"
        )
        if live is None or interact is None:
            raise RuntimeError("A figure is missing from the page.")
        for i in trange(STEPS, desc="beside interact"):
            stop = 1 + (7 * i) % 50
            ours.append(step(page, STEP_EXPLORER, live, stop))
            theirs.append(step(page, STEP_INTERACT, interact, stop))
    report("explorer", ours)
    report("interact + d2l.plot", theirs)
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"  the explorer is {ratio:.0f} times as fast\n")


def ten_on_a_page(jupyter: lab.Lab) -> None:
    """Step through ten explorers of one notebook in turn."""
    with jupyter.open("ten.ipynb") as notebook:
        notebook.run_all()
        page = notebook.page
        page.wait_for_function(
            f"document.querySelectorAll('.mlpbook-live .mlp-curve').length >= {FIGURES}"
        )
        figures = page.query_selector_all(".mlpbook-live")
        times = [
            step(page, STEP_EXPLORER, figures[i % FIGURES], 1 + i // FIGURES)
            for i in trange(STEPS, desc="ten on a page")
        ]
    report(f"one of {FIGURES} explorers on a page", times)


def memory(jupyter: lab.Lab) -> None:
    """Print the browser's live memory over `LONG_RUN` steps of one explorer."""
    with jupyter.open("one.ipynb") as notebook:
        notebook.run_all()
        page = notebook.page
        figure = page.wait_for_selector(".mlpbook-live")
        session = page.context.new_cdp_session(page)
        page.evaluate(RUN_ON, [figure, LONG_RUN // 10])
        sizes = [megabytes(session)]
        for _ in trange(REPORTS, desc=f"{LONG_RUN} steps"):
            page.evaluate(RUN_ON, [figure, LONG_RUN // REPORTS])
            sizes.append(megabytes(session))
    print(f"\n  browser's heap over {LONG_RUN} steps, MB: " + "  ".join(f"{s:.2f}" for s in sizes))


def megabytes(session: CDPSession) -> float:
    """The JavaScript heap in use after everything that is free was collected."""
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


def main() -> None:
    """Print times, their ratio, and the memory."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_notebook(root / "both.ipynb", EXPLORER, INTERACT)
        write_notebook(root / "ten.ipynb", *[EXPLORER] * FIGURES)
        write_notebook(root / "one.ipynb", EXPLORER)
        with lab.jupyterlab(root) as jupyter:
            print("\nFrom a slider's event to the painted frame, in JupyterLab\n")
            beside_interact(jupyter)
            ten_on_a_page(jupyter)
            memory(jupyter)
