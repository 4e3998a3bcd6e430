"""Value and slope of every activation on arrays: right to the last places, and without warnings."""

import inspect
import math

import mpmath
import numpy as np
import pytest
import torch

from mlpbook import activations, value_and_slope
from tests.test_activations import SETTINGS, by_sympy

CASES = [
    pytest.param(name, settings, id=f"{name}{list(settings.values())}")
    for name in activations.names()
    if name != "prelu"  # its α may be a tensor, so it is defined beside the tensors
    for settings in [{}, *SETTINGS.get(name, [])]
]
STRAIGHT = (
    *("relu", "leaky_relu", "rrelu", "relu6", "hardtanh", "hardsigmoid", "hardswish"),
    *("hardshrink", "softshrink", "threshold"),
)
SMOOTH = [case for case in CASES if case.values[0] not in STRAIGHT]
KINKS = {name: [kink.x for kink in activations.get(name).kinks()] for name in activations.names()}


def points(count: int, dtype: type) -> np.ndarray:
    """Points from −10 to 10, and small ones, where differences cancel."""
    rng = np.random.default_rng(0)
    small = rng.uniform(-1, 1, count) * 10.0 ** rng.integers(-20, 1, count)
    return np.concatenate([rng.uniform(-10, 10, 2 * count), [-10, 10, 0.75, -0.75], small]).astype(
        dtype
    )


def both(name: str, x: np.ndarray, settings: dict[str, float]) -> list[np.ndarray]:
    return list(getattr(value_and_slope, name)(x, **settings))


def ulps(got: np.ndarray, true: np.ndarray) -> np.ndarray:
    """How far `got` is from `true`, in units of the last place of `got`'s type."""
    unit = np.spacing(abs(true).astype(got.dtype)).astype(float)
    return abs(got.astype(float) - true) / unit


@pytest.mark.parametrize(("name", "settings"), SMOOTH)
def test_float32_is_right_to_3_units_by_mpmath(name, settings):
    x = points(30, np.float32)
    truths = by_sympy(activations.get(name), torch.tensor(x, dtype=torch.float64), **settings)
    for got, true in zip(both(name, x, settings), truths, strict=True):
        assert got.dtype == np.float32
        assert ulps(got, true.numpy()).max() <= 3


@pytest.mark.parametrize(("name", "settings"), SMOOTH)
def test_float32_is_right_to_3_units_on_many_points_by_float64(name, settings):
    x = points(100_000, np.float32)
    truths = both(name, x.astype(np.float64), settings)
    for got, true in zip(both(name, x, settings), truths, strict=True):
        assert ulps(got, true).max() <= 3


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_float64_is_right_by_mpmath(name, settings):
    x = points(30, np.float64)
    x = x[[all(abs(u - kink) > 1e-6 for kink in (*KINKS[name], *settings.values())) for u in x]]
    truths = by_sympy(activations.get(name), torch.tensor(x), **settings)
    for got, true in zip(both(name, x, settings), truths, strict=True):
        # Where a slope crosses 0, or an exponent is rounded, some digits are lost to rounding.
        np.testing.assert_allclose(got, true.numpy(), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(("name", "settings"), SMOOTH)
def test_tails_keep_their_digits(name, settings):
    x = np.array([-100.0, -30.0, -12.0, 12.0, 30.0, 100.0])
    truths = by_sympy(activations.get(name), torch.tensor(x), **settings)
    for got, true in zip(both(name, x, settings), truths, strict=True):
        seen = abs(true.numpy()) > 1e-300  # smaller ones may be rounded to 0
        np.testing.assert_allclose(got[seen], true.numpy()[seen], rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "settings"), CASES)
