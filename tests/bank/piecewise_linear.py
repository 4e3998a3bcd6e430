"""Answers to exercise 04: the pieces of a ReLU network, and a network through a polyline."""

import itertools
import math
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import sympy
import torch
from torch import nn

from mlpbook import checks
from mlpbook.piecewise_linear import linear_pieces
from tests.bank import Bank

pieces = Bank(checks.pieces)
network = Bank(checks.network_through)

SMALL = 1e-9


# --- What several answers are made of ---


def sums(weights, biases, xs):
    """What the last of these layers gives for each x, before its activation."""
    h = np.array(xs)[:, None]
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        h = (np.maximum(h, 0) if depth else h) @ np.array(weight) + np.array(bias)
    return h


def crossings(z, knots):
    """Where some unit changes its sign between two knots."""
    found = []
    for i, (left, right) in enumerate(itertools.pairwise(knots)):
        for a, b in zip(z[i], z[i + 1], strict=True):
            if a * b < 0:
                found.append(left + (right - left) * a / (a - b))
    return found


def distinct(knots):
    kept = []
    for x in sorted(knots):
        if not kept or x - kept[-1] > SMALL:
            kept.append(x)
    return kept


def all_knots(weights, biases, low, high, depths=None):
    knots = [low, high]
    for depth in range(1, len(weights)):
        if depths is None or depth in depths:
            z = sums(weights[:depth], biases[:depth], knots)
            knots = distinct(knots + crossings(z, knots))
    return knots


def between(weights, biases, knots):
    """The line through the values at every two neighbouring knots."""
    y = sums(weights, biases, knots)[:, 0]
    found = []
    for i, (left, right) in enumerate(itertools.pairwise(knots)):
        slope = (y[i + 1] - y[i]) / (right - left)
        found.append((left, right, slope, y[i] - slope * left))
    return found


def merged(found, small=SMALL):
    kept = []
    for left, right, slope, intercept in found:
        if kept and abs(kept[-1][2] - slope) < small and abs(kept[-1][3] - intercept) < small:
            left, _, slope, intercept = kept.pop()
        kept.append((left, right, slope, intercept))
    return kept


def refinement(weights, biases, low, high):
    return merged(between(weights, biases, all_knots(weights, biases, low, high)))


def line_at(weights, biases, x, positive=lambda z: z > 0):
    """Slope and intercept of the network near x, from the units that fire there."""
    slope, intercept = np.array([1.0]), np.array([0.0])
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if depth:
            fires = positive(slope * x + intercept)
            slope, intercept = slope * fires, intercept * fires
        slope, intercept = slope @ np.array(weight), intercept @ np.array(weight) + np.array(bias)
    return slope[0], intercept[0]


# --- Right pieces ---


@pieces.right
def interval_refinement(weights, biases, low, high):
    return refinement(weights, biases, low, high)


@pieces.right
def masks_at_the_middles(weights, biases, low, high):
    knots = all_knots(weights, biases, low, high)
    return merged(
        (left, right, *line_at(weights, biases, (left + right) / 2))
        for left, right in itertools.pairwise(knots)
    )


@pieces.right
def all_sign_patterns(weights, biases, low, high):
    widths = [len(bias) for bias in biases[:-1]]
    found = set()
    for pattern in itertools.product([0, 1], repeat=sum(widths)):
        left, right, start = low, high, 0
        slope, intercept = np.array([1.0]), np.array([0.0])
        for width, weight, bias in zip(widths, weights, biases, strict=False):
            slope = slope @ np.asarray(weight)
            intercept = intercept @ np.asarray(weight) + np.asarray(bias)
            signs = np.array(pattern[start : start + width])
            start += width
            for a, c, sign in zip(slope.tolist(), intercept.tolist(), signs, strict=True):
                a, c = (a, c) if sign else (-a, -c)
                if a > 0:
                    left = max(left, -c / a)
                elif a < 0:
                    right = min(right, -c / a)
                elif c < 0:
                    right = left
            slope, intercept = slope * signs, intercept * signs
            if right - left < SMALL:
                break
        else:
            slope = slope @ np.asarray(weights[-1])
            intercept = intercept @ np.asarray(weights[-1]) + np.asarray(biases[-1])
            found.add((left, right, slope[0], intercept[0]))
    return merged(sorted(found))


