"""The catalogue agrees with torch, and with what it says about itself."""

import math

import pytest
import torch
import torch.nn.functional as F

from mlpbook import activations
from mlpbook.activations import Activation

# Parameter values to try beside the defaults.
SETTINGS = {
    "leaky_relu": [{"negative_slope": slope} for slope in (0.0, 0.2, 1.0, 1.5)],
    "prelu": [{"alpha": alpha} for alpha in (-0.5, 0.0, 0.25, 1.0, 2.0)],
    "elu": [{"alpha": alpha} for alpha in (0.1, 0.7, 1.0, 3.0)],
    "softplus": [{"beta": beta} for beta in (0.5, 2.0, 10.0)],
    "swish": [{"beta": beta} for beta in (0.1, 1.5, 10.0)],
}
CASES = [
    pytest.param(entry, settings, id=f"{name}{list(settings.values())}")
    for name, entry in activations.CATALOGUE.items()
    for settings in [{}, *SETTINGS.get(name, [])]
]
# Torch's softplus is x where βx > 20: e⁻²⁰ = 2.1e-9 less than the formula.
SOFTPLUS_CUT = 2.2e-9


def grid() -> torch.Tensor:
    ends = [1000.0, 50.0, 1e-3, 1e-10, 1e-310, 0.0]
    inner = torch.linspace(-9, 9, 181, dtype=torch.float64)
    far = torch.tensor(ends + [-end for end in ends], dtype=torch.float64)
    return torch.cat([inner, far])


def tolerance(entry: Activation, settings: dict[str, float]) -> float:
    return SOFTPLUS_CUT / min(settings.get("beta", 1.0), 1.0) if entry.name == "softplus" else 1e-13


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_value_and_derivative_are_those_of_torch(entry, settings):
    x = grid()
    value, slope = entry.by_torch(x, **settings)
    atol = tolerance(entry, settings)
    torch.testing.assert_close(entry.value(x, **settings), value, rtol=1e-12, atol=atol)
    torch.testing.assert_close(entry.derivative(x, **settings), slope, rtol=1e-12, atol=atol)


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_float32_stays_finite_and_close(entry, settings):
    x = grid().float()
    value, slope = entry.by_torch(x, **settings)
    torch.testing.assert_close(entry.value(x, **settings), value, rtol=2e-6, atol=2e-6)
    torch.testing.assert_close(entry.derivative(x, **settings), slope, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_derivative_is_the_limit_of_difference_quotients(entry, settings):
    x = torch.linspace(-6.03, 6, 121, dtype=torch.float64)
    step = 1e-6
    quotient = entry.value(x + step, **settings) - entry.value(x - step, **settings)
    torch.testing.assert_close(
        entry.derivative(x, **settings), quotient / (2 * step), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_slopes_at_kinks_by_differences(entry, settings):
    step = 1e-7
    for kink in entry.kinks(**settings):
        x = torch.tensor([kink.x - step, kink.x, kink.x + step], dtype=torch.float64)
        left, middle, right = entry.value(x, **settings).tolist()
        assert (middle - left) / step == pytest.approx(kink.left_slope, abs=1e-6)
        assert (right - middle) / step == pytest.approx(kink.right_slope, abs=1e-6)
        assert kink.left_slope != kink.right_slope


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_there_is_no_kink_that_is_not_listed(entry, settings):
    x = torch.linspace(-5, 5, 2001, dtype=torch.float64)
    jumps = entry.derivative(x, **settings).diff().abs() > 0.06
    expected = torch.zeros_like(jumps)
    for kink in entry.kinks(**settings):
        expected |= (x[:-1] <= kink.x + 1e-9) & (kink.x + 1e-9 < x[1:])
    assert torch.equal(jumps, expected)


@pytest.mark.parametrize(("entry", "settings"), CASES)
def test_range_holds_every_value_and_is_reached(entry, settings):
    x = torch.cat([grid(), torch.linspace(-40, 40, 160_001, dtype=torch.float64)])
    value, interval = entry.value(x, **settings), entry.range(**settings)
    slack = 1e-12  # float64 rounds tanh(50) to 1, which lies on the open end
    assert interval.low - slack <= value.min() and value.max() <= interval.high + slack
    if math.isfinite(interval.low):
        assert value.min() == pytest.approx(interval.low, abs=1e-6)
    if math.isfinite(interval.high):
        assert value.max() == pytest.approx(interval.high, abs=1e-6)


@pytest.mark.parametrize("entry", activations.CATALOGUE.values(), ids=activations.names())
def test_functional_spelling_is_the_truth(entry):
    x = grid()
    settings = entry.settings()
    spelled = eval(entry.functional, {"F": F, "torch": torch, "x": x, **settings})
    torch.testing.assert_close(spelled, entry.truth(x), rtol=0, atol=0)


@pytest.mark.parametrize("entry", activations.CATALOGUE.values(), ids=activations.names())
def test_defaults_of_the_functions_are_the_listed_ones(entry):
    x = grid()
    for function in (entry.value, entry.derivative, entry.truth):
        torch.testing.assert_close(function(x), function(x, **entry.settings()), rtol=0, atol=0)
    assert entry.kinks() == entry.kinks(**entry.settings())
    assert entry.range() == entry.range(**entry.settings())


@pytest.mark.parametrize("entry", activations.CATALOGUE.values(), ids=activations.names())
def test_reference_and_formula_are_there(entry):
    assert entry.formula and entry.title
    assert 1900 < entry.reference.year < 2030
    assert all((entry.reference.authors, entry.reference.title, entry.reference.venue))


def test_names_are_found_however_they_are_written():
    assert activations.get("Leaky ReLU") is activations.get("leaky-relu")
    assert activations.get("pReLU").name == "prelu"


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'relo'.*relu, leaky_relu, .*tanh"):
        activations.get("relo")


def test_settings_refuse_what_the_entry_does_not_have():
    with pytest.raises(ValueError, match="ReLU has no parameter 'alpha'"):
        activations.get("relu").settings(alpha=1.0)
    with pytest.raises(ValueError, match="outside"):
        activations.get("elu").settings(alpha=-1.0)
