"""Answers to exercise 05: tanh(x) + 1 = 2 σ(2x), and sigmoid networks made of tanh."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import sympy
import torch
from sympy import cosh, exp, sinh, tanh

from mlpbook import checks
from tests.bank import Bank

steps = Bank(checks.identity_steps)
network = Bank(checks.tanh_network)


def sigma(z):
    return 1 / (1 + exp(-z))


def quotient(x):
    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


@steps.right
def from_the_definition(x):
    return [
        tanh(x) + 1,
        quotient(x) + 1,
        2 * exp(x) / (exp(x) + exp(-x)),
        2 / (1 + exp(-2 * x)),
    ]


@steps.right
def one_more_step_that_sympy_tidies(x):
    common = exp(x) + exp(-x)
    return [
        tanh(x) + 1,
        quotient(x) + 1,
        quotient(x) + common / common,
        ((exp(x) - exp(-x)) + (exp(x) + exp(-x))) / common,
        2 * exp(x) / common,
        2 * sigma(2 * x),
    ]


@steps.right
def short_definition_of_tanh(x):
    return [tanh(x) + 1, (1 - exp(-2 * x)) / (1 + exp(-2 * x)) + 1, 2 / (1 + exp(-2 * x))]


@steps.right
def multiplied_by_exp_over_exp(x):
    e = exp(x)
    return (
        1 + tanh(x),
        1 + quotient(x),
        1 + (e**2 - 1) / (e**2 + 1),
        2 * e**2 / (e**2 + 1),
        2 / (1 + e**-2),
    )


@steps.right
def one_minus_the_other_tail(x):
    return [tanh(x) + 1, (1 - 2 * sigma(-2 * x)) + 1, 2 * (1 - sigma(-2 * x)), 2 * sigma(2 * x)]


@steps.right
def sigmoid_as_a_name(x):
    sigmoid = sympy.Function("sigmoid")
    return [
        tanh(x) + 1,
        1 - 2 * sigmoid(-2 * x) + 1,
        2 * exp(2 * x) / (1 + exp(2 * x)),
        2 * sigmoid(2 * x),
    ]


@steps.right
def a_function_class(x):
    class Sigma(sympy.Function):
        pass

    return [tanh(x) + 1, quotient(x) + 1, 2 * exp(x) / (exp(x) + exp(-x)), 2 * Sigma(2 * x)]


@steps.right
def hyperbolic_first(x):
    return [
        tanh(x) + 1,
        sinh(x) / cosh(x) + 1,
        (sinh(x) + cosh(x)) / cosh(x),
        exp(x) / cosh(x),
        2 * exp(x) / (exp(x) + exp(-x)),
        2 / (1 + exp(-2 * x)),
    ]


@steps.right
def nothing_evaluated(x):
    def fraction(above, below):
        return sympy.Mul(above, sympy.Pow(below, -1, evaluate=False), evaluate=False)

    above, below = exp(x) - exp(-x), exp(x) + exp(-x)
    return [
        sympy.Add(tanh(x), 1, evaluate=False),
        sympy.Add(fraction(above, below), 1, evaluate=False),
        fraction(sympy.Add(above, below, evaluate=False), below),
        sympy.Mul(2, fraction(exp(x), below), evaluate=False),
        sympy.Mul(2, fraction(1, 1 + exp(-2 * x)), evaluate=False),
    ]


@steps.right
def numerators_held_apart(x):
    above, below = exp(x) - exp(-x), exp(x) + exp(-x)
    held = (sympy.UnevaluatedExpr(above) + sympy.UnevaluatedExpr(below)) / below
    return [tanh(x) + 1, held, held.doit(), 2 * sympy.UnevaluatedExpr(sigma(2 * x))]


@steps.right
def by_sympy_itself(x):
    first = sympy.tanh(x) + 1
    second = first.rewrite(sympy.exp)
    third = sympy.together(second)
    return iter([first, second, third, 2 / (1 + sympy.exp(-2 * x))])


@steps.right
def floats(x):
    return [
        1.0 + tanh(x),
        1.0 + (math.e**x - math.e**-x) / (math.e**x + math.e**-x),
        2.0 * exp(x) / (exp(x) + exp(-1.0 * x)),
        2.0 / (1.0 + exp(-2.0 * x)),
    ]


@steps.right
def a_symbol_of_its_own(x):
    x = sympy.Symbol("x", real=True)
    return from_the_definition(x)


@steps.right
def parsed(x):
    texts = ["tanh(x) + 1", "(exp(2*x) - 1)/(exp(2*x) + 1) + 1", "2/(1 + exp(-2*x))"]
    return [sympy.sympify(text) for text in texts]


@steps.right
def from_both_ends(x):
    end = 2 * exp(x) / (exp(x) + exp(-x))
    left = [tanh(x) + 1, quotient(x) + 1, end]
    right = [2 * sigma(2 * x), sympy.simplify(2 * sigma(2 * x)), end]
    return left + right[::-1]


@steps.wrong("work is skipped")
def ends_only(x):
    return [tanh(x) + 1, 2 * sigma(2 * x)]


@steps.wrong("you use the identity itself")
def ends_repeated(x):
    return [tanh(x) + 1, 1 + tanh(x), 2 * sigma(2 * x), 2 * sigma(2 * x)]


@steps.wrong("you use the identity itself")
def one_taken_and_given_back(x):
    minus_one = sympy.Add(2 * sigma(2 * x), -1, evaluate=False)
    return [tanh(x) + 1, sympy.Add(minus_one, 1, evaluate=False), 2 * sigma(2 * x)]


@steps.wrong("From step 1 to step 2 work is skipped")
def fraction_at_once(x):
    return [tanh(x) + 1, 2 * exp(x) / (exp(x) + exp(-x)), 2 * sigma(2 * x)]


@steps.wrong("no step before the last holds an exponential")
def never_an_exponential(x):
    return [tanh(x) + 1, sinh(x) / cosh(x) + 1, (sinh(x) + cosh(x)) / cosh(x), 2 * sigma(2 * x)]


@steps.wrong("σ(x) in the place of σ(2x): this step is 2σ(x)")
def argument_not_doubled(x):
    return [*from_the_definition(x)[:-1], 2 * sigma(x)]


@steps.wrong("Step 2, ")
def half_the_argument_from_the_start(x):
    return [tanh(x) + 1, (1 - exp(-x)) / (1 + exp(-x)) + 1, 2 * sigma(x)]


@steps.wrong("Step 2, ")
def plus_one_lost_in_between(x):
    return [tanh(x) + 1, quotient(x), 2 * exp(x) / (exp(x) + exp(-x)), 2 * sigma(2 * x)]


@steps.wrong("The + 1 is lost: this step is tanh(x)")
def plus_one_lost_at_the_end(x):
    return [tanh(x) + 1, quotient(x) + 1, 2 * sigma(2 * x) - 1]


@steps.wrong("The + 1 is lost: this step is tanh(x)")
def plus_one_never_there(x):
    return [tanh(x), quotient(x), 2 * sigma(2 * x) - 1]


@steps.wrong("The factor 2 is lost")
def factor_lost(x):
    return [tanh(x) + 1, quotient(x) + 1, exp(x) / (exp(x) + exp(-x)), sigma(2 * x)]


@steps.wrong("the factor 2 is lost")
def sigmoid_of_x(x):
    return [tanh(x) + 1, quotient(x) + 1, sigma(x)]


@steps.wrong("2σ(−2x)")
def wrong_exponent(x):
    return [*from_the_definition(x)[:-1], 2 / (1 + exp(2 * x))]


@steps.wrong("Sum and difference are swapped")
def upside_down(x):
    return [tanh(x) + 1, 1 / quotient(x) + 1, 2 * sigma(2 * x)]


@steps.wrong("1 is added to the numerator")
def numerator_only(x):
    common = exp(x) + exp(-x)
    return [tanh(x) + 1, quotient(x) + 1, (exp(x) - exp(-x) + 1) / common, 2 * sigma(2 * x)]


@steps.wrong("same factor")
def multiplied_above_only(x):
    common = exp(x) + exp(-x)
    return [
        tanh(x) + 1,
        quotient(x) + 1,
        2 * exp(x) / common,
        2 * exp(2 * x) / common,
        2 * sigma(2 * x),
    ]


@steps.wrong("same factor")
def divided_above_only(x):
    common = exp(x) + exp(-x)
    return [tanh(x) + 1, quotient(x) + 1, 2 * exp(x) / common, 2 / common, 2 * sigma(2 * x)]


@steps.wrong("denominator of tanh is lost")
def hyperbolic_sine(x):
    return [tanh(x) + 1, (exp(x) - exp(-x)) / 2 + 1, 2 * sigma(2 * x)]


@steps.wrong("not written so yet")
def stops_early(x):
    return from_the_definition(x)[:-1]


@steps.wrong("Turn the list round")
def backwards(x):
    return from_the_definition(x)[::-1]


@steps.wrong("begins with tanh(x) + 1")
def first_step_left_out(x):
    return from_the_definition(x)[1:]


@steps.wrong("Leave out the quotation marks")
def strings(x):
    return [str(step) for step in from_the_definition(x)]


@steps.wrong("one side only")
def equations(x):
    chain = from_the_definition(x)
    return [sympy.Eq(a, b) for a, b in pairwise(chain)]


@steps.wrong("should return a list")
def last_expression_only(x):
    return 2 * sigma(2 * x)


@steps.wrong("list is empty")
def nothing(x):
    return []


@steps.wrong("holds the symbol z")
def another_symbol(x):
    return [*from_the_definition(x)[:-1], 2 * sigma(sympy.Symbol("z"))]


@steps.wrong("uses f, which has no meaning")
def unknown_function(x):
    return [*from_the_definition(x)[:-1], 2 * sympy.Function("f")(2 * x)]


@steps.wrong("x is a symbol")
def numpy_for_sympy(x):
    return [tanh(x) + 1, 2 / (1 + np.exp(-2 * x))]


@steps.wrong("Give its value at x")
def functions(x):
    return [lambda x: tanh(x) + 1, lambda x: 2 * sigma(2 * x)]


@steps.wrong(None)
def small_error(x):
    return [tanh(x) + 1, quotient(x) + 1 + exp(-20) * x, 2 * sigma(2 * x)]


@steps.wrong(None)
def true_at_zero_only(x):
    return [tanh(x) + 1, 1 + x - x**3 / 3, 2 * sigma(2 * x)]


@network.right
def loop(weights, biases):
    W, b = [weights[0] / 2], [biases[0] / 2]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        W.append(weight / 4)
        b.append((bias + weight.sum(0) / 2) / 2)
    W[-1], b[-1] = 2 * W[-1], 2 * b[-1]
    return W, b


@network.right
def two_passes(weights, biases):
    """First what comes in, then what goes on."""
    n = len(weights)
    b = [bias + (weights[i].sum(0) / 2 if i else 0) for i, bias in enumerate(biases)]
    W = [weight / 2 if i else weight for i, weight in enumerate(weights)]
    inside = [0.5] * (n - 1) + [1]
    return [s * w for s, w in zip(inside, W, strict=True)], [
        s * v for s, v in zip(inside, b, strict=True)
    ]


@network.right
def closed_form(weights, biases):
    n = len(weights)
    return (
        [w / (2 ** ((i > 0) + (i < n - 1))) for i, w in enumerate(weights)],
        [
            (b + (i > 0) * torch.ones(len(w), dtype=w.dtype) @ w / 2) / (1 + (i < n - 1))
            for i, (w, b) in enumerate(zip(weights, biases, strict=True))
        ],
    )


@network.right
def flipped(weights, biases):
    """1 − 2σ(−2x) in place of 2σ(2x) − 1: every hidden unit with the other sign."""
    W, b = loop(weights, biases)
    last = len(W) - 1
    W = [w * (-1 if i in (0, last) and last else 1) for i, w in enumerate(W)]
    return W, [v if i == last else -v for i, v in enumerate(b)]


@network.right
def permuted(weights, biases):
    W, b = loop(weights, biases)
    for i in range(len(W) - 1):
        order = torch.arange(len(b[i]) - 1, -1, -1)
        W[i], b[i], W[i + 1] = W[i][:, order], b[i][order], W[i + 1][order]
    return W, b


@network.right
def every_unit_twice(weights, biases):
    W, b = loop(weights, biases)
    for i in range(len(W) - 1):
        W[i], b[i] = torch.cat([W[i], W[i]], 1), torch.cat([b[i], b[i]])
        W[i + 1] = torch.cat([W[i + 1] / 4, 3 * W[i + 1] / 4])
    return W, b


@network.right
def constant_unit_in_place_of_the_shift(weights, biases):
    """The last shift comes from one more hidden unit whose weights are all 0."""
    W, b = loop(weights, biases)
    shift = weights[-1].sum(0) / 2
    W[-2] = torch.cat([W[-2], torch.zeros(len(W[-2]), 1, dtype=W[-2].dtype)], 1)
    b[-2] = torch.cat([b[-2], torch.ones(1, dtype=b[-2].dtype)])
    W[-1] = torch.cat([W[-1], (shift / math.tanh(1))[None]])
    b[-1] = b[-1] - shift
    return W, b


@network.right
def numpy_arrays(weights, biases):
    weights, biases = [np.asarray(w) for w in weights], [np.asarray(b) for b in biases]
    W = [w / 4 for w in weights]
    b = [b / 2 + np.sum(w, axis=0) / 4 for w, b in zip(weights, biases, strict=True)]
    W[0], b[0] = weights[0] / 2, biases[0] / 2
    W[-1], b[-1] = W[-1] * 2, b[-1] * 2
    return np.array([*W, None], dtype=object)[:-1], b


@network.right
def numpy_methods(weights, biases):
    W, b = loop([w.astype(float) for w in weights], [b.astype(float) for b in biases])
    return W, b


@network.right
def float32(weights, biases):
    return loop([w.float() for w in weights], [b.float() for b in biases])


@network.right
def nested_lists(weights, biases):
    W, b = loop(weights, biases)
    return [w.tolist() for w in W], [v.tolist() for v in b]


@network.right
def fractions(weights, biases):
    W, b = nested_lists(weights, biases)
    return [[[Fraction(e) for e in row] for row in w] for w in W], [
        [Fraction(e) for e in v] for v in b
    ]


@network.right
def row_biases_that_need_grad(weights, biases):
    W, b = loop(weights, biases)
    return (
        tuple(torch.nn.Parameter(w) for w in W),
        tuple(v.reshape(1, -1).requires_grad_() for v in b),
    )


@network.right
def by_tracing(weights, biases):
    """The affine maps, found by trying them on tanh's own values."""
    n = len(weights)
    W, b = [], []
    for i, (w, v) in enumerate(zip(weights, biases, strict=True)):

        def layer(t, i=i, w=w, v=v):
            h = t if i == 0 else (1 + t) / 2
            return (h @ w + v) / (2 if i < n - 1 else 1)

        zero = torch.zeros(1, len(w), dtype=w.dtype)
        b.append(layer(zero)[0])
        W.append(layer(torch.eye(len(w), dtype=w.dtype)) - b[-1])
    return W, b


