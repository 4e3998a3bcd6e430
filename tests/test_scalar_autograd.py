"""The scalar engine: its gradients are PyTorch's, its graph is freed, wrong use is told plainly."""

import inspect
import math
import random
import weakref

import micrograd.engine
import micrograd.nn
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_moons

from mlpbook import scalar_autograd
from mlpbook.scalar_autograd import Value, node

UNARY = {
    "neg": lambda x: -x,
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "relu": lambda x: x.relu(),
    "square": lambda x: x**2,
    "cube": lambda x: x**3,
    "inverse": lambda x: x**-1,
    "root": lambda x: x**0.5,
    "power 0": lambda x: x**0,
    "2 + x": lambda x: 2 + x,
    "x + 2": lambda x: x + 2,
    "2 - x": lambda x: 2 - x,
    "x - 2": lambda x: x - 2,
    "2 * x": lambda x: 2 * x,
    "x * 2": lambda x: x * 2,
    "2 / x": lambda x: 2 / x,
    "x / 2": lambda x: x / 2,
}
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
}


def leaky(x, slope=0.01):
    if isinstance(x, Value):
        return x.leaky_relu(slope)
    return torch.nn.functional.leaky_relu(x, slope)


def both(build, *numbers):
    """The value and the gradients of `build`, by the engine and by torch in float64."""
    ours = [Value(number) for number in numbers]
    theirs = [torch.tensor(number, dtype=torch.float64, requires_grad=True) for number in numbers]
    result, truth = build(*ours), build(*theirs)
    result.backward()
    truth.backward()
    gradients = [0.0 if leaf.grad is None else leaf.grad.item() for leaf in theirs]
    return (result.data, [leaf.grad for leaf in ours]), (truth.item(), gradients)


