"""Answers to exercise 10: two ReLU units that follow x², and the slopes that two units reach."""

import itertools
import math
import random
from collections import namedtuple
from fractions import Fraction

import numpy as np
import sympy
import torch

from mlpbook import checks
from tests.bank import Bank

network = Bank(checks.two_unit_network)
slopes = Bank(checks.possible_slopes)

BEST = (1, -0.4, 1, -1.2, 1.6, 1.6, 4 / 75)


@network.right
def best():
    return BEST


@network.right
def swapped_units():
    return 1, -1.2, 1, -0.4, 1.6, 1.6, 0.0533


@network.right
def scaled_units():
    return 8, -3.2, 0.5, -0.6, 0.2, 3.2, 0.053


@network.right
def slopes_in_the_hidden_weights():
    return 1.6, -0.64, 1.6, -1.92, 1.0, 1.0, 0.05


@network.right
def fractions():
    s = Fraction(2, 5)
    return Fraction(1), -s, Fraction(1), -3 * s, 4 * s, 4 * s, s**2 / 3


@network.right
def rounded():
    return [1, -0.4, 1, -1.2, 1.6, 1.6, 0.05]


@network.right
def array():
    return np.array(BEST, dtype=np.float32)


@network.right
def numbers_of_numpy():
    return tuple(map(np.float64, BEST))


@network.right
def tensor():
    return torch.tensor(BEST)


@network.right
def scalars_of_torch():
    return tuple(torch.tensor(entry, dtype=torch.float64, requires_grad=True) for entry in BEST)


@network.right
def one_entry_each():
    return [torch.tensor([[entry]]) for entry in BEST]


@network.right
def of_sympy():
    s = sympy.Rational(2, 5)
    return sympy.Integer(1), -s, sympy.Integer(1), -3 * s, 4 * s, 4 * s, s**2 / 3


@network.right
def named_tuple():
    return namedtuple("Network", "w1 b1 w2 b2 v1 v2 c")(*BEST)


@network.right
def least_squares():
    x = torch.linspace(0, 2, 2001, dtype=torch.float64)
    errors = {}
    for s, t in itertools.product([0.3, 0.4, 0.5], [1.1, 1.2, 1.3]):
        columns = torch.stack([torch.relu(x - s), torch.relu(x - t), torch.ones_like(x)], dim=1)
        solution = torch.linalg.lstsq(columns, (x**2)[:, None]).solution
        error = (columns @ solution - (x**2)[:, None]).pow(2).mean().item()
        errors[error] = (1.0, -s, 1.0, -t, *solution.flatten().tolist())
    return errors[min(errors)]


@network.right
def gradient_descent():
    x = torch.linspace(0, 2, 101)
    w, b, v = torch.ones(2), torch.tensor([-0.3, -1.0]), torch.ones(2)
    c = torch.zeros(1)
    parameters = [p.requires_grad_() for p in (w, b, v, c)]
    optimiser = torch.optim.Adam(parameters, lr=0.02)
    for _ in range(400):
        optimiser.zero_grad()
        ((torch.relu(x[:, None] * w + b) @ v + c - x**2) ** 2).mean().backward()
        optimiser.step()
    return w[0], b[0], w[1], b[1], v[0], v[1], c


@network.wrong("unit 2 has the weight 0")
def two_pieces_in_another_order():
    return [1, 2, 0, -2, 1, 1, 0]


@network.wrong("2 pieces and the error 0.03333: not enough either")
def two_pieces_in_another_order_again():
    return (1, 2, 0, -2, 1, 1, 0)


@network.wrong("on the border of [0, 2]")
def through_three_points():
    return 1, 0, 2, -2, 1, 1, 0


@network.wrong("fewer than three pieces")
def best_of_two_pieces():
    return 1, 0, 1, -1, 1, 2, -1 / 6


@network.wrong("outside [0, 2]")
def knots_on_the_left():
    return 1, 1, 1, 3, 1, 2, 0


@network.wrong("outside [0, 2]")
def one_knot_too_far():
    return 1, -0.4, 1, -2.5, 2, 1, 0


@network.wrong("need a third unit")
def free_slopes_without_the_third():
    return 1, 0, 1, -2 / 3, 2 / 3, 4 / 3, -2 / 27


@network.wrong("Thirds of [0, 2]")
def thirds():
    return 1, -2 / 3, 1, -4 / 3, 4 / 3, 4 / 3, 0


@network.wrong("Thirds of [0, 2]")
def slopes_of_the_last_two_thirds():
    return 1, -2 / 3, 1, -4 / 3, 2, 4 / 3, 0


