"""Answers to exercise 07: a flat point of one sigmoid unit, the derivative of a chain of them."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

point = Bank(checks.flat_point)
chain = Bank(checks.chain_gradient)


class Point(NamedTuple):
    w: float
    b: float
    x: float
    y: float


@point.right
def right_tail():
    return 20.0, 0.0, 1.0, 0.0


@point.right
def left_tail():
    return -20.0, 0.0, 1.0, 1.0


@point.right
def far_out_in_whole_numbers():
    return 10_000, 0, 1, 0


@point.right
def the_bias_alone_saturates():
    return 0.0, -30.0, 1.0, 1.0


@point.right
def negative_input():
    return 5.0, 5.0, -6.0, 1.0


@point.right
def large_input():
    return 1.0, 0.0, 100.0, 0.0


@point.right
def small_input_with_a_large_weight():
    return 2000.0, 0.0, 0.01, 0.0


@point.right
def small_input_and_a_bias():
    return 1.0, 13.0, 0.1, 0.0


@point.right
def a_target_between():
    return 20.0, 0.0, 1.0, 0.3


@point.right
def a_target_out_of_reach():
    return 25.0, 0.0, 1.0, 3.0


@point.right
def just_far_enough():
    return 14.6, 0.0, 1.0, 0.0


@point.right
def half_the_gradient_by_half_the_input():
    return -28.0, 0.0, 0.5, 1.0


@point.right
def a_list():
    return [0.5, 40.0, -2.0, 0.0]


@point.right
def a_tensor():
    return torch.tensor([18.0, 0.0, 1.0, 0.0], requires_grad=True)


@point.right
def an_array_in_half_precision():
    return np.array([30, 0, 1, 0], dtype=np.float16)


@point.right
def parameters_of_a_layer():
    layer = nn.Linear(1, 1)
    nn.init.constant_(layer.weight, -17.0)
    nn.init.zeros_(layer.bias)
    return layer.weight, layer.bias, torch.ones(1, 1), torch.ones(1, 1)


@point.right
def a_named_tuple():
    return Point(w=-9.0, b=-9.0, x=1.0, y=1.0)


@point.right
def fractions():
    return Fraction(50), Fraction(1, 3), Decimal("0.5"), False


@point.right
def a_search():
    w = 1.0
    while torch.sigmoid(torch.tensor(-w, dtype=torch.float64)) > 1e-7:
        w += 0.5
    return w, 0.0, 1.0, 0.0


@point.wrong("there is no input")
def no_input():
    return 5.0, 0.0, 0.0, 1.0


@point.wrong("there is no input")
def no_input_and_a_wrong_bias():
    return 1.0, 20.0, 0.0, 0.0


@point.wrong("there is no input")
def minus_no_input():
    return 3.0, 20.0, -0.0, 0.0


@point.wrong("because x is tiny")
def hardly_an_input():
    return 1.0, 3.0, 1e-9, 0.0


@point.wrong("because x is tiny")
def hardly_an_input_and_a_far_target():
    return 1.0, 0.0, -1e-12, -1.0


@point.wrong("on the side of its label")
def right_and_sure():
    return 20.0, 0.0, 1.0, 1.0


@point.wrong("on the side of its label")
def right_and_sure_of_zero():
    return -30.0, -2.0, 1.0, 0.0


@point.wrong("never further than ½")
def target_in_the_middle():
    return 100.0, 0.0, 1.0, 0.5


@point.wrong("error is small")
def exactly_right():
    return 0.0, 0.0, 1.0, 0.5 + 1e-9


@point.wrong("still steep")
def middle_of_the_sigmoid():
    return 0.0, 0.0, 1.0, 2.0


@point.wrong("not yet far enough")
def halfway():
    return 10.0, 0.0, 1.0, 0.0


@point.wrong("its size counts")
def negative_gradient():
    return -10.0, 0.0, 1.0, 1.0


@point.wrong("not yet far enough")
def almost():
    return 14.4, 0.0, 1.0, 0.0


@point.wrong("x and the error multiply")
def an_input_that_multiplies():
    return 0.0, 18.0, 1e6, 0.0


@point.wrong("order (w, x, b, y)")
def input_before_bias():
    return 20.0, 2.0, -0.05, 0.0


@point.wrong("order (x, y, w, b)")
def data_first():
    return 1.0, 0.0, 5.0, 15.0


@point.wrong("3 values")
def no_bias():
    return 20.0, 1.0, 0.0


@point.wrong("y is a string")
def words():
    return 20.0, 0.0, 1.0, "0"


@point.wrong("ordinary size")
def infinite():
    return math.inf, 0.0, 1.0, 0.0


@point.wrong("returns a float")
def the_gradient():
    return 1e-9


@point.wrong("returns a dict")
def a_dictionary():
    return {"w": 20.0, "b": 0.0, "x": 1.0, "y": 0.0}


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


def forward(weights, x):
    zs, hs = [], [float(x)]
    for w in weights:
        zs.append(float(w) * hs[-1])
        hs.append(sigmoid(zs[-1]))
    return zs, hs


def bump(z):
    return sigmoid(z) * (1 - sigmoid(z))


@chain.right
def autograd(weights, x):
    x = x.detach().requires_grad_()
    h = x
    for w in weights:
        h = torch.sigmoid(w * h)
    h.backward()
    return x.grad


@chain.right
def autograd_of_a_new_tensor(weights, x):
    x = torch.tensor(float(x), requires_grad=True)
    h = x
    for w in weights:
        h = F.sigmoid(w * h)
    (gradient,) = torch.autograd.grad(h, x, create_graph=True)
    return gradient


@chain.right
def autograd_in_float32_given_back_as_a_number(weights, x):
    return autograd_of_a_new_tensor(weights, x).item()


@chain.right
def closed_form_loop(weights, x):
    gradient = 1.0
    for w in weights:
        x = 1 / (1 + math.exp(-w * x))
        gradient *= w * x * (1 - x)
    return gradient


@chain.right
def recursion(weights, x):
    if len(weights) == 0:
        return 1.0
    h = sigmoid(weights[0] * x)
    return weights[0] * h * (1 - h) * recursion(weights[1:], h)


@chain.right
def recursion_from_the_end(weights, x):
    def value(depth):
        return x if depth == 0 else sigmoid(weights[depth - 1] * value(depth - 1))

    def slope(depth):
        if depth == 0:
            return 1.0
        return weights[depth - 1] * bump(weights[depth - 1] * value(depth - 1)) * slope(depth - 1)

    return slope(len(weights))


@chain.right
def numpy_floats(weights, x):
    h, gradient = np.float64(x), np.float64(1)
    for w in np.asarray(weights):
        h = 1 / (1 + np.exp(-w * h))
        gradient = gradient * w * h * (1 - h)
    return gradient


@chain.right
def numpy_product(weights, x):
    zs, _ = forward(weights, x)
    s = 1 / (1 + np.exp(-np.array(zs)))
    return np.prod(np.asarray(weights) * s * (1 - s))


@chain.right
def float_input_only(weights, x):
    if not isinstance(x, float):
        raise TypeError("x should be a float")
    return closed_form_loop(weights, x)


@chain.right
def weights_must_be_a_tensor(weights, x):
    hs = [x]
    for w in weights:
        hs.append(torch.sigmoid(w * hs[-1]))
    hs = torch.stack(hs[1:])
    return (weights * hs * (1 - hs)).prod()


@chain.right
def float32_throughout(weights, x):
    return autograd(torch.tensor(weights), x.float())


@chain.right
def layers_of_a_network(weights, x):
    net = nn.Sequential()
    for w in weights:
        layer = nn.Linear(1, 1, bias=False, dtype=torch.float64)
        nn.init.constant_(layer.weight, w)
        net.extend([layer, nn.Sigmoid()])
    x = x.detach().reshape(1, 1).requires_grad_()
    net(x).backward()
    return x.grad


@chain.right
def matrices(weights, x):
    h, gradient = x, torch.eye(1, dtype=torch.float64)
    for weight in weights:
        h = torch.sigmoid(h @ weight)
        gradient = gradient @ weight * h * (1 - h)
    return gradient


@chain.right
def one_entry_of_many(weights, x):
    x = x.detach().requires_grad_()
    h = reduce(lambda h, w: torch.sigmoid(w * h), weights, x)
    return torch.autograd.grad(h.sum(), x)


class Dual:
    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __rmul__(self, factor):
        return Dual(factor * self.value, factor * self.slope)

    def sigmoid(self):
        s = sigmoid(self.value)
        return Dual(s, s * (1 - s) * self.slope)


@chain.right
def dual_numbers(weights, x):
    h = Dual(float(x), 1.0)
    for w in weights:
        h = (float(w) * h).sigmoid()
    return h.slope


@chain.right
def forward_mode(weights, x):
    def value(x):
        return reduce(lambda h, w: torch.sigmoid(w * h), weights, x)

    return torch.func.jvp(value, (x,), (torch.ones_like(x),))[1]


@chain.right
def functional_gradient(weights, x):
    return torch.func.grad(lambda x: reduce(lambda h, w: torch.sigmoid(w * h), weights, x))(x)


@chain.right
def central_difference(weights, x, h=1e-4):
    return (forward(weights, x + h)[1][-1] - forward(weights, x - h)[1][-1]) / (2 * h)


@chain.right
def through_tanh(weights, x):
    gradient = 1.0
    for w in weights:
        t = math.tanh(w * x / 2)
        gradient *= w * (1 - t * t) / 4
        x = (1 + t) / 2
    return gradient


@chain.right
def sum_of_logarithms(weights, x):
    zs, _ = forward(weights, x)
    size = math.exp(sum(math.log(abs(w) * bump(z)) for w, z in zip(weights, zs, strict=True)))
    return math.prod(math.copysign(1, w) for w in weights) * size


@chain.right
def an_exact_fraction(weights, x):
    return Fraction(closed_form_loop(weights, x))


@chain.wrong("¼ for every layer")
def quarters(weights, x):
    return 0.25 ** len(weights)


@chain.wrong("This is the bound")
def bound(weights, x):
    return math.prod(w / 4 for w in weights)


@chain.wrong("last weight is left out")
def without_the_last_weight(weights, x):
    zs, _ = forward(weights, x)
    return math.prod(weights[:-1]) * math.prod(map(bump, zs))


@chain.wrong("first weight is left out")
def without_the_first_weight(weights, x):
    zs, _ = forward(weights, x)
    return math.prod(weights[1:]) * math.prod(map(bump, zs))


@chain.wrong("at the output h")
def slope_at_the_output(weights, x):
    _, hs = forward(weights, x)
    return math.prod(w * bump(h) for w, h in zip(weights, hs[1:], strict=True))


@chain.wrong("at the input of each layer")
def slope_at_the_input(weights, x):
    _, hs = forward(weights, x)
    return math.prod(w * bump(h) for w, h in zip(weights, hs[:-1], strict=True))


@chain.wrong("of the input of each layer")
def too_early(weights, x):
    gradient = 1.0
    for w in weights:
        gradient *= w * x * (1 - x)
        x = sigmoid(w * x)
    return gradient


@chain.wrong("last weight is missing")
def last_unit_without_weight(weights, x):
    return closed_form_loop([*weights[:-1], 1.0], x)


@chain.wrong("its pre-activation there")
def polynomial_of_the_pre_activation(weights, x):
    zs, _ = forward(weights, x)
    return math.prod(w * z * (1 - z) for w, z in zip(weights, zs, strict=True))


@chain.wrong("one layer only, the first")
def first_layer(weights, x):
    return weights[0] * bump(weights[0] * x)


@chain.wrong("one layer only, the last")
def last_layer(weights, x):
    return weights[-1] * bump(forward(weights, x)[0][-1])


@chain.wrong("whose weight is the product")
def collapsed(weights, x):
    w = math.prod(weights)
    return w * bump(w * x)


@chain.wrong("product of the weights only")
def weights_only(weights, x):
    return math.prod(weights)


@chain.wrong("product of the σ′ only")
def slopes_only(weights, x):
    return math.prod(map(bump, forward(weights, x)[0]))


@chain.wrong("You add what the layers bring")
def sum_of_the_factors(weights, x):
    zs, _ = forward(weights, x)
    return sum(w * bump(z) for w, z in zip(weights, zs, strict=True))


@chain.wrong("reversed order")
def reversed_weights(weights, x):
    return closed_form_loop(weights[::-1], x)


@chain.wrong("with respect to the last weight")
def by_the_last_weight(weights, x):
    zs, hs = forward(weights, x)
    return bump(zs[-1]) * hs[-2]


@chain.wrong("with respect to the first weight")
def by_the_first_weight(weights, x):
    w = torch.tensor(weights, requires_grad=True)
    h = x
    for i in range(len(w)):
        h = torch.sigmoid(w[i] * h)
    h.backward()
    return w.grad[0]


@chain.wrong("with respect to the weights")
def by_all_weights(weights, x):
    w = torch.tensor(weights, requires_grad=True)
    h = x
    for i in range(len(w)):
        h = torch.sigmoid(w[i] * h)
    h.backward()
    return w.grad


@chain.wrong("value of the chain")
def value(weights, x):
    return forward(weights, x)[1][-1]


@chain.wrong("Every layer gets x")
def same_input(weights, x):
    return math.prod(w * bump(w * x) for w in weights)


@chain.wrong("Only the last layer's σ′")
def one_slope(weights, x):
    return math.prod(weights) * bump(forward(weights, x)[0][-1])


@chain.wrong("σ around everything")
def affine_output(weights, x):
    *hidden, last = weights
    return closed_form_loop(hidden, x) * last


@chain.wrong("lacks its last layer")
def off_by_one(weights, x):
    return closed_form_loop(weights[:-1], x)


@chain.wrong("lacks its first layer")
def off_by_one_at_the_start(weights, x):
    return closed_form_loop(weights[1:], x)


@chain.wrong("your chain has no weights")
def no_weights(weights, x):
    return closed_form_loop([1.0 for _ in weights], x)


@chain.wrong("1 − σ is missing")
def slope_is_sigma(weights, x):
    return math.prod(w * sigmoid(z) for w, z in zip(weights, forward(weights, x)[0], strict=True))


@chain.wrong("belongs to tanh")
def slope_of_tanh(weights, x):
    zs, _ = forward(weights, x)
    return math.prod(w * (1 - sigmoid(z) ** 2) for w, z in zip(weights, zs, strict=True))


@chain.wrong("chain of tanh units")
def tanh_chain(weights, x):
    x = x.detach().requires_grad_()
    reduce(lambda h, w: torch.tanh(w * h), weights, x).backward()
    return x.grad


@chain.wrong("signs of the weights are lost")
def size(weights, x):
    return abs(closed_form_loop(weights, x))


@chain.wrong("twice the right one")
def accumulated(weights, x):
    x = x.detach().requires_grad_()
    h = reduce(lambda h, w: torch.sigmoid(w * h), weights, x)
    h.backward(retain_graph=True)
    h.backward()
    return x.grad


@chain.wrong("return their product")
def factors(weights, x):
    return [w * bump(z) for w, z in zip(weights, forward(weights, x)[0], strict=True)]


@chain.wrong("return that one alone")
def value_and_derivative(weights, x):
    return value(weights, x), closed_form_loop(weights, x)


@chain.wrong("one branch ends without")
def lost_return(weights, x):
    if len(weights) == 1:
        return weights[0] * bump(weights[0] * x)
    closed_form_loop(weights, x)


@chain.wrong("changes weights")
def emptied(weights, x):
    gradient = 1.0
    while weights:
        w = weights.pop(0)
        x = sigmoid(w * x)
        gradient *= w * x * (1 - x)
    return gradient


@chain.wrong(None)
def a_thousandth_too_much(weights, x):
    return 1.001 * closed_form_loop(weights, x)


@chain.wrong(None)
def two_layers_at_most(weights, x):
    return closed_form_loop(weights[:2], x)
