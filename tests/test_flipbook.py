"""What a flipbook hands to the browser, and the still figure that stands in for it."""

import pytest
import torch

from mlpbook import live
from mlpbook.flipbook import Frame, flipbook

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def frames(count=6, points=5):
    x = torch.linspace(0, 1, points)
    return [
        Frame(
            lines=[(torch.stack([x, x * k], dim=1), 0)],
            polygons=[(SQUARE, 1)],
            caption=f"slope {k}, one square",
        )
        for k in range(count)
    ]


def book(pictures=None, **settings):
    settings = {"labels": {0: "line", 1: "square", 4: "data"}, "alt": "A line turns."} | settings
    return flipbook(pictures or frames(), (0, 2), (-1, 5), **settings)


def unpack(figure):
    """The marks of every frame, read as flipbook.js reads them."""
    table = torch.frombuffer(bytearray(figure._table), dtype=torch.float32).tolist()
    found = []
    for _ in range(len(figure._spec["captions"]) + 1):
        marks = []
        for _ in range(int(table.pop(0))):
            kind, style, count = (int(table.pop(0)) for _ in range(3))
            flat = [table.pop(0) for _ in range(2 * count)]
            marks.append((kind, style, list(zip(flat[::2], flat[1::2], strict=True))))
        found.append(marks)
    assert table == []
    return found


def test_every_frame_arrives_whole():
    fixed = Frame(dots=[([(0.5, 0.25)], 4)])
    shared, *arrived = unpack(book(fixed=fixed))
    assert shared == [(2, 4, [(0.5, 0.25)])]
    for k, marks in enumerate(arrived):
        expected = [(x / 4, k * x / 4) for x in range(5)]
        assert marks == [(0, 1, SQUARE), (1, 0, expected)]


def test_the_table_is_float32_whatever_torchs_default_is():
    torch.set_default_dtype(torch.float64)
    try:
        figure = book()
    finally:
        torch.set_default_dtype(torch.float32)
    assert unpack(figure) == unpack(book())


def test_captions_and_legend():
    spec = book(fixed=Frame(dots=[([(0.5, 0.25)], 4)]))._spec
    assert spec["captions"] == [f"slope {k}, one square" for k in range(6)]
    assert [tuple(entry) for entry in spec["labels"]] == [
        (0, "line", 1),
        (1, "square", 0),
        (4, "data", 2),
    ]


@pytest.mark.parametrize("settings", [{}, {"square": True}, {"moments": [0, 5]}])
def test_the_still_figure_is_the_same_every_time(settings):
    first, second = (book(**settings)._repr_mimebundle_()[0] for _ in range(2))
    assert first["image/svg+xml"] == second["image/svg+xml"]
    assert first["text/plain"] == f"A line turns. {live.STILL_SENTENCE}"


def test_the_still_figure_shows_four_moments_or_those_asked_for():
    assert [len(book(moments=m).still.axes) for m in (None, [0, 5])] == [4, 2]
    titles = [axes.get_title() for axes in book(moments=[0, 5]).still.axes]
    assert titles == ["slope 0,\none square", "slope 5,\none square"]


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (frames(1), "at least two frames, and there are 1"),
        ([Frame(lines=[(SQUARE, 5)])] * 2, "no style 5: they go from 0 to 4"),
        ([Frame(lines=[([1.0, 2.0], 0)])] * 2, r"made of pairs \(x, y\); its shape is \(2,\)"),
        (frames(60, 1000), "300,000 is the most: take fewer frames"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_plain_words(pictures, message):
    with pytest.raises(ValueError, match=message):
        book(pictures)
