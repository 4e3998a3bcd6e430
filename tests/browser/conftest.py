"""A real JupyterLab in a real browser, one of each for a test process."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tools import notebooks
from tools.lab import NO_BROWSER, Lab, OpenNotebook, find_browser, jupyterlab


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if find_browser() is None:
        pytest.skip(NO_BROWSER)
    with jupyterlab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def open_notebook(lab: Lab) -> Iterator[Callable[[str], OpenNotebook]]:
    """Open a notebook below the lab's folder in a new tab, with a kernel of its own."""
    with contextlib.ExitStack() as stack:
        yield lambda path: stack.enter_context(lab.open(path))


@pytest.fixture
def write_notebook(lab: Lab) -> Callable[..., str]:
    """Write a notebook of code cells into the lab's folder and return its path there."""

    def write(name: str, *sources: str, outputs: list[Any] | None = None) -> str:
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        if outputs:
            cells[0].outputs = outputs
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebooks.normalise(notebook)
        notebooks.write(notebook, lab.root / name)
        return name

    return write


@dataclass(frozen=True)
class Report:
    """What became of a notebook that was opened and run."""

    errors: list[str]
    console: list[str]
    stills: int
    live: int
    shown_live: int
    broken: int


@pytest.fixture
def run_notebook(
    lab: Lab, open_notebook: Callable[[str], OpenNotebook]
) -> Callable[[Path], Report]:
    """Open a copy of a notebook of the book, run all its cells and say what happened."""

    def run(path: Path) -> Report:
        folder = path.parent.name
        if not (lab.root / folder).exists():
            shutil.copytree(path.parent, lab.root / folder)
        opened = open_notebook(f"{folder}/{path.name}")
        opened.run_all()
        outputs = opened.outputs()
        formats = [output.get("data", {}) for output in outputs]
        live = sum("application/vnd.jupyter.widget-view+json" in data for data in formats)
        page = opened.page
        if live:
            page.wait_for_function(
                "count => [...document.querySelectorAll('.mlpbook-live')]"
                ".filter((figure) => figure.querySelector('input')).length >= count",
                arg=live,
            )
        return Report(
            errors=[
                f"{output['ename']}: {output['evalue']}"
                for output in outputs
                if output["output_type"] == "error"
            ],
            console=opened.console,
            stills=sum("image/svg+xml" in data or "image/png" in data for data in formats) - live,
            live=live,
            shown_live=page.locator(".mlpbook-live").count(),
            broken=page.evaluate(
                """() => [...document.querySelectorAll('.jp-OutputArea-output img')]
                    .filter((image) => !image.complete || image.naturalWidth === 0).length"""
            ),
        )

    return run