@network.wrong("Only c is off")
def c_forgotten():
    return 1, -0.4, 1, -1.2, 1.6, 1.6, 0


@network.wrong("Only c is off")
def least_largest_distance():
    return 1, -0.4, 1, -1.2, 1.6, 1.6, 0.08


@network.wrong("Only c is off")
def corners_on_the_curve():
    return 1, -0.4, 1, -1.2, 1.6, 1.6, 0.16


@network.wrong("In the order (w1, w2, b1, b2, v1, v2, c)")
def weights_first():
    return 1, 1, -0.4, -1.2, 1.6, 1.6, 0.0533


@network.wrong("In the order (w1, b1, v1, w2, b2, v2, c)")
def unit_by_unit():
    return 1, -0.4, 1.6, 1, -1.2, 1.6, 0.0533


@network.wrong("In the order (w1, c, w2, b1, v1, v2, b2)")
def biases_and_c_permuted():
    return 1, 0.0533, 1, -0.4, 1.6, 1.6, -1.2


@network.wrong("In the order (w1, b1, w2, c, v1, v2, b2)")
def c_in_the_place_of_a_bias():
    return 1, -0.4, 1, 0.0533, 1.6, 1.6, -1.2


@network.wrong("biases have the wrong sign")
def signs_of_the_biases():
    return 1, 0.4, 1, 1.2, 1.6, 1.6, 0.0533


@network.wrong("the place of the bend")
def knots_for_biases():
    return 1.6, 0.4, 1.6, 1.2, 1, 1, 0.0533


@network.wrong("relu(w(x + b))")
def bias_inside_the_product():
    return 1.6, -0.4, 1.6, -1.2, 1, 1, 0.0533


@network.wrong("slope that each unit adds")
def slope_for_output_weight():
    return 2, -0.8, 2, -2.4, 1.6, 1.6, 0.0533


@network.wrong("only the difference")
def whole_slope_in_the_second_unit():
    return 1, -0.4, 1, -1.2, 1.6, 3.2, 0.0533


@network.wrong("opens downward")
def upside_down():
    return 1, -0.4, 1, -1.2, -1.6, -1.6, 0.0533


@network.wrong("units face left")
def mirrored():
    return -1, 0.4, -1, 1.2, 1.6, 1.6, 0.0533


@network.wrong("On [-1, 1]")
def fit_around_0():
    return 1, -1 / 3, -1, -1 / 3, 4 / 3, 4 / 3, 1 / 27


@network.wrong("On [0, 1]")
def fit_on_the_unit_interval():
    return 1, -0.2, 1, -0.6, 0.8, 0.8, 1 / 75


@network.wrong("slopes (a, b, 0)")
def two_leftward_units():
    return -1, 1.0, -1, 1.9, -1, -1.5, 3.5


@network.wrong("slopes (p, 0, q)")
def silent_between():
    return -1, 0.9, 1, -1.1, -1, 3, 0.8


@network.wrong("slopes (p, p + q, q)")
def sum_between():
    return 1, -0.1445, -1, 1.0723, 3.0648, 1.8405, -1.95


@network.wrong("The bends are well placed")
def slopes_not_good():
    return 1, -0.4, 1, -1.2, 1.3, 2.5, 0.06


@network.wrong("bend at the same x")
def same_bend():
    return 1, -1, 2, -2, 1, 1, 0.2


@network.wrong("is one straight line")
def nothing_but_zeros():
    return (0,) * 7


@network.wrong("output weight 0")
def one_unit():
    return 1, -0.5, 1, -1, 2, 0, 0


@network.wrong("returns 6 values")
def without_c():
    return BEST[:6]


@network.wrong("returns 10 values")
def three_units():
    return 1, 0, 1, -2 / 3, 1, -4 / 3, 2 / 3, 4 / 3, 4 / 3, -2 / 27


@network.wrong("returns a function")
def the_function_itself():
    return lambda x: 1.6 * max(x - 0.4, 0) + 1.6 * max(x - 1.2, 0)


@network.wrong("w1 is nan")
def diverged():
    return (math.nan,) * 7


@network.wrong("w1 is a tuple")
def pair_by_pair():
    return (1, -0.4), (1, -1.2), 1.6, 1.6, 0.0533, 0, 0


@network.wrong("b1 is a string")
def text():
    return 1, "-0.4", 1, -1.2, 1.6, 1.6, 0.0533


@network.wrong("b1 is None")
def nothing_in_one_place():
    return 1, None, 1, -1.2, 1.6, 1.6, 0.0533


