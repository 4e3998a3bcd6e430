"""Linear regions: held against cutting one polygon after the other, in fractions."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mlpbook.piecewise_linear import Region, linear_pieces, linear_regions, subdivide
from mlpbook.region_bounds import serra_bound, zaslavsky_bound

BOX = [(-1, -1), (1, 1)]
SQUARE = [(-1, -1), (1, -1), (1, 1), (-1, 1)]


def value(network, points, slopes=0):
    """The network at each point, by the definition, in float64."""
    h = np.asarray(points, float)
    weights, biases = network
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if depth > 0:
            slope = slopes[depth - 1] if isinstance(slopes, list) else slopes
            h = np.where(h > 0, h, h * np.asarray(slope, float))
        h = h @ np.asarray(weight, float) + np.asarray(bias, float)
    return h[:, 0]


def bending(network, slopes):
    """For each hidden layer, the units that have a kink and are connected to the output."""
    found, ears = [], [0]
    for weight, slope in zip(network[0][:0:-1], slopes[::-1], strict=True):
        ears = [u for u, row in enumerate(weight) if any(row[v] for v in ears)]
        found.append([u for u in ears if slope[u] != 1])
    return found[::-1]


def cut(polygon, a, b, c):
    """The parts of a polygon where ax + by + c is positive and negative; itself where it is 0."""
    parts = []
    for sign in (1, -1):
        heights = [sign * (a * x + b * y + c) for x, y in polygon]
        part = []
        for i, ((x, y), here) in enumerate(zip(polygon, heights, strict=True)):
            (p, q), there = polygon[i - 1], heights[i - 1]
            if here * there < 0:
                t = here / (here - there)
                part.append((x + t * (p - x), y + t * (q - y)))
            if here >= 0:
                part.append((x, y))
        if max(heights) > 0:
            parts.append(part)
    return parts or [polygon]


def regions_by_cutting(network, polygon, slopes):
    """The regions in fractions: pairs of vertices and (slope along x, along y, value at 0)."""
    cells = [([(Fraction(x), Fraction(y)) for x, y in polygon], [(1, 0, 0), (0, 1, 0)])]
    layers = zip(*network, [*bending(network, slopes), []], [*slopes, [1]], strict=True)
    for weight, bias, units, slope in layers:
        finer = []
        for corners, maps in cells:
            columns = zip(*weight, strict=True)
            z = [after(maps, column, b) for column, b in zip(columns, bias, strict=True)]
            parts = [corners]
            for unit in units:
                parts = [part for whole in parts for part in cut(whole, *z[unit])]
            finer.extend((part, activated(part, z, slope)) for part in parts)
        cells = finer
    return [(corners, maps[0]) for corners, maps in cells]


def after(maps, column, bias):
    """The affine map of a unit, from those of its inputs."""
    a, b, c = (sum(m[k] * w for m, w in zip(maps, column, strict=True)) for k in range(3))
    return a, b, c + bias


def activated(corners, maps, slope):
    """The affine maps after the activation, in a polygon where none changes its sign."""
    x, y = (sum(column) / len(corners) for column in zip(*corners, strict=True))
    return [
        (a, b, c) if a * x + b * y + c > 0 else (s * a, s * b, s * c)
        for (a, b, c), s in zip(maps, slope, strict=True)
    ]


def area(vertices):
    x, y = (np.asarray(vertices, float) - vertices[0]).T
    return (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2


def is_convex(vertices):
    sides = np.roll(vertices, -1, axis=0) - vertices
    x, y = sides.T
    turns = x * np.roll(y, -1) - y * np.roll(x, -1)
    return bool((turns > -1e-9).all())


quarters = st.integers(-8, 8).map(lambda n: Fraction(n, 4))
halves = st.integers(-4, 4).map(lambda n: Fraction(n, 2))


@st.composite
def networks(draw, numbers=quarters):
    """A network with two inputs, and the slopes of its activations."""
    widths = [2, *draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)), 1]
    weights = [
        draw(st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=n, max_size=n))
        for n, m in itertools.pairwise(widths)
    ]
    biases = [draw(st.lists(numbers, min_size=m, max_size=m)) for m in widths[1:]]
    kinds = st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 4), Fraction(-1), Fraction(1)])
    slopes = [draw(st.lists(kinds, min_size=m, max_size=m)) for m in widths[1:-1]]
    return (weights, biases), slopes


POLYGONS = [
    SQUARE,
    [(0, 0), (2, 0), (0, 2)],
    [(-1, 0), (0, -1), (1, 0), (0, 1)],
    [(-2, -1), (1, -2), (2, 0), (1, 2), (-1, 1)],
]


@settings(max_examples=200, deadline=None)
@given(networks(), st.sampled_from(POLYGONS))
def test_regions_are_those_found_by_cutting_in_fractions(drawn, polygon):
    network, slopes = drawn
    expected = regions_by_cutting(network, polygon, slopes)
    found = linear_regions(network, polygon, negative_slope=slopes)
    assert len(found) == len(expected)
    centres = np.array([region.vertices.mean(axis=0) for region in found])
    left = set(range(len(found)))
    for corners, (a, b, c) in expected:
        corners = np.array(corners, float)
        nearest = np.hypot(*(centres - corners.mean(axis=0)).T).argmin()
        left.remove(nearest)  # each one once
        vertices, weight, bias = found[nearest]
        assert len(vertices) == len(corners)
        start = np.hypot(*(vertices - corners[0]).T).argmin()
        np.testing.assert_allclose(np.roll(vertices, -start, axis=0), corners, atol=1e-9)
        np.testing.assert_allclose([*weight, bias], [float(a), float(b), float(c)], atol=1e-9)
    assert not left


def he_network(seed, widths, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    shapes = list(itertools.pairwise(widths))
    weights = [
        torch.randn(n, m, generator=generator, dtype=dtype) * (2 / n) ** 0.5 for n, m in shapes
    ]
    biases = [0.3 * torch.randn(m, generator=generator, dtype=dtype) for m in widths[1:]]
    return weights, biases


seeds = st.integers(0, 2**31)
shapes = st.lists(st.integers(1, 12), min_size=1, max_size=4).map(lambda hidden: [2, *hidden, 1])
slopes = st.sampled_from([0, 0.01, 0.25, -0.5, 2.0])


@settings(max_examples=100, deadline=None)
@given(seeds, shapes, slopes, st.sampled_from(POLYGONS))
def test_regions_tile_the_polygon_and_are_the_network(seed, widths, slope, polygon):
    network = he_network(seed, widths)
    regions = linear_regions(network, polygon, negative_slope=slope)
    areas = [area(region.vertices) for region in regions]
    assert min(areas) > 0
    assert sum(areas) == pytest.approx(area(polygon), rel=1e-12)
    sides = {}
    for number, (vertices, weight, bias) in enumerate(regions):
        assert is_convex(vertices)
        np.testing.assert_allclose(
            vertices @ weight + bias, value(network, vertices, slope), rtol=1e-11, atol=1e-11
        )
        corners = [tuple(vertex) for vertex in vertices.tolist()]
        for side in zip(corners, [*corners[1:], corners[0]], strict=True):
            assert side not in sides
            sides[side] = number
    # A side is shared to the last bit, or it lies on the boundary, and these close up.
    alone = [(one, other) for one, other in sides if (other, one) not in sides]
    around = itertools.pairwise([*polygon, polygon[0]])
    assert sum(itertools.starmap(math.dist, alone)) == pytest.approx(
        sum(itertools.starmap(math.dist, around))
    )


@settings(max_examples=50, deadline=None)
@given(seeds, shapes, slopes)
def test_random_points_lie_in_one_region_and_have_its_value(seed, widths, slope):
    network = he_network(seed, widths)
    regions = linear_regions(network, BOX, negative_slope=slope)
    points = np.random.default_rng(seed).uniform(-1, 1, (200, 2))
    truth = value(network, points, slope)
    count = np.zeros(len(points), int)
    for vertices, weight, bias in regions:
        x, y = (np.roll(vertices, -1, axis=0) - vertices).T
        p, q = np.moveaxis(points[:, None] - vertices, -1, 0)
        inside = (x * q - y * p > 0).all(axis=1)
        count += inside
        np.testing.assert_allclose(
            points[inside] @ weight + bias, truth[inside], rtol=1e-11, atol=1e-11
        )
    assert (count == 1).all()


@settings(max_examples=100, deadline=None)
@given(seeds, shapes, slopes)
def test_neighbours_differ_in_the_unit_between_them(seed, widths, slope):
    found = subdivide(he_network(seed, widths), BOX, negative_slope=slope)
    assert len(np.unique(found.patterns, axis=0)) == len(found)
    inner = found.folds >= 0
    one, other = found.patterns[found.sides[inner].T]
    assert ((one != other).sum(axis=1) == 1).all()
    assert (one != other)[np.arange(len(one)), found.folds[inner]].all()
    assert len(found.points) - len(found.edges) + len(found) == 1  # Euler
    assert found.colours().max() == (len(found) > 1)
    parts = found.parts()
    for left, right in found.neighbours():
        same = np.allclose(found.weights[left], found.weights[right], atol=1e-12, rtol=0)
        assert same == (parts[left] == parts[right])


@settings(max_examples=50, deadline=None)
@given(seeds, shapes, slopes, st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_along_a_line_the_regions_are_the_pieces(seed, widths, slope, left, right):
    weights, biases = he_network(seed, widths)
    start, end = torch.tensor([[-1.0, left], [1.0, right]], dtype=torch.float64)
    along = [((end - start) @ weights[0])[None], *weights[1:]], [start @ weights[0] + biases[0]]
    along[1].extend(biases[1:])
    pieces = linear_pieces(along, 0, 1, negative_slope=slope)
    regions = linear_regions((weights, biases), BOX, negative_slope=slope)
    crossed = {}
    for number, (vertices, _, _) in enumerate(regions):
        x, y = (np.roll(vertices, -1, axis=0) - vertices).T
        for piece, (a, b, _, _) in enumerate(pieces):
            p, q = ((start + (end - start) * (a + b) / 2).numpy() - vertices).T
            if (x * q - y * p > 0).all():
                assert piece not in crossed
                crossed[piece] = number
    assert len(crossed) == len(pieces)
    for piece, (_, _, slope_there, _) in enumerate(pieces):
        expected = regions[crossed[piece]].weight @ (end - start).numpy()
        assert slope_there == pytest.approx(expected, abs=1e-11)


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(1, 12))
def test_one_layer_has_a_region_for_each_line_and_each_crossing(seed, units):
    weights, biases = he_network(seed, [2, units, 1])
    (a, b), c = (part.numpy() for part in (weights[0], biases[0]))
    heights = [sx * a + sy * b + c for sx, sy in SQUARE]
    lines = (np.min(heights, axis=0) < 0) & (np.max(heights, axis=0) > 0)
    crossings = 0
    for i, j in itertools.combinations(range(units), 2):
        x = np.linalg.solve([[a[i], b[i]], [a[j], b[j]]], [-c[i], -c[j]])
        crossings += (abs(x) < 1).all()
    count = len(linear_regions((weights, biases), BOX))
    assert count == 1 + lines.sum() + crossings
    far = 1e4 * np.array(BOX)
    assert len(linear_regions((weights, biases), far)) <= zaslavsky_bound(2, units)


def test_lines_in_general_position_reach_zaslavskys_number():
    angles = np.arange(9) * math.pi / 9
    network = [[np.cos(angles), np.sin(angles)], np.ones((9, 1))], [np.sin(7 * np.arange(9)), [0]]
    assert len(linear_regions(network, [(-99, -99), (99, 99)])) == zaslavsky_bound(2, 9) == 46


def lines(*coefficients):
    """The sum of relu(ax + by + c)."""
    a, b, c = zip(*coefficients, strict=True)
    return [[a, b], [[1]] * len(a)], [c, [0]]


DEGENERATE = {
    "no hidden layer": (([[[1], [2]]], [[3]]), 1),
    "all weights are 0": (([[[0, 0], [0, 0]], [[0], [0]]], [[0, 1], [0]]), 1),
    "one line": (lines((1, 2, 0.3)), 2),
    "the same line twice": (lines((1, 2, 0.3), (-3, -6, -0.9)), 2),
    "parallel lines": (lines((1, 2, 0.3), (1, 2, 0.1), (-1, -2, 0.2)), 4),
    "parallel lines along the box": (lines((1, 0, 0.5), (1, 0, 0), (1, 0, -0.5)), 4),
    "three lines through a point": (lines((1, 2, 0.5), (-3, 1, 0.6), (1, -5, -1.6)), 6),
    "four lines through a point, and a fifth": (
        lines((1, 0, -0.1), (0, 1, -0.2), (1, 1, -0.3), (1, -1, 0.1), (3, 1, 0.7)),
        12,
    ),
    "a line through a corner": (lines((1, 3, -4)), 1),
    "a line through a corner, inwards": (lines((1, -3, 2)), 2),
    "a diagonal": (lines((1, -1, 0)), 2),
    "both diagonals and an axis": (lines((1, -1, 0), (1, 1, 0), (1, 0, 0)), 6),
    "a line along a side": (lines((1, 0, -1)), 1),
    "lines outside": (lines((1, 1, 5), (1, 2, -5)), 1),
    "a line close to a corner": (lines((1, 1, -2 + 1e-9)), 2),
    "an output weight of 0": (([[[1, 0], [0, 1]], [[0], [1]]], [[0, 0], [0]]), 2),
    "a unit that only a silent layer hears": (
        ([[[1, 0], [0, 1]], [[1], [0]], [[0]]], [[0, 0], [0], [1]]),
        1,
    ),
    "a first layer of dead units": (
        ([[[1, -1], [1, 1]], [[1], [1]]], [[-5, -6], [3]]),
        1,
    ),
    # The second layer is dead everywhere, and still the first one changes its pattern.
    "a second layer of dead units": (
        ([[[1, -1], [0, 0]], [[-1], [-1]], [[1]]], [[0, 0], [-1], [4]]),
        2,
    ),
    # The second layer is (x - 0.3) / 1000, from numbers of a thousand.
    "a fold on a fold, up to rounding": (
        (
            [[[1, 1, 1], [0, 0, 0]], [[1.001, 0], [-1, 0], [0, 1]], [[1], [1]]],
            [[1000.1, 999.9, -0.3], [-1.2004, 0], [0]],
        ),
        2,
    ),
    # relu(relu(x) + relu(-x)) is 0 on a line only, where the first layer has a fold.
    "a fold on a fold": (([[[1, -1], [0, 0]], [[1], [1]], [[1]]], [[0, 0], [0], [0]]), 2),
    "a unit that is 0 on half of the box": (
        ([[[1], [0]], [[1]], [[1]]], [[0], [0], [0]]),
        2,
    ),
    # relu(relu(x) + relu(y)), where x, y < 0: a corner of 0.
    "a unit that is 0 on a quarter": (
        ([[[1, 0], [0, 1]], [[1], [1]], [[1]]], [[0, 0], [0], [0]]),
        4,
    ),
    # |x| + |y| - 1/2: a diamond over the quarters.
    "a diamond": (
        ([[[1, -1, 0, 0], [0, 0, 1, -1]], [[1], [1], [1], [1]], [[1]]], [[0] * 4, [-0.5], [0]]),
        8,
    ),
    "a diamond through the corners": (
        ([[[1, -1, 0, 0], [0, 0, 1, -1]], [[1], [1], [1], [1]], [[1]]], [[0] * 4, [-1], [0]]),
        8,
    ),
}


@pytest.mark.parametrize(("network", "count"), DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_networks(network, count):
    found = subdivide(network, BOX)
    polygons = found.polygons()
    assert len(found) == count
    assert sum(map(area, polygons)) == pytest.approx(4, rel=1e-14)
    assert min(map(area, polygons)) > 1e-19
    for region in found.regions():
        expected = value(network, region.vertices)
        got = region.vertices @ region.weight + region.bias
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("angle", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_lines_through_a_point_two_of_them_almost_parallel(angle, order):
    # Floats know the point only up to 1e-16 / angle, and that must not make a seventh region.
    through = [(0, 1, -0.1), (angle, 1, -0.1 - 0.3 * angle), (1, 0, -0.3)]
    assert len(linear_regions(lines(*(through[i] for i in order)), BOX)) == 6


def test_a_slope_of_1_is_no_fold():
    network = lines((1, 0, 0), (0, 1, 0))
    assert len(linear_regions(network, BOX, negative_slope=[[1, 1]])) == 1
    assert len(linear_regions(network, BOX, negative_slope=[[1, 0]])) == 2
    assert len(linear_regions(network, BOX, negative_slope=[[2, -1]])) == 4


def test_he_network_of_three_layers_of_64():
    network = he_network(0, [2, 64, 64, 64, 1])
    found = subdivide(network, BOX)
    assert 8_000 < len(found) < 16_000
    assert len(found) < serra_bound(2, [64, 64, 64])
    assert len(found.points) - len(found.edges) + len(found) == 1
    assert len(np.unique(found.patterns, axis=0)) == len(found)
    polygons = found.polygons()
    assert sum(map(area, polygons)) == pytest.approx(4, rel=1e-12)
    corners = np.concatenate(polygons)
    numbers = np.repeat(np.arange(len(found)), list(map(len, polygons)))
    got = (corners * found.weights[numbers]).sum(axis=1) + found.biases[numbers]
    np.testing.assert_allclose(got, value(network, corners), rtol=0, atol=1e-12)
    # Nothing is missed: the pattern of any point is that of a region.
    points = np.random.default_rng(0).uniform(-1, 1, (20_000, 2))
    patterns = []
    h = points
    for weight, bias in list(zip(*network, strict=True))[:-1]:
        z = h @ weight.numpy() + bias.numpy()
        patterns.append(z > 0)
        h = np.maximum(z, 0)
    known = set(map(bytes, np.packbits(found.patterns, axis=1)))
    assert set(map(bytes, np.packbits(np.hstack(patterns), axis=1))) <= known


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e3, 1e9])
def test_the_size_of_the_box_makes_no_difference(scale):
    weights, biases = he_network(3, [2, 8, 8, 1])
    network = [weights[0] / scale, *weights[1:]], biases
    found = linear_regions(network, scale * np.array(BOX))
    expected = linear_regions((weights, biases), BOX)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one.vertices, scale * other.vertices, atol=1e-9 * scale)


def test_polygons_of_any_kind():
    network = lines((1, 2, 0.3))
    expected = {area(region.vertices) for region in linear_regions(network, BOX)}
    for polygon in (
        SQUARE,
        SQUARE[::-1],
        [(1, 1), (-1, -1)],
        [(1, -1), (-1, 1)],
        np.array(SQUARE),
        torch.tensor(SQUARE),
        [*SQUARE, SQUARE[0]],
        [(-1, -1), (0, -1), *SQUARE[1:]],
    ):
        found = linear_regions(network, polygon)
        assert {area(region.vertices) for region in found} == expected
        assert all(len(region.vertices) == 4 for region in found)


@pytest.mark.parametrize(
    ("polygon", "words"),
    [
        ([(0, 0)], "shape"),
        ([0, 1], "shape"),
        ([(0, 0, 0), (1, 1, 1)], "shape"),
        ([(0, 0), (0, 1)], "no area"),
        ([(0, 0), (0, 0)], "no area"),
        ([(0, 0), (1, 1), (2, 2)], "no area"),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "not convex"),
        ([(0, 0), (2, 0), (0.5, 0.5), (0, 2)], "not convex"),
        (SQUARE * 2, "not convex"),
        ([(0, 0), (1, math.inf)], "finite"),
    ],
)
def test_what_is_no_convex_polygon_is_refused(polygon, words):
    with pytest.raises(ValueError, match=words):
        linear_regions(lines((1, 2, 0.3)), polygon)


def test_what_is_no_network_with_two_inputs_is_refused():
    with pytest.raises(ValueError, match="Layer 0 takes 2 inputs"):
        linear_regions(([[[1]]], [[0]]), BOX)
    with pytest.raises(ValueError, match="2 outputs"):
        linear_regions(nn.Sequential(nn.Linear(2, 2)), BOX)
    with pytest.raises(TypeError, match="Layer 1 is Tanh"):
        linear_regions(nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1)), BOX)


def test_a_sequential_gives_the_regions_of_its_weights():
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(2, 6), nn.ReLU(), nn.Linear(6, 5), nn.PReLU(5, 0.3), nn.Linear(5, 1)
    )
    weights = [net[i].weight.T for i in (0, 2, 4)]
    biases = [net[i].bias for i in (0, 2, 4)]
    found = linear_regions(net, BOX)
    expected = linear_regions((weights, biases), BOX, negative_slope=[0, net[3].weight])
    for one, other in zip(found, expected, strict=True):
        assert isinstance(one, Region)
        for mine, its in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, its)
    for vertices, weight, bias in found:
        with torch.no_grad():
            truth = net.double()(torch.tensor(vertices))[:, 0]
        np.testing.assert_allclose(vertices @ weight + bias, truth, rtol=0, atol=1e-12)


def test_segments_are_where_the_units_of_a_layer_are_0():
    weights, biases = he_network(1, [2, 6, 6, 6, 1])
    found = subdivide((weights, biases), BOX)
    lengths = 0
    for layer in range(3):
        segments = found.segments(layer)
        lengths += len(segments)
        middles = segments.mean(axis=1)
        before = weights[: layer + 1], biases[: layer + 1]
        nearest = np.full(len(middles), np.inf)
        for unit in range(6):
            one = [*before[0][:-1], before[0][-1][:, [unit]]]
            bias = [*before[1][:-1], before[1][-1][[unit]]]
            nearest = np.minimum(nearest, abs(value((one, bias), middles)))
        assert len(middles) and nearest.max() < 1e-13
    assert lengths == (found.folds >= 0).sum()
    assert found.segments(3).shape == (0, 2, 2)


def test_parts_join_what_no_active_unit_listens_to():
    # relu(1/2 - |x| - |y|): a pyramid of four sides, and one plane around it.
    weights = [[[1, -1, 0, 0], [0, 0, 1, -1]], [[-1]] * 4, [[1]]]
    found = subdivide((weights, [[0] * 4, [0.5], [0]]), BOX)
    parts = found.parts()
    assert (len(found), parts.max() + 1) == (8, 5)
    assert np.bincount(parts).max() == 4
    assert not found.weights[parts == np.bincount(parts).argmax()].any()


def test_colours_where_a_fold_joins_another():
    # The second layer's fold runs along the first one's for x > 0, and leaves it for x < 0.
    network = [[[0, -1], [1, 0]], [[1], [1]], [[1]]], [[0, 0], [0], [0]]
    found = subdivide(network, BOX, negative_slope=[[0.5, 0], [0]])
    assert len(found) == 5
    assert found.colours().max() == 2
    assert all(np.diff(found.colours()[found.neighbours()]) != 0)
