"""Still figures: what `d2l.plot` draws, shown with a text alternative."""

import io

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

# Drawn points are kept as they are, so that a stored figure can be compared with a new one.
plt.rcParams["path.simplify"] = False

# Without these entries the same figure gives the same file on every day.
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


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
