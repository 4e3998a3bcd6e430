"""The tensor engine: gradients are PyTorch's for every operation, and wrong use is told plainly."""

import inspect
import weakref

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlpbook import activations, tensor_autograd
from mlpbook.tensor_autograd import SGD, Tensor, cross_entropy
from tests.test_activations import SETTINGS

TOLERANCE = {np.float32: {"rtol": 2e-5, "atol": 2e-5}, np.float64: {"rtol": 1e-10, "atol": 1e-11}}
DTYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def assert_torchs(ours, theirs, *arrays, dtype=None):
    """Value and gradients of `ours` on tensors of the engine are those of `theirs` in torch."""
    dtype = dtype or arrays[0].dtype.type
    leaves = [Tensor(array, requires_grad=True) for array in arrays]
    truths = [torch.tensor(array, requires_grad=True) for array in arrays]
    result, truth = ours(*leaves), theirs(*truths)
    np.testing.assert_allclose(result.data, truth.detach().numpy(), **TOLERANCE[dtype])
    assert result.data.dtype == truth.detach().numpy().dtype
    assert result.shape == tuple(truth.shape)
    gradient = np.random.default_rng(5).normal(size=result.shape).astype(result.data.dtype)
    result.backward(gradient)
    truth.backward(torch.tensor(gradient))
    for leaf, expected in zip(leaves, truths, strict=True):
        assert isinstance(leaf.grad, np.ndarray)
        assert leaf.grad.dtype == leaf.data.dtype
        scale = max(1, abs(expected.grad).max().item())
        np.testing.assert_allclose(
            leaf.grad / scale, expected.grad.numpy() / scale, **TOLERANCE[dtype]
        )


def numbers(*shape, dtype=np.float64, low=-2.0, high=2.0, seed=0):
    return np.random.default_rng(seed).uniform(low, high, shape).astype(dtype)


shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, min_side=1, max_side=4, max_dims=4)
BINARY = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@settings(max_examples=60, deadline=None)
@given(shapes.map(lambda found: found.input_shapes), st.sampled_from([*BINARY]), st.booleans())
def test_arithmetic_with_broadcasting(found, name, single):
    a, b = (numbers(*shape, low=0.5, dtype=np.float32 if single else float) for shape in found)
    assert_torchs(BINARY[name], BINARY[name], a, b)


@settings(max_examples=60, deadline=None)
@given(
    hnp.mutually_broadcastable_shapes(
        signature=np.matmul.signature, max_dims=2, min_side=1, max_side=4
    ).map(lambda found: found.input_shapes)
)
def test_matrix_products_with_vectors_and_stacks(found):
    a, b = (numbers(*shape, seed=seed) for seed, shape in enumerate(found))
    assert_torchs(lambda a, b: a @ b, torch.matmul, a, b)


def test_matrix_product_of_operands_that_do_not_fit():
    for a, b in [((2, 3), (2, 3)), ((3,), (1,)), ((1,), (3, 2)), ((2, 3), (1,))]:
        with pytest.raises(ValueError, match="matmul"):
            Tensor(np.ones(a)) @ Tensor(np.ones(b))


UNARY = {
    "-x": (lambda x: -x, lambda x: -x),
    "x + 2": (lambda x: x + 2, lambda x: x + 2),
    "2 - x": (lambda x: 2 - x, lambda x: 2 - x),
    "3 x": (lambda x: 3 * x, lambda x: 3 * x),
    "3 / x": (lambda x: 3 / x, lambda x: 3 / x),
    "x / 3": (lambda x: x / 3, lambda x: x / 3),
    "square": (lambda x: x**2, lambda x: x**2),
    "root": (lambda x: x**0.5, lambda x: x**0.5),
    "inverse": (lambda x: x**-1, lambda x: x**-1),
    "power 0": (lambda x: x**0, lambda x: x**0),
    "exp": (lambda x: x.exp(), torch.exp),
    "log": (lambda x: x.log(), torch.log),
    "relu": (lambda x: x.relu(), torch.relu),
    "sigmoid": (lambda x: x.sigmoid(), torch.sigmoid),
    "tanh": (lambda x: x.tanh(), torch.tanh),
    "reshape": (lambda x: x.reshape(6, -1), lambda x: x.reshape(6, -1)),
    "x + x": (lambda x: x + x, lambda x: x + x),
    "x * x": (lambda x: x * x, lambda x: x * x),
    "array @": (
        lambda x: np.ones((2, 2)).astype(x.data.dtype) @ x,
        lambda x: torch.ones(2, 2, dtype=x.dtype) @ x,
    ),
    "array *": (
        lambda x: np.arange(4).astype(x.data.dtype) * x,
        lambda x: torch.arange(4).to(x.dtype) * x,
    ),
    "np.float64 *": (lambda x: np.float64(2) * x, lambda x: 2 * x),
}


