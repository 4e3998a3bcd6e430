"""The drawn graph says what the nodes hold, and nothing lies on anything else."""

from itertools import combinations

import matplotlib.pyplot as plt
import pytest

from mlpbook.graph_figure import draw_graph, graph_of, say
from mlpbook.scalar_autograd import Value


def neuron():
    w, x, b, y = Value(2.0), Value(1.5), Value(-1.0), Value(0.5)
    return ((w * x + b).relu() - y) ** 2, {"w": w, "x": x, "b": b, "y": y}


def two_units():
    x, w, b = Value(1.25), [Value(-1.0 / 3), Value(2.0)], [Value(0.7), Value(-1.0)]
    v, c = [Value(1.2), Value(-0.345678)], Value(0.1)
    units = [(x * w[i] + b[i]).relu() * v[i] for i in range(2)]
    return units[0] + units[1] + c, {"x": x, "w1": w[0], "w2": w[1]}


def squares():
    x = Value(-1.2345e-7)
    return x * x * x + x, {"x": x}


def a_long_way():
    x = Value(3.0)
    return ((x.tanh().exp() + 1).log() * 2) / x, {"x": x}


GRAPHS = [neuron, two_units, squares, a_long_way]


@pytest.fixture(params=GRAPHS, ids=[graph.__name__ for graph in GRAPHS])
def drawn(request):
    last, names = request.param()
    last.backward()
    draw_graph(last, **names)
    figure = plt.gcf()
    figure.canvas.draw()
    yield last, names, figure
    plt.close(figure)


def test_every_node_shows_its_name_its_value_and_its_gradient(drawn):
    last, names, figure = drawn
    shown = [text.get_text() for text in figure.axes[0].texts if not text.get_gid()]
    nodes, edges = graph_of(last)
    named = {id(node): name for name, node in names.items()}
    for node in nodes:
        assert say(node.data) in shown and f"grad {say(node.grad)}" in shown
        assert named.get(id(node), node.op or "constant") in shown
    slopes = [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "slope"]
    assert sorted(slopes) == sorted(say(edge.slope) for edge in edges)


def test_no_words_lie_on_others_or_on_a_foreign_box(drawn):
    _, _, figure = drawn
    axes = figure.axes[0]
    words = [text for text in axes.texts if text.get_text()]
    boxes = {id(text): text.get_window_extent() for text in words}
    for first, second in combinations(words, 2):
        assert not boxes[id(first)].overlaps(boxes[id(second)]), (first, second)
    for text in words:
        inside = [p for p in axes.patches if p.get_window_extent().overlaps(boxes[id(text)])]
        assert len(inside) == (0 if text.get_gid() else 1), text
        assert all(p.get_window_extent().containsx(boxes[id(text)].x0 + 1) for p in inside)
        assert figure.bbox.contains(boxes[id(text)].x0, boxes[id(text)].y0)
        assert figure.bbox.contains(boxes[id(text)].x1, boxes[id(text)].y1)


def test_boxes_stand_apart(drawn):
    _, _, figure = drawn
    frames = [patch.get_window_extent() for patch in figure.axes[0].patches]
    assert not any(first.overlaps(second) for first, second in combinations(frames, 2))


def test_parents_come_first_and_shared_nodes_once():
    x = Value(2.0)
    y = x * x
    nodes, edges = graph_of(y + y)
    assert [node.op for node in nodes] == ["", "×", "+"]
    assert len(edges) == 4


def test_numbers_as_a_person_writes_them():
    assert [say(n) for n in (-0.0, 0.0, -2, 1 / 3, 1e-7, -0.5)] == [
        "0",
        "0",
        "−2",
        "0.3333",
        "1.0e−07",
        "−0.5",
    ]
