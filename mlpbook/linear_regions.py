"""The linear regions of a ReLU network with two inputs: convex polygons, each with its map.

On a polygon where no unit of the layers before changes between z > 0 and z < 0, every unit is
an affine map of the input, and where it is 0 is a line: it cuts the polygon in two. So the
polygons are cut by one unit after the other, layer by layer, and a line of a deep layer bends
wherever it meets a line of a layer before (Berzins, 2023, keeps the edges of the polygons in
tables, as is done here; Humayun et al., 2023, go through the polygons).

Sources: G. Montúfar, R. Pascanu, K. Cho, Y. Bengio, *On the number of linear regions of deep
neural networks*, NeurIPS 2014; T. Serra, C. Tjandraatmadja, S. Ramalingam, *Bounding and counting
linear regions of deep neural networks*, ICML 2018; A. Berzins, *Polyhedral complex extraction
from ReLU networks using edge subdivision*, ICML 2023; A. Humayun, R. Balestriero,
G. Balakrishnan, R. Baraniuk, *SplineCam: exact visualization and characterization of deep network
geometry and decision boundaries*, CVPR 2023.
"""

import itertools
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mlpbook.relu_network import EPSILON, Array, Layer, Network, Slopes, numbers, read_network

_OUTSIDE = -1


class Region(NamedTuple):
    """The network is x ↦ weight · x + bias on a convex polygon.

    `vertices` has shape (n, 2), counter-clockwise; `weight` has shape (2,).
    """

    vertices: Array
    weight: Array
    bias: float


@dataclass(frozen=True)
class Subdivision:
    """A polygon cut into the linear regions of a network, as tables of points, edges and regions.

    Attributes:
        points: (points, 2), where edges meet.
        edges: (edges, 2), the points where each edge begins and ends.
        sides: (edges, 2), the regions to the left and to the right of each edge; -1 is outside.
        folds: (edges,), the unit whose zeros the edge is part of, as a row of `units`; -1 on the
            boundary of the polygon.
        units: (units, 2), hidden layer and place in it of each unit that bends anything.
        patterns: (regions, units), whether each unit is active, z > 0, in each region.
        weights: (regions, 2), the slopes of the network in each region.
        biases: (regions,), its value at the origin if the region's map went on as far.
        slack: how far rounding may move a value of the network.
    """

    points: Array
    edges: Array
    sides: Array
    folds: Array
    units: Array
    patterns: Array
    weights: Array
    biases: Array
    slack: float

    def __len__(self) -> int:
        return len(self.biases)

    def polygons(self) -> list[Array]:
        """The vertices of each region, (n, 2), counter-clockwise."""
        region, start, end = self._half_edges()
        # Every point of a region's boundary begins one half-edge there and ends one.
        by_start = np.argsort(region * len(self.points) + start)
        by_end = np.argsort(region * len(self.points) + end)
        following = np.empty_like(by_end)
        following[by_end] = by_start
        sizes = np.bincount(region, minlength=len(self))
        firsts = np.cumsum(sizes) - sizes
        walk = by_start[firsts]
        order = np.empty_like(region)
        for step in range(sizes.max()):
            goes_on = step < sizes
            order[firsts[goes_on] + step] = start[walk[goes_on]]
            walk = following[walk]
        corners = self.points[order]
        return [
            corners[first:last]
            for first, last in itertools.pairwise([*firsts.tolist(), len(corners)])
        ]

    def regions(self) -> list[Region]:
        """The regions as polygons, each with its affine map."""
        return list(map(Region, self.polygons(), self.weights, self.biases.tolist()))

    def neighbours(self) -> Array:
        """The pairs of regions that share an edge, (pairs, 2), each pair once."""
        inner = self.sides[self.folds >= 0]
        return np.unique(np.sort(inner, axis=1), axis=0)

    def segments(self, layer: int) -> Array:
        """Where the units of a hidden layer are 0, as segments of shape (n, 2, 2).

        The segments of layer l + 1 bend where they meet those of the layers up to l. A line
        that lies on one of an earlier unit belongs to that one alone.
        """
        of_layer = np.flatnonzero(self.units[:, 0] == layer)
        return self.points[self.edges[np.isin(self.folds, of_layer)]]

    def colours(self) -> Array:
        """A number 0, 1, … for each region, so that regions with a common edge differ.

        Across an edge one unit changes between active and inactive, so two colours are enough,
        the parities of the number of active units; more are used only where the lines of
        several units run together in part.
        """
        found = np.full(len(self), -1)
        beside: list[list[int]] = [[] for _ in range(len(self))]
        for one, other in self.neighbours().tolist():
            beside[one].append(other)
            beside[other].append(one)
        queue = deque([0])
        while queue:
            region = queue.popleft()
            if found[region] >= 0:
                continue
            taken = {found[other] for other in beside[region]}
            found[region] = next(colour for colour in itertools.count() if colour not in taken)
            queue.extend(other for other in beside[region] if found[other] < 0)
        return found

    def parts(self) -> Array:
        """A number for each region, the same for regions that are parts of one affine map.

        Regions with a common edge get the same number where the network is the same affine map
        on both: where a unit changes that no active unit of the next layer listens to. Such
        parts need not be convex, and may have holes.
        """
        inner = self.folds >= 0
        one, other = self.sides[inner].T
        slopes = self.weights[one] - self.weights[other]
        offsets = self.biases[one] - self.biases[other]
        flat = np.ones(len(one), bool)
        centres = self._centres()
        for region in (one, other):
            centre = centres[region]
            flat &= abs((slopes * centre).sum(axis=1) + offsets) <= self.slack
        found = np.arange(len(self))
        pairs = np.stack([one[flat], other[flat]])
        while (found[pairs[0]] != found[pairs[1]]).any():
            lowest = found[pairs].min(axis=0)
            for side in pairs:
                np.minimum.at(found, found[side], lowest)
            found = found[found]
        return np.unique(found, return_inverse=True)[1]

    def _half_edges(self) -> tuple[Array, Array, Array]:
        """Region, start and end of each edge as each of the regions beside it goes along it."""
        region = self.sides.T.ravel()
        start = np.concatenate([self.edges[:, 0], self.edges[:, 1]])
        end = np.concatenate([self.edges[:, 1], self.edges[:, 0]])
        inside = region != _OUTSIDE
        return region[inside], start[inside], end[inside]

    def _centres(self) -> Array:
        region, start, _ = self._half_edges()
        return _means(region, self.points[start].T, len(self)).T


