"""Answers to exercise 06: a nonlinearity that looks at a whole minibatch."""

import copy

import numpy as np
import torch
from torch import nn

from mlpbook import checks
from tests.bank import Bank

pair = Bank(checks.batch_pair)
depends = Bank(checks.depends_on_batch)


@pair.right
def by_hand(layer):
    return torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([[0.0], [-1.0], [5.0]])


@pair.right
def two_rows_on_either_side(layer):
    return torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [-1.0]])


@pair.right
def random_neighbours(layer):
    A = torch.randn(4, 3, dtype=torch.float64)
    B = A.clone()
    B[1:] = torch.randn(3, 3, dtype=torch.float64)
    return A, B


@pair.right
def one_neighbour_is_an_outlier(layer):
    A = torch.arange(12.0).reshape(6, 2)
    B = A.clone()
    B[-1] = 1000.0
    return A, B


@pair.right
def a_search_that_asks_the_layer(layer):
    generator = torch.Generator().manual_seed(1)
    while True:
        A, B = torch.randn(2, 5, 2, generator=generator)
        B[0] = A[0]
        if not torch.allclose(layer(A)[0], layer(B)[0]):
            return A, B


@pair.right
def as_wide_as_the_layer(layer):
    width = layer.num_features
    A = torch.arange(4.0 * width).reshape(4, width)
    return A, A * torch.linspace(1, 3, 4)[:, None]


@pair.right
def lists(layer):
    return [[[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]], [[1.0, 2.0], [0.0, 0.0], [5.0, 9.0]]]


@pair.right
def arrays_of_different_length(layer):
    A = np.array([[1.0], [2.0], [4.0]])
    return A, np.concatenate([A, [[9.0]]])


@pair.right
def one_tensor_of_both(layer):
    return torch.tensor([[[1.0], [2.0], [3.0]], [[1.0], [0.0], [-3.0]]])


@pair.right
def whole_numbers(layer):
    return torch.tensor([[1], [2], [3]]), torch.tensor([[1], [0], [3]])


@pair.right
def neighbours_found_by_gradient_ascent(layer):
    A = torch.tensor([[0.5], [1.0], [-2.0]], dtype=torch.float64)
    B = A.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(layer(B)[0].sum(), B)
    gradient[0] = 0
    return A, B + gradient


@pair.right
def a_small_change(layer):
    A = torch.tensor([[0.3, 1.0], [1.0, 0.2], [-2.0, 0.7], [0.1, 0.1]], dtype=torch.float64)
    return A, A + 1e-3 * torch.tensor([[0.0], [1.0], [0.0], [0.0]])


@pair.wrong("same minibatch")
def the_same_twice(layer):
    A = torch.randn(4, 3)
    return A, A.clone()


@pair.wrong("only its neighbours may change")
def everything_changed(layer):
    return torch.randn(4, 3), torch.randn(4, 3)


@pair.wrong("only its neighbours may change")
def the_first_example_scaled(layer):
    A = torch.tensor([[1.0], [2.0], [3.0]])
    return A, 2 * A


@pair.wrong("only its neighbours may change")
def the_order_reversed(layer):
    A = torch.tensor([[1.0], [2.0], [4.0]])
    return A, A.flip(0)


@pair.wrong("another order")
def neighbours_in_another_order(layer):
    A = torch.tensor([[1.0, 0.0], [2.0, 5.0], [4.0, -1.0]])
    return A, A[[0, 2, 1]]


@pair.wrong("-1 and +1")
def two_rows_on_one_side(layer):
    return torch.tensor([[0.0], [1.0]]), torch.tensor([[0.0], [5.0]])


@pair.wrong("mean and variance do not")
def the_batch_twice(layer):
    A = torch.tensor([[1.0], [2.0], [4.0]], dtype=torch.float64)
    return A, torch.cat([A, A])


@pair.wrong("mean and variance do not")
def mirrored_about_the_mean(layer):
    A = np.array([[0.0], [0.0], [3.0], [-1.0], [-2.0]])
    return A, -A


@pair.wrong("All rows of a minibatch are equal")
def more_copies_of_one_example(layer):
    return torch.ones(2, 3), torch.ones(5, 3)


@pair.wrong("moved or stretched")
def neighbours_farther_away(layer):
    A = torch.tensor([[0.0], [1.0], [2.0]])
    return A, 3 * A