@network.right
def recursion(weights, biases):
    if len(weights) == 1:
        return list(weights), list(biases)
    W, b = list(weights), list(biases)
    head = W[0] / 2, b[0] / 2
    W[1], b[1] = W[1] / 2, b[1] + W[1].sum(dim=0) / 2
    rest = recursion(W[1:], b[1:])
    return [head[0], *rest[0]], [head[1], *rest[1]]


@network.wrong("unchanged")
def unchanged(weights, biases):
    return weights, biases


@network.wrong("biases are not shifted")
def not_shifted(weights, biases):
    W, _ = loop(weights, biases)
    return W, [v / 2 for v in biases[:-1]] + [biases[-1]]


@network.wrong("biases are not shifted")
def weights_halved_only(weights, biases):
    return [w / 2 for w in weights], biases


@network.wrong("biases are not shifted")
def all_halved(weights, biases):
    return [w / 2 for w in weights], [b / 2 for b in biases]


@network.wrong("over the wrong axis")
def wrong_axis(weights, biases):
    W, b = [weights[0] / 2], [biases[0] / 2]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        W.append(weight / 4)
        b.append((bias + weight.sum(1) / 2) / 2)
    W[-1], b[-1] = 2 * W[-1], 2 * b[-1]
    return W, b


@network.wrong("sum over all weights")
def sum_of_all(weights, biases):
    W, b = [weights[0] / 2], [biases[0] / 2]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        W.append(weight / 4)
        b.append((bias + weight.sum() / 2) / 2)
    W[-1], b[-1] = 2 * W[-1], 2 * b[-1]
    return W, b


