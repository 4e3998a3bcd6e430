"""The catalogue agrees with torch, SymPy and mpmath, and with what it says about itself."""

import functools
import math
import re

import mpmath
import pytest
import sympy
import torch
import torch.nn.functional as F
from sympy import Piecewise, Rational, erfc, exp, log, sqrt, tanh
from torch import nn

from mlpbook import activations
from mlpbook.activations import Activation, Interval

# Parameter values to try beside the defaults; α, β and λ of powers of two are exact in float32.
SETTINGS = {
    "leaky_relu": [{"negative_slope": slope} for slope in (0.0, 0.2, 1.0, 1.5)],
    "prelu": [{"alpha": alpha} for alpha in (-0.5, 0.0, 1.0, 2.0)],
    "rrelu": [{"lower": 0.0, "upper": 0.5}, {"lower": 0.5, "upper": 1.5}],
    "hardtanh": [{"min_val": -0.25, "max_val": 2.0}, {"min_val": -2.0, "max_val": 2.0}],
    "hardshrink": [{"lambd": lambd} for lambd in (0.125, 2.0)],
    "softshrink": [{"lambd": lambd} for lambd in (0.125, 2.0)],
    "threshold": [
        {"threshold": threshold, "value": value}
        for threshold, value in [(0.0, 0.0), (-1.0, 2.0), (0.5, -3.0)]
    ],
    "elu": [{"alpha": alpha} for alpha in (0.1, 0.7, 3.0)],
    "celu": [{"alpha": alpha} for alpha in (0.1, 0.5, 4.0)],
    "softplus": [{"beta": beta} for beta in (0.5, 2.0, 10.0)],
    "swish": [{"beta": beta} for beta in (0.1, 1.5, 10.0)],
}
ENTRIES = [pytest.param(entry, id=name) for name, entry in activations.CATALOGUE.items()]
CASES = [
    pytest.param(entry, settings, id=f"{name}{list(settings.values())}")
    for name, entry in activations.CATALOGUE.items()
    for settings in [{}, *SETTINGS.get(name, [])]
]
VECTORS = [pytest.param(entry, id=name) for name, entry in activations.VECTOR_FUNCTIONS.items()]


def grid() -> torch.Tensor:
    """Points that meet every kink of the settings, ±0, ±50, ±1000 and subnormals exactly."""
    ends = [1000.0, 50.0, 20.5, 1e-3, 1e-4, 1e-7, 1e-10, 1e-40, 1e-310, 0.0, 0.125, 0.25]
    inner = torch.linspace(-9, 9, 181, dtype=torch.float64).round(decimals=9)
    return torch.cat([inner, torch.tensor(ends + [-end for end in ends], dtype=torch.float64)])


def off_kinks(x: torch.Tensor, entry: Activation, settings: dict[str, float]) -> torch.Tensor:
    """Where `x` is away from every kink."""
    kinks = torch.tensor([math.inf, *(kink.x for kink in entry.kinks(**settings))])
    return (x[:, None] - kinks).abs().amin(1) > 1e-6


# SymPy's own formulas and derivatives, worked out by mpmath to 360 digits: enough for
# e^x − 1 at x = 1e-310.

X = sympy.Symbol("x", real=True)
ALPHA, BETA, LAMBD, SLOPE, LOWER, UPPER, LOW, HIGH, AT, FLAT = sympy.symbols(
    "alpha beta lambd negative_slope lower upper min_val max_val threshold value", real=True
)


def _right_of(at, right, left):
    return Piecewise((right, at < X), (left, True))


def _ramp(u, low, high):
    return Piecewise((low, u <= low), (u, u < high), (high, True))


def _logistic(u):
    return 1 / (1 + exp(-u))