@pair.wrong("The first example is the mean")
def the_mean_first(layer):
    return torch.tensor([[0.0], [1.0], [-1.0]]), torch.tensor([[0.0], [4.0], [-3.0], [-1.0]])


@pair.wrong("one row")
def a_batch_of_one(layer):
    return torch.tensor([[1.0]]), torch.tensor([[1.0], [2.0]])


@pair.wrong("shape (3,)")
def one_dimension(layer):
    return torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 5.0, 3.0])


@pair.wrong("two minibatches")
def one_minibatch(layer):
    return torch.randn(4, 3)


@pair.wrong("same number of columns")
def another_width(layer):
    return torch.ones(3, 2), torch.ones(3, 4)


@pair.wrong("nan or infinity")
def infinite_neighbour(layer):
    return torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[1.0], [2.0], [torch.inf]])


@pair.wrong("only its neighbours may change")
def outputs_in_place_of_inputs(layer):
    A = torch.tensor([[0.0], [1.0], [2.0]])
    B = torch.tensor([[0.0], [-1.0], [5.0]])
    return layer(A), layer(B)


@pair.wrong("cannot be read")
def words(layer):
    return "A", "B"


@pair.wrong("stops with a NameError")
def missing_name(layer):
    return A, A  # noqa: F821


@depends.right
def all_neighbours_changed(layer, X):
    Y = X.clone()
    Y[1:] += 1
    return not torch.allclose(layer(X)[0], layer(Y)[0])


@depends.right
def one_neighbour_changed(layer, X):
    Y = X.clone()
    Y[1] = torch.randn_like(Y[1])
    return bool((layer(X)[0] != layer(Y)[0]).any())


@depends.right
def the_last_row_changed_and_the_others_compared(layer, X):
    Y = torch.cat([X[:-1], 2 * X[-1:]])
    return not torch.equal(layer(X)[:-1], layer(Y)[:-1])


@depends.right
def every_pair(layer, X):
    for j in range(len(X)):
        Y = X.clone()
        Y[j] += 0.5
        others = [i for i in range(len(X)) if i != j]
        if (layer(X)[others] - layer(Y)[others]).abs().max() > 1e-9:
            return True
    return False


@depends.right
def blocks_off_the_diagonal(layer, X):
    J = torch.autograd.functional.jacobian(layer, X)
    return any(
        J[i, :, j].abs().max() > 1e-10 for i in range(len(X)) for j in range(len(X)) if i != j
    )


@depends.right
def forward_mode_jacobian(layer, X):
    J = torch.func.jacfwd(layer)(X).abs().sum((1, 3))
    return (J - torch.diag(J.diag())).max() > 1e-10


@depends.right
def gradient_of_one_output(layer, X):
    X = X.detach().requires_grad_()
    layer(X)[0, 0].backward()
    return X.grad[1:].any()


@depends.right
def one_row_at_a_time(layer, X):
    alone = torch.cat([layer(X[i : i + 1]) for i in range(len(X))])
    return not torch.allclose(alone, layer(X))


@depends.right
def one_row_at_a_time_if_the_layer_takes_it(layer, X):
    try:
        return not torch.equal(layer(X[:1]), layer(X)[:1])
    except ValueError:
        return True


@depends.right
def half_of_the_batch(layer, X):
    half = len(X) // 2
    return np.abs((layer(X[:half]) - layer(X)[:half]).numpy()).max() > 1e-6


@depends.right
def a_longer_batch(layer, X):
    longer = torch.cat([X, torch.full_like(X, 3.0)])
    return not torch.allclose(layer(longer)[: len(X)], layer(X))


@depends.right
def neighbours_set_to_zero_in_float32(layer, X):
    X = X.float()
    Y = torch.zeros_like(X)
    Y[0] = X[0]
    return (layer(X)[0] - layer(Y)[0]).abs().max().item() > 1e-5


@depends.right
def a_copy_of_the_layer(layer, X):
    layer = copy.deepcopy(layer)
    Y = X.clone()
    Y[0] = -Y[0]
    return int(not torch.allclose(layer(X)[1:], layer(Y)[1:]))


@depends.right
def float32_neighbours_compared(layer, X):
    Y = torch.cat([X[:1].float(), torch.randn(len(X) - 1, X.shape[1])])
    return not torch.allclose(layer(X)[0], layer(Y)[0])


@depends.wrong("calls elementwise layers dependent")
def own_row(layer, X):
    Y = X.clone()
    Y[0] += 1
    return not torch.allclose(layer(X)[0], layer(Y)[0])


