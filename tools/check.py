"""Check what stored notebooks promise and nbval does not look at.

    python -m tools.check                             all of the book
    python -m tools.check notebooks/01_hidden_layers.ipynb

nbval passes an unexecuted cell, ignores execution counts and never looks at prose.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode

from tools import notebooks

LONGEST_CELL = 30
MOST_CODE_CELLS_IN_A_ROW = 2

Problems = Iterator[tuple[NotebookNode, str]]

# What an output must not hold, since it changes from run to run or from reader to reader.
_PASSING = {
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a path of one machine": re.compile(r"(/home/|/Users/|/root/|/tmp/|/var/|[A-Z]:\\)\w"),
    "a date": re.compile(r"\b20\d\d-[01]\d-[0-3]\d\b"),
    "a time of day": re.compile(r"\b[0-2]\d:[0-5]\d:[0-5]\d\b"),
    "a duration": re.compile(r"\d\s?(ns|µs|μs|ms|it/s|s/it)\b|Wall time|\d+:\d\d<|\b\d+\.\d+ ?s\b"),
    "a process number": re.compile(r"\b[Pp][Ii][Dd]\b[ =:]*\d+"),
}
_NBVAL_ESCAPES = re.compile(r"NBVAL_(SKIP|IGNORE_OUTPUT)|nbval-(skip|ignore-output)")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
_HTML_IMAGE = re.compile(r"<img\b[^>]*>")


def problems(path: Path) -> list[str]:
    """Every problem of the notebook stored executed at `path`, one sentence each.

    A sentence names the notebook, the heading above the cell, and what to mend.
    """
    if repeated := _repeated_ids(path):
        return [f"{path.name}: two cells have the id {cell_id}" for cell_id in repeated]
    notebook = notebooks.read(path)
    found = [
        f"{path.name}, {notebooks.heading_of(notebook, cell.id)}: {what}"
        for check in _CHECKS
        for cell, what in check(notebook)
    ]
    found += [
        f"{path.name}, {notebooks.heading_of(notebook, cell.id)}: {what}"
        for cell in _cells(notebook, "markdown")
        for what in link_problems(cell.source, path.parent)
    ]
    return found


def link_problems(markdown: str, folder: Path) -> Iterator[str]:
    """Links of `markdown` to files missing from `folder`, and images without words."""
    for is_image, words, target in _LINK.findall(markdown):
        if is_image and not words.strip():
            yield f"the image {target} has no text alternative"
        file = unquote(target.partition("#")[0])
        is_local = file and not re.match(r"[a-z]+:", file)
        if is_local and not (folder / file).exists():
            yield f"a link leads to {file}, which is not there"
    for image in _HTML_IMAGE.findall(markdown):
        if not re.search(r"\balt=[\"'][^\"']", image):
            yield f"the image {image} has no text alternative"


def _repeated_ids(path: Path) -> list[str]:
    # nbformat mends a repeated id while it reads, so it is looked for in the bare file.
    ids = Counter(cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
    return [cell_id for cell_id, times in ids.items() if times > 1]


def _counts(notebook: NotebookNode) -> Problems:
    for expected, cell in enumerate(_cells(notebook, "code"), start=1):
        if cell.execution_count is None:
            yield cell, "a cell was never executed; run python -m tools.execute"
        elif cell.execution_count != expected:
            yield cell, f"cell {expected} was executed as number {cell.execution_count}"
        for output in cell.outputs:
            if output.get("execution_count", cell.execution_count) != cell.execution_count:
                yield cell, "an output stems from another run than its cell"


def _errors(notebook: NotebookNode) -> Problems:
    for cell in _cells(notebook, "code"):
        raises = any(output.output_type == "error" for output in cell.outputs)
        is_tagged = "raises-exception" in cell.metadata.get("tags", [])
        if raises and not is_tagged:
            yield cell, "an error is stored; tag the cell raises-exception if it is meant"
        if is_tagged and not raises:
            yield cell, "the cell is tagged raises-exception and raises nothing"


def _escapes(notebook: NotebookNode) -> Problems:
    for cell in _cells(notebook, "code"):
        if _NBVAL_ESCAPES.search(cell.source + " ".join(cell.metadata.get("tags", []))):
            yield cell, "the cell is exempt from comparison; give it a stable output instead"


def _passing_outputs(notebook: NotebookNode) -> Problems:
    for cell in _cells(notebook, "code"):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                yield cell, f"a warning or other text on stderr is stored: {output.text[:80]!r}"
            for what, pattern in _PASSING.items():
                match = pattern.search(_text_of(output))
                if match:
                    yield cell, f"an output holds {what}: {match[0]!r}"


def _figures(notebook: NotebookNode) -> Problems:
    following = dict(zip((cell.id for cell in notebook.cells), notebook.cells[1:], strict=False))
    for cell in _cells(notebook, "code"):
        for output in cell.outputs:
            data = output.get("data", {})
            for mime in (mime for mime in data if mime.startswith("image/")):
                words = data.get("text/plain", "")
                if (
                    not words
                    or words.startswith("<")
                    or not output.metadata.get(mime, {}).get("alt")
                ):
                    yield cell, "a figure has no text alternative; end its cell with figures.show"
                if mime != "image/svg+xml":
                    yield cell, f"a figure is stored as {mime}, which is never compared; use SVG"
                caption = following.get(cell.id)
                if caption is None or not caption.source.startswith("**Figure"):
                    yield cell, "a figure has no caption: the next cell must start with **Figure"


def _shape(notebook: NotebookNode) -> Problems:
    in_a_row = 0
    for cell in notebook.cells:
        in_a_row = in_a_row + 1 if cell.cell_type == "code" else 0
        if in_a_row > MOST_CODE_CELLS_IN_A_ROW:
            yield cell, f"{in_a_row} code cells stand in a row without prose"
        if cell.cell_type == "code" and cell.source.count("\n") >= LONGEST_CELL:
            yield cell, f"a cell has over {LONGEST_CELL} lines"


_CHECKS: tuple[Callable[[NotebookNode], Problems], ...] = (
    _counts,
    _errors,
    _escapes,
    _passing_outputs,
    _figures,
    _shape,
)


def _cells(notebook: NotebookNode, kind: str) -> Iterator[NotebookNode]:
    return (cell for cell in notebook.cells if cell.cell_type == kind)


def _text_of(output: NotebookNode) -> str:
    """All that a person can read in an output."""
    data = output.get("data", {})
    texts = [str(value) for mime, value in data.items() if not mime.startswith("image/")]
    return "\n".join([output.get("text", ""), output.get("evalue", ""), *texts])


def main() -> int:
    """Print the problems of what the command line names; return 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all stored executed")
    paths = parser.parse_args().notebooks or notebooks.executed_notebooks()
    found = [problem for path in paths for problem in problems(path)]
    print("\n".join(found) or f"{len(paths)} notebooks are in order.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
