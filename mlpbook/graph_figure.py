"""The picture of a computational graph: a box for every node, an arrow for every local slope."""

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

# Lengths in inches.
COLUMN, ROW = 1.6, 0.9
WIDTH, HEIGHT = 0.98, 0.62
APART = 0.15  # half of the distance between two arrows that reach the same box
SWEEPS = 8
# What a slope's label takes, and where along its arrow it may stand, the best place first.
LETTER, LINE = 0.085, 0.19
PLACES = (0.5, 0.38, 0.62, 0.26, 0.74)

Point = tuple[float, float]


class Edge(NamedTuple):
    """An arrow from a parent to its result."""

    parent: Any
    result: Any
    slope: float
    side: int  # 1 for the first parent of a result, -1 for the second, 0 for the only one


def draw_graph(last: Any, **names: Any) -> None:
    """Draw all nodes that `last` was made from, parents on the left, on a new figure.

    A box holds the operation or the name of a node, its value and its gradient. An arrow from
    a parent to a result carries the local slope ∂result/∂parent.

    Args:
        last: a result: a `Value`, or another node with `parents` and `slopes`.
        names: nodes by the names that their boxes show; a nameless leaf is called a constant.
    """
    nodes, edges = graph_of(last)
    titles = {id(node): name for name, node in names.items()}
    columns = _columns(nodes, edges)
    places, bends = _places(nodes, edges, columns)
    heights = [y for points in (places.values(), *bends) for _, y in points]
    low, high = min(heights) - HEIGHT / 2 - 0.05, max(heights) + HEIGHT / 2 + 0.05
    wide = COLUMN * max(columns.values()) + WIDTH + 0.1
    axes = plt.figure(figsize=(wide, high - low)).add_axes((0.0, 0.0, 1.0, 1.0))
    left = -WIDTH / 2 - 0.05
    axes.set(xlim=(left, left + wide), ylim=(low, high))
    axes.axis("off")
    twice = Counter((id(edge.parent), id(edge.result)) for edge in edges)
    taken: list[Point] = []
    for edge, bend in zip(edges, bends, strict=True):
        is_double = twice[id(edge.parent), id(edge.result)] > 1
        x, y = places[id(edge.parent)]
        end_x, end_y = places[id(edge.result)]
        line = [(x + WIDTH / 2, y + APART * edge.side * is_double), *bend]
        line.append((end_x - WIDTH / 2, end_y + APART * edge.side))
        _draw_edge(axes, line, say(edge.slope), taken)
    for node in nodes:
        title = titles.get(id(node), node.op or "constant")
        _draw_box(axes, places[id(node)], title, node, is_leaf=not node.op)


def say(number: float) -> str:
    """The number with a real minus sign and four digits, or two beside a power of ten."""
    text = f"{number + 0.0:.4g}"  # no −0
    return (f"{number:.1e}" if "e" in text else text).replace("-", "−")


def graph_of(last: Any) -> tuple[list[Any], list[Edge]]:
    """All nodes behind `last`, each after its parents, and the arrows between them."""
    order: list[Any] = []
    edges: list[Edge] = []
    seen: set[int] = set()
    stack = [(last, False)]
    while stack:
        node, is_entered = stack.pop()
        if is_entered:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            links = _links(node)
            for i, (parent, slope) in enumerate(links):
                edges.append(Edge(parent, node, slope, 0 if len(links) == 1 else 1 - 2 * i))
            stack += [(node, True), *((parent, False) for parent, _ in reversed(links))]
    return order, edges


def _links(node: Any) -> list[tuple[Any, float]]:
    if hasattr(node, "parents"):
        return list(zip(node.parents, node.slopes, strict=True))
    sides = ((node.left, node.dleft), (node.right, node.dright))
    return [(parent, slope) for parent, slope in sides if parent is not None]