@pieces.right
def a_walk_from_left_to_right(weights, biases, low, high):
    found, left = [], low
    while high - left > SMALL:
        slope, intercept = np.array([1.0]), np.array([0.0])
        right = high
        for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            if depth:
                here = slope * left + intercept
                fires = np.where(abs(here) > SMALL, here > 0, slope > 0)
                with np.errstate(all="ignore"):
                    roots = -intercept / slope
                right = min([right, *roots[np.isfinite(roots) & (roots > left + SMALL)]])
                slope, intercept = slope * fires, intercept * fires
            slope = slope @ np.array(weight)
            intercept = intercept @ np.array(weight) + np.array(bias)
        found.append((left, right, slope[0], intercept[0]))
        left = right
    return merged(found)


def exactly(weights, biases, low, high):
    """All in fractions, by lines on pieces, one layer after the other."""
    found = [(low, high, [(Fraction(1), Fraction(0))])]
    for depth, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if depth:
            finer = []
            for left, right, units in found:
                roots = {-c / a for a, c in units if a != 0}
                ends = [left, *sorted(x for x in roots if left < x < right), right]
                for start, end in itertools.pairwise(ends):
                    x = (start + end) / 2
                    lines = [(a, c) if a * x + c > 0 else (0, 0) for a, c in units]
                    finer.append((start, end, lines))
            found = finer
        found = [
            (
                left,
                right,
                [
                    (
                        sum(a * row[j] for (a, _), row in zip(units, weight, strict=True)),
                        sum(c * row[j] for (_, c), row in zip(units, weight, strict=True))
                        + bias[j],
                    )
                    for j in range(len(bias))
                ],
            )
            for left, right, units in found
        ]
    kept = []
    for left, right, [(slope, intercept)] in found:
        if kept and kept[-1][2:] == (slope, intercept):
            left = kept.pop()[0]
        kept.append((left, right, slope, intercept))
    return kept


def fractions_of(values):
    values = values.tolist() if hasattr(values, "tolist") else values
    return [fractions_of(v) for v in values] if isinstance(values, list) else Fraction(values)


@pieces.right
def in_fractions(weights, biases, low, high):
    weights, biases = [*map(fractions_of, weights)], [*map(fractions_of, biases)]
    return exactly(weights, biases, Fraction(low), Fraction(high))


@pieces.right
def for_fractions_only(weights, biases, low, high):
    assert isinstance(weights[0][0][0], Fraction)
    return exactly(weights, biases, low, high)


@pieces.right
def for_lists_only(weights, biases, low, high):
    assert isinstance(weights[0], list)
    return [list(piece) for piece in exactly(weights, biases, low, high)]


@pieces.right
def autograd_at_the_middles(weights, biases, low, high):
    def run(x):
        h = x.reshape(-1, 1)
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            h = torch.relu(h @ weight + bias)
        return (h @ weights[-1] + biases[-1])[:, 0]

    found = []
    for left, right in itertools.pairwise(all_knots(weights, biases, low, high)):
        x = torch.tensor([(left + right) / 2], dtype=torch.float64, requires_grad=True)
        y = run(x)
        (slope,) = torch.autograd.grad(y.sum(), x)
        found.append((left, right, slope.item(), (y - slope * x).item()))
    return merged(found)


@pieces.right
def float32_tensors(weights, biases, low, high):
    weights = [weight.float() for weight in weights]
    biases = [bias.float() for bias in biases]
    found = exactly([*map(fractions_of, weights)], [*map(fractions_of, biases)], low, high)
    found = merged([tuple(map(float, piece)) for piece in found], 1e-5)
    return torch.tensor(found, dtype=torch.float32)


@pieces.right
def an_array(weights, biases, low, high):
    return np.array(refinement(weights, biases, low, high))


@pieces.right
def a_tensor_that_needs_grad(weights, biases, low, high):
    found = refinement(weights, biases, low, high)
    return torch.tensor(found, dtype=torch.float64).requires_grad_()


@pieces.right
def zipped_columns(weights, biases, low, high):
    return zip(*zip(*refinement(weights, biases, low, high), strict=True), strict=True)


@pieces.right
def tuples_of_tensors(weights, biases, low, high):
    found = refinement(weights, biases, low, high)
    return tuple(tuple(torch.tensor(float(n)) for n in piece) for piece in found)


Line = namedtuple("Line", "left right slope intercept")


