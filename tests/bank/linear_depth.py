"""Answers to exercise 01: a stack of affine layers as one, and widths that lose something."""

from collections import namedtuple
from functools import reduce

import numpy as np
import torch
from torch import nn

from mlpbook import checks
from tests.bank import Bank

collapse = Bank(checks.collapse)
bottleneck = Bank(checks.bottleneck)

Layer = namedtuple("Layer", "W b")


def stack(weights, biases, X):
    for W, b in zip(weights, biases, strict=True):
        X = X @ W + b
    return X


@collapse.right
def one_layer_after_another(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, b @ next_W + next_b
    return W, b


@collapse.right
def by_einsum(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W = torch.einsum("ij,jk->ik", W, next_W)
        b = torch.einsum("j,jk->k", b, next_W) + next_b
    return W, b


@collapse.right
def probed_with_the_identity(weights, biases):
    inputs = weights[0].shape[0]
    b = stack(weights, biases, torch.zeros(1, inputs, dtype=torch.float64))
    return stack(weights, biases, torch.eye(inputs, dtype=torch.float64)) - b, b


@collapse.right
def probed_in_float32_alone(weights, biases):
    inputs = len(weights[0])
    b = stack(weights, biases, torch.zeros(inputs))
    return stack(weights, biases, torch.eye(inputs)) - b, b


@collapse.right
def a_float32_network(weights, biases):
    net = nn.Sequential(*(nn.Linear(*W.shape) for W in weights))
    with torch.no_grad():
        for layer, W, b in zip(net, weights, biases, strict=True):
            layer.weight.copy_(W.T)
            layer.bias.copy_(b)
    X = torch.eye(len(weights[0]))
    return net(X) - net(0 * X[0]), net(0 * X[0])


@collapse.right
def with_a_column_for_the_bias(weights, biases):
    def bordered(W, b):
        top = torch.cat([W, torch.zeros(len(W), 1, dtype=W.dtype)], 1)
        return torch.cat([top, torch.cat([b, torch.ones(1, dtype=b.dtype)])[None]])

    whole = reduce(torch.matmul, map(bordered, weights, biases))
    return [whole[:-1, :-1], whole[-1, :-1]]


@collapse.right
def from_the_outputs_back(weights, biases):
    W, b = weights[-1], biases[-1]
    for former_W, former_b in zip(weights[-2::-1], biases[-2::-1], strict=True):
        W, b = former_W @ W, b + former_b @ W
    return W, b


@collapse.right
def every_bias_on_its_own_way(weights, biases):
    b = sum(
        (reduce(torch.matmul, weights[i + 1 :], bias) for i, bias in enumerate(biases)),
        torch.zeros_like(biases[-1]),
    )
    return torch.linalg.multi_dot(weights), b


@collapse.right
def numpy_inside(weights, biases):
    weights = [np.asarray(W) for W in weights]
    biases = [np.asarray(b) for b in biases]
    b = biases[0]
    for W, c in zip(weights[1:], biases[1:], strict=True):
        b = np.dot(b, W) + c
    return reduce(np.dot, weights), b


@collapse.right
def numpy_methods(weights, biases):
    W, b = weights[0].astype(np.float32), biases[0].astype(np.float32)
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W.dot(next_W), b.dot(next_W) + next_b
    return W, b


@collapse.right
def lists_and_loops(weights, biases):
    W, b = weights[0], list(biases[0])
    for V, c in zip(weights[1:], biases[1:], strict=True):
        columns = range(len(c))
        W = [[sum(row[k] * V[k][j] for k in range(len(V))) for j in columns] for row in W]
        b = [sum(b[k] * V[k][j] for k in range(len(V))) + c[j] for j in columns]
    return W, b


@collapse.right
def recursion_that_names_its_results(weights, biases):
    if len(weights) == 1:
        return Layer(weights[0], biases[0])
    W, b = recursion_that_names_its_results(weights[:-1], biases[:-1])
    return Layer(W @ weights[-1], b @ weights[-1] + biases[-1])


@collapse.right
def the_jacobian(weights, biases):
    zero = torch.zeros(weights[0].shape[0], dtype=weights[0].dtype)
    J = torch.autograd.functional.jacobian(lambda x: stack(weights, biases, x), zero)
    return J.T, stack(weights, biases, zero)


@collapse.right
def least_squares_on_random_points(weights, biases):
    X = torch.randn(50, len(weights[0]), dtype=torch.float64)
    ones = torch.ones(50, 1, dtype=torch.float64)
    solution = torch.linalg.lstsq(torch.cat([X, ones], 1), stack(weights, biases, X)).solution
    return solution[:-1], solution[-1:]


@collapse.right
def parameters_that_need_grad(weights, biases):
    W, b = one_layer_after_another(weights, biases)
    return nn.Parameter(W), nn.Parameter(b)


@collapse.wrong("b₁ + b₂")
def biases_added(weights, biases):
    return reduce(torch.matmul, weights), sum(biases)


@collapse.wrong("b₁ + b₂")
def biases_added_for_two_layers(weights, biases):
    return weights[0] @ weights[1], biases[0] + biases[1]


@collapse.wrong("order is reversed")
def reversed_product(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = next_W @ W, b @ next_W + next_b
    return W, b


@collapse.wrong("order is reversed")
def reversed_product_of_two(weights, biases):
    return weights[1] @ weights[0], biases[0] @ weights[1] + biases[1]


@collapse.wrong("forgot b₁W₂")
def last_bias_alone(weights, biases):
    return reduce(torch.matmul, weights), biases[-1]


@collapse.wrong("forgot b₁W₂")
def last_bias_alone_by_probing(weights, biases):
    X = torch.eye(len(weights[0]), dtype=torch.float64)
    for W in weights:
        X = X @ W
    return X.numpy(), biases[-1].numpy()


@collapse.wrong("b₂ is missing")
def later_biases_missing(weights, biases):
    W, b = weights[0], biases[0]
    for next_W in weights[1:]:
        W, b = W @ next_W, b @ next_W
    return W, b


@collapse.wrong("W₂b₁ for b₁W₂")
def bias_as_a_column(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, next_W @ b + next_b
    return W, b


@collapse.wrong("meets W₂ too")
def both_biases_through(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ next_W, (b + next_b) @ next_W
    return W, b


@collapse.wrong("its own weight")
def index_off_by_one(weights, biases):
    b = biases[0] @ weights[0] + biases[1]
    return weights[0] @ weights[1], b


@collapse.wrong("transpose")
def transposed(weights, biases):
    W, b = one_layer_after_another(weights, biases)
    return W.T, b


@collapse.wrong("added; one layer")
def weights_added(weights, biases):
    return sum(weights), sum(biases)


@collapse.wrong("entry by entry")
def star_for_at(weights, biases):
    W, b = weights[0], biases[0]
    for next_W, next_b in zip(weights[1:], biases[1:], strict=True):
        W, b = W * next_W, b @ next_W + next_b
    return W, b


@collapse.wrong("layers after the second are ignored")
def two_layers_only(weights, biases):
    return weights[0] @ weights[1], biases[0] @ weights[1] + biases[1]


@collapse.wrong("next layer alone")
def biases_one_layer_on(weights, biases):
    b = biases[-1].clone()
    for i in range(len(weights) - 1):
        b += biases[i] @ weights[i + 1] if weights[i + 1].shape[1] == len(b) else 0
    return reduce(torch.matmul, weights), b


@collapse.wrong("between the first and the last")
def inner_biases_lost(weights, biases):
    b = reduce(torch.matmul, weights[1:], biases[0]) + biases[-1]
    return reduce(torch.matmul, weights), b


@collapse.wrong("return W first")
def bias_first(weights, biases):
    W, b = one_layer_after_another(weights, biases)
    return b, W


@collapse.wrong("should return a pair")
def weight_alone(weights, biases):
    return reduce(torch.matmul, weights)


@collapse.wrong("returns nothing")
def nothing_for_deeper_stacks(weights, biases):
    if len(weights) == 2:
        return two_layers_only(weights, biases)


@collapse.wrong("stops with a ValueError")
def two_names_for_the_layers(weights, biases):
    W1, W2 = weights
    b1, b2 = biases
    return W1 @ W2, b1 @ W2 + b2


@collapse.wrong("all widths are equal")
def a_start_of_the_wrong_size(weights, biases):
    W = torch.eye(weights[0].shape[1], dtype=torch.float64)
    b = torch.zeros(weights[0].shape[1], dtype=torch.float64)
    for next_W, next_b in zip(weights, biases, strict=True):
        W, b = W @ next_W, b @ next_W + next_b
    return W, b


@collapse.wrong("changes biases")
def work_in_place(weights, biases):
    b = biases[0]
    for W, c in zip(weights[1:], biases[1:], strict=True):
        b = b @ W
        c += b
        b = c
    return reduce(torch.matmul, weights), b


@collapse.wrong("b should have shape")
def one_bias_for_each_input(weights, biases):
    W, b = one_layer_after_another(weights, biases)
    return W, b.expand(7, -1)


@collapse.wrong(None)
def relu_between(weights, biases):
    def net(X):
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            X = torch.relu(X @ W + b)
        return X @ weights[-1] + biases[-1]

    eye = torch.eye(len(weights[0]), dtype=torch.float64)
    return net(eye) - net(0 * eye[0]), net(0 * eye[0])


@collapse.wrong(None)
def nearly(weights, biases):
    W, b = one_layer_after_another(weights, biases)
    return 1.001 * W, b


@collapse.wrong(None)
def probed_without_the_zero(weights, biases):
    eye = torch.eye(len(weights[0]), dtype=torch.float64)
    return stack(weights, biases, eye), stack(weights, biases, 0 * eye[0])


@bottleneck.right
def smallest():
    return [2, 1, 2]


@bottleneck.right
def long_and_narrow_once():
    return [784, 256, 256, 3, 256, 10]


@bottleneck.right
def a_tuple():
    return (5, 2, 3)


@bottleneck.right
def a_tensor():
    return torch.tensor([3, 2, 4])


@bottleneck.right
def an_array():
    return np.array([10, 1, 10])


@bottleneck.right
def shapes_of_a_network():
    net = nn.Sequential(nn.Linear(4, 2), nn.Linear(2, 3))
    return [net[0].in_features, *(layer.out_features for layer in net)]


@bottleneck.right
def computed_as_floats():
    return [8.0, 8.0 / 2, 8.0]


@bottleneck.right
def narrow_at_the_end_of_the_hidden_layers():
    return [6, 9, 9, 4, 5]


@bottleneck.right
def tensors_in_a_list():
    return [torch.tensor(3), np.int64(1), 3]


@bottleneck.right
def narrow_twice():
    return [3, 1, 3, 1, 3]


@bottleneck.wrong("wide")
def wide():
    return [2, 3, 2]


@bottleneck.wrong("The output is the narrow place")
def narrow_output():
    return [4, 1, 1]


@bottleneck.wrong("The input is the narrow place")
def narrow_input():
    return [1, 1, 4]


@bottleneck.wrong("The output is the narrow place")
def funnel():
    return [8, 6, 4, 2]


@bottleneck.wrong("The input is the narrow place")
def widening():
    return [2, 3, 5]


@bottleneck.wrong("No layer is narrower")
def equal():
    return [3, 3, 3]


@bottleneck.wrong("without a hidden one")
def a_single_layer():
    return [4, 2]


@bottleneck.wrong("The output is the narrow place")
def output_as_narrow_as_the_hidden_layer():
    return [3, 2, 2]


@bottleneck.wrong("wide")
def hidden_layer_as_wide_as_the_inputs():
    return [2, 4, 4]


@bottleneck.wrong("list of widths")
def a_number():
    return 1


@bottleneck.wrong("list of widths")
def a_sentence():
    return "2 -> 1 -> 2"


@bottleneck.wrong("1 or more")
def no_units():
    return [2, 0, 2]


@bottleneck.wrong("1 or more")
def half_a_unit():
    return [2, 1.5, 2]


@bottleneck.wrong("1 or more")
def matrices():
    return [torch.ones(2, 1), torch.ones(1, 2)]


@bottleneck.wrong("through at least one hidden layer")
def the_hidden_width_alone():
    return [1]


@bottleneck.wrong("stops with a NameError")
def a_missing_name():
    return [inputs, 1, inputs]  # noqa: F821


@bottleneck.wrong("called with ()")
def a_function_of_the_widths(widths):
    return [2, 1, 2]