@network.wrong("In the order")
def in_the_order_of_the_formula():
    return 1.6, 1, -0.4, 1.6, 1, -1.2, 0.0533


# The slopes.


@slopes.right
def four(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2, v1 * w1 + v2 * w2}


@slopes.right
def subsets(w1, w2, v1, v2):
    parts = (v1 * w1, v2 * w2)
    return {sum(some) for size in range(3) for some in itertools.combinations(parts, size)}


@slopes.right
def patterns(w1, w2, v1, v2):
    return {a * v1 * w1 + b * v2 * w2 for a in (0, 1) for b in (False, True)}


@slopes.right
def list_of_floats(w1, w2, v1, v2):
    return [0.0, v1 * w1, v2 * w2, v1 * w1 + v2 * w2]


@slopes.right
def frozen(w1, w2, v1, v2):
    return frozenset(four(w1, w2, v1, v2))


@slopes.right
def generated(w1, w2, v1, v2):
    return (a * v1 * w1 + b * v2 * w2 for a in range(2) for b in range(2))


@slopes.right
def keys(w1, w2, v1, v2):
    return dict.fromkeys(four(w1, w2, v1, v2)).keys()


@slopes.right
def matrix(w1, w2, v1, v2):
    on = torch.tensor(list(itertools.product([0.0, 1.0], repeat=2)), dtype=torch.float64)
    return on @ torch.tensor([v1 * w1, v2 * w2], dtype=torch.float64)


@slopes.right
def unique_of_numpy(w1, w2, v1, v2):
    return np.unique(np.add.outer([0, v1 * w1], [0, v2 * w2]))


@slopes.right
def set_of_tensors(w1, w2, v1, v2):
    return {torch.tensor(slope) for slope in four(w1, w2, v1, v2)}


@slopes.right
def exact(w1, w2, v1, v2):
    return four(*map(Fraction, (w1, w2, v1, v2)))


@slopes.right
def of_sympy_as_a_set(w1, w2, v1, v2):
    return sympy.FiniteSet(*four(w1, w2, v1, v2))


@slopes.right
def for_tensors(w1, w2, v1, v2):
    w, v = torch.stack([w1, w2]), torch.stack([v1, v2])
    return set((torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]]).double() @ (w * v)).tolist())


@slopes.right
def tried_with_random_biases(w1, w2, v1, v2):
    rng, found = random.Random(0), set()
    for _ in range(200):
        b1, b2, x = (rng.uniform(-9, 9) for _ in range(3))
        on = w1 * x + b1 > 0, w2 * x + b2 > 0
        found.add(on[0] * v1 * w1 + on[1] * v2 * w2)
    return found


@slopes.right
def by_autograd(w1, w2, v1, v2):
    found = []
    for b1, b2 in itertools.product([-1.0, 1.0], repeat=2):
        x = torch.zeros(1, requires_grad=True)
        (v1 * torch.relu(w1 * x + b1) + v2 * torch.relu(w2 * x + b2)).backward()
        found.append(x.grad.item())
    return set(found)


@slopes.wrong("0 is missing")
def without_zero(w1, w2, v1, v2):
    return {v1 * w1, v2 * w2, v1 * w1 + v2 * w2}


@slopes.wrong("where both units are active is missing")
def without_the_sum(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2}


@slopes.wrong("where both units are active is missing, and the one")
def units_alone(w1, w2, v1, v2):
    return {v1 * w1, v2 * w2}


@slopes.wrong("slope of the second unit alone is missing")
def one_order_of_bends(w1, w2, v1, v2):
    return {0, v1 * w1, v1 * w1 + v2 * w2}


@slopes.wrong("slope of the first unit alone is missing")
def the_other_order(w1, w2, v1, v2):
    return {0, v2 * w2, v1 * w1 + v2 * w2}


@slopes.wrong("one unit alone is active")
def together_only(w1, w2, v1, v2):
    return {0, v1 * w1 + v2 * w2}


@slopes.wrong("a unit may be silent")
def always_active(w1, w2, v1, v2):
    return {v1 * w1 + v2 * w2}


@slopes.wrong("The output weights are missing")
def without_v(w1, w2, v1, v2):
    return {0, w1, w2, w1 + w2}


@slopes.wrong("The hidden weights are missing")
def without_w(w1, w2, v1, v2):
    return {0, v1, v2, v1 + v2}


@slopes.wrong("signs are lost")
def sizes(w1, w2, v1, v2):
    return {abs(slope) for slope in four(w1, w2, v1, v2)}


@slopes.wrong("signs of w are lost")
def rightward_only(w1, w2, v1, v2):
    return four(abs(w1), abs(w2), v1, v2)


