"""Run notebooks from top to bottom and store them with their outputs.

    python -m tools.execute                             all of the book
    python -m tools.execute notebooks/01_hidden_layers.ipynb

A notebook in which a cell fails is left as it was. Outputs that are equal to the
stored ones keep their stored bytes, so `git diff` shows only what changed.
"""

import argparse
import sys
from pathlib import Path

from nbclient.exceptions import CellExecutionError
from tqdm import tqdm

from tools import notebooks


def execute(path: Path) -> None:
    """Run the notebook at `path` in a fresh kernel and store it, normalised.

    Raises:
        CellExecutionError: a cell raised an error it is not tagged for.
    """
    stored = notebooks.read(path)
    fresh = notebooks.read(path)
    notebooks.client(fresh, path.parent).execute()
    notebooks.normalise(fresh)
    notebooks.keep_equal_outputs(fresh, stored)
    notebooks.write(fresh, path)


def main() -> int:
    """Execute what the command line names; return 1 if a notebook failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all stored executed")
    paths = parser.parse_args().notebooks or notebooks.executed_notebooks()
    failed = []
    for path in tqdm(paths, unit="notebook"):
        try:
            execute(path)
        except CellExecutionError as error:
            failed.append(path)
            tqdm.write(f"{path} failed and is left as it was:\n{error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
