"""What every tool and test knows about the book's notebooks."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from mlpbook.saving import LIVE_VIEW
from tools import svg

ROOT = Path(__file__).parent.parent
# Notebooks stored with their outputs; exercises/ holds the learner's, stored without.
EXECUTED_FOLDERS = ("notebooks", "solutions")
SECONDS_A_CELL = 60


_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def executed_notebooks() -> list[Path]:
    """The paths of all notebooks that are stored executed."""
    return [path for folder in EXECUTED_FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]


def read(path: Path) -> NotebookNode:
    """Read the notebook at `path` in the current format."""
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def write(notebook: NotebookNode, path: Path) -> None:
    """Validate `notebook` and write it to `path`."""
    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def client(notebook: NotebookNode, folder: Path) -> NotebookClient:
    """A client that runs `notebook` as if it lay in `folder`, and records no times."""
    return NotebookClient(
        notebook,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )


def normalise(notebook: NotebookNode) -> None:
    """Reduce metadata to what every machine writes alike, so that a diff shows real changes."""
    notebook.metadata = nbformat.from_dict(_METADATA)
    notebook.nbformat_minor = 5
    for cell in notebook.cells:
        for key in ("execution", "collapsed", "jupyter", "ExecuteTime", "lines_to_next_cell"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            cell.outputs = _merge_streams(cell.outputs)
            for output in cell.outputs:
                output.get("data", {}).pop(LIVE_VIEW, None)


def keep_equal_outputs(fresh: NotebookNode, stored: NotebookNode) -> None:
    """Give `fresh` the stored bytes of every output that says and draws the same."""
    stored_outputs = {cell.id: cell.get("outputs", []) for cell in stored.cells}
    for cell in fresh.cells:
        old_outputs = stored_outputs.get(cell.id, [])
        if cell.cell_type == "code" and len(old_outputs) == len(cell.outputs):
            for old, new in zip(old_outputs, cell.outputs, strict=True):
                if "data" in new and not outputs_differ(old, new):
                    new.data = old.data


def outputs_differ(stored: NotebookNode, fresh: NotebookNode) -> str | None:
    """Say how two outputs differ, or return None; figures are compared by what they draw."""
    if stored.output_type != fresh.output_type:
        return f"{stored.output_type} became {fresh.output_type}"
    if stored.output_type == "stream":
        return None if stored.text == fresh.text else f"{stored.text!r} became {fresh.text!r}"
    if stored.output_type == "error":
        same = (stored.ename, stored.evalue) == (fresh.ename, fresh.evalue)
        return None if same else f"{stored.ename} became {fresh.ename}: {fresh.evalue}"
    old_data, new_data = (
        {mime: value for mime, value in output.data.items() if mime != LIVE_VIEW}
        for output in (stored, fresh)
    )
    if old_data.keys() != new_data.keys():
        return f"formats {sorted(old_data)} became {sorted(new_data)}"
    for mime, old in old_data.items():
        new = new_data[mime]
        how = svg.difference(old, new) if mime == "image/svg+xml" else _words_differ(old, new)
        if how:
            return f"{mime}: {how}"
    return None


def heading_of(notebook: NotebookNode, cell_id: str) -> str:
    """The heading that the cell `cell_id` stands under, to name the place to a person."""
    heading = "the top"
    for cell in notebook.cells:
        headings = list(_headings(cell.source)) if cell.cell_type == "markdown" else []
        if cell.id == cell_id:
            return (headings or [heading])[0]
        heading = (headings or [heading])[-1]
    return heading


def _headings(source: str) -> Iterator[str]:
    return (line.lstrip("# ") for line in source.splitlines() if line.startswith("#"))


def _words_differ(old: object, new: object) -> str | None:
    return None if old == new else f"{old!r} became {new!r}"


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: how a kernel cuts them is chance."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            merged.append(output)
    return merged