@DTYPES
@pytest.mark.parametrize(("ours", "theirs"), UNARY.values(), ids=UNARY)
def test_operations_on_one_tensor(ours, theirs, dtype):
    assert_torchs(ours, theirs, numbers(3, 2, 4, dtype=dtype, low=0.5))


def test_transpose_and_power_0_at_0():
    assert_torchs(lambda x: x.T @ x, lambda x: x.T @ x, numbers(3, 2))
    x = Tensor(np.zeros(2), requires_grad=True)
    (x**0).sum().backward()
    assert x.grad.tolist() == [0, 0]


@DTYPES
@pytest.mark.parametrize("keepdim", [True, False])
@pytest.mark.parametrize("dim", [0, 1, -1, (0, 2), None])
@pytest.mark.parametrize("name", ["sum", "mean", "amax"])
def test_reductions(name, dim, keepdim, dtype):
    def theirs(x):
        every = tuple(range(x.ndim)) if dim is None else dim
        return getattr(x, name)(every, keepdim)

    x = np.round(numbers(3, 2, 4, dtype=dtype))  # with elements that tie
    assert_torchs(lambda x: getattr(x, name)(dim, keepdim), theirs, x)


@pytest.mark.parametrize(
    "index",
    [1, -1, slice(1, None), [0, 0, 2], (slice(None), 1), (..., [1, 1]), ([0, 2], [1, 1])],
    ids=str,
)
def test_indexing(index):
    assert_torchs(lambda x: x[index], lambda x: x[index], numbers(3, 2, 4))


def test_indexing_by_a_mask_and_in_one_dimension():
    x = numbers(5)
    assert_torchs(lambda t: t[x > 0], lambda t: t[torch.tensor(x > 0)], x)
    assert_torchs(lambda t: t[2], lambda t: t[2], x)


CASES = [
    pytest.param(name, parameters, id=f"{name}{list(parameters.values())}")
    for name in activations.names()
    for parameters in [{}, *SETTINGS.get(name, [])]
]


@DTYPES
@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_every_activation_of_the_catalogue(name, parameters, dtype):
    function, entry = getattr(tensor_autograd, name), activations.get(name)
    x = numbers(3, 2, 4, dtype=dtype, low=-4, high=4)
    # In float64, torch's gradients of these two carry constants of float32.
    as_exact_as = np.float32 if name in ("hardsigmoid", "celu") else dtype
    assert_torchs(
        lambda x: function(x, **parameters),
        lambda x: entry.truth(x, **parameters),
        x,
        dtype=as_exact_as,
    )


def test_prelu_learns_its_slopes():
    x, alpha = numbers(5, 3), numbers(3, seed=1)
    assert_torchs(tensor_autograd.prelu, F.prelu, x, alpha)
    assert_torchs(tensor_autograd.prelu, F.prelu, x, alpha[:1])


def test_prelu_has_one_slope_a_channel_of_images():
    x, alpha = numbers(2, 3, 2, 4), numbers(3, seed=1)
    assert_torchs(tensor_autograd.prelu, F.prelu, x, alpha)


def test_functions_take_arrays_as_well():
    array = numbers(3, 4)
    names = [*activations.names(), *activations.VECTOR_FUNCTIONS, "cross_entropy"]
    for name in set(names) - {"softmax2d", "cross_entropy"}:
        function = getattr(tensor_autograd, name)
        np.testing.assert_array_equal(function(array).data, function(Tensor(array)).data)
    assert cross_entropy(array, [0, 1, 2]).item() == cross_entropy(Tensor(array), [0, 1, 2]).item()


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 3], [0, -1, 1], [0.0, 1.0, 2.0], [[0, 1, 2]]])
def test_labels_that_do_not_fit(labels):
    with pytest.raises(ValueError, match="3 whole numbers from 0 to 2"):
        cross_entropy(Tensor(np.zeros((3, 3))), labels)


