"""Still figures: what `d2l.plot` draws, shown with a text alternative."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib.pyplot as plt
from cycler import Cycler, cycler
from IPython.display import Markdown, display
from matplotlib.figure import Figure

# Drawn points are kept as they are, so that a stored figure can be compared with a new one.
plt.rcParams["path.simplify"] = False

# Without these entries the same figure gives the same file on every day.
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


# Colours of Okabe and Ito, told apart with every kind of colour vision.
COLOURS = ("#0072B2", "#D55E00", "#000000", "#009E73")


def line_styles() -> "Cycler[str, Any]":
    """Return how several curves of one figure differ: by colour, by dash and by weight.

    For `plt.rcParams['axes.prop_cycle']`, so that no curve is known by its colour alone.
    """
    dashes, widths = ["-", "--", ":", "-."], [1.6, 2.2, 2.6, 2.0]
    return cycler(color=COLOURS) + cycler(linestyle=dashes) + cycler(linewidth=widths)


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], align: str = "---:"
) -> Markdown:
    """Return a table with the column titles `head`; the first column holds words.

    Args:
        head: the titles, one for each column.
        rows: the entries, row by row.
        align: Markdown's rule for all columns but the first; ':---' is for words.
    """
    lines = [head, ["---", *[align] * (len(head) - 1)], *rows]
    return Markdown("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))


def show(alt: str) -> None:
    """Show the current figure as SVG with the text alternative `alt`, and close it.

    Call it in the cell that draws. A screen reader, a page without images and a
    notebook that is not trusted yet give `alt` in place of the figure, so it should
    say in a sentence or two what the figure shows.

    Raises:
        ValueError: no figure was drawn in this cell, or `alt` is empty.
    """
    if not alt.strip():
        raise ValueError("Say in `alt` what the figure shows: some readers cannot see it.")
    if not plt.get_fignums():
        raise ValueError("There is no figure to show. Draw one first, in the same cell.")
    figure = plt.gcf()
    svg = render_svg(figure, alt)
    plt.close(figure)
    display(
        {"image/svg+xml": svg, "text/plain": alt},
        raw=True,
        metadata={"image/svg+xml": {"alt": alt}},
    )


def render_svg(figure: Figure, alt: str) -> str:
    """Return `figure` as an SVG document that carries `alt` as its title."""
    buffer = io.StringIO()
    with plt.rc_context({"svg.hashsalt": "mlpbook"}):
        figure.savefig(
            buffer, format="svg", bbox_inches="tight", metadata={**_NO_METADATA, "Title": alt}
        )
    svg = buffer.getvalue()
    return svg[svg.index("<svg") :].replace("<svg ", '<svg role="img" ', 1)