def assert_same(found, expected):
    # Where a unit saturates, torch's own gradients are 1 − y² and y(1 − y): right to about 1e-16.
    assert found[0] == pytest.approx(expected[0], rel=1e-12, abs=1e-300)
    assert found[1] == pytest.approx(expected[1], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("x", [0.3, 1.0, 2.5, 17.0])
@pytest.mark.parametrize("operation", UNARY.values(), ids=UNARY)
def test_every_operation_on_one_number_is_torchs(operation, x):
    assert_same(*both(operation, x))


@pytest.mark.parametrize("x", [-0.3, -1.0, -2.5, 0.0, -700.0])
@pytest.mark.parametrize("name", ["neg", "exp", "tanh", "sigmoid", "relu", "square", "cube"])
def test_operations_that_take_any_number_are_torchs(name, x):
    assert_same(*both(UNARY[name], x))


@pytest.mark.parametrize("numbers", [(0.3, -1.7), (-2.0, 0.5), (4.0, 4.0)])
@pytest.mark.parametrize("operation", BINARY.values(), ids=BINARY)
def test_every_operation_on_two_numbers_is_torchs(operation, numbers):
    assert_same(*both(operation, *numbers))


@pytest.mark.parametrize("slope", [0.01, 0.2, 0.0, -0.5, 2.0])
@pytest.mark.parametrize("x", [-3.0, 0.0, 3.0])
def test_leaky_relu_takes_its_slope(x, slope):
    assert_same(*both(lambda leaf: leaky(leaf, slope), x))
    assert Value(-1.0).leaky_relu().data == -0.01


def test_slopes_of_saturated_units_keep_their_digits():
    x = Value(-40.0)
    x.sigmoid().backward()
    assert x.grad == pytest.approx(math.exp(-40), rel=1e-15)
    x = Value(40.0)
    x.sigmoid().backward()
    assert x.grad == pytest.approx(math.exp(-40), rel=1e-15)


tame = ("neg", "tanh", "sigmoid", "relu", "2 - x", "x * 2", "x / 2")
steps = st.lists(
    st.tuples(st.sampled_from([*tame, "+", "-", "*"]), st.integers(0, 99), st.integers(0, 99)),
    min_size=1,
    max_size=40,
)
leaves = st.lists(st.floats(-2, 2, width=32), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(leaves, steps)
def test_random_graphs_with_shared_nodes_are_torchs(numbers, plan):
    def build(*inputs):
        nodes = list(inputs)
        for name, i, j in plan:
            first, second = nodes[i % len(nodes)], nodes[j % len(nodes)]
            made = UNARY[name](first) if name in UNARY else BINARY[name](first, second)
            number = made.data if isinstance(made, Value) else made.item()
            nodes.append(made if abs(number) < 1e3 else made * 1e-3)
        return sum(nodes[len(inputs) :], nodes[0])

    found, expected = both(build, *numbers)
    scale = max(1.0, *map(abs, expected[1]))
    assert found[0] == pytest.approx(expected[0], rel=1e-11, abs=1e-11)
    assert found[1] == pytest.approx(expected[1], rel=1e-11, abs=1e-11 * scale)


def test_a_node_used_twice_adds_both_paths():
    x = Value(3.0)
    (x * x + x).backward()
    assert x.grad == 7.0


def test_gradients_of_inner_nodes_are_there_too():
    x = Value(2.0)
    inner = x * 3
    (inner**2).backward()
    assert (inner.grad, x.grad) == (12.0, 36.0)


def test_leaves_add_up_results_until_they_are_set_to_0():
    x = Value(2.0)
    (x * 3).backward()
    (x * 4).backward()
    assert x.grad == 7.0
    x.grad = 0.0
    (x * 4).backward()
    assert x.grad == 4.0
    x.backward()
    x.backward()
    assert x.grad == 6.0


def test_numbers_of_numpy_on_either_side():
    x = Value(np.float32(2.0))
    for result in (np.float64(3) * x, x * np.float64(3), x * np.int64(3), 3 * x):
        assert isinstance(result, Value) and result.data == 6.0
    assert isinstance(x.data, float)


def test_a_node_of_ones_own():
    x = Value(3.0)
    y = node(math.sin(x.data), "sin", x, math.cos(x.data))
    (2 * y).backward()
    assert x.grad == 2 * math.cos(3.0)
    assert (y.op, y.left, y.right) == ("sin", x, None)


def test_repr_shows_value_and_gradient():
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"


# Wrong use.


@pytest.mark.parametrize("other", ["3", None, [1.0], 1j, torch.tensor(2.0), np.ones(2)])
def test_unknown_operands_are_named(other):
    with pytest.raises(TypeError, match=f"real numbers; {type(other).__name__} is none"):
        Value(other)
    for operation in (*BINARY.values(), lambda x, y: x**y):
        with pytest.raises(TypeError, match="is none"):
            operation(Value(1.0), other)


def test_values_outside_the_domain_are_refused():
    with pytest.raises(ValueError, match=r"log needs a positive number, and this one is -2\.0"):
        Value(-2.0).log()
    with pytest.raises(ValueError, match="positive"):
        Value(0.0).log()
    with pytest.raises(ValueError, match=r"-8\.0 is negative and has no real power 0\.5"):
        Value(-8.0) ** 0.5
    for division in (lambda x: 1 / x, lambda x: x**-1, lambda x: x / 0):
        with pytest.raises(ZeroDivisionError):
            division(Value(0.0))


def test_a_second_backward_is_refused_and_changes_nothing():
    x = Value(2.0)
    y = x * x
    y.backward()
    for again in (y, y * 3, x * y + x.exp()):
        with pytest.raises(RuntimeError, match="Compute the expression anew"):
            again.backward()
        assert x.grad == 4.0
    (x * x).backward()
    assert x.grad == 8.0


@pytest.mark.parametrize("build", [lambda f, s: f + s, lambda f, s: s + f, lambda f, s: f * f + s])
def test_what_a_refused_backward_has_touched_can_still_be_used(build):
    x = Value(2.0)
    spent = x * x
    spent.backward()
    x.grad = 0.0
    fresh = (x + 1) * (x + 2)
    with pytest.raises(RuntimeError):
        build(fresh, spent).backward()
    fresh.backward()
    assert x.grad == 7.0


# Size and memory.


def test_a_chain_of_100_000_nodes():
    x = Value(1.0)
    y = x
    for _ in range(100_000):
        y = y + 1e-5
    y.backward()
    assert x.grad == 1.0 and y.data == pytest.approx(2.0)
    del y  # freed without recursion


def test_del_frees_the_graph_without_the_garbage_collector(collector_off):
    class Watched(Value):
        __slots__ = ("__weakref__",)

    x = Watched(2.0)
    seen = weakref.ref(x)
    y = (x * x + x.exp()).tanh()
    y.backward()
    del x
    assert seen() is not None
    del y
    assert seen() is None


def test_the_engine_is_short_enough_to_be_read_whole():
    assert len(inspect.getsource(scalar_autograd).splitlines()) < 150


# Beside micrograd.


def test_expressions_in_micrograds_own_words():
    def build(a, b):
        c = a + b
        d = a * b + b**3
        for _ in range(3):
            c = c + c + 1 - a
            d = d * 0.5 + (b + a).relu() - (-c)
        e = (c - d) ** 2 / 7.0
        return e + 10.0 / (1 + e)

    ours = [Value(number) for number in (-4.0, 2.0)]
    theirs = [micrograd.engine.Value(number) for number in (-4.0, 2.0)]
    result, truth = build(*ours), build(*theirs)
    result.backward()
    truth.backward()
    assert result.data == pytest.approx(truth.data, rel=1e-14)
    assert [x.grad for x in ours] == pytest.approx([x.grad for x in theirs], rel=1e-14)
    assert_same(*both(build, -4.0, 2.0))


def test_micrograds_networks_run_on_the_engine(monkeypatch):
    X, y = make_moons(20, noise=0.1, random_state=1)

    def losses():
        random.seed(1)
        model = micrograd.nn.MLP(2, [4, 4, 1])
        for _ in range(4):
            scores = [model(row) for row in X.tolist()]
            total = sum((1 - (2 * int(k) - 1) * s).relu() for k, s in zip(y, scores, strict=True))
            model.zero_grad()
            total.backward()
            for p in model.parameters():
                p.data -= 0.01 * p.grad
            yield total.data

    truth = list(losses())
    monkeypatch.setattr(micrograd.nn, "Value", Value)
    assert list(losses()) == pytest.approx(truth, rel=1e-12)
    assert truth[-1] < truth[0]
