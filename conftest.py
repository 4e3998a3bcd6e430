"""How pytest runs the book's notebooks: nbval, with figures compared by what they draw.

nbval executes each cell and compares its outputs with the stored ones to the letter.
Letters of an SVG differ in the last bit between processors, so figures go through
`tools.svg`. Every cell runs twice, and both runs must give what is stored.
"""

from collections.abc import Sequence

import nbval.plugin
import pytest
from nbformat import NotebookNode

from tools import notebooks, svg

SVG = "image/svg+xml"


class BookCell(nbval.plugin.IPyNbCell):
    """One code cell of the book as a test."""

    def runtest(self) -> None:
        """Run the cell twice; each time its outputs must be the stored ones."""
        super().runtest()
        self.is_second_run = True
        super().runtest()

    is_second_run = False

    def compare_outputs(
        self,
        test: list[NotebookNode],
        ref: list[NotebookNode],
        skip_compare: Sequence[str] | None = None,
    ) -> bool:
        """Compare figures by what they draw, everything else as nbval does."""
        others_skipped = skip_compare or self.parent.skip_compare
        if not super().compare_outputs(test, ref, (*others_skipped, SVG)):
            return False
        stored, fresh = (
            [output.data[SVG] for output in outputs if SVG in output.get("data", {})]
            for outputs in (ref, test)
        )
        if len(stored) != len(fresh):
            self.comparison_traceback.append(f"{len(stored)} figures became {len(fresh)}")
            return False
        differences = map(svg.difference, stored, fresh)
        self.comparison_traceback += [f"figure: {how}" for how in differences if how]
        return not self.comparison_traceback

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
        """Name the notebook and the heading above the cell, then what differs."""
        heading = notebooks.heading_of(self.parent.nb, self.cell.id)
        when = ", run a second time" if self.is_second_run else ""
        return f"{self.parent.path.name}, {heading}{when}\n{super().repr_failure(excinfo)}"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Make nbval's cells the book's: nbval builds them itself and offers no other hook."""
    if isinstance(item, nbval.plugin.IPyNbCell):
        item.__class__ = BookCell
