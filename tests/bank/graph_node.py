"""Answers to exercise 09: a Leaky ReLU node for the scalar engine."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from mlpbook import checks
from mlpbook.scalar_autograd import Value, node
from tests.bank import Bank

leaky = Bank(checks.leaky_relu)


@leaky.right
def if_else(x, slope):
    if x.data > 0:
        return node(x.data, "Leaky ReLU", x, 1.0)
    return node(slope * x.data, "Leaky ReLU", x, slope)


@leaky.right
def local_slope_first(x, slope=0.01):
    local = 1 if x.data >= 0 else slope
    return node(local * x.data, "leaky", x, local)


@leaky.right
def largest_and_smallest(x, slope):
    return node(max(x.data, 0) + slope * min(x.data, 0), "", x, 1.0 if x.data > 0 else slope)


@leaky.right
def larger_for_slopes_below_one(x, slope):
    choose = max if slope <= 1 else min
    y = choose(x.data, slope * x.data)
    return node(y, "Leaky ReLU", x, slope if x.data < 0 else 1)


@leaky.right
def two_relus(x, slope):
    return x.relu() - slope * (-x).relu()


@leaky.right
def a_multiple_of_x(x, slope):
    return x * (1 if x.data > 0 else slope)


@leaky.right
def a_mask_on_each_side(x, slope):
    positive = float(x.data > 0)
    return positive * x + (1 - positive) * slope * x


@leaky.right
def x_itself_on_the_right(x, slope):
    return x if x.data > 0 else slope * x


@leaky.right
def what_relu_takes_away(x, slope):
    return slope * x + (1 - slope) * x.relu()


@leaky.right
def size_and_sign(x, slope):
    return (1 + slope) / 2 * x + (1 - slope) / 2 * (x**2) ** 0.5


@leaky.right
def engines_own(x, slope):
    return x.leaky_relu(slope)


@leaky.right
def numpy_inside(x, slope):
    local = np.where(x.data > 0, 1.0, slope)
    return node(local * x.data, "Leaky ReLU", x, local)


@leaky.right
def torch_inside(x, slope):
    leaf = torch.tensor(x.data, requires_grad=True)
    y = F.leaky_relu(leaf, slope)
    y.backward()
    return node(y.item(), "Leaky ReLU", x, leaf.grad.item())


@leaky.right
def by_hand(x, slope):
    y = Value(x.data if x.data > 0 else slope * x.data)
    y.op, y.left, y.dleft = "Leaky ReLU", x, 1.0 if x.data > 0 else slope
    return y


@leaky.right
def slope_as_a_second_parent(x, slope):
    left = x.data < 0
    slope = Value(slope)
    y = slope.data * x.data if left else x.data
    return node(y, "pReLU", x, slope.data if left else 1, slope, min(x.data, 0))


@leaky.right
def difference_quotient(x, slope, h=1e-4):
    def value(x):
        return x if x > 0 else slope * x

    local = (value(x.data + h) - value(x.data - h)) / (2 * h)
    return node(value(x.data), "Leaky ReLU", x, local)


@leaky.right
def copy_of_the_leaf(x, slope):
    scratch = Value(x.data)
    y = scratch.relu() - slope * (-scratch).relu()
    y.backward()
    return node(y.data, "Leaky ReLU", x, scratch.grad)


# Wrong in the value.


@leaky.wrong("this is ReLU")
def relu(x, slope):
    return x.relu()


@leaky.wrong("this is ReLU")
def slope_in_the_derivative_only(x, slope):
    return node(max(x.data, 0.0), "Leaky ReLU", x, 1.0 if x.data > 0 else slope)


@leaky.wrong("x on both sides")
def identity(x, slope):
    return x * 1


@leaky.wrong("slope · x on both sides")
def linear(x, slope):
    return slope * x


@leaky.wrong("two sides are swapped")
def swapped(x, slope):
    local = slope if x.data > 0 else 1.0
    return node(local * x.data, "Leaky ReLU", x, local)


@leaky.wrong("always 0.01")
def default_slope(x, slope):
    return x.leaky_relu()


@leaky.wrong("always 0.01")
def hard_coded(x, slope):
    local = 1.0 if x.data > 0 else 0.01
    return node(local * x.data, "Leaky ReLU", x, local)


@leaky.wrong("larger of x and slope · x")
def largest(x, slope):
    y = max(x.data, slope * x.data)
    return node(y, "Leaky ReLU", x, 1.0 if x.data > 0 else slope)


@leaky.wrong("slope itself")
def value_is_the_slope(x, slope):
    return node(x.data if x.data > 0 else slope, "Leaky ReLU", x, 1 if x.data > 0 else slope)


@leaky.wrong("sign on the left is wrong")
def wrong_sign(x, slope):
    return x.relu() + slope * (-x).relu()


@leaky.wrong("on top of x")
def relu_and_slope_times_x(x, slope):
    return x.relu() + slope * x


@leaky.wrong("max(slope, x)")
def larger_than_the_slope(x, slope):
    return node(max(slope, x.data), "Leaky ReLU", x, 1.0 if x.data > slope else 0.0)


@leaky.wrong("the bend is at 0")
def compares_with_the_slope(x, slope):
    return x if x.data > slope else slope * x


@leaky.wrong("ELU")
def elu(x, slope):
    return x if x.data > 0 else slope * (x.exp() - 1)


@leaky.wrong("On the left slope and x are added")
def added(x, slope):
    return x if x.data > 0 else x + slope


@leaky.wrong("1, the slope; the value is x")
def value_and_slope_mixed_up(x, slope):
    local = 1.0 if x.data > 0 else slope
    return node(local, "Leaky ReLU", x, local * x.data)


@leaky.wrong("0 is replaced by 0.01")
def zero_is_a_missing_slope(x, slope):
    return x.leaky_relu(slope or 0.01)


@leaky.wrong("sign of the slope is lost")
def size_of_the_slope(x, slope):
    return x.leaky_relu(abs(slope))


@leaky.wrong("the second needs −x")
def same_relu_twice(x, slope):
    return x.relu() - slope * x.relu()


# Wrong in the derivative.


@leaky.wrong("the slope is missing in the derivative")
def step(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, float(x.data > 0))


@leaky.wrong("1 on both sides")
def derivative_one(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, 1.0)


@leaky.wrong("the slope on both sides")
def derivative_slope(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, slope)


@leaky.wrong("swapped: look at your > or <")
def derivative_swapped(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, 1 if x.data < 0 else slope)


@leaky.wrong("In the derivative your slope is always 0.01")
def derivative_hard_coded(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, 1 if x.data > 0 else 0.01)


@leaky.wrong("sign of the value")
def looks_at_the_result(x, slope):
    y = x.data if x.data > 0 else slope * x.data
    return node(y, "Leaky ReLU", x, 1 if y > 0 else slope)


@leaky.wrong("sign of the derivative on the left")
def derivative_of_minus_x(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, 1 if x.data > 0 else -slope)


@leaky.wrong("without x")
def slope_times_x(x, slope):
    y = x.data if x.data > 0 else slope * x.data
    return node(y, "Leaky ReLU", x, 1 if x.data > 0 else y)


@leaky.wrong("is not the value")
def value_twice(x, slope):
    y = x.data if x.data > 0 else slope * x.data
    return node(y, "Leaky ReLU", x, y)


@leaky.wrong("with respect to the slope")
def derivative_by_the_slope(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, min(x.data, 0))


@leaky.wrong("a parent twice")
def both_parents_are_x(x, slope):
    local = 1 if x.data > 0 else slope
    return node(local * x.data, "Leaky ReLU", x, local, x, local)


@leaky.wrong("only one of them belongs to each")
def one_parent_for_each_side(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "", x, 1.0, x, slope)


@leaky.wrong("x.grad holds nothing yet")
def times_the_gradient_of_x(x, slope):
    local = 1 if x.data > 0 else slope
    return node(local * x.data, "Leaky ReLU", x, local * x.grad)


@leaky.wrong("new leaf that does not know x")
def fresh_leaf(x, slope):
    return Value(x.data if x.data > 0 else slope * x.data)


@leaky.wrong("new leaf that does not know x")
def fresh_leaf_on_the_left(x, slope):
    return x if x.data > 0 else Value(slope * x.data)


@leaky.wrong("new leaf that does not know x")
def graph_of_a_copy(x, slope):
    x = Value(x.data)
    return x.relu() - slope * (-x).relu()


# Wrong in what is around.


@leaky.wrong("changes x.grad itself")
def writes_the_gradient(x, slope):
    local = 1 if x.data > 0 else slope
    x.grad += local
    return Value(local * x.data)


@leaky.wrong("changes x.grad itself")
def writes_it_and_makes_a_node(x, slope):
    local = 1 if x.data > 0 else slope
    x.grad = local
    return node(local * x.data, "Leaky ReLU", x, local)


@leaky.wrong("sets x.grad to 0")
def starts_anew(x, slope):
    x.grad = 0.0
    return if_else(x, slope)


@leaky.wrong("calls `backward` itself")
def calls_backward(x, slope):
    y = x.relu() - slope * (-x).relu()
    y.backward()
    return y


@leaky.wrong("leave `backward` to the caller")
def returns_what_backward_returns(x, slope):
    return if_else(x, slope).backward()


@leaky.wrong("a gradient before any `backward`")
def gradient_one_from_the_start(x, slope):
    y = if_else(x, slope)
    y.grad = 1.0
    return y


@leaky.wrong("takes one number")
def children_as_in_micrograd(x, slope):
    return Value(x.data if x.data > 0 else slope * x.data, (x,), "Leaky ReLU")


@leaky.wrong("is a Value already")
def value_of_a_value(x, slope):
    return Value(x) * (1 if x.data > 0 else slope)


class Alone(Value):
    __slots__ = ("local", "x")

    def __init__(self, x, slope):
        self.x, self.local = x, 1 if x.data > 0 else slope
        super().__init__(self.local * x.data)

    def backward(self):
        self.x.grad += self.local


@leaky.wrong("The gradient stops at your node")
def own_backward(x, slope):
    return Alone(x, slope)


class OneForAll(Value):
    """Replaces the gradient that comes back by 1."""

    __slots__ = ()

    grad = property(lambda self: 1.0, lambda self, _: None)


@leaky.wrong("What comes after the node is missing")
def ignores_what_comes_after(x, slope):
    y = OneForAll(x.data if x.data > 0 else slope * x.data)
    y.left, y.dleft = x, 1 if x.data > 0 else slope
    return y


@leaky.wrong("returns a float")
def number(x, slope):
    return x.data if x.data > 0 else slope * x.data


@leaky.wrong("Return the node alone")
def value_and_slope(x, slope):
    return if_else(x, slope), slope


@leaky.wrong("changes x.data")
def in_place(x, slope):
    x.data = x.data if x.data > 0 else slope * x.data
    return x


@leaky.wrong("knows no order")
def compares_the_node(x, slope):
    return x if x > 0 else slope * x


@leaky.wrong("knows no order")
def largest_of_two_nodes(x, slope):
    return max(x, slope * x)


@leaky.wrong("`backward` is there already")
def closure_as_in_micrograd(x, slope):
    out = Value(x.data if x.data > 0 else slope * x.data)

    def _backward():
        x.grad += (1 if x.data > 0 else slope) * out.grad

    out._backward = _backward
    return out


@leaky.wrong("the parent and the local slope")
def no_local_slope(x, slope):
    return node(x.data if x.data > 0 else slope * x.data, "Leaky ReLU", x)


@leaky.wrong("is a Value, and it should be a plain number")
def data_is_a_node(x, slope):
    local = 1 if x.data > 0 else slope
    return node(local * x, "Leaky ReLU", x, local)


@leaky.wrong("is a Value, and it should be a plain number")
def local_slope_is_a_node(x, slope):
    local = Value(1 if x.data > 0 else slope)
    return node(local.data * x.data, "Leaky ReLU", x, local)


@leaky.wrong("not a tensor")
def for_tensors(x, slope):
    return torch.where(x.data > 0, x, slope * x)


@leaky.wrong("not a tensor")
def pytorchs(x, slope):
    return F.leaky_relu(x, slope)


@leaky.wrong("one branch ends without `return`")
def forgotten_branch(x, slope):
    if x.data > 0:
        return x


@leaky.wrong("takes (x), and it is called with (x, slope)")
def no_argument(x):
    return x.leaky_relu()


@leaky.wrong("the same node twice")
def remembered(x, slope, known={}):  # noqa: B006
    key = id(x)
    if key not in known:
        known.clear()
        known[key] = x, if_else(x, slope)
    return known[key][1]


@leaky.wrong(None)
def tilted_a_little(x, slope):
    y = x.data if x.data > 0 else slope * x.data
    return node(y, "Leaky ReLU", x, 1 if x.data > 0 else slope + 0.001)


@leaky.wrong(None)
def at_most_a_fifth(x, slope):
    return if_else(x, math.copysign(min(abs(slope), 0.2), slope))