def linear_regions(
    network: Network, polygon: ArrayLike, *, negative_slope: Slopes = 0
) -> list[Region]:
    """The linear regions inside a polygon of a network with two inputs and one output.

    The regions are those of constant activation: in each, every unit that can make a difference
    is z > 0 throughout or z ≤ 0 throughout, and every such pattern comes at most once. They are
    convex and cover the polygon; two that share an edge differ in the unit whose zeros the edge
    is part of. Units whose slopes are equal on both sides, or that no later unit listens to,
    cut nothing; units with the same line cut once. Where all that listen to a unit are silent,
    the affine maps of two neighbours can still be equal, and `Subdivision.parts` tells which.

    In float64, a line that passes a vertex at a distance of rounding passes through it.

    Args:
        network: `(weights, biases)` with at least one layer, or a `torch.nn.Sequential`.
        polygon: the corners of a convex polygon in order, of shape (n, 2); two corners stand for
            the box that has them as opposite ones.
        negative_slope: for `(weights, biases)`, the slope of the activation where z < 0: one
            number, or for each hidden layer one number or one for each unit. 0 is ReLU.

    Raises:
        TypeError: a layer of a Sequential is neither Linear nor ReLU, LeakyReLU or PReLU.
        ValueError: the polygon is not convex or has no area, a layer does not fit the one before,
            a number is not finite, or there are not two inputs and one output.
    """
    return subdivide(network, polygon, negative_slope=negative_slope).regions()