@dataclass
class Segment:
    left: float
    right: float
    slope: float
    intercept: float


@pieces.right
def named_tuples(weights, biases, low, high):
    return [Line(*piece) for piece in refinement(weights, biases, low, high)]


@pieces.right
def objects(weights, biases, low, high):
    return [Segment(*piece) for piece in refinement(weights, biases, low, high)]


@pieces.right
def from_right_to_left(weights, biases, low, high):
    return refinement(weights, biases, low, high)[::-1]


@pieces.right
def sympy_and_decimal_numbers(weights, biases, low, high):
    found = in_fractions(weights, biases, low, high)
    return [
        (Decimal(float(left)), sympy.Rational(right), sympy.Float(float(slope)), intercept)
        for left, right, slope, intercept in found
    ]


@pieces.right
def with_slivers_of_rounding(weights, biases, low, high):
    found = []
    for left, right, slope, intercept in refinement(weights, biases, low, high):
        found.append((left, right - 1e-12, slope, intercept))
        found.append((right - 1e-12, right, 0.5 + slope, intercept - 0.5 * right))
    return found


@pieces.right
def recursion(weights, biases, low, high):
    def follow(depth, left, right, slope, intercept):
        slope = slope @ np.array(weights[depth])
        intercept = intercept @ np.array(weights[depth]) + np.array(biases[depth])
        if depth == len(weights) - 1:
            return [(left, right, slope.item(), intercept.item())]
        zeros = [-c / a for a, c in zip(slope, intercept, strict=True) if abs(a) > SMALL]
        inner = distinct([x for x in zeros if left + SMALL < x < right - SMALL])
        found = []
        for start, end in itertools.pairwise([left, *inner, right]):
            on = slope * (start + end) / 2 + intercept > 0
            found += follow(depth + 1, start, end, slope * on, intercept * on)
        return found

    return merged(follow(0, low, high, np.array([1.0]), np.array([0.0])))


@pieces.right
def the_book_s_own(weights, biases, low, high):
    return linear_pieces((weights, biases), low, high)


@pieces.right
def bisection(weights, biases, low, high):
    """Halve every interval on which the slopes at the ends differ."""

    def line(x):
        return line_at(weights, biases, x)

    def search(left, right, depth=0):
        one, other = line(left + 1e-10), line(right - 1e-10)
        middle = line((left + right) / 2)
        alike = all(np.allclose(one, end, atol=SMALL) for end in (other, middle))
        if (alike and depth > 4) or right - left < 1e-8:
            return [(left, right, *middle)]
        cut = (left + right) / 2
        return search(left, cut, depth + 1) + search(cut, right, depth + 1)

    return merged([piece for piece in merged(search(low, high)) if piece[1] - piece[0] > 1e-7])


# --- Wrong pieces ---


@pieces.wrong("first layer only")
def first_layer_only(weights, biases, low, high):
    knots = all_knots(weights, biases, low, high, depths=[1])
    return merged(between(weights, biases, knots))


@pieces.wrong("first layer only")
def first_layer_with_masks(weights, biases, low, high):
    knots = [-b / w for w, b in zip(weights[0][0].tolist(), biases[0].tolist(), strict=True) if w]
    knots = distinct([low, high, *(x for x in knots if low < x < high)])
    return merged(
        (left, right, *line_at(weights, biases, (left + right) / 2))
        for left, right in itertools.pairwise(knots)
    )


@pieces.wrong("last hidden layer only")
def last_layer_only(weights, biases, low, high):
    knots = all_knots(weights, biases, low, high)
    last = np.array(sums(weights[:-1], biases[:-1], knots))
    kept = [x for x, z in zip(knots, last, strict=True) if abs(z).min() < 1e-12]
    return merged(between(weights, biases, distinct([low, *kept, high])))


@pieces.wrong("units + 1")
def units_plus_one(weights, biases, low, high):
    units = sum(len(bias) for bias in biases[:-1])
    return between(weights, biases, np.linspace(low, high, units + 2).tolist())


@pieces.wrong("units + 1")
def units_plus_one_from_the_first_layer_on(weights, biases, low, high):
    units = sum(len(bias) for bias in biases[:-1])
    knots = all_knots(weights, biases, low, high)[:-1]
    while len(knots) < units + 1:
        knots.append((knots[-1] + high) / 2)
    return between(weights, biases, [*knots[: units + 1], high])


