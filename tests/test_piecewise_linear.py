"""Linear pieces: exact in fractions, and in float64 the same up to rounding."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from mlpbook.piecewise_linear import Piece, linear_pieces


def value(network, x, slopes=None):
    """The network at x, by the definition, in the numbers it is given in."""
    row = [x]
    for depth, (weight, bias) in enumerate(zip(*network, strict=True)):
        if depth > 0:
            factors = slopes[depth - 1] if slopes else [0] * len(row)
            row = [h if h > 0 else s * h for h, s in zip(row, factors, strict=True)]
        columns = zip(*weight, strict=True)
        row = [
            sum(h * w for h, w in zip(row, column, strict=True)) + b
            for column, b in zip(columns, bias, strict=True)
        ]
    return row[0]


def tent(depth):
    """The tent map on [0, 1], applied `depth` times: two units a layer."""
    folds = [[2, 4], [-2, -4]]
    weights = [[[2, 4]], *[folds] * (depth - 1), [[1], [-1]]]
    return weights, [*[[0, -2]] * depth, [0]]


quarters = st.integers(-8, 8).map(lambda n: Fraction(n, 4))


@st.composite
def networks(draw, numbers=quarters):
    widths = [1, *draw(st.lists(st.integers(1, 4), max_size=3)), 1]
    weights = [
        draw(st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=n, max_size=n))
        for n, m in itertools.pairwise(widths)
    ]
    biases = [draw(st.lists(numbers, min_size=m, max_size=m)) for m in widths[1:]]
    return weights, biases


intervals = st.tuples(quarters, quarters).filter(lambda ends: ends[0] < ends[1])


@settings(max_examples=300, deadline=None)
@given(networks(), intervals)
def test_exact_pieces_are_the_network(network, interval):
    pieces = linear_pieces(network, *interval)
    assert (pieces[0].left, pieces[-1].right) == interval
    for left, right, slope, intercept in pieces:
        assert left < right
        for k in range(9):
            x = left + (right - left) * Fraction(k, 8)
            assert slope * x + intercept == value(network, x)
    for one, other in itertools.pairwise(pieces):
        assert one.right == other.left
        assert one.slope != other.slope


@settings(max_examples=300, deadline=None)
@given(networks(), intervals)
def test_floats_give_the_exact_pieces(network, interval):
    exact, found = (linear_pieces(network, *interval, exact=exact) for exact in (True, False))
    assert all(type(number) is float for piece in found for number in piece)
    assert len(found) == len(exact)
    for piece, expected in zip(found, exact, strict=True):
        assert piece == pytest.approx([float(number) for number in expected], abs=1e-9)


@st.composite
def leaky_networks(draw):
    """A network, and for each hidden unit the slope where it is negative."""
    network = draw(networks())
    kinds = st.sampled_from([Fraction(n, 12) for n in (0, 1, 3, -12, 12, 30)])
    slopes = [[draw(kinds) for _ in bias] for bias in network[1][:-1]]
    return network, slopes


@settings(max_examples=300, deadline=None)
@given(leaky_networks(), intervals)
def test_pieces_of_leaky_units_each_with_its_slope(drawn, interval):
    network, slopes = drawn
    pieces = linear_pieces(network, *interval, negative_slope=slopes)
    assert (pieces[0].left, pieces[-1].right) == interval
    for left, right, slope, intercept in pieces:
        assert left < right
        for k in range(9):
            x = left + (right - left) * Fraction(k, 8)
            assert slope * x + intercept == value(network, x, slopes)
    for one, other in itertools.pairwise(pieces):
        assert one.right == other.left
        assert one.slope != other.slope
    found = linear_pieces(network, *interval, exact=False, negative_slope=slopes)
    assert len(found) == len(pieces)
    for piece, expected in zip(found, pieces, strict=True):
        assert piece == pytest.approx([float(number) for number in expected], abs=1e-9)


def test_slopes_for_all_for_a_layer_and_for_a_unit():
    # x and -x through Leaky ReLU, added: (1 - slope) |x|.
    network = [[[1, -1]], [[1], [1]]], [[0, 0], [0]]
    quarter = Fraction(1, 4)
    expected = [(-1, 0, -3 * quarter, 0), (0, 1, 3 * quarter, 0)]
    for slope in (quarter, [quarter], [[quarter, quarter]]):
        assert linear_pieces(network, -1, 1, negative_slope=slope) == expected
    for slope in (0.25, np.float32(0.25), torch.tensor(0.25), torch.tensor([0.25]), [[0.25] * 2]):
        found = linear_pieces(network, -1, 1, negative_slope=slope)
        assert found == expected
        assert isinstance(found[0].slope, float)
    assert linear_pieces(network, -1, 1, negative_slope=1) == [(-1, 1, 0, 0)]
    assert linear_pieces(network, -1, 1, negative_slope=-1) == [(-1, 0, -2, 0), (0, 1, 2, 0)]


@pytest.mark.parametrize(
    ("slope", "words"),
    [
        ([], "1 hidden layers, and slopes for 0"),
        ([0, 0], "1 hidden layers, and slopes for 2"),
        ([[0, 0, 0]], "Layer 0 has 2 units, and slopes of shape"),
        (math.nan, "finite"),
    ],
)
def test_slopes_that_do_not_fit_are_refused(slope, words):
    network = [[[1, -1]], [[1], [1]]], [[0, 0], [0]]
    with pytest.raises(ValueError, match=words):
        linear_pieces(network, -1, 1, negative_slope=slope)


def sequential(*modules):
    generator = torch.Generator().manual_seed(0)
    net = nn.Sequential(*modules).double()
    for parameter in net.parameters():
        with torch.no_grad():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return net


SEQUENTIALS = [
    [nn.Linear(1, 1)],
    [nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1)],
    [nn.Linear(1, 8), nn.LeakyReLU(0.2), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)],
    [nn.Linear(1, 8), nn.PReLU(), nn.Linear(8, 8), nn.PReLU(8), nn.Linear(8, 1)],
    [nn.Linear(1, 4, bias=False), nn.ReLU(inplace=True), nn.Linear(4, 1, bias=False)],
    [nn.Linear(1, 4), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3), nn.Linear(3, 1)],
    [nn.ReLU(), nn.Linear(1, 4), nn.LeakyReLU(), nn.PReLU(4), nn.Linear(4, 1), nn.ReLU()],
    [nn.Sequential(nn.Linear(1, 4), nn.ReLU()), nn.Sequential(nn.Linear(4, 1))],
    # The same modules in two places.
    [nn.Linear(1, 4), *[nn.ReLU(), nn.Linear(4, 4)] * 2, nn.Linear(4, 1)],
    [nn.Linear(1, 4), *[nn.Sequential(nn.PReLU(4), nn.Linear(4, 4))] * 2, nn.Linear(4, 1)],
    [nn.PReLU()],
]


@pytest.mark.parametrize("modules", SEQUENTIALS)
@pytest.mark.parametrize("exact", [None, True])
def test_pieces_of_a_sequential_are_the_sequential(modules, exact):
    net = sequential(*modules)
    pieces = linear_pieces(net, -2, 2, exact)
    assert isinstance(pieces[0].slope, Fraction if exact else float)
    x = np.linspace(-2, 2, 1001)
    knots = [float(piece.right) for piece in pieces[:-1]]
    where = np.searchsorted(knots, x)
    slopes, intercepts = (np.array([float(piece[i]) for piece in pieces]) for i in (2, 3))
    with torch.no_grad():
        expected = net(torch.tensor(x)[:, None])[:, 0]
    np.testing.assert_allclose(slopes[where] * x + intercepts[where], expected, atol=1e-12)


@pytest.mark.parametrize(
    ("network", "error", "words"),
    [
        (nn.Sequential(nn.Linear(1, 2), nn.Sigmoid()), TypeError, "Layer 1 is Sigmoid"),
        (nn.Sequential(nn.Sequential(nn.GELU())), TypeError, "Layer 0.0 is GELU"),
        (nn.Sequential(nn.Flatten()), TypeError, "Layer 0 is Flatten"),
        (nn.Sequential(nn.LazyLinear(1)), TypeError, "Layer 0 is LazyLinear.* no weights yet"),
        (nn.Sequential(nn.Linear(1, 2), nn.PReLU(3)), ValueError, "Layer 0 has 2 units"),
        (nn.Sequential(nn.Linear(1, 2), nn.Linear(3, 1)), ValueError, "Layer 1 takes 2 inputs"),
        (nn.Sequential(nn.Linear(2, 1)), ValueError, "Layer 0 takes 1 inputs"),
        (nn.Sequential(nn.Linear(1, 2)), ValueError, "2 outputs"),
        (nn.Linear(1, 1), TypeError, "not Linear"),
        ("network", TypeError, "not str"),
    ],
)
def test_what_cannot_be_read_is_named(network, error, words):
    with pytest.raises(error, match=words):
        linear_pieces(network, -1, 1)


def test_a_sequential_has_its_own_slopes():
    with pytest.raises(ValueError, match="modules"):
        linear_pieces(nn.Sequential(nn.Linear(1, 1)), -1, 1, negative_slope=0.1)


tenths = st.integers(-20, 20).map(lambda n: n / 10)


@settings(max_examples=300, deadline=None)
@given(networks(tenths))
def test_decimal_fractions_as_floats_give_the_pieces_of_the_decimal_fractions(network):
    # 0.1 + 0.2 is not 0.3 in floats, and a kink that cancels on paper must cancel here, too.
    decimal = [[_decimal(part) for part in parts] for parts in network]
    exact, found = linear_pieces(decimal, -2, 2), linear_pieces(network, -2.0, 2.0)
    # A kink too sharp or a piece too short for float64 may be lost; none is here.
    assume(all(right - left > 1e-6 for left, right, _, _ in exact))
    assert len(found) == len(exact)
    for piece, expected in zip(found, exact, strict=True):
        assert piece == pytest.approx([float(number) for number in expected], abs=1e-7)


def _decimal(numbers):
    if isinstance(numbers, list):
        return [_decimal(entry) for entry in numbers]
    return Fraction(round(numbers * 10), 10)


@pytest.mark.parametrize("exact", [True, False])
def test_random_deep_network_agrees_with_torch(exact):
    generator = torch.Generator().manual_seed(0)
    widths = [1, 12, 12, 12, 1]
    shapes = list(itertools.pairwise(widths))
    weights = [torch.randn(n, m, generator=generator).double() / n**0.5 for n, m in shapes]
    biases = [torch.randn(m, generator=generator).double() for m in widths[1:]]
    x = torch.linspace(-4, 4, 2001, dtype=torch.float64)
    h = x[:, None]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        h = torch.relu(h @ weight + bias)
    y = (h @ weights[-1] + biases[-1])[:, 0]
    pieces = linear_pieces((weights, biases), -4, 4, exact=exact)
    assert len(pieces) > 12
    knots = [float(piece.right) for piece in pieces[:-1]]
    slopes, intercepts = (
        np.array([float(piece[i]) for piece in pieces])[np.searchsorted(knots, x.numpy())]
        for i in (2, 3)
    )
    np.testing.assert_allclose(slopes * x.numpy() + intercepts, y, rtol=1e-12, atol=1e-12)


def test_sum_of_two_units():
    network = [[[1, 1]], [[1], [-2]]], [[0, -1], [3]]
    assert linear_pieces(network, -1, 2) == [(-1, 0, 0, 3), (0, 1, 1, 3), (1, 2, -1, 5)]


@pytest.mark.parametrize("depth", [1, 2, 5, 9])
@pytest.mark.parametrize("exact", [True, False])
def test_depth_folds_again(depth, exact):
    pieces = linear_pieces(tent(depth), 0, 1, exact=exact)
    assert [piece.left for piece in pieces] == [k / 2**depth for k in range(2**depth)]
    assert {abs(piece.slope) for piece in pieces} == {2**depth}


DEGENERATE = {
    "no hidden layer": (([[[2]]], [[1]]), [(-1, 1, 2, 1)]),
    "kinks of two units cancel": (([[[1, -1]], [[1], [-1]]], [[0, 0], [0]]), [(-1, 1, 1, 0)]),
    "two units share a knot": (
        ([[[1, 2]], [[1], [1]]], [[0, 0], [0]]),
        [(-1, 0, 0, 0), (0, 1, 3, 0)],
    ),
    "one of three knots cancels": (
        ([[[2, 2, -2]], [[1], [1], [-1]]], [[1, -1, 1], [0]]),
        [(-1, Fraction(-1, 2), 2, -1), (Fraction(-1, 2), 1, 4, 0)],
    ),
    "all weights are 0": (([[[0, 0]], [[0], [0]]], [[0, 1], [0]]), [(-1, 1, 0, 0)]),
    "an input weight of 0": (
        ([[[0, 1]], [[1], [1]]], [[2, 0], [0]]),
        [(-1, 0, 0, 2), (0, 1, 1, 2)],
    ),
    "an output weight of 0": (([[[1, 1]], [[0], [1]]], [[0, 2], [0]]), [(-1, 1, 1, 2)]),
    "a knot at the left end": (([[[1]], [[1]]], [[1], [0]]), [(-1, 1, 1, 1)]),
    "a knot at the right end": (([[[1]], [[1]]], [[-1], [0]]), [(-1, 1, 0, 0)]),
    "knots outside": (([[[1, 1]], [[1], [1]]], [[5, -5], [0]]), [(-1, 1, 1, 5)]),
    "a first layer of dead units": (([[[1, 1]], [[1], [1]]], [[-5, -6], [3]]), [(-1, 1, 0, 3)]),
    "a second layer of dead units": (
        ([[[1, -1]], [[-1], [-1]], [[1]]], [[0, 0], [0], [4]]),
        [(-1, 1, 0, 4)],
    ),
}


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("case", DEGENERATE.values(), ids=DEGENERATE)
def test_degenerate_networks(case, exact):
    network, expected = case
    assert linear_pieces(network, -1, 1, exact=exact) == expected


def test_kinks_that_cancel_up_to_rounding_are_merged_in_floats_only():
    network = [[[1.0, 3.0]], [[3.0], [-1.0]]], [[-0.3, -0.9], [0.0]]
    assert len(linear_pieces(network, -1, 1)) == 1
    assert len(linear_pieces(network, -1, 1, exact=True)) > 1  # 3 · 0.3 is not 0.9 in floats


def test_a_small_kink_is_kept():
    network = [[[1.0, 1.0]], [[1.0], [1e-9]]], [[9.0, 0.0], [0.0]]
    assert len(linear_pieces(network, -1, 1)) == 2


def test_numbers_come_back_in_their_kind():
    whole, halves = [[[1]], [[1]]], [[[0.5]], [[1.0]]]
    biases = [[0], [0]]
    assert isinstance(linear_pieces((whole, biases), -1, 1)[0].left, Fraction)
    assert isinstance(linear_pieces((halves, biases), -1, 1)[0].left, float)
    assert isinstance(linear_pieces((halves, biases), -1, 1, exact=True)[0].left, Fraction)
    assert isinstance(linear_pieces((whole, biases), -1, 1, exact=False)[0].left, float)


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        lambda entries: np.array(entries, dtype=np.int32),
        lambda entries: torch.tensor(entries, dtype=torch.float32, requires_grad=True),
        lambda entries: torch.tensor(entries, dtype=torch.bfloat16),
        tuple,
        lambda entries: [torch.tensor(entry) for entry in entries],
    ],
)
def test_arrays_and_tensors_of_any_kind(make):
    network = [[[1, 1]], [[1], [-2]]], [[0, -1], [0]]
    made = [[make(part) for part in parts] for parts in network]
    for exact in (None, True, False):
        assert linear_pieces(made, -1, 2, exact) == linear_pieces(network, -1, 2)


@pytest.mark.parametrize(
    ("weights", "biases", "words"),
    [
        ([], [], "0 weight matrices"),
        ([[[1]]], [], "1 weight matrices and 0 biases"),
        ([[[1], [1]]], [[0]], "Layer 0 takes 1 inputs"),
        ([[[1, 1]], [[1]]], [[0, 0], [0]], "Layer 1 takes 2 inputs"),
        ([[[1, 1]], [[1], [1]]], [[0], [0]], r"its biases \(1,\)"),
        ([[[1, 1]]], [[0, 0]], "2 outputs"),
        ([[[math.nan]]], [[0]], "Layer 0: .*finite"),
        ([[[1]], [[1]]], [[0], [math.inf]], "Layer 1: .*finite"),
        ([[[1, 1]], [[1, 1], [1]]], [[0, 0], [0]], "Layer 1: "),
    ],
)
def test_what_is_no_network_is_refused(weights, biases, words):
    with pytest.raises(ValueError, match=words):
        linear_pieces((weights, biases), 0, 1)


@pytest.mark.parametrize(("low", "high"), [(1, 1), (1, 0), (0, math.inf), (math.nan, 0)])
@pytest.mark.parametrize("exact", [True, False])
def test_an_empty_or_endless_interval_is_refused(low, high, exact):
    with pytest.raises(ValueError, match=r"low must be less|finite"):
        linear_pieces(([[[1]]], [[0]]), low, high, exact)


def test_a_piece_unpacks():
    left, right, slope, intercept = Piece(0, 1, 2, 3)
    assert (left, right, slope, intercept) == (0, 1, 2, 3)
