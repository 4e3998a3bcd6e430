"""From Run All to the last figure: chapter 02 beside D2L's way of drawing its figures.

Both are opened in the same JupyterLab and run in turns, each time in a fresh kernel. What
counts is the time for one figure, since the chapter draws more of them.
"""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from tqdm import trange

from tools import lab, notebooks

ROUNDS = 5
CHAPTER = "02_activation_functions.ipynb"
PLAIN = "plain.ipynb"
SETUP = "%matplotlib inline\nimport torch\nfrom d2l import torch as d2l"
FUNCTIONS = ("relu", "sigmoid", "tanh")


def plain_notebook() -> nbformat.NotebookNode:
    """The six figures of D2L 4.1.2, drawn with D2L's calls and nothing beside them."""
    cells = [SETUP, "x = torch.arange(-8.0, 8.0, 0.1, requires_grad=True)"]
    for name in FUNCTIONS:
        cells.append(
            f"y = torch.{name}(x)\n"
            f"d2l.plot(x.detach(), y.detach(), 'x', '{name}(x)', figsize=(5, 2.5))"
        )
        cells.append(
            "x.grad = None\ny.backward(torch.ones_like(x))\n"
            f"d2l.plot(x.detach(), x.grad, 'x', 'grad of {name}', figsize=(5, 2.5))"
        )
    notebook: nbformat.NotebookNode = new_notebook(
        cells=[new_code_cell(source) for source in cells]
    )
    notebooks.normalise(notebook)
    return notebook


def seconds_to_last_figure(jupyter: lab.Lab, name: str) -> tuple[float, int]:
    """Open the notebook `name`, run all its cells; return the seconds and the figures."""
    with jupyter.open(name) as notebook:
        # Figures that are stored in the notebook must not be taken for drawn ones.
        notebook.page.evaluate("jupyterapp.commands.execute('editmenu:clear-all')")
        start = time.perf_counter()
        notebook.run_all()
        figures = sum("image/svg+xml" in output.get("data", {}) for output in notebook.outputs())
        notebook.page.wait_for_function(
            "count => [...document.querySelectorAll('.jp-OutputArea-output')]"
            ".filter(area => area.querySelector('img, .mlpbook-live')).length >= count",
            arg=figures,
        )
        return time.perf_counter() - start, figures


def main() -> None:
    """Print the time for one figure of chapter 02 as a ratio to D2L's way."""
    times: dict[str, list[float]] = {CHAPTER: [], PLAIN: []}
    counts: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(notebooks.ROOT / "notebooks" / CHAPTER, root)
        nbformat.write(plain_notebook(), root / PLAIN)
        with lab.jupyterlab(root) as jupyter:
            for _ in trange(ROUNDS, unit="round", desc="Run All"):
                for name in times:
                    seconds, counts[name] = seconds_to_last_figure(jupyter, name)
                    times[name].append(seconds)
    per_figure = {
        name: [seconds / counts[name] for seconds in rounds] for name, rounds in times.items()
    }
    ratios = [
        ours / theirs for ours, theirs in zip(per_figure[CHAPTER], per_figure[PLAIN], strict=True)
    ]
    print("\nFrom Run All to the last figure, in JupyterLab\n")
    for name, rounds in times.items():
        print(
            f"  {name:32} {counts[name]:3} figures  {statistics.median(rounds):6.1f} s"
            f"  {statistics.median(per_figure[name]):6.2f} s a figure"
        )
    print(
        f"\n  one figure of the chapter takes {statistics.median(ratios):.2f} of one of D2L's"
        f" ({min(ratios):.2f} to {max(ratios):.2f} over {ROUNDS} rounds)"
    )