def _columns(nodes: list[Any], edges: list[Edge]) -> dict[int, int]:
    """The column of every node: results to the right of their parents, leaves close to them."""
    columns = {id(node): 0 for node in nodes}
    for node in nodes:
        for edge in edges:
            if edge.result is node:
                columns[id(node)] = max(columns[id(node)], columns[id(edge.parent)] + 1)
    for node in nodes:
        if not any(edge.result is node for edge in edges):
            children = [columns[id(edge.result)] for edge in edges if edge.parent is node]
            columns[id(node)] = min(children, default=1) - 1
    return columns


def _places(
    nodes: list[Any], edges: list[Edge], columns: dict[int, int]
) -> tuple[dict[int, Point], list[list[Point]]]:
    """Where the boxes stand, and through which points every arrow goes.

    An arrow that passes a column gets a place of its own there, as if it were a box, so that it
    never runs behind one.
    """
    rows: dict[int, list[Any]] = defaultdict(list)
    for node in nodes:
        rows[columns[id(node)]].append(id(node))
    near: dict[Any, list[Any]] = defaultdict(list)
    chains = []
    for i, edge in enumerate(edges):
        first, last = columns[id(edge.parent)], columns[id(edge.result)]
        passed = [(i, column) for column in range(first + 1, last)]
        for place in passed:
            rows[place[1]].append(place)
        chain = [id(edge.parent), *passed, id(edge.result)]
        for left, right in pairwise(chain):
            # The first parent of a result stands higher than the second.
            near[left].append((right, 0.25 * edge.side))
            near[right].append((left, 0.0))
        chains.append(passed)
    heights: dict[Any, float] = {}
    for _ in range(SWEEPS):
        for column in rows:
            middle = (len(rows[column]) - 1) / 2
            heights |= {place: middle - i for i, place in enumerate(rows[column])}
        for column in [*sorted(rows), *sorted(rows, reverse=True)]:
            row = rows[column]
            wish = {p: sum(heights[q] + shift for q, shift in near[p]) / len(near[p]) for p in row}
            row.sort(key=lambda place: -wish[place])
            heights |= {place: (len(row) - 1) / 2 - i for i, place in enumerate(row)}
    where = {p: (COLUMN * column, ROW * heights[p]) for column in rows for p in rows[column]}
    bends = [
        [
            (where[place][0] + side * WIDTH / 2, where[place][1])
            for place in chain
            for side in (-1, 1)
        ]
        for chain in chains
    ]
    return {id(node): where[id(node)] for node in nodes}, bends


def _draw_edge(axes: Axes, line: list[Point], label: str, taken: list[Point]) -> None:
    axes.plot(*zip(*line[:-1], strict=True), "-", color="0.45", linewidth=1.1)
    arrow = {"arrowstyle": "-|>", "color": "0.45", "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", line[-1], line[-2], arrowprops=arrow)
    (x, y), (end_x, end_y) = line[:2]
    spots = [(x + (end_x - x) * part, y + (end_y - y) * part) for part in PLACES]
    wide = LETTER * max(4, len(label))
    spot = next((s for s in spots if not any(_touch(s, other, wide) for other in taken)), spots[0])
    taken.append(spot)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    axes.text(*spot, label, ha="center", va="center", fontsize=8, bbox=box, gid="slope")


def _touch(first: Point, second: Point, wide: float) -> bool:
    return abs(first[0] - second[0]) < wide and abs(first[1] - second[1]) < LINE


def _draw_box(axes: Axes, place: Point, title: str, node: Any, *, is_leaf: bool) -> None:
    x, y = place
    corner = (x - WIDTH / 2, y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.12" if is_leaf else "square,pad=0"
    colour = "#dceaf7" if is_leaf else "white"
    axes.add_patch(
        FancyBboxPatch(corner, WIDTH, HEIGHT, style, facecolor=colour, edgecolor="black")
    )
    axes.text(x, y + 0.18, title, ha="center", va="center", fontsize=9, weight="bold")
    axes.text(x, y, say(node.data), ha="center", va="center", fontsize=8.5)
    axes.text(x, y - 0.18, f"grad {say(node.grad)}", ha="center", va="center", fontsize=8.5)