_SELU_ALPHA = Rational("1.6732632423543772848170429916717")
_SELU_SCALE = Rational("1.0507009873554804934193349852946")
SYMPY = {
    "relu": _right_of(0, X, 0),
    "leaky_relu": _right_of(0, X, SLOPE * X),
    "prelu": _right_of(0, X, ALPHA * X),
    "rrelu": _right_of(0, X, (LOWER + UPPER) / 2 * X),
    "relu6": _ramp(X, 0, 6),
    "hardtanh": _ramp(X, LOW, HIGH),
    "hardsigmoid": _ramp(X / 6 + Rational(1, 2), 0, 1),
    "hardshrink": Piecewise((X, LAMBD < X), (X, -LAMBD > X), (0, True)),
    "softshrink": Piecewise((X - LAMBD, LAMBD < X), (X + LAMBD, -LAMBD > X), (0, True)),
    "threshold": _right_of(AT, X, FLAT),
    "elu": _right_of(0, X, ALPHA * (exp(X) - 1)),
    "celu": _right_of(0, X, ALPHA * (exp(X / ALPHA) - 1)),
    "selu": _SELU_SCALE * _right_of(0, X, _SELU_ALPHA * (exp(X) - 1)),
    "softplus": log(1 + exp(BETA * X)) / BETA,
    "log_sigmoid": log(_logistic(X)),
    "sigmoid": _logistic(X),
    "tanh": tanh(X),
    "softsign": X / (1 + abs(X)),
    "tanhshrink": X - tanh(X),
    "swish": X * _logistic(BETA * X),
    "hardswish": X * _ramp(X / 6 + Rational(1, 2), 0, 1),
    "mish": X * tanh(log(1 + exp(X))),
    "gelu": X * erfc(-X / sqrt(2)) / 2,
    "gelu_tanh": X / 2 * (1 + tanh(sqrt(2 / sympy.pi) * (X + Rational("0.044715") * X**3))),
}


def by_sympy(entry: Activation, x: torch.Tensor, **settings: float) -> list[torch.Tensor]:
    """Return f(x) and f′(x), each rounded once from 360 digits to float64."""
    numbers = {
        sympy.Symbol(name, real=True): Rational(number)
        for name, number in entry.settings(**settings).items()
    }
    value = SYMPY[entry.name].subs(numbers)
    with mpmath.workdps(360):
        return [
            torch.tensor([float(function(mpmath.mpf(u))) for u in x.tolist()], dtype=torch.float64)
            for function in (
                sympy.lambdify(X, formula, "mpmath") for formula in (value, sympy.diff(value, X))
            )
        ]


@functools.cache
def truth_on_grid(name: str, settings: tuple[tuple[str, float], ...]) -> list[torch.Tensor]:
    return by_sympy(activations.get(name), grid(), **dict(settings))


