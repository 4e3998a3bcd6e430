"""The validation goes red when a notebook is broken on purpose."""

import json
import subprocess
import sys

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import check, execute, notebooks

SETUP = """%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np

from mlpbook import figures"""
DERIVATIVE = "sigma = 1 / (1 + np.exp(-0.5))\nround(sigma * (1 - sigma), 6)"
PLOT = """x = np.arange(-8.0, 8.0, 0.1)
plt.plot(x, np.maximum(x, 0.0 * x))
plt.xlabel('x')
figures.show('Flat, then rising.')"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A small notebook of the book's kind, stored as an author stores it."""
    path = tmp_path_factory.mktemp("book") / "sound.ipynb"
    cells = [
        new_markdown_cell("# Small\n", id="title"),
        new_code_cell(SETUP, id="setup"),
        new_markdown_cell("## The derivative\n", id="heading"),
        new_code_cell(DERIVATIVE, id="derivative"),
        new_markdown_cell("## The plot\n", id="plot-heading"),
        new_code_cell(PLOT, id="plot"),
        new_markdown_cell("**Figure 1.** A fold.", id="caption"),
    ]
    nbformat.write(new_notebook(cells=cells), path)
    execute.execute(path)
    return path


def variant(sound, name, change):
    """Store beside `sound` a copy of it that `change` has broken."""
    notebook = notebooks.read(sound)
    change(notebook, {cell.id: cell for cell in notebook.cells})
    path = sound.with_name(f"{name}.ipynb")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def replaced(cell_id, old, new):
    """Change the source of a cell and keep its stored outputs."""

    def change(notebook, cells):
        assert old in cells[cell_id].source
        cells[cell_id].source = cells[cell_id].source.replace(old, new)

    return change


def tampered(cell_id, edit):
    """Change a cell as `edit` does."""
    return lambda notebook, cells: edit(cells[cell_id])


def give_output(**output):
    """Put one output in place of a cell's own."""
    return lambda cell: cell.update(outputs=[new_output(**output)])


def printed(text, name="stdout"):
    return tampered("derivative", give_output(output_type="stream", name=name, text=text))


def strip_outputs(notebook, cells):
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.update(outputs=[], execution_count=None)


def copy_id(notebook, cells):
    cells["caption"].id = "title"


STATIC = {
    "outputs stripped": (strip_outputs, "never executed"),
    "half executed": (tampered("plot", lambda c: c.update(execution_count=None)), "never executed"),
    "out of order": (tampered("plot", lambda c: c.update(execution_count=7)), "as number 7"),
    "an old output": (
        tampered("derivative", lambda c: c.outputs[0].update(execution_count=9)),
        "another run",
    ),
    "the same id twice": (copy_id, "have the id title"),
    "an error": (
        tampered(
            "derivative",
            give_output(output_type="error", ename="NameError", evalue="y", traceback=[]),
        ),
        "tag the cell raises-exception",
    ),
    "a tag without an error": (
        tampered("plot", lambda c: c.metadata.update(tags=["raises-exception"])),
        "raises nothing",
    ),
    "exempt by tag": (
        tampered("plot", lambda c: c.metadata.update(tags=["nbval-skip"])),
        "exempt from comparison",
    ),
    "exempt by comment": (replaced("plot", "x = ", "# NBVAL_SKIP\nx = "), "exempt from comparison"),
    "a warning": (printed("careful", name="stderr"), "stderr is stored"),
    "a duration": (printed("took 3.52 ms"), "a duration"),
    "a progress bar": (printed("100% 5/5 [00:03<00:00, 1.5it/s]"), "a duration"),
    "a time": (printed("done at 09:41:07"), "a time of day"),
    "a date": (printed("run on 2026-11-20"), "a date"),
    "a path": (printed("see /home/ada/book"), "a path of one machine"),
    "an address": (printed("<object at 0x7f01c0ffee00>"), "a memory address"),
    "no words for a figure": (
        tampered("plot", lambda c: c.outputs[0].metadata.clear()),
        "no text alternative",
    ),
    "no caption": (replaced("caption", "**Figure 1.**", "See"), "no caption"),
    "a picture of pixels": (
        tampered("plot", give_output(output_type="display_data", data={"image/png": "AA=="})),
        "use SVG",
    ),
    "a dead link": (replaced("caption", "A fold.", "[here](../none.ipynb)"), "which is not there"),
    "an image without words": (replaced("title", "Small", "![](a.png)"), "no text alternative"),
    "a long cell": (replaced("plot", "x = ", "\n" * 30 + "x = "), "over 30 lines"),
}


