"""Every notebook of the book, opened in JupyterLab and run from top to bottom."""

import pytest

from tools import notebooks

PATHS = [*notebooks.executed_notebooks(), *sorted((notebooks.ROOT / "exercises").glob("*.ipynb"))]


@pytest.mark.parametrize("path", PATHS, ids=[f"{path.parent.name}/{path.stem}" for path in PATHS])
def test_runs_in_jupyterlab(path, run_notebook):
    report = run_notebook(path)
    allowed = sum(
        "raises-exception" in cell.metadata.get("tags", []) for cell in notebooks.read(path).cells
    )
    assert len(report.errors) <= allowed, report.errors
    assert report.console == []
    assert report.shown_live == report.live
    assert report.broken == 0
    if path.parent.name == "notebooks":
        stored = [
            output for cell in notebooks.read(path).cells for output in cell.get("outputs", [])
        ]
        figures = sum("image/svg+xml" in output.get("data", {}) for output in stored)
        assert report.stills + report.live == figures
