"""Derive the learner's exercises from the answered solutions.

    python -m tools.derive            write exercises/ from solutions/
    python -m tools.derive --check    only say what differs

An exercise in which somebody worked is never overwritten: then nothing is written at all.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from tools import notebooks

SOLUTIONS = notebooks.ROOT / "solutions"
EXERCISES = notebooks.ROOT / "exercises"

# A cell with this tag discusses answers and stands in the solution alone.
SOLUTION_ONLY = "solution-only"

_CODE_STUB = "# Your code goes here, in place of the next line.\nraise NotImplementedError"
_TEXT_STUB = "*Your answer goes here, in place of this line.*"

_CONFIG = Config(
    {
        "TagRemovePreprocessor": {"remove_cell_tags": {SOLUTION_ONLY}},
        "ClearSolutions": {"code_stub": {"python": _CODE_STUB}, "text_stub": _TEXT_STUB},
    }
)
# What nbgrader's own GenerateAssignment does, without its database and its folders.
_STEPS = (
    TagRemovePreprocessor,
    LockCells,
    ClearSolutions,
    ClearOutput,
    CheckCellMetadata,
    ComputeChecksums,
)


def derive(solution: Path) -> str:
    """Return the exercise of `solution` as the text of a notebook file."""
    notebook = notebooks.read(solution)
    for step in _STEPS:
        notebook, _ = step(config=_CONFIG).preprocess(notebook, {})
    notebooks.normalise(notebook)
    notebook.metadata["mlpbook"] = {"derived": _fingerprint(notebook)}
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    return text + "\n"


def differences(solutions: Path = SOLUTIONS, exercises: Path = EXERCISES) -> list[str]:
    """Say in one sentence each which exercises are not what their solutions give."""
    names = {path.name for folder in (solutions, exercises) for path in folder.glob("*.ipynb")}
    found = []
    for name in sorted(names):
        solution, exercise = solutions / name, exercises / name
        if not solution.exists():
            found.append(f"{exercise} has no solution")
        elif not exercise.exists():
            found.append(f"{exercise} is missing")
        elif exercise.read_text(encoding="utf-8") != derive(solution):
            found.append(f"{exercise} is not what {solution} gives")
    return found


def worked_in(exercise: Path) -> bool:
    """Whether somebody changed a cell of `exercise`, or ran one, since it was derived.

    Metadata does not count: JupyterLab rewrites it whenever it saves.
    """
    notebook = notebooks.read(exercise)
    return bool(notebook.metadata.get("mlpbook", {}).get("derived") != _fingerprint(notebook))


def write_all(solutions: Path = SOLUTIONS, exercises: Path = EXERCISES) -> list[Path]:
    """Derive every exercise that differs from its solution, and return what was written.

    Raises:
        FileExistsError: somebody worked in one of the exercises; nothing was written.
    """
    texts = {exercises / path.name: derive(path) for path in sorted(solutions.glob("*.ipynb"))}
    used = [str(path) for path in texts if path.exists() and worked_in(path)]
    if used:
        raise FileExistsError(
            f"Somebody worked in {', '.join(used)}, so nothing was written.\n"
            "Move that file to another folder if the work in it matters, or delete it; "
            "then derive again."
        )
    stale = [
        p for p, text in texts.items() if not p.exists() or p.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        path.write_text(texts[path], encoding="utf-8", newline="\n")
    return stale


def _fingerprint(notebook: NotebookNode) -> str:
    """A hash of everything that a learner can write or run."""
    work = [
        [cell.cell_type, cell.source, cell.get("outputs"), cell.get("execution_count")]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps(work, sort_keys=True).encode()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Derive or check; return 1 if there is a difference or if nothing could be written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="say what differs, write nothing")
    if parser.parse_args(arguments).check:
        found = differences()
        print("\n".join(found) or "Every exercise is what its solution gives.")
        return 1 if found else 0
    try:
        written = write_all()
    except FileExistsError as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(f"wrote {path}" for path in written) or "Every exercise was up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