def ulps(got: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
    """How far `got` is from `true`, in units of the last place of `got`'s dtype."""
    size = true.to(got.dtype).abs()
    unit = torch.nextafter(size, torch.full_like(size, math.inf)) - size
    return (got.double() - true).abs() / unit.double()


# The most units in the last place by which the book's value and derivative may be off, in
# float32 and float64. Where a function crosses 0 between two points of the grid (Swish′,
# Mish′, GELU′), or is e to the power of something rounded (GELU at −9: −40; its tanh form at
# −20.5: −628), that rounding counts as many times.
OURS = {
    "relu": (0, 0),
    "leaky_relu": (1, 1),
    "prelu": (1, 0),
    "rrelu": (1, 1),
    "relu6": (0, 0),
    "hardtanh": (0, 0),
    "hardsigmoid": (2, 1),
    "hardshrink": (0, 0),
    "softshrink": (0, 0),
    "threshold": (0, 0),
    "elu": (2, 2),
    "celu": (2, 2),
    "selu": (3, 3),
    "softplus": (2, 3),
    "log_sigmoid": (2, 3),
    "sigmoid": (3, 4),
    "tanh": (4, 4),
    "softsign": (2, 4),
    "tanhshrink": (8, 8),
    "swish": (4, 64),
    "hardswish": (2, 2),
    "mish": (4, 80),
    "gelu": (80, 48),
    "gelu_tanh": (450, 600),
}
# The same for torch in float32, at the default parameters. None: not a digit is right
# somewhere on the grid, only the absolute error is small; TORCH_IS_OFF says where.
TORCH = OURS | {
    "sigmoid": (3, None),
    "tanh": (2, None),
    "softsign": (2, 1000),
    "tanhshrink": (None, None),
    "swish": (3, 16),
    "hardswish": (2, 8),
    "mish": (4, 250),
    "gelu": (None, None),
    "gelu_tanh": (None, None),
}


def stretch(entry: Activation, settings: dict[str, float]) -> float:
    """The number by which a parameter multiplies x: β, and 1/α for CELU."""
    chosen = entry.settings(**settings)
    return 1 / chosen["alpha"] if entry.name == "celu" else chosen.get("beta", 1.0)


def allowed(entry: Activation, settings: dict[str, float], x: torch.Tensor) -> list[torch.Tensor]:
    """Our error, in ulps; where e has the power βx or x/α, the rounding of that comes on top."""
    factor = stretch(entry, settings)
    more = torch.zeros_like(x) if factor in (0.25, 0.5, 1, 2) else (factor * x).abs()
    return [most + more.double() for most in OURS[entry.name]]


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_float64_is_right_to_the_stated_ulps_by_sympy_and_mpmath(entry, settings):
    x = grid()
    value, slope = truth_on_grid(entry.name, tuple(settings.items()))
    most_value, most_slope = allowed(entry, settings, x)
    smooth = off_kinks(x, entry, settings)
    assert (ulps(entry.value(x, **settings), value) <= most_value).all()
    assert (ulps(entry.derivative(x, **settings), slope) <= most_slope)[smooth].all()


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_float32_is_right_to_the_stated_ulps(entry, settings):
    x = grid().float()
    exact, smooth = x.double(), off_kinks(x, entry, settings)
    most_value, most_slope = allowed(entry, settings, x)
    # Swish multiplies by a gate that may be subnormal; no digit is asked of what follows.
    there = (x.abs() <= 80 / entry.settings(**settings).get("beta", 1)) | (x > 0)
    there |= entry.value(exact, **settings).abs() < 1e-45
    value_off = ulps(entry.value(x, **settings), entry.value(exact, **settings))
    slope_off = ulps(entry.derivative(x, **settings), entry.derivative(exact, **settings))
    assert (value_off <= most_value)[there].all()
    assert (slope_off <= most_slope)[there & smooth].all()


@pytest.mark.parametrize("entry", ENTRIES)
def test_torch_in_float32_is_off_by_no_more_than_stated(entry):
    x = grid().float()
    value, slope = entry.by_torch(x)
    smooth = off_kinks(x, entry, {})
    for got, right, most in [
        (value, entry.value(x.double()), TORCH[entry.name][0]),
        (slope[smooth], entry.derivative(x.double())[smooth], TORCH[entry.name][1]),
    ]:
        if most is None:
            torch.testing.assert_close(got.double(), right, rtol=2e-6, atol=2e-6)
            assert ulps(got, right).max() > 1e6
        else:
            assert ulps(got, right).max() <= most


# Where torch's float64 is not float64: its softplus is x where βx > 20, which is e⁻²⁰ = 2.1e-9
# below the formula, and the gradients of Hardsigmoid and CELU hold a float32 number.
TORCH_TOLERANCE = {
    "softplus": lambda beta=1.0: {"rtol": 0, "atol": 2.2e-9 / min(beta, 1.0)},
    "hardsigmoid": lambda: {"rtol": 3e-8, "atol": 0},
    "celu": lambda alpha=1.0: {"rtol": 1e-12 if alpha != 0.1 else 8e-6, "atol": 1e-13},
}


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_value_and_derivative_are_those_of_torch_and_so_they_are_at_kinks(entry, settings):
    x = grid()
    value, slope = entry.by_torch(x, **settings)
    default = {"rtol": 1e-12, "atol": 1e-13}
    tolerance = TORCH_TOLERANCE.get(entry.name, lambda **_: default)(**settings)
    torch.testing.assert_close(entry.value(x, **settings), value, **tolerance)
    torch.testing.assert_close(entry.derivative(x, **settings), slope, **tolerance)


SINGLE, DOUBLE = torch.float32, torch.float64
TORCH_IS_OFF = [
    # entry, parameters, dtype, x, value (0) or slope (1), torch's number, the true one
    ("sigmoid", {}, SINGLE, 17.0, 1, 0.0, 4.139937e-08),
    ("sigmoid", {}, DOUBLE, 40.0, 1, 0.0, 4.248354e-18),
    ("tanh", {}, SINGLE, 10.0, 1, 0.0, 8.244614e-09),
    ("tanh", {}, DOUBLE, 20.5, 1, 0.0, 6.251529e-18),
    ("softsign", {}, SINGLE, 1e6, 1, 1.023e-12, 9.99998e-13),
    ("softsign", {}, SINGLE, 1e8, 1, 0.0, 1e-16),
    ("tanhshrink", {}, SINGLE, 1e-4, 0, 0.0, 3.333333e-13),
    ("tanhshrink", {}, SINGLE, 1e-4, 1, 0.0, 9.999999e-09),
    ("tanhshrink", {}, DOUBLE, 1e-9, 1, 0.0, 1e-18),
    ("gelu", {}, SINGLE, -6.0, 0, 0.0, -5.919526e-09),
    ("gelu", {}, DOUBLE, -9.0, 0, 0.0, -1.015730e-18),
    ("gelu_tanh", {}, SINGLE, -6.0, 0, 0.0, -8.439647e-11),
    ("gelu_tanh", {}, SINGLE, -6.0, 1, 0.0, -7.709974e-10),
    ("gelu_tanh", {}, SINGLE, 2e19, 1, math.nan, 1.0),
    ("hardswish", {}, SINGLE, 6e37, 0, math.inf, 6e37),
    ("hardsigmoid", {}, DOUBLE, 0.0, 1, 0.1666666716337204, 1 / 6),
    ("celu", {"alpha": 0.1}, DOUBLE, -1.0, 1, 4.539993585e-05, 4.539992976e-05),
    ("softplus", {}, DOUBLE, 20.5, 0, 20.5, 20.50000000125),
    ("softplus", {}, DOUBLE, 20.5, 1, 1.0, 0.99999999875),
]


@pytest.mark.parametrize(
    ("name", "settings", "dtype", "x", "which", "torchs", "true"),
    TORCH_IS_OFF,
    ids=[
        f"{row[0]}-{str(row[2])[6:]}-{row[3]:g}-{'f′' if row[4] else 'f'}" for row in TORCH_IS_OFF
    ],
)
def test_where_torch_is_off_the_book_is_right(name, settings, dtype, x, which, torchs, true):
    entry, point = activations.get(name), torch.tensor([x], dtype=dtype)
    got = entry.by_torch(point, **settings)[which].item()
    assert got == pytest.approx(torchs, rel=2e-3 if torchs < 1e-9 else 1e-10, abs=0, nan_ok=True)
    mine = (entry.value, entry.derivative)[which](point, **settings).item()
    assert mine == pytest.approx(true, rel=1e-5 if dtype is SINGLE else 1e-6, abs=0)
    exact = by_sympy(entry, point.double(), **settings)[which].item()
    assert exact == pytest.approx(true, rel=1e-6, abs=0)
    assert abs(mine - exact) < abs(got - exact) or math.isnan(got)


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_far_out_nothing_overflows(entry, settings):
    for far in (
        torch.tensor([3e37, -3e37, 1e20, -1e20]),
        torch.tensor([1e300, -1e300], dtype=torch.float64),
    ):
        assert entry.value(far, **settings).isfinite().all()
        assert entry.derivative(far, **settings).isfinite().all()


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_derivative_is_the_limit_of_difference_quotients(entry, settings):
    x, step = torch.linspace(-7.003, 7, 121, dtype=torch.float64), 1e-6
    x = x[off_kinks(x, entry, settings)]
    quotient = entry.value(x + step, **settings) - entry.value(x - step, **settings)
    torch.testing.assert_close(
        entry.derivative(x, **settings), quotient / (2 * step), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_slopes_and_jumps_at_kinks_by_differences(entry, settings):
    step = 1e-7
    for kink in entry.kinks(**settings):
        near = [kink.x - 2 * step, kink.x - step, kink.x, kink.x + step, kink.x + 2 * step]
        y = entry.value(torch.tensor(near, dtype=torch.float64), **settings).tolist()
        left, right = kink.limits or (y[2], y[2])
        assert (y[1] - y[0]) / step == pytest.approx(kink.left_slope, abs=1e-6)
        assert (y[4] - y[3]) / step == pytest.approx(kink.right_slope, abs=1e-6)
        assert y[1] == pytest.approx(left - step * kink.left_slope, abs=1e-12)
        assert y[3] == pytest.approx(right + step * kink.right_slope, abs=1e-12)
        assert kink.left_slope != kink.right_slope
        assert kink.limits is None or left != right


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_there_is_no_kink_that_is_not_listed(entry, settings):
    x = torch.linspace(-8, 8, 3202, dtype=torch.float64)  # 0.005 apart, and no kink among them
    value, slope = entry.value(x, **settings), entry.derivative(x, **settings)
    jumps = (slope.diff().abs() > 0.06) | (value.diff().abs() > 0.05)
    expected = torch.zeros_like(jumps)
    for kink in entry.kinks(**settings):
        expected |= (x[:-1] < kink.x) & (kink.x < x[1:])
    assert torch.equal(jumps, expected)


def fine_grid(entry: Activation, settings: dict[str, float]) -> torch.Tensor:
    """Ascending and symmetric, with points close to both sides of every kink."""
    near = torch.linspace(0, 20, 20_001, dtype=torch.float64)
    far = 10.0 ** torch.linspace(1.31, 8, 300, dtype=torch.float64)
    steps = (-1e-9, 0, 1e-9)
    kinks = [abs(kink.x + step) for kink in entry.kinks(**settings) for step in steps]
    right = torch.cat([near, far, torch.tensor(kinks, dtype=torch.float64)]).sort().values
    return torch.cat([-right.flip(0), right])


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_range_holds_every_value_and_its_ends_are_reached_or_not_as_stated(entry, settings):
    x, interval = fine_grid(entry, settings), entry.range(**settings)
    value = entry.value(x, **settings)
    slack = 1e-12  # float64 rounds tanh(50) to 1, which lies on the open end
    assert interval.low - slack <= value.min() and value.max() <= interval.high + slack
    # Here, away from jumps, f comes within 1e-6 of an end only if it reaches it.
    jumps = [kink.x for kink in entry.kinks(**settings) if kink.limits]
    off_jumps = (x[:, None] - torch.tensor([math.inf, *jumps])).abs().amin(1) > 1e-6
    near = value[((stretch(entry, settings) * x).abs() <= 6) & off_jumps]
    for end, closed, far, found in [
        (interval.low, interval.closed[0], value.min().item(), near.min().item()),
        (interval.high, interval.closed[1], value.max().item(), near.max().item()),
    ]:
        if math.isinf(end):
            assert not closed and abs(far) > 1e5 and math.copysign(1, far) == math.copysign(1, end)
        else:
            assert far == pytest.approx(end, abs=5e-7)
            assert (abs(found - end) < 1e-6) == closed


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_limits_are_what_f_tends_to(entry, settings):
    for sign, limit in zip((-1, 1), entry.limits(**settings), strict=True):
        x = sign * torch.tensor([1e3, 1e6, 1e9, 1e12], dtype=torch.float64)
        value = entry.value(x, **settings)
        if math.isinf(limit):
            assert (value.sign() == math.copysign(1, limit)).all()
            assert (value[1:] / value[:-1] > 900).all()
        else:
            assert value[-1] == pytest.approx(limit, abs=1e-11)
            assert ((value - limit).abs().diff() <= 0).all()


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_monotone_and_zero_centred_as_found_by_search(entry, settings):
    value = entry.value(fine_grid(entry, settings), **settings)
    assert (value.diff() >= -1e-14 * value[1:].abs()).all() == entry.monotone(**settings)
    odd = torch.allclose(value, -value.flip(0), rtol=1e-12, atol=0)
    assert odd == entry.zero_centred(**settings)


@pytest.mark.parametrize("entry", ENTRIES)
def test_spellings_of_torch_are_the_truth(entry):
    for settings in [{}, *SETTINGS.get(entry.name, [])]:
        x = grid()
        names = {"F": F, "nn": nn, "torch": torch, "x": x, **entry.settings(**settings)}
        for spelling in filter(None, (entry.function, entry.functional, entry.module)):
            torch.testing.assert_close(
                eval(spelling, names), entry.truth(x, **settings), rtol=0, atol=0
            )


@pytest.mark.parametrize("entry", [*ENTRIES, *VECTORS])
def test_spellings_name_torch_functional_and_module_as_far_as_they_exist(entry):
    assert entry.functional.startswith("F.") and entry.module.startswith("nn.")
    (name,) = re.findall(r"F\.(\w+)", entry.functional)
    has_function = callable(getattr(torch, name, None)) and entry.name != "softmax2d"
    assert entry.function is None or entry.function.startswith(f"torch.{name}(")
    assert (entry.function is not None) == has_function


def test_no_activation_of_torch_is_missing():
    entries = [*activations.CATALOGUE.values(), *activations.VECTOR_FUNCTIONS.values()]
    found = {re.match(r"nn\.(\w+)", entry.module)[1] for entry in entries}
    assert found | {"MultiheadAttention"} == set(nn.modules.activation.__all__)


@pytest.mark.parametrize("entry", ENTRIES)
def test_defaults_are_those_of_torchs_module(entry):
    given = re.match(r"nn\.(\w+)\(([^)]*)\)", entry.module)
    if entry.name == "threshold" or not given[2] or "=" in given[2]:
        return
    module = getattr(nn, given[1])()
    for parameter in entry.parameters:
        assert getattr(module, parameter.name) == parameter.default


@pytest.mark.parametrize("entry", ENTRIES)
def test_parameters_outside_their_domain_are_refused(entry):
    x = torch.zeros(1)
    for parameter in entry.parameters:
        bad = [math.nan, math.inf, -math.inf]
        low = parameter.domain.low
        if math.isfinite(low):
            bad += [low - 1e-3] + [low] * (not parameter.domain.closed[0])
        for number in bad:
            for method in (entry.settings, entry.properties, entry.kinks):
                with pytest.raises(ValueError, match=f"{parameter.name} = .* is outside"):
                    method(**{parameter.name: number})
            for method in (entry.value, entry.derivative, entry.truth, entry.by_torch):
                with pytest.raises(ValueError, match=f"{parameter.name} = .* is outside"):
                    method(x, **{parameter.name: number})
        with pytest.raises(ValueError, match=f"{parameter.name} must be a number, not '1'"):
            entry.settings(**{parameter.name: "1"})
        assert parameter.default in parameter.domain
    with pytest.raises(ValueError, match=f"{re.escape(entry.title)} has no parameter 'gamma'"):
        entry.settings(gamma=1.0)
    assert entry.settings() == {p.name: p.default for p in entry.parameters}


def test_two_ends_must_ascend():
    with pytest.raises(ValueError, match=r"lower = 0\.5 must be less than upper = 0\.333"):
        activations.get("rrelu").settings(lower=0.5)
    with pytest.raises(ValueError, match="min_val = 1 must be less than max_val = 1"):
        activations.get("hardtanh").value(torch.zeros(1), min_val=1)


def test_rrelu_in_training_draws_a_slope_for_each_element():
    x = torch.linspace(-5, 5, 20_001, dtype=torch.float64)
    generator = torch.Generator().manual_seed(1)
    value, slopes = activations.rrelu_in_training(x, 0.1, 0.4, generator)
    left = slopes[x <= 0]
    assert (slopes[x > 0] == 1).all() and left.unique().numel() == left.numel()
    assert left.min() >= 0.1 and left.max() < 0.4
    # The mean of 10 001 slopes has a standard deviation of 0.3/√12/100 = 0.00087.
    assert left.mean() == pytest.approx(0.25, abs=0.004)
    assert left.var() == pytest.approx(0.3**2 / 12, rel=0.05)
    assert torch.equal(value, slopes * x)
    again, _ = activations.rrelu_in_training(x, 0.1, 0.4, torch.Generator().manual_seed(1))
    assert torch.equal(value, again)
    with pytest.raises(ValueError, match="must be less than"):
        activations.rrelu_in_training(x, 0.4, 0.1)


def test_rrelu_in_training_is_the_law_of_torch():
    leaf = torch.linspace(-5, 5, 20_001, dtype=torch.float64, requires_grad=True)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        y = F.rrelu(leaf, 0.1, 0.4, training=True)
    (slopes,) = torch.autograd.grad(y.sum(), leaf)
    x, left = leaf.detach(), slopes[leaf <= 0]
    torch.testing.assert_close(y.detach(), slopes * x)
    assert (slopes[x > 0] == 1).all() and left.min() >= 0.1 and left.max() < 0.4
    assert left.mean() == pytest.approx(0.25, abs=0.004)
    assert left.var() == pytest.approx(0.3**2 / 12, rel=0.05)
    assert nn.RReLU().training and torch.equal(F.rrelu(x), nn.RReLU().eval()(x))


# Functions of a whole vector.


def vectors() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    written = [
        [0.0, -0.0],
        [1000.0, -1000.0],
        [50.0, 20.5, -50.0, 0.0],
        [-50.0, 1.0, 50.0, 20.5],
        [1e-310] * 4,
        (5 * torch.randn(6, generator=generator, dtype=torch.float64)).tolist(),
    ]
    return [torch.tensor(numbers, dtype=torch.float64) for numbers in written]


VECTOR_SYMPY = {
    "softmax": lambda z: [exp(a) / sum(exp(b) for b in z) for a in z],
    "softmin": lambda z: [exp(-a) / sum(exp(-b) for b in z) for a in z],
    "softmax2d": lambda z: [exp(a) / sum(exp(b) for b in z) for a in z],
    "log_softmax": lambda z: [a - log(sum(exp(b) for b in z)) for a in z],
    "glu": lambda z: [
        a * _logistic(b) for a, b in zip(z[: len(z) // 2], z[len(z) // 2 :], strict=True)
    ],
}


@pytest.mark.parametrize("entry", VECTORS)
def test_vector_value_and_jacobian_are_those_of_torch_and_sympy(entry):
    for x in vectors():
        shaped = x[:, None, None] if entry.name == "softmax2d" else x
        value, jacobian = entry.value(shaped).flatten(), entry.jacobian(x)
        by_torch = entry.by_torch(x)
        torch.testing.assert_close(value, by_torch[0], rtol=1e-13, atol=1e-15)
        torch.testing.assert_close(jacobian, by_torch[1], rtol=1e-13, atol=1e-15)
        z = sympy.symbols(f"z:{len(x)}", real=True)
        f = sympy.Matrix(VECTOR_SYMPY[entry.name](z))
        with mpmath.workdps(360):
            point = [mpmath.mpf(u) for u in x.tolist()]
            exact = [sympy.lambdify(z, matrix, "mpmath")(*point) for matrix in (f, f.jacobian(z))]
        for mine, true in zip((value, jacobian), exact, strict=True):
            right = torch.tensor([float(number) for number in true], dtype=torch.float64)
            assert ulps(mine.flatten(), right).max() <= 64
        assert all(number in entry.range or number in (0, 1) for number in value.tolist())


@pytest.mark.parametrize("entry", VECTORS)
def test_vector_functions_in_float32_and_along_other_dimensions(entry):
    x = torch.randn(4, 6, 2, generator=torch.Generator().manual_seed(4))
    for dim in [-3] if entry.name == "softmax2d" else [0, 1, -1]:
        mine, torchs = entry.value(x, dim), entry.truth(x, dim)
        torch.testing.assert_close(mine, torchs, rtol=1e-6, atol=1e-7)
        names = {"F": F, "nn": nn, "torch": torch, "x": x, "dim": dim}
        for spelling in filter(None, (entry.function, entry.functional, entry.module)):
            torch.testing.assert_close(eval(spelling, names), torchs, rtol=0, atol=0)


def test_what_is_known_of_softmax():
    x = vectors()[-1]
    softmax, log_softmax = (activations.get_vector(n) for n in ("softmax", "log_softmax"))
    p = softmax.value(x)
    assert p.sum() == pytest.approx(1) and torch.allclose(softmax.value(x + 100), p)
    assert softmax.jacobian(x).sum(0).abs().max() < 1e-16
    assert torch.allclose(log_softmax.value(x), p.log())
    assert torch.allclose(activations.get_vector("softmin").value(-x), p)
    two = torch.stack([x, torch.zeros_like(x)])
    assert torch.allclose(softmax.value(two, 0)[0], activations.get("sigmoid").value(x))


def test_what_no_vector_function_can_take():
    with pytest.raises(ValueError, match="Give a vector; this tensor has 2 dimensions"):
        activations.get_vector("softmax").jacobian(torch.zeros(2, 2))
    with pytest.raises(ValueError, match="GLU halves its input; 3 elements"):
        activations.get_vector("glu").value(torch.zeros(3))


@pytest.mark.parametrize("entry", [*ENTRIES, *VECTORS])
def test_reference_formula_and_traps_are_there(entry):
    assert entry.formula and entry.title and entry.formula.count("{") == entry.formula.count("}")
    assert 1960 < entry.reference.year < 2027
    assert all((entry.reference.authors, entry.reference.title, entry.reference.venue))
    assert str(entry.reference.year) in str(entry.reference)
    assert entry.traps
    for trap in entry.traps:
        assert trap[0].isupper() and trap.endswith(".") and ". " not in trap.replace("95 %", "")


def test_numbers_in_traps():
    point = torch.tensor
    assert F.silu(point(-math.inf)).isnan()
    assert torch.log(torch.sigmoid(point(-90.0))) == -math.inf
    assert (-math.expm1(-3)) == pytest.approx(0.95, abs=0.001)
    x = torch.linspace(-6, 6, 120_001, dtype=torch.float64)
    gap = (F.gelu(x) - F.gelu(x, approximate="tanh")).abs().max()
    assert gap == pytest.approx(4.7e-4, abs=0.05e-4)
    for name, low, at in [
        ("gelu", -0.17, -0.752),
        ("mish", -0.3088, -1.192),
        ("swish", -0.2785, -1.278),
    ]:
        value = activations.get(name).value(x)
        assert value.min() == pytest.approx(low, abs=5e-5)
        assert x[value.argmin()] == pytest.approx(at, abs=8e-4)
    kink = activations.get("selu").kinks()[0]
    assert (kink.left_slope, kink.right_slope) == pytest.approx((1.758, 1.051), abs=5e-4)
    assert [round(slope, 3) for slope in (1 / 5.5, (1 / 8 + 1 / 3) / 2)] == [0.182, 0.229]
    assert F.hardshrink(point(0.0), 0.0) == 0
    leaf = torch.zeros(1, requires_grad=True)
    assert torch.autograd.grad(F.hardshrink(leaf, 0.0).sum(), leaf)[0] == 0
    ends = torch.tensor([-1.0, 1.0], requires_grad=True)
    assert torch.autograd.grad(ends.clamp(-1, 1).sum(), ends)[0].tolist() == [1, 1]
    assert torch.autograd.grad(F.hardtanh(ends).sum(), ends)[0].tolist() == [0, 0]
    celu = activations.get("celu")
    x = torch.tensor([-1.0], dtype=torch.float64)
    slope = celu.by_torch(x, alpha=0.1)[1] / celu.derivative(x, alpha=0.1) - 1
    assert slope.item() == pytest.approx(1.3e-7, abs=0.05e-7)
    assert 1 - activations.get("tanh").value(x * -9).item() == pytest.approx(3e-8, abs=0.1e-8)


def test_names_are_found_however_they_are_written():
    for spelling in ("Leaky ReLU", "leaky-relu", "LeakyReLU", " leaky_relu "):
        assert activations.get(spelling).name == "leaky_relu"
    assert activations.get("pReLU").name == "prelu"
    assert activations.get("SiLU") is activations.get("swish")
    assert activations.get_vector("LogSoftmax").name == "log_softmax"
    for entry in activations.CATALOGUE.values():
        module = re.match(r"nn\.(\w+)", entry.module)[1]
        if "gelu" not in entry.name:
            assert activations.get(module) is entry


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'relo'.*relu, leaky_relu, .*tanh"):
        activations.get("relo")
    with pytest.raises(ValueError, match=r"Softmax is a function of a whole vector: .*get_vector"):
        activations.get("softmax")
    with pytest.raises(ValueError, match=r"'relu'\. There are: softmax, softmin"):
        activations.get_vector("relu")


def test_intervals_know_their_ends():
    half_open = Interval(0, 1, (True, False))
    assert 0 in half_open and 1 not in half_open and str(half_open) == "[0, 1)"
    assert math.nan not in half_open