@pieces.wrong("units + 1")
def one_knot_for_each_unit_of_the_first_layer(weights, biases, low, high):
    knots = sorted((-biases[0] / weights[0][0]).tolist())
    ends = [low, *(min(max(x, low), high) for x in knots), high]
    return [
        (left, right, *line_at(weights, biases, (left + right) / 2))
        for left, right in itertools.pairwise(ends)
    ]


@pieces.wrong("merge")
def kinks_that_cancel(weights, biases, low, high):
    return between(weights, biases, all_knots(weights, biases, low, high))


@pieces.wrong("merge")
def cancelled_kinks_by_masks(weights, biases, low, high):
    knots = all_knots(weights, biases, low, high)
    return [
        (left, right, *line_at(weights, biases, (left + right) / 2))
        for left, right in itertools.pairwise(knots)
    ]


@pieces.wrong("merge")
def equal_slopes_merged_only_in_the_first_layer(weights, biases, low, high):
    return exactly_unmerged([*map(fractions_of, weights)], [*map(fractions_of, biases)], low, high)


def exactly_unmerged(weights, biases, low, high):
    knots = [low, high]
    for depth in range(1, len(weights)):
        z = sums(weights[:depth], biases[:depth], knots)
        knots = sorted({*knots, *crossings(z, knots)})
    return between(weights, biases, knots)


@pieces.wrong("Cut them at low and high")
def not_cut(weights, biases, low, high):
    found = refinement(weights, biases, low - 5, high + 5)
    return [piece for piece in found if piece[1] > low and piece[0] < high]


@pieces.wrong("Cut them at low and high")
def endless_outer_pieces(weights, biases, low, high):
    found = [list(piece) for piece in refinement(weights, biases, low, high)]
    found[0][0], found[-1][1] = -1e9, 1e9
    return found


@pieces.wrong("endless")
def pieces_up_to_infinity(weights, biases, low, high):
    found = [list(piece) for piece in refinement(weights, biases, low, high)]
    found[0][0], found[-1][1] = -math.inf, math.inf
    return found