@DTYPES
@pytest.mark.parametrize("dim", [-1, 0, 1])
@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax", "glu"])
def test_functions_of_a_vector(name, dim, dtype):
    function, entry = getattr(tensor_autograd, name), activations.get_vector(name)
    x = numbers(4, 2, 6, dtype=dtype, low=-4, high=4)
    assert_torchs(lambda x: function(x, dim), lambda x: entry.truth(x, dim), x)


def test_every_function_of_a_vector_is_there_and_far_out_stable():
    assert all(hasattr(tensor_autograd, name) for name in activations.VECTOR_FUNCTIONS)
    assert_torchs(tensor_autograd.softmax2d, torch.nn.Softmax2d(), numbers(2, 3, 2, 2))
    x = Tensor(np.array([[1e4, 0.0, -1e4]]), requires_grad=True)
    with np.errstate(all="raise", under="ignore"):
        (tensor_autograd.softmax(x) + tensor_autograd.log_softmax(x)).sum().backward()
    assert np.isfinite(x.grad).all()
    with pytest.raises(ValueError, match="3 elements are odd"):
        tensor_autograd.glu(x)


@DTYPES
def test_cross_entropy(dtype):
    labels = [2, 0, 1, 1, 2]
    assert_torchs(
        lambda x: cross_entropy(x, labels),
        lambda x: F.cross_entropy(x, torch.tensor(labels)),
        numbers(5, 3, dtype=dtype, low=-30, high=30),
    )