def subdivide(network: Network, polygon: ArrayLike, *, negative_slope: Slopes = 0) -> Subdivision:
    """The linear regions as `linear_regions` gives them, with their edges and neighbours.

    Raises:
        TypeError: as `linear_regions` does.
        ValueError: as `linear_regions` does.
    """
    layers, _ = read_network(network, 2, False, negative_slope)
    corners = _corners(numbers(polygon, False))
    mesh = _Mesh(corners)
    # maps[u, :, r] are the slopes along x and y, and the value at the origin, of unit u in
    # region r. It starts with x and y themselves.
    maps = np.eye(3)[:2, :, None]
    patterns = np.empty((0, 1), bool)
    units: list[tuple[int, int]] = []
    slack = np.full(2, abs(corners).max()) * EPSILON
    for depth, (layer, bends) in enumerate(zip(layers, _bending(layers), strict=True)):
        maps = np.tensordot(layer.weight, maps, (0, 0))
        maps[:, 2] += layer.bias[:, None]
        slack = np.sqrt(slack**2 @ layer.weight**2 + (EPSILON * layer.bias) ** 2)
        if depth == len(layers) - 1:
            break
        parents = mesh.cut(maps[bends], slack[bends], len(units))
        units.extend((depth, unit) for unit in bends.tolist())
        maps = maps.take(parents, axis=2)  # laid out row by row, which `maps[:, :, parents]` is not
        is_active = _values(maps, mesh.centres()) > 0
        patterns = np.concatenate([patterns.take(parents, axis=1), is_active[bends]])
        maps *= np.where(is_active, 1.0, layer.below[:, None])[:, None]
        slack *= np.maximum(1, abs(layer.below))
    return Subdivision(
        points=mesh.points.T,
        edges=mesh.edges[:2].T,
        sides=mesh.edges[2:4].T,
        folds=mesh.edges[4],
        units=np.array(units, int).reshape(-1, 2),
        patterns=patterns.T,
        weights=maps[0, :2].T,
        biases=maps[0, 2],
        slack=float(slack[0]),
    )


