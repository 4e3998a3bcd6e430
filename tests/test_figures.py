"""Figures are shown with a text alternative."""

import matplotlib.pyplot as plt
import pytest

from mlpbook import figures


@pytest.fixture
def shown(monkeypatch):
    calls = []
    monkeypatch.setattr(figures, "display", lambda data, **rest: calls.append((data, rest)))
    yield calls
    plt.close("all")


def test_show_gives_svg_and_words_and_closes(shown):
    plt.plot([0, 1])
    figures.show("A line < a curve.")
    [(data, rest)] = shown
    assert data["text/plain"] == "A line < a curve."
    assert data["image/svg+xml"].startswith('<svg role="img" ')
    assert "<title>A line &lt; a curve.</title>" in data["image/svg+xml"]
    assert rest["metadata"]["image/svg+xml"]["alt"] == "A line < a curve."
    assert plt.get_fignums() == []


def test_show_without_a_figure_says_what_to_do(shown):
    with pytest.raises(ValueError, match="Draw one first"):
        figures.show("Nothing.")


def test_show_without_words_says_what_to_do(shown):
    plt.plot([0, 1])
    with pytest.raises(ValueError, match="Say in `alt`"):
        figures.show("  ")


def test_line_styles_differ_in_every_way():
    styles = list(figures.line_styles())
    for property_ in ("color", "linestyle", "linewidth"):
        assert len({style[property_] for style in styles}) == len(styles) == 4


def test_table_has_one_column_a_title():
    lines = figures.table(["name", "a", "b"], [["x", 1, 2]], align=":---").data.splitlines()
    assert lines == ["| name | a | b |", "| --- | :--- | :--- |", "| x | 1 | 2 |"]