@slopes.wrong("relu to w")
def relu_of_the_weights(w1, w2, v1, v2):
    return four(max(w1, 0), max(w2, 0), v1, v2)


@slopes.wrong("relu to the slopes")
def relu_of_the_slopes(w1, w2, v1, v2):
    return {max(slope, 0) for slope in four(w1, w2, v1, v2)}


@slopes.wrong("both signs")
def both_signs(w1, w2, v1, v2):
    return {sign * slope for slope in four(w1, w2, v1, v2) for sign in (1, -1)}


@slopes.wrong("not −v · w")
def plus_and_minus(w1, w2, v1, v2):
    return {s * v1 * w1 + t * v2 * w2 for s in (1, -1) for t in (1, -1)}


@slopes.wrong("difference v1·w1 − v2·w2")
def difference(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2, v1 * w1 - v2 * w2}


@slopes.wrong("are multiplied")
def product(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2, v1 * w1 * v2 * w2}


@slopes.wrong("crossed")
def crossed(w1, w2, v1, v2):
    return {0, v1 * w2, v2 * w1, v1 * w2 + v2 * w1}


@slopes.wrong("multiply sums")
def product_of_sums(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2, (v1 + v2) * (w1 + w2)}


@slopes.wrong("v and w are added")
def added(w1, w2, v1, v2):
    return {0, v1 + w1, v2 + w2, v1 + w1 + v2 + w2}


@slopes.wrong("three slopes are not free")
def free_slopes(w1, w2, v1, v2):
    return {2 / 3, 2, 10 / 3}


@slopes.wrong("your own network")
def of_one_network(w1, w2, v1, v2):
    return {0, 1.6, 3.2}


@slopes.wrong("w2 − v1·w1")
def other_difference(w1, w2, v1, v2):
    return {0, v1 * w1, v2 * w2, v2 * w2 - v1 * w1}


@slopes.wrong("with both biases 0")
def for_one_x(w1, w2, v1, v2, x=1.0):
    return {v1 * w1 * (w1 * x > 0) + v2 * w2 * (w2 * x > 0)}


@slopes.wrong("how many there are")
def count(w1, w2, v1, v2):
    return 4


@slopes.wrong("number by number")
def triples(w1, w2, v1, v2):
    return {(0, v1 * w1, v1 * w1 + v2 * w2), (v1 * w1, v1 * w1 + v2 * w2, 0)}


@slopes.wrong("returns a dict")
def by_pattern(w1, w2, v1, v2):
    return {"none": 0, "first": v1 * w1, "second": v2 * w2, "both": v1 * w1 + v2 * w2}


@slopes.wrong("takes (w1, w2, v1, v2, x), and it is called with (w1, w2, v1, v2)")
def depends_on_x(w1, w2, v1, v2, x):
    return {v1 * w1 * (w1 * x > 0) + v2 * w2 * (w2 * x > 0)}


@slopes.wrong("one across a bend mixes")
def difference_quotients(w1, w2, v1, v2):
    def f(x):
        return v1 * max(w1 * x + 0.5, 0) + v2 * max(w2 * x - 0.3, 0)

    return {f(k + 1) - f(k) for k in range(-4, 4)}


@slopes.wrong(None)
def an_interval(w1, w2, v1, v2):
    return np.linspace(min(four(w1, w2, v1, v2)), max(four(w1, w2, v1, v2)), 7)


@slopes.wrong("if their active sides lie apart")
def no_zero_between(w1, w2, v1, v2):
    found = four(w1, w2, v1, v2)
    return found if w1 * w2 > 0 else [v1 * w1, v2 * w2, v1 * w1 + v2 * w2]


@slopes.wrong("if their active sides overlap")
def no_sum_between(w1, w2, v1, v2):
    return four(w1, w2, v1, v2) if w1 * w2 > 0 else {0, v1 * w1, v2 * w2}


@slopes.wrong("second unit has the wrong sign")
def minus(w1, w2, v1, v2):
    return {0, v1 * w1, -v2 * w2, v1 * w1 - v2 * w2}


@slopes.wrong("put all of them into one set")
def one_slope(w1, w2, v1, v2):
    return v1 * w1 + v2 * w2


@network.wrong("signs of w are wrong")
def signs_of_the_weights():
    return -1, -0.4, -1, -1.2, 1.6, 1.6, 0.0533


@network.wrong("outside [0, 2]")
def out_of_all_proportion():
    return 1e308, -1e308, 1e-308, -1e308, 1e308, 1e308, 0