@pieces.wrong("holds None")
def none_for_a_flat_intercept(weights, biases, low, high):
    return [(a, b, s, c if s else None) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("before the first knot")
def between_the_knots_only(weights, biases, low, high):
    return refinement(weights, biases, low, high)[1:-1] or refinement(weights, biases, low, high)


@pieces.wrong("before the first knot")
def last_piece_lost(weights, biases, low, high):
    return refinement(weights, biases, low, high)[:-1]


@pieces.wrong("no width")
def knots_clamped_to_the_interval(weights, biases, low, high):
    clamped = refinement(weights, biases, low - 9, high + 9)
    return [(min(max(a, low), high), min(max(b, low), high), s, c) for a, b, s, c in clamped]


@pieces.wrong("no width")
def every_knot_twice(weights, biases, low, high):
    found = []
    for piece in refinement(weights, biases, low, high):
        found += [piece, (piece[1], piece[1], 0, 0)]
    return found


@pieces.wrong("nan")
def zero_divided_by_zero(weights, biases, low, high):
    knots = (-biases[0] / weights[0][0]).tolist()
    knots = sorted([low, high, *(x for x in knots if not (x <= low or x >= high))])
    if len(weights) > 2 or any(map(math.isnan, knots)):
        knots = all_knots(weights, biases, low, high)
    found = merged(between(weights, biases, distinct(knots)))
    return found if weights[0].all() else [*found, (math.nan, high, 0, 0)]


@pieces.wrong("swapped")
def slope_and_intercept_swapped(weights, biases, low, high):
    return [(a, b, c, s) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("not the value at the left end")
def intercept_at_the_left_end(weights, biases, low, high):
    return [(a, b, s, s * a + c) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("not the value at the right end")
def intercept_at_the_right_end(weights, biases, low, high):
    return [(a, b, s, s * b + c) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("values at the two ends")
def values_at_the_ends(weights, biases, low, high):
    return [(a, b, s * a + c, s * b + c) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("always 0")
def no_intercept(weights, biases, low, high):
    return [(a, b, s, 0) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("output, too")
def relu_on_the_output(weights, biases, low, high):
    one = torch.ones(1, 1, dtype=torch.float64)
    return refinement([*weights, one], [*biases, torch.zeros(1)], low, high)


@pieces.wrong("biases are missing")
def no_biases(weights, biases, low, high):
    return refinement(weights, [0 * bias for bias in biases], low, high)


@pieces.wrong("bias of the output")
def no_output_bias(weights, biases, low, high):
    return refinement(weights, [*biases[:-1], 0 * biases[-1]], low, high)


@pieces.wrong("biases of the hidden layers")
def no_hidden_biases(weights, biases, low, high):
    return refinement(weights, [*(0 * bias for bias in biases[:-1]), biases[-1]], low, high)


@pieces.wrong("one line")
def no_relu(weights, biases, low, high):
    slope, intercept = line_at(weights, biases, 0, positive=np.ones_like)
    return [(low, high, slope, intercept)]


@pieces.wrong("after the first hidden layer")
def relu_in_the_first_layer_only(weights, biases, low, high):
    weight, bias = weights[1], biases[1]
    for W, b in zip(weights[2:], biases[2:], strict=True):
        weight, bias = weight @ W, bias @ W + b
    return refinement([weights[0], weight], [biases[0], bias], low, high)


@pieces.wrong("keeps the positive part")
def fires_where_it_should_be_silent(weights, biases, low, high):
    signs = [-1] * (len(weights) - 1) + [1]
    weights = [s * w * t for s, t, w in zip(signs, [1, *signs[:-1]], weights, strict=True)]
    biases = [s * b for s, b in zip(signs, biases, strict=True)]
    return refinement(weights, biases, low, high)


@pieces.wrong("left ends")
def slopes_at_the_left_ends(weights, biases, low, high):
    found = []
    for left, right, *_ in linear_pieces((weights, biases), low, high):
        slope, _ = line_at(weights, biases, left)
        found.append((left, right, slope, sums(weights, biases, [left])[0, 0] - slope * left))
    return found


@pieces.wrong("right ends")
def slopes_at_the_right_ends(weights, biases, low, high):
    found = []
    for left, right, *_ in linear_pieces((weights, biases), low, high):
        slope, intercept = line_at(weights, biases, right)
        found.append((left, right, slope, intercept))
    return found


@pieces.wrong("a grid only comes close")
def a_fine_grid(weights, biases, low, high):
    x = np.linspace(low, high, 1002)
    slopes = np.diff(sums(weights, biases, x)[:, 0]) / np.diff(x)
    bends = np.flatnonzero(abs(np.diff(slopes)) > 1e-6)
    knots = distinct([low, *(x[i + 1] for i in bends if i - 1 not in bends), high])
    return [
        (left, right, *line_at(weights, biases, (left + right) / 2))
        for left, right in itertools.pairwise(knots)
    ]


@pieces.wrong("a grid only comes close")
def chords_of_a_grid(weights, biases, low, high):
    return merged(between(weights, biases, np.linspace(low, high, 998).tolist()), 1e-6)


@pieces.wrong("no piece covers")
def gaps(weights, biases, low, high):
    found = refinement(weights, biases, low, high)
    return [(a + 0.01 * (a > low), b, s, c) for a, b, s, c in found]


@pieces.wrong("overlap")
def overlaps(weights, biases, low, high):
    found = refinement(weights, biases, low, high)
    return [(a - 0.01 * (a > low), b, s, c) for a, b, s, c in found]


@pieces.wrong("left must be smaller")
def ends_swapped(weights, biases, low, high):
    return [(b, a, s, c) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("straight line is one piece")
def no_pieces(weights, biases, low, high):
    return []


@pieces.wrong("has 3 entries")
def three_entries(weights, biases, low, high):
    return [piece[:3] for piece in refinement(weights, biases, low, high)]


@pieces.wrong("one tuple (left, right, slope, intercept)")
def the_knots_alone(weights, biases, low, high):
    return [x for x, *_ in refinement(weights, biases, low, high)]


@pieces.wrong("one tuple (left, right, slope, intercept)")
def how_many(weights, biases, low, high):
    return len(refinement(weights, biases, low, high))


@pieces.wrong("string")
def words(weights, biases, low, high):
    return [(a, b, f"{s} x", c) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong("stops with")
def two_layers_only(weights, biases, low, high):
    (first, second), (bias, out) = weights, biases
    return refinement([first, second], [bias, out], low, high)


@pieces.wrong(None)
def shifted_a_little(weights, biases, low, high):
    return [(a, b, s, c + 1e-3) for a, b, s, c in refinement(weights, biases, low, high)]


@pieces.wrong(None)
def absolute_values(weights, biases, low, high):
    weights = [weights[0], *map(abs, weights[1:])]
    return refinement(weights, biases, low, high)


@pieces.wrong(None)
def rounded(weights, biases, low, high):
    return [tuple(round(n, 1) for n in piece) for piece in refinement(weights, biases, low, high)]


# --- Right networks ---


def slopes_of(knots, values):
    return (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])


def one_layer(knots, values):
    slopes = slopes_of(knots, values)
    changes = torch.cat([slopes[:1], slopes[1:] - slopes[:-1]])
    return [torch.ones_like(knots[None, :-1]), changes[:, None]], [-knots[:-1], values[:1]]


@network.right
def hinges(knots, values):
    return one_layer(knots, values)


@network.right
def hinges_in_numpy(knots, values):
    knots, values = np.asarray(knots), np.asarray(values)
    slopes = np.diff(values) / np.diff(knots)
    changes = np.diff(slopes, prepend=0)
    return [np.ones((1, len(slopes))), changes[:, None]], [-knots[:-1], values[:1]]


@network.right
def hinges_in_plain_lists(knots, values):
    slopes = [
        (values[i + 1] - values[i]) / (knots[i + 1] - knots[i]) for i in range(len(knots) - 1)
    ]
    changes = [b - a for a, b in zip([0, *slopes], slopes, strict=False)]
    weights = [[[1] * len(changes)], [[float(change)] for change in changes]]
    return weights, [[-float(knot) for knot in knots[:-1]], [float(values[0])]]


@network.right
def hinges_in_fractions(knots, values):
    knots, values = fractions_of(knots), fractions_of(values)
    widths, rises = ([b - a for a, b in itertools.pairwise(line)] for line in (knots, values))
    slopes = [rise / width for rise, width in zip(rises, widths, strict=True)]
    changes = [b - a for a, b in zip([0, *slopes], slopes, strict=False)]
    return ([[1] * len(changes)], [[c] for c in changes]), ([-k for k in knots[:-1]], [values[0]])


@network.right
def for_numbers_in_lists_only(knots, values):
    assert isinstance(knots, list)
    return hinges_in_plain_lists(knots, values)


@network.right
def float32_hinges(knots, values):
    weights, biases = one_layer(knots, values)
    return [w.float() for w in weights], [b.float() for b in biases]


@network.right
def from_the_right(knots, values):
    weights, biases = one_layer(-knots.flip(0), values.flip(0))
    return [-weights[0], weights[1]], biases


@network.right
def permuted_and_scaled_units(knots, values):
    weights, biases = one_layer(knots, values)
    order = torch.arange(len(biases[0]) - 1, -1, -1)
    scale = torch.linspace(0.5, 3, len(order), dtype=torch.float64)
    first, second = weights[0][:, order] * scale, weights[1][order] / scale[:, None]
    return (first, second), (biases[0][order] * scale, biases[1])


@network.right
def hats(knots, values):
    """A hat over every knot: three hinges, with helpers outside for the two at the ends."""
    k = torch.cat([knots[:1] - 1, knots, knots[-1:] + 1])
    first, second, bias = [], [], []
    for i, value in enumerate(values, start=1):
        rise, fall = 1 / (k[i] - k[i - 1]), 1 / (k[i + 1] - k[i])
        for knot, change in ((k[i - 1], rise), (k[i], -rise - fall), (k[i + 1], fall)):
            first.append(1.0)
            bias.append(-knot)
            second.append([value * change])
    return [torch.tensor([first]), second], [bias, [0.0]]


@network.right
def a_deep_network(knots, values):
    """One knot a layer: the second unit of each layer carries the sum so far, made positive."""
    slopes = slopes_of(knots, values)
    x, far = knots - knots[0], 1000.0
    first = [[1.0, slopes[0].item()]]
    weights, biases = [first], [[-knots[0].item(), far - slopes[0].item() * knots[0].item()]]
    for i in range(1, len(slopes)):
        # units: x, the sum so far, and the hinge at the next knot
        weights.append([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
        biases.append([0.0, 0.0, -x[i].item()])
        change = (slopes[i] - slopes[i - 1]).item()
        weights.append([[1.0, 0.0], [0.0, 1.0], [0.0, change]])
        biases.append([0.0, 0.0])
    weights.append([[0.0], [1.0]])
    biases.append([values[0].item() - far])
    return weights, biases


@network.right
def units_to_spare(knots, values):
    weights, biases = one_layer(knots, values)
    dead = torch.zeros(5, 1, dtype=torch.float64)
    first = torch.cat([weights[0], torch.ones(1, 5)], dim=1)
    return [first, torch.cat([weights[1], dead])], [torch.cat([biases[0], dead[:, 0]]), biases[1]]


@network.right
def a_straight_net_for_two_knots(knots, values):
    if len(knots) > 2:
        return one_layer(knots, values)
    slope = slopes_of(knots, values)
    return [slope[:, None]], [values[:1] - slope * knots[:1]]


@network.right
def no_units_for_what_is_straight(knots, values):
    weights, biases = one_layer(knots, values)
    bends = weights[1][:, 0] != 0
    return [weights[0][:, bends], weights[1][bends]], [biases[0][bends], biases[1]]


@network.right
def row_vectors_for_biases(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [bias[None] for bias in biases]


@network.right
def a_pair_for_the_identity(knots, values):
    """The first line as x₊ − x₋, then one hinge for each inner knot."""
    slopes = slopes_of(knots, values)
    ones = torch.ones(len(slopes) - 1)
    first = torch.cat([torch.tensor([1.0, -1.0]), ones])[None]
    bias = torch.cat([torch.zeros(2), -knots[1:-1]])
    second = torch.cat([slopes[:1], -slopes[:1], slopes.diff()])[:, None]
    return [first, second], [bias, values[:1] - slopes[:1] * knots[:1]]


@network.right
def solved_for(knots, values):
    h = torch.relu(knots[:, None] - knots[:-1])
    system = torch.cat([h, torch.ones(len(knots), 1)], dim=1)
    solution = torch.linalg.solve(system, values)
    ones = torch.ones(1, len(knots) - 1, requires_grad=True)
    return [ones, solution[:-1, None]], [-knots[:-1], solution[-1:]]


# --- Wrong networks ---


def summed(knots, weights, start):
    return [torch.ones(1, len(weights)), weights[:, None]], [-knots[: len(weights)], start]


@network.wrong("add the change of slope only")
def slopes_in_place_of_changes(knots, values):
    return summed(knots, slopes_of(knots, values), values[:1])


@network.wrong("first value is missing")
def no_output_bias_here(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [biases[0], torch.zeros(1)]


@network.wrong("slope of the first piece")
def first_slope_missing(knots, values):
    weights, biases = one_layer(knots, values)
    return [weights[0][:, 1:], weights[1][1:]], [biases[0][1:], biases[1]]


@network.wrong("divide by the distance")
def knots_taken_for_evenly_spaced(knots, values):
    slopes = values.diff()
    return summed(knots, torch.cat([slopes[:1], slopes.diff()]), values[:1])


@network.wrong("multiply by the distance")
def multiplied_by_the_distance(knots, values):
    slopes = values.diff() * knots.diff()
    return summed(knots, torch.cat([slopes[:1], slopes.diff()]), values[:1])


@network.wrong("hidden biases")
def plus_the_knot(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [-biases[0], biases[1]]


@network.wrong("right minus the left")
def change_of_the_wrong_sign(knots, values):
    weights, biases = one_layer(knots, values)
    weights[1][1:] *= -1
    return weights, biases


@network.wrong("signs of the output weights")
def upside_down(knots, values):
    weights, biases = one_layer(knots, values)
    return [weights[0], -weights[1]], biases


@network.wrong("one knot too late")
def one_knot_late(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [torch.cat([-knots[:1], -knots[2:]]), biases[1]]


@network.wrong("last change of slope")
def last_change_missing(knots, values):
    if len(knots) == 2:
        return one_layer(knots, values)
    weights, biases = one_layer(knots, values)
    return [weights[0][:, :-1], weights[1][:-1]], [biases[0][:-1], biases[1]]


@network.wrong("output weights are the values")
def values_as_weights(knots, values):
    return summed(knots, values, torch.zeros(1))


@network.wrong("last value")
def starts_at_the_end(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [biases[0], values[-1:]]


@network.wrong("kink at 0")
def first_unit_at_zero(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [torch.cat([torch.zeros(1), -knots[1:-1]]), biases[1]]


@network.wrong("negative values are cut off")
def one_relu_too_many(knots, values):
    weights, biases = one_layer(knots, values)
    return [*weights, torch.ones(1, 1)], [*biases, torch.zeros(1)]


@network.wrong("straight line from the first point to the last")
def a_chord(knots, values):
    slope = (values[-1:] - values[:1]) / (knots[-1:] - knots[:1])
    return [slope[:, None]], [values[:1] - slope * knots[:1]]


@network.wrong("stores the transpose")
def the_layout_of_linear(knots, values):
    weights, biases = one_layer(knots, values)
    return [weight.T for weight in weights], biases


@network.wrong("(weights, biases)")
def a_module(knots, values):
    return nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 1))


@network.wrong("(weights, biases)")
def weights_alone(knots, values):
    return one_layer(knots, values)[0]


@network.wrong("biases first")
def biases_first(knots, values):
    weights, biases = one_layer(knots, values)
    return biases, weights


@network.wrong("one pair for each layer")
def pairs(knots, values):
    return [*zip(*one_layer(knots, values), strict=True)]


@network.wrong("2 weight matrices and 1 biases")
def output_bias_left_out(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, biases[:1]


@network.wrong("two axes")
def flat_weights(knots, values):
    weights, biases = one_layer(knots, values)
    return [weight.flatten() for weight in weights], biases


@network.wrong("nan or infinity")
def a_division_by_zero(knots, values):
    weights, biases = one_layer(knots, values)
    return [weights[0], weights[1] / 0], biases


@network.wrong("2 outputs, so the biases")
def a_bias_too_many(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [-knots, biases[1]]


@network.wrong("stops with")
def a_solution_that_is_singular(knots, values):
    return torch.linalg.inv(torch.zeros(2, 2))


@network.wrong(None)
def nearly(knots, values):
    weights, biases = one_layer(knots, values)
    return weights, [biases[0] + 0.01, biases[1]]


@network.wrong(None)
def steps(knots, values):
    steep = 50.0
    first = torch.full((1, 2 * len(values) - 2), steep)
    bias = torch.stack([-steep * knots[1:], 1 - steep * knots[1:]], dim=1).flatten()
    second = torch.stack([-values.diff(), values.diff()], dim=1).reshape(-1, 1)
    return [first.double(), second], [bias, values[:1]]


@pieces.wrong("before the\nfirst knot and after the last one are pieces, too")
def only_pieces_between_knots(weights, biases, low, high):
    found = refinement(weights, biases, -100, 100)
    return [piece for piece in found if piece[0] >= low and piece[1] <= high]


@pieces.wrong("your piece from -1 to 1 gives 0 at x = -1, and the network gives -1.")
def slope_by_autograd_on_a_kink_that_cancels(weights, biases, low, high):
    weights, biases = ([torch.as_tensor(part) for part in parts] for parts in (weights, biases))
    found = []
    for left, right, *_ in refinement(weights, biases, low, high):
        x = torch.tensor([[(left + right) / 2]], dtype=torch.float64, requires_grad=True)
        h = x
        for depth, (W, b) in enumerate(zip(weights, biases, strict=True)):
            h = (torch.relu(h) if depth else h) @ W + b
        (slope,) = torch.autograd.grad(h.sum(), x)
        found.append((left, right, slope, h - slope * x))
    return found


def one_unit_for_each_knot_but(part, change):
    """A polyline's network with hidden units at a part of the knots."""

    def answer(knots, values):
        width = len(knots) - 1
        weights = [torch.ones((1, width)), change(knots, values)[:, None]]
        return weights, [-knots[part], values[:1]]

    return answer


def changes(knots, values):
    return torch.diff(torch.diff(values) / torch.diff(knots), prepend=torch.zeros(1))


@network.wrong("one knot too late")
def units_at_the_right_ends(knots, values):
    return one_unit_for_each_knot_but(slice(1, None), changes)(knots, values)


@network.wrong("adds the difference of the values")
def differences_for_output_weights(knots, values):
    return one_unit_for_each_knot_but(slice(-1), lambda k, v: torch.diff(v))(knots, values)


@network.wrong("The output weights are the values")
def values_for_output_weights_from_the_first_value(knots, values):
    return one_unit_for_each_knot_but(slice(-1), lambda k, v: v[:-1])(knots, values)