@depends.wrong("calls elementwise layers dependent")
def all_outputs_compared(layer, X):
    Y = X.clone()
    Y[1] += 1
    return not torch.allclose(layer(X), layer(Y))


@depends.wrong("calls elementwise layers dependent")
def more_than_one_row(layer, X):
    return len(X) > 1


@depends.wrong("False for every layer")
def a_batch_of_one_alone(layer, X):
    return not torch.equal(layer(X[:1])[0], layer(X[:1].clone())[0])


@depends.wrong("asks a batch of one")
def own_row_of_a_batch_of_one(layer, X):
    return not torch.allclose(layer(X[:1]), layer(X[:1] + 1))


@depends.wrong("False for every layer")
def another_order(layer, X):
    return not torch.allclose(layer(X.flip(0)).flip(0), layer(X))


@depends.wrong("False for every layer")
def same_call_twice(layer, X):
    return not torch.allclose(layer(X), layer(X))


@depends.wrong("swapped")
def upside_down(layer, X):
    return not all_neighbours_changed(layer, X)


@depends.wrong("stored numbers")
def in_training_mode(layer, X):
    return all_neighbours_changed(layer.train(), X)


@depends.wrong("into evaluation mode")
def in_evaluation_mode(layer, X):
    layer.eval()
    return all_neighbours_changed(layer, X)


@depends.wrong("recognises")
def type_of_the_layer(layer, X):
    return isinstance(layer, nn.BatchNorm1d)


@depends.wrong("recognises")
def type_and_mode(layer, X):
    return isinstance(layer, nn.modules.batchnorm._BatchNorm) and layer.training


@depends.wrong("recognises")
def stored_statistics(layer, X):
    return hasattr(layer, "running_mean")


@depends.wrong("training mode of the layer")
def mode_alone(layer, X):
    return layer.training


@depends.wrong("other columns of its own row")
def whole_jacobian(layer, X):
    J = torch.autograd.functional.jacobian(layer, X).reshape(X.numel(), X.numel())
    return (J - torch.diag(J.diag())).abs().max() > 1e-10


@depends.wrong("columns that mix")
def another_column_changed(layer, X):
    Y = X.clone()
    Y[0, 1] += 1
    return not torch.allclose(layer(X)[0, 0], layer(Y)[0, 0])


@depends.wrong("one answer")
def one_verdict_for_each_entry(layer, X):
    Y = X.clone()
    Y[1] += 1
    return layer(X)[0] != layer(Y)[0]


@depends.wrong("Return True or False")
def size_of_the_difference(layer, X):
    Y = X.clone()
    Y[1:] += 1
    return (layer(X)[0] - layer(Y)[0]).abs().max().item()


@depends.wrong("returns nothing")
def no_else(layer, X):
    if all_neighbours_changed(layer, X) or isinstance(layer, nn.ReLU):
        return False


@depends.wrong("changes X")
def in_place(layer, X):
    before = layer(X)[0].clone()
    X[1:] += 1
    return not torch.allclose(before, layer(X)[0])


@depends.wrong("takes (layer)")
def no_batch(layer):
    return True


@depends.wrong("stops with an AttributeError")
def attribute_of_batch_norm(layer, X):
    return layer.training and layer.running_mean is not None


@depends.wrong(None)
def sum_of_the_outputs(layer, X):
    X = X.detach().requires_grad_()
    layer(X).sum().backward()
    return bool((X.grad.abs() < 1e-9).all())


@depends.wrong("misses some layers")
def rows_sum_to_the_same(layer, X):
    return not torch.allclose(layer(X).sum(), layer(2 * X).sum()) and in_balance(layer, X)


@depends.wrong("misses some layers")
def in_balance(layer, X):
    Y = X.clone()
    Y[1] += 1
    Y[2] -= 1
    return not torch.allclose(layer(X)[0], layer(Y)[0])


@depends.wrong("calls elementwise layers dependent")
def single_rows_in_the_wrong_place(layer, X):
    return not torch.allclose(layer(X[1:2]), layer(X)[:1])


@depends.wrong("takes all rows")
def all_rows_moved(layer, X):
    return not torch.allclose(layer(X)[0], layer(X + 1)[0])


@depends.wrong("all outputs at")
def gradient_of_all_outputs(layer, X):
    X = X.clone().requires_grad_()
    layer(X).sum().backward()
    return bool((X.grad[1:].abs() > 1e-8).any())