def _corners(polygon: Array) -> Array:
    """The corners of a convex polygon, counter-clockwise, none of them on a side."""
    if polygon.ndim != 2 or polygon.shape[1] != 2 or len(polygon) < 2:
        raise ValueError(f"A polygon has shape (n, 2), two corners or more, not {polygon.shape}.")
    if len(polygon) == 2:
        (left, bottom), (right, top) = polygon.min(axis=0), polygon.max(axis=0)
        polygon = np.array([(left, bottom), (right, bottom), (right, top), (left, top)])
    polygon = polygon[(polygon != np.roll(polygon, 1, axis=0)).any(axis=1)]
    if len(polygon) < 3:
        raise ValueError("The polygon has no area.")
    x, y = (polygon - polygon.mean(axis=0)).T
    if (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() < 0:
        polygon, x, y = polygon[::-1], x[::-1], y[::-1]
    side_x, side_y = np.roll(x, -1) - x, np.roll(y, -1) - y
    # How far each corner lies to the left of each side, times the length of the side.
    left_of = side_x[:, None] * (y - y[:, None]) - side_y[:, None] * (x - x[:, None])
    rounding = EPSILON * np.hypot(side_x, side_y)[:, None] * abs(polygon).max()
    if (left_of <= rounding).all():
        raise ValueError("The polygon has no area.")
    if (left_of < -rounding).any() or len(np.unique(polygon, axis=0)) < len(polygon):
        raise ValueError("The polygon is not convex, or its corners are not in order.")
    before = np.arange(-1, len(polygon) - 1)
    after = np.roll(np.arange(len(polygon)), -1)
    is_corner = left_of[before, after] > rounding[before, 0]
    corners: Array = polygon[is_corner]
    return corners


def _bending(layers: Sequence[Layer]) -> list[Array]:
    """The units of each layer that can bend the output: with a kink, and listened to."""
    found = []
    is_heard = np.ones(1, bool)
    for weight, _, below, above in reversed(layers):
        found.append(np.flatnonzero(is_heard & (below != above)))
        is_heard = (weight[:, is_heard] != 0).any(axis=1)
    return found[::-1]


def _values(maps: Array, points: Array) -> Array:
    """Affine maps of shape (..., 3, n), each at its point of (2, n)."""
    values: Array = maps[..., 0, :] * points[0] + maps[..., 1, :] * points[1] + maps[..., 2, :]
    return values


def _means(group: Array, rows: Array, groups: int) -> Array:
    """The mean of the entries of each group, row by row."""
    sizes = np.bincount(group, minlength=groups)
    means: Array = np.stack([np.bincount(group, row, groups) for row in rows]) / sizes
    return means


class _Mesh:
    """Convex regions, as tables of points and edges, while they are cut by a layer's units.

    `points` has shape (2, points), `edges` the rows start, end, left and right region, and fold.
    `parents[r]` is the region of the layer's beginning that region r is part of, and `home[p]`
    one that point p lies in: the maps of the layer are known for those.
    """

    def __init__(self, corners: Array) -> None:
        start = np.arange(len(corners))
        nothing = np.full(len(corners), -1)
        self.points = corners.T
        self.edges = np.stack([start, np.roll(start, -1), 0 * start, nothing, nothing])
        self._room = self.edges
        # How far rounding may have moved each point: far, where lines cross at a small angle.
        self.blur = np.full(len(corners), EPSILON * abs(corners).max())
        self.parents = self.home = np.zeros(1, int)

    def cut(self, maps: Array, slack: Array, first_fold: int) -> Array:
        """Cut the regions along the zeros of units, and return their parents.

        Args:
            maps: (units, 3, regions), the affine map of each unit on each region.
            slack: (units,), how far rounding may move the value of each unit.
            first_fold: the number of the first unit.
        """
        start, end, left, *_ = self.edges
        self.parents = np.arange(maps.shape[-1])
        self.home = np.empty(self.points.shape[1], int)
        self.home[start] = self.home[end] = left
        steepness = np.sqrt((maps[:, 0] ** 2 + maps[:, 1] ** 2).max(axis=1))
        for unit in range(len(maps)):
            value = _values(maps[unit].take(self.home, axis=1), self.points)
            tolerance = slack[unit] + steepness[unit] * self.blur
            sign = (value > tolerance).astype(np.int8) - (value < -tolerance)
            signs = sign.take(self.edges[:2])
            crossed = np.flatnonzero(signs[0] * signs[1] < 0)
            signs = self._split_edges(crossed, signs, value, slack[unit])
            self._split_regions(signs, first_fold + unit)
        return self.parents

    def _split_edges(self, crossed: Array, signs: Array, value: Array, slack: float) -> Array:
        """Put a point on each edge along which the value changes its sign, where it is 0."""
        one, other, left, *_ = second = self.edges[:, crossed]
        step = self.points[:, other] - self.points[:, one]
        fall = value[one] - value[other]
        added = len(value) + np.arange(len(crossed))
        self.points = np.hstack([self.points, self.points[:, one] + step * (value[one] / fall)])
        self.blur = np.append(self.blur, slack * np.hypot(*step) / abs(fall))
        self.home = np.append(self.home, self.parents[left])
        self.edges[1, crossed] = second[0] = added
        self._add_edges(second)
        signs_of_second = np.stack([np.zeros(len(crossed), np.int8), signs[1, crossed]])
        signs[1, crossed] = 0
        return np.hstack([signs, signs_of_second])

    def _split_regions(self, signs: Array, fold: int) -> None:
        """Cut each region with points on both sides; the positive part becomes a new region.

        `signs` are those of the start and the end of each edge, and never opposite.
        """
        start, end, left, right, _ = self.edges
        sign = signs[0] + signs[1]
        # Counter-clockwise around a region, its positive points lie from `first` to `last`.
        first, last = np.full((2, len(self.parents) + 1), -1)
        edge = np.flatnonzero(sign == 1)
        begins = signs[0, edge] == 0
        zero = np.where(begins, start[edge], end[edge])
        first[np.where(begins, left[edge], right[edge])] = zero
        last[np.where(begins, right[edge], left[edge])] = zero
        is_cut = np.zeros(len(first), bool)
        edge = np.flatnonzero(sign == -1)
        is_cut[left[edge]] = is_cut[right[edge]] = True
        is_cut &= first >= 0
        is_cut[_OUTSIDE] = False
        region = np.flatnonzero(is_cut)
        added = len(self.parents) + np.arange(len(region))
        number = np.empty(len(first), int)
        number[region] = added
        for side in (left, right):
            edge = np.flatnonzero(is_cut[side] & (sign > 0))
            side[edge] = number[side[edge]]
        self.parents = np.append(self.parents, self.parents[region])
        self._add_edges(
            np.stack([last[region], first[region], added, region, np.full(len(region), fold)])
        )

    def _add_edges(self, edges: Array) -> None:
        """Add edges, in a table that has room for more: a copy each time would take long."""
        before = self.edges.shape[1]
        total = before + edges.shape[1]
        if total > self._room.shape[1]:
            self._room = np.empty((len(edges), 2 * total), int)
            self._room[:, :before] = self.edges
        self._room[:, before:total] = edges
        self.edges = self._room[:, :total]

    def centres(self) -> Array:
        """A point inside each region, of shape (2, regions)."""
        start, end, left, right, _ = self.edges
        region, corner = np.concatenate([left, right]), np.concatenate([start, end])
        inside = region != _OUTSIDE
        return _means(region[inside], self.points[:, corner[inside]], len(self.parents))