@network.wrong("The shift is a mean")
def mean(weights, biases):
    W, b = [weights[0] / 2], [biases[0] / 2]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        W.append(weight / 4)
        b.append((bias + weight.mean(0) / 2) / 2)
    W[-1], b[-1] = 2 * W[-1], 2 * b[-1]
    return W, b


@network.wrong("sign of the shift")
def minus(weights, biases):
    W, b = loop(weights, [-b for b in biases])
    return W, [-v for v in b]


@network.wrong("twice too large")
def shift_not_halved(weights, biases):
    W, b = loop(weights, biases)
    b = [v + (w.sum(0) if i else 0) for i, (w, v) in enumerate(zip(W, b, strict=True))]
    return W, b


@network.wrong("weights halved already")
def shift_halved_twice(weights, biases):
    W, b = loop(weights, biases)
    b = [v - (w.sum(0) / 2 if i else 0) for i, (w, v) in enumerate(zip(W, b, strict=True))]
    return W, b


@network.wrong("not scaled")
def output_not_scaled(weights, biases):
    W, b = loop(weights, biases)
    W[-1] = weights[-1]
    return W, b


@network.wrong("output layer is not converted")
def output_untouched(weights, biases):
    W, b = loop(weights, biases)
    W[-1], b[-1] = weights[-1], biases[-1]
    return W, b


