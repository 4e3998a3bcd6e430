"""Bounds on the number of regions: against their formulas, and against networks."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpbook.piecewise_linear import linear_pieces
from mlpbook.region_bounds import montufar_bound, serra_bound, zaslavsky_bound

widths = st.lists(st.integers(1, 7), min_size=1, max_size=4)


@given(st.integers(1, 5), st.integers(0, 9))
def test_zaslavskys_number_satisfies_its_recurrence(inputs, units):
    # One more hyperplane adds a region for each part into which the others cut it.
    parts = zaslavsky_bound(inputs - 1, units)
    assert zaslavsky_bound(inputs, units + 1) == zaslavsky_bound(inputs, units) + parts


def test_zaslavskys_number_in_small_cases():
    assert [zaslavsky_bound(1, units) for units in range(4)] == [1, 2, 3, 4]
    assert [zaslavsky_bound(2, units) for units in range(5)] == [1, 2, 4, 7, 11]
    assert zaslavsky_bound(3, 3) == zaslavsky_bound(9, 3) == 2**3


@given(st.integers(0, 5), widths)
def test_serras_bound_is_its_sum(inputs, widths):
    total = 0
    for j in itertools.product(*(range(width + 1) for width in widths)):
        limits = [inputs]
        for width, cuts in zip(widths, j, strict=True):
            limits.append(min(limits[-1], width - cuts))
        if all(cuts <= limit for cuts, limit in zip(j, limits, strict=False)):
            total += math.prod(map(math.comb, widths, j))
    assert serra_bound(inputs, widths) == total


@given(st.integers(0, 5), st.integers(0, 9))
def test_with_one_layer_serras_bound_is_zaslavskys(inputs, units):
    assert serra_bound(inputs, [units]) == zaslavsky_bound(inputs, units)


@given(st.integers(1, 4), widths)
def test_what_some_network_has_no_network_exceeds(inputs, widths):
    widths = [width + inputs for width in widths]
    assert montufar_bound(inputs, widths) <= serra_bound(inputs, widths)


@pytest.mark.parametrize("depth", [1, 2, 3, 5, 8])
def test_the_tent_map_has_pieces_that_no_shallow_network_of_its_size_has(depth):
    folds = [[2, 4], [-2, -4]]
    weights = [[[2, 4]], *[folds] * (depth - 1), [[1], [-1]]]
    pieces = linear_pieces((weights, [*[[0, -2]] * depth, [0]]), 0, 1)
    assert len(pieces) == 2**depth
    assert len(pieces) <= montufar_bound(1, [2] * depth) == 3 * 2 ** (depth - 1)
    assert len(pieces) <= serra_bound(1, [2] * depth) == 3**depth
    assert (len(pieces) > zaslavsky_bound(1, 2 * depth)) == (depth > 2)


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (lambda: zaslavsky_bound(2, -1), "negative"),
        (lambda: serra_bound(-1, [2]), "negative"),
        (lambda: montufar_bound(0, [2]), "needs an input"),
        (lambda: montufar_bound(3, [2]), "as wide as"),
        (lambda: montufar_bound(1, []), "needs an input"),
    ],
)
def test_what_is_no_shape_of_a_network_is_refused(bound, words):
    with pytest.raises(ValueError, match=words):
        bound()