@pytest.mark.parametrize("name", STATIC)
def test_check_finds(sound, name):
    change, expected = STATIC[name]
    found = check.problems(variant(sound, name, change))
    assert any(expected in problem for problem in found), found
    assert all(problem.startswith(f"{name}.ipynb") for problem in found)


def test_check_passes_a_sound_notebook(sound):
    assert check.problems(sound) == []


RUN = {
    "leaky": (replaced("plot", "0.0 * x", "0.01 * x"), "The plot", "moved by"),
    "thousandth": (replaced("plot", "np.maximum(", "1.001 * np.maximum("), "The plot", "moved by"),
    "label": (replaced("plot", "label('x')", "label('t')"), "The plot", "text 't'"),
    "sign": (replaced("derivative", "1 - sigma", "1 + sigma"), "The derivative", "0.235004"),
    "counter": (
        replaced("derivative", "sigma = 1", "sigma = 0.5 + sigma if 'sigma' in dir() else 1"),
        "The derivative",
        "run a second time",
    ),
    "silent": (replaced("plot", "figures.show", "# figures.show"), "The plot", "Figure size"),
}


@pytest.fixture(scope="module")
def report(sound):
    """What pytest prints of the sound notebook and of the broken ones, run together."""
    paths = [sound, *(variant(sound, name, change) for name, (change, *_) in RUN.items())]
    command = [sys.executable, "-m", "pytest", "--nbval", "-n0", "-p", "no:cacheprovider", "-rA"]
    command += ["-c", str(notebooks.ROOT / "pyproject.toml"), "--color=no", *map(str, paths)]
    command += ["--rootdir", str(notebooks.ROOT), "--confcutdir", str(notebooks.ROOT)]
    result = subprocess.run(
        [*command, "-p", "conftest"], cwd=notebooks.ROOT, capture_output=True, text=True
    )
    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


def test_a_sound_notebook_passes_when_run(report):
    assert "sound.ipynb," not in report


@pytest.mark.parametrize("name", RUN)
def test_running_finds(report, name):
    _, heading, what = RUN[name]
    start = report.index(f"{name}.ipynb, {heading}")
    following = report.find(".ipynb, ", start + len(name) + 10)
    assert what in report[start:following]


def test_execute_keeps_the_bytes_of_what_draws_the_same(sound):
    def nudge(notebook, cells):
        figure = cells["plot"].outputs[0].data["image/svg+xml"]
        cells["plot"].outputs[0].data["image/svg+xml"] = figure.replace("184pt", "184.00001pt")
        cells["derivative"].outputs[0].data["text/plain"] = "0.5"

    path = variant(sound, "nudged", nudge)
    before = notebooks.read(path)
    execute.execute(path)
    after = notebooks.read(path)
    assert after.cells[5].outputs[0].data == before.cells[5].outputs[0].data
    assert after.cells[3].outputs[0].data["text/plain"] == "np.float64(0.235004)"


def test_execute_leaves_a_failing_notebook_as_it_was(sound):
    path = variant(sound, "failing", replaced("derivative", "sigma = ", "sigma = nothing + "))
    before = path.read_bytes()
    with pytest.raises(CellExecutionError):
        execute.execute(path)
    assert path.read_bytes() == before