@network.wrong("Only the first layer")
def first_layer_only(weights, biases):
    return [weights[0] / 2, *weights[1:]], [biases[0] / 2, *biases[1:]]


@network.wrong("are as they were")
def one_hidden_layer_only(weights, biases):
    W, b = list(weights), list(biases)
    W[0], b[0] = W[0] / 2, b[0] / 2
    b[-1] = b[-1] + W[-1].sum(0) / 2
    W[-1] = W[-1] / 2
    return W, b


@network.wrong("argument is not halved")
def tanh_of_z(weights, biases):
    W = [w / 2 if i else w for i, w in enumerate(weights)]
    b = [v + w.sum(0) / 2 if i else v for i, (w, v) in enumerate(zip(weights, biases, strict=True))]
    return W, b


@network.wrong("other direction")
def sigmoid_network(weights, biases):
    W, b = [2 * weights[0]], [2 * biases[0]]
    for weight, bias in zip(weights[1:], biases[1:], strict=True):
        W.append(4 * weight)
        b.append(2 * (bias - weight.sum(0)))
    W[-1], b[-1] = W[-1] / 2, b[-1] / 2
    return W, b


@network.wrong("as if tanh came after it")
def output_halved_too(weights, biases):
    W, b = loop(weights, biases)
    W[-1], b[-1] = W[-1] / 2, b[-1] / 2
    return W, b