plans = st.lists(
    st.tuples(
        st.sampled_from([*BINARY, "tanh", "sum", "T"]), st.integers(0, 99), st.integers(0, 99)
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(plans)
def test_random_graphs_with_shared_nodes(plan):
    def build(*inputs):
        nodes = list(inputs)
        for name, i, j in plan:
            a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
            if name == "/":
                nodes.append(a / (b * b + 1))
            elif name in BINARY:
                nodes.append(BINARY[name](a, b) * 0.5)
            elif name == "sum":
                nodes.append(a + (b * 0.1).sum(0, True))
            else:
                nodes.append(a.tanh() if name == "tanh" else a + b.T)
        total = nodes[-1]
        for node in nodes[:-1]:
            total = total + node * 0.3
        return total

    assert_torchs(build, build, numbers(3, 3), numbers(1, 3, seed=1), numbers(3, 1, seed=2))


def test_gradients_add_up_until_they_are_forgotten():
    x = Tensor([1.0, 2.0], requires_grad=True)
    (x * 3).sum().backward()
    (x * 4).sum().backward()
    assert x.grad.tolist() == [7, 7]
    x.grad = None
    x.backward([1.0, 1.0])
    assert x.grad.tolist() == [1, 1]


@pytest.mark.parametrize(
    "build",
    [
        lambda a, b: a + b,
        lambda a, b: (a + b) * 1,
        lambda a, b: (a + 0) + (b + 0),
        lambda a, b: a.reshape(1, 3) + b.reshape(1, 3),
        lambda a, b: (a.reshape(3, 1) + b.reshape(3, 1)).T,
        lambda a, b: a,
    ],
)
def test_no_leaf_shares_its_gradient_with_anyone(build):
    a, b = (Tensor(np.ones(3), requires_grad=True) for _ in range(2))
    result = build(a, b)
    seed = np.ones(result.shape)
    result.backward(seed)
    a.grad[:] = 9
    assert (seed == 1).all()
    assert b.grad is None or b.grad.tolist() == [1, 1, 1]


def test_float32_meets_float64():
    assert_torchs(
        lambda a, b: a * b,
        lambda a, b: a * b,
        numbers(3, dtype=np.float32),
        numbers(3),
        dtype=np.float32,
    )


def test_no_gradient_is_computed_where_none_is_required():
    X, W = Tensor(np.ones((2, 3))), Tensor(np.ones((3, 1)), requires_grad=True)
    y = X @ W
    assert [parent for parent, _ in y.sources] == [W]
    y.sum().backward()
    assert X.grad is None and W.grad.tolist() == [[2], [2], [2]]
    assert not (X @ X.T).requires_grad and not W.detach().requires_grad


def test_a_chain_of_20_000_nodes():
    x = Tensor([1.0], requires_grad=True)
    y = x
    for _ in range(20_000):
        y = y + 1e-4
    y.backward()
    assert x.grad.tolist() == [1] and y.item() == pytest.approx(3)
    del y


def test_del_frees_the_graph_without_the_garbage_collector(collector_off):
    class Watched(Tensor):
        __slots__ = ("__weakref__",)

    x = Watched([1.0, 2.0], requires_grad=True)
    seen = weakref.ref(x)
    y = (x.tanh() * x).sum() + x[0].exp().mean() + x.amax()
    del x
    assert seen() is not None
    del y
    assert seen() is None


# Wrong use.


@pytest.mark.parametrize("data", ["1", [1j], [None], [[1.0], "a"]])
def test_data_that_are_no_numbers(data):
    with pytest.raises((TypeError, ValueError), match=r"made of real numbers|inhomogeneous"):
        Tensor(data)


def test_whole_numbers_have_no_gradient():
    with pytest.raises(TypeError, match="made of floats, to have a gradient; this is int64"):
        Tensor([1, 2], requires_grad=True)
    assert (Tensor([1, 2]) * Tensor([0.5, 0.5], requires_grad=True)).data.tolist() == [0.5, 1]
    assert (Tensor([1, 2]) * 0.5 - 0.25).data.tolist() == [0.25, 0.75]


def test_backward_without_a_gradient_of_the_right_shape():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for gradient in (None, [1.0], 1.0, [[1.0, 1.0]]):
        with pytest.raises(ValueError, match=r"needs a gradient of shape \(2,\)"):
            (x * 2).backward(gradient)
    assert x.grad is None


def test_backward_where_nothing_requires_a_gradient():
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        (Tensor([1.0]) * 2).backward()


def test_a_second_backward_is_refused_and_changes_nothing():
    x = Tensor([2.0], requires_grad=True)
    y = x * x
    y.backward()
    for again in (y, y * 3, x * y + x.exp()):
        with pytest.raises(RuntimeError, match="Compute the expression anew"):
            again.backward()
        assert x.grad.tolist() == [4]


# Training.


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_training_goes_step_by_step_as_in_torch(momentum):
    rng = np.random.default_rng(3)
    X, labels = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)
    arrays = [rng.normal(size=shape) for shape in ((2, 8), (8,), (8, 3), (3,))]
    ours = [Tensor(array.copy(), requires_grad=True) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    step, truth = SGD(ours, 0.3, momentum), torch.optim.SGD(theirs, 0.3, momentum)
    for _ in range(30):
        W, b, V, c = ours
        loss = cross_entropy((Tensor(X) @ W + b).relu() @ V + c, labels)
        step.zero_grad()
        loss.backward()
        step.step()
        W, b, V, c = theirs
        expected = F.cross_entropy((torch.tensor(X) @ W + b).relu() @ V + c, torch.tensor(labels))
        truth.zero_grad()
        expected.backward()
        truth.step()
        assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    assert loss.item() < 1


def test_parameters_without_a_gradient_stay():
    used, unused = (Tensor([1.0], requires_grad=True) for _ in range(2))
    (used * 2).backward()
    SGD([used, unused], 0.1).step()
    assert used.data.tolist() == [0.8] and unused.data.tolist() == [1]


def test_training_leaves_the_callers_arrays_alone():
    array = np.ones(2)
    x = Tensor(array, requires_grad=True)
    x.sum().backward()
    SGD([x], 0.1).step()
    assert x.data.tolist() == [0.9, 0.9] and array.tolist() == [1, 1]


def test_the_engine_is_short_enough_to_be_read_whole():
    assert len(inspect.getsource(tensor_autograd).splitlines()) < 400
    assert "torch" not in {*vars(tensor_autograd)}