def test_far_out_nothing_overflows(name, settings, dtype):
    x = np.array([-1e38, -1e4, -710, -88, 0, 88, 710, 1e4, 1e38], dtype)
    with np.errstate(all="raise", under="ignore"):
        y, slope = both(name, x, settings)
    assert y.dtype == dtype
    assert np.isfinite(y).all() and np.isfinite(slope).all()
    entry = activations.get(name)
    exact = torch.tensor(x, dtype=torch.float64)
    np.testing.assert_allclose(y, entry.value(exact, **settings), rtol=1e-5, atol=1e-30)
    found = entry.derivative(exact, **settings)
    away = [all(u != kink.x for kink in entry.kinks(**settings)) for u in x]
    np.testing.assert_allclose(slope[away], found[away], rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_at_a_kink_the_slope_is_torchs(name, settings):
    entry = activations.get(name)
    kinks = [kink.x for kink in entry.kinks(**settings)]
    x = np.array([*kinks, *np.nextafter(kinks, np.inf), *np.nextafter(kinks, -np.inf)])
    y, slope = both(name, x, settings)
    value, derivative = entry.by_torch(torch.tensor(x), **settings)
    np.testing.assert_allclose(y, value, rtol=1e-6, atol=1e-15)
    np.testing.assert_allclose(slope, derivative, rtol=1e-6)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_a_long_array_of_any_shape_is_the_same_as_its_pieces(name, settings):
    x = np.random.default_rng(1).normal(size=(3, 7, 2001)).astype(np.float32) * 3
    transposed = x.transpose(2, 0, 1)
    for whole, piece in zip(
        both(name, transposed, settings), both(name, transposed[5], settings), strict=True
    ):
        assert whole.shape == transposed.shape
        np.testing.assert_array_equal(whole[5], piece)


@pytest.mark.parametrize(("name", "settings"), CASES)
def test_the_input_is_left_alone(name, settings):
    x = points(20, np.float64)
    before = x.copy()
    both(name, x, settings)
    np.testing.assert_array_equal(x, before)


def test_names_and_parameters_are_the_catalogues():
    for name in set(activations.names()) - {"prelu"}:
        parameters = list(inspect.signature(getattr(value_and_slope, name)).parameters.values())
        entry = activations.get(name)
        found = {p.name: p.default for p in parameters[1:]}
        assert found == {p.name: p.default for p in entry.parameters}
        assert getattr(value_and_slope, name).__doc__


def test_the_tail_of_the_normal_law_is_the_polynomial_through_chebyshev_points():
    degree = len(value_and_slope._TAIL) - 1

    def scaled_tail(r):
        t = 5 * (1 + r) / (1 - r)
        return (t + 5) * mpmath.ncdf(-t) * mpmath.exp(t**2 / 2)

    with mpmath.workdps(400):  # Φ(−t) is e^(−t²/2) small, and t reaches 1,700
        nodes = [mpmath.cos((j + 0.5) * mpmath.pi / (degree + 1)) for j in range(degree + 1)]
        powers = mpmath.matrix([[r**k for k in range(degree + 1)] for r in nodes])
        exact = mpmath.lu_solve(powers, mpmath.matrix([scaled_tail(r) for r in nodes]))
    for found, coefficient in zip(value_and_slope._TAIL, exact, strict=True):
        assert found == pytest.approx(float(coefficient), rel=1e-12)
    t = np.linspace(0, 30, 301)
    with mpmath.workdps(250):
        truth = [float(mpmath.ncdf(-u) * mpmath.exp(mpmath.mpf(u) ** 2 / 2)) for u in t]
    np.testing.assert_allclose(value_and_slope._scaled_tail(t), truth, rtol=2e-15)


def test_torchs_own_sigmoid_gradient_is_not_right_to_3_units():
    # The reason why the slope is σ(x) σ(−x), not y (1 − y).
    x = torch.tensor([10.0], requires_grad=True)
    torch.sigmoid(x).backward()
    true = np.array([1 / (2 + 2 * math.cosh(10))])
    assert ulps(x.grad.numpy(), true)[0] > 1_000
    assert ulps(value_and_slope.sigmoid(x.detach().numpy())[1], true)[0] <= 1