@network.wrong("biases of the first layer are not halved")
def first_bias_kept(weights, biases):
    W, b = loop(weights, biases)
    return W, [biases[0], *b[1:]]


@network.wrong("between hidden layers")
def middle_halved_once(weights, biases):
    W = [w / 2 for w in weights]
    b = [v + w.sum(0) / 2 for w, v in zip(weights, biases, strict=True)]
    return W, [biases[0] / 2, *b[1:]]


@network.wrong("Only the biases of the output layer are shifted")
def middle_not_shifted(weights, biases):
    W, b = loop(weights, biases)
    b[1:-1] = [v / 2 for v in biases[1:-1]]
    return W, b


@network.wrong("biases of the output layer are not shifted")
def last_not_shifted(weights, biases):
    W, b = loop(weights, biases)
    return W, [*b[:-1], biases[-1]]


@network.wrong("argument of its tanh is not halved")
def second_layer_only(weights, biases):
    return [*weights[:-1], weights[-1] / 2], [*biases[:-1], biases[-1] + weights[-1].sum(0) / 2]


@network.wrong("over the wrong axis")
def wrong_axis_in_the_output_layer(weights, biases):
    W, b = loop(weights, biases)
    return W, [*b[:-1], biases[-1] + weights[-1].sum(1) / 2]


@network.wrong("came from σ")
def all_layers_alike(weights, biases):
    return [w / 4 for w in weights], [
        (b + w.sum(0) / 2) / 2 for w, b in zip(weights, biases, strict=True)
    ]


@network.wrong("pair (W, b) for each layer")
def pairs(weights, biases):
    return list(zip(*loop(weights, biases), strict=True))


@network.wrong("swapped")
def swapped(weights, biases):
    return loop(weights, biases)[::-1]


@network.wrong("transposed")
def transposed(weights, biases):
    W, b = loop(weights, biases)
    return [w.T for w in W], b


@network.wrong("the pair (weights, biases)")
def weights_only(weights, biases):
    return [*loop(weights, biases)[0], biases[0]]


@network.wrong("biases[1] has shape")
def columns(weights, biases):
    W, b = loop(weights, biases)
    return W, [b[0], *[v[:, None].expand(-1, 2) for v in b[1:]]]


@network.wrong("too many values")
def two_layers_only(weights, biases):
    (first, last), (inner, outer) = weights, biases
    return [first / 2, last / 2], [inner / 2, outer + last.sum(0) / 2]


@network.wrong("changes weights")
def in_place(weights, biases):
    weights[0] /= 2
    return loop(weights, biases)


@network.wrong(None)
def a_linear_guess(weights, biases):
    W, b = loop(weights, biases)
    return [0.9 * w for w in W], b


@network.wrong(None)
def last_unit_forgotten(weights, biases):
    W, b = loop(weights, biases)
    W[-1] = W[-1].clone()
    W[-1][-1] = 0
    return W, b


@network.wrong("a list of a tensor, a tensor")
def weights_without_biases(weights, biases):
    return loop(weights, biases)[0]
