"""Answers to the first part of exercise 08: the Jacobian of softmax."""

import math
from fractions import Fraction

import numpy as np
import torch
from torch.nn import functional as F

from mlpbook import checks
from tests.bank import Bank

jacobian = Bank(checks.softmax_jacobian)


@jacobian.right
def closed_form(a):
    p = torch.softmax(a, dim=0)
    return torch.diag(p) - torch.outer(p, p)


@jacobian.right
def autograd_functional(a):
    return torch.autograd.functional.jacobian(lambda a: torch.softmax(a, -1), a)


@jacobian.right
def reverse_mode(a):
    return torch.func.jacrev(lambda a: F.softmax(a, 0))(a)


@jacobian.right
def forward_mode(a):
    return torch.func.jacfwd(lambda a: torch.exp(a - torch.logsumexp(a, 0)))(a)


@jacobian.right
def row_by_row(a):
    a = a.detach().requires_grad_()
    p = torch.softmax(a, 0)
    rows = [torch.autograd.grad(entry, a, retain_graph=True)[0] for entry in p]
    return torch.stack(rows)


@jacobian.right
def rows_as_tuples(a):
    a = a.detach().requires_grad_()
    p = torch.softmax(a, 0)
    return [torch.autograd.grad(p[i], a, retain_graph=True)[0] for i in range(len(a))]


@jacobian.right
def shifted_numpy(a):
    e = np.exp(np.asarray(a) - np.max(np.asarray(a)))
    p = e / e.sum()
    return np.diagflat(p) - p[:, None] * p[None, :]


@jacobian.right
def nested_loops(a):
    top = max(a)
    e = [math.exp(v - top) for v in a]
    p = [v / sum(e) for v in e]
    n = len(p)
    return [[p[i] * ((i == j) - p[j]) for j in range(n)] for i in range(n)]


@jacobian.right
def array_only(a):
    p = np.exp(a.astype(np.float64) - np.logaddexp.reduce(a))
    return p * np.eye(a.size) - np.multiply.outer(p, p)


@jacobian.right
def differences_in_the_exponent(a):
    p = 1 / torch.exp(a[None] - a[:, None]).sum(1)
    return p[:, None] * (torch.eye(len(a)) - p[None])


@jacobian.right
def single_precision(a):
    p = torch.softmax(a.float(), 0)
    return torch.eye(len(p)) * p - p.outer(p)


@jacobian.right
def transposed(a):
    return closed_form(a).T


@jacobian.right
def central_differences(a, h=1e-5):
    steps = h * torch.eye(len(a), dtype=a.dtype)
    columns = [torch.softmax(a + s, 0) - torch.softmax(a - s, 0) for s in steps]
    return torch.stack(columns, 1) / (2 * h)


@jacobian.right
def through_log_softmax(a):
    logs = torch.log_softmax(a, 0)
    slopes = torch.eye(len(a)) - logs.exp()
    return logs.exp()[:, None] * slopes


@jacobian.right
def in_place_on_a_result(a):
    p = torch.softmax(a, 0)
    J = -p[:, None] @ p[None]
    J.diagonal().add_(p)
    return J


@jacobian.right
def exact_fractions(a):
    top = max(float(v) for v in a)
    e = [Fraction(math.exp(float(v) - top)) for v in a]
    p = [v / sum(e) for v in e]
    return [[pi * ((i == j) - pj) for j, pj in enumerate(p)] for i, pi in enumerate(p)]


def naive(a):
    e = torch.exp(a)
    return e / e.sum()


def from_p(p):
    return torch.diag(p) - torch.outer(p, p)


@jacobian.wrong("beyond every float")
def overflows(a):
    return from_p(naive(a))


@jacobian.wrong("beyond every float")
def overflows_as_a_plain_number(a):
    e = [math.exp(v) for v in a]
    p = [v / sum(e) for v in e]
    return [[p[i] * ((i == j) - p[j]) for j in range(len(p))] for i in range(len(p))]


@jacobian.wrong("beyond every float")
def overflows_in_autograd(a):
    return torch.func.jacrev(naive)(a)


@jacobian.wrong("lost, by clipping")
def overflow_replaced(a):
    return torch.nan_to_num(from_p(naive(a)))


@jacobian.wrong("lost, by clipping")
def clipped(a):
    return from_p(torch.softmax(a.clamp(-500, 500), 0))


@jacobian.wrong("every exponential is rounded to 0")
def shifted_by_the_largest_size(a):
    return from_p(naive(a - a.abs().max()))


@jacobian.wrong("beyond every float")
def shifted_by_the_mean(a):
    return from_p(naive(a - a.mean()))


@jacobian.wrong("beyond every float")
def shifted_by_the_smallest(a):
    return from_p(naive(a - a.min()))


@jacobian.wrong("beyond every float")
def extended_precision(a):
    e = np.exp(np.asarray(a, dtype=np.longdouble))
    p = e / e.sum()
    return np.diag(p) - np.outer(p, p)


@jacobian.wrong("on the diagonal only")
def diagonal_only(a):
    p = torch.softmax(a, 0)
    return torch.diag(p * (1 - p))


@jacobian.wrong("the diagonal: every p_i depends")
def diagonal_as_a_vector(a):
    p = torch.softmax(a, 0)
    return p * (1 - p)


@jacobian.wrong("on the diagonal only")
def naive_diagonal(a):
    return torch.diag(naive(a) * (1 - naive(a)))


@jacobian.wrong("sign is wrong everywhere")
def sign(a):
    return -closed_form(a)


@jacobian.wrong("plus where the quotient rule")
def plus(a):
    p = torch.softmax(a, 0)
    return torch.diag(p) + torch.outer(p, p)


@jacobian.wrong("sign is wrong beside the diagonal")
def sign_beside_the_diagonal(a):
    return closed_form(a).abs()


@jacobian.wrong("diag(p) alone")
def numerator_only(a):
    return torch.diag(torch.softmax(a, 0))


@jacobian.wrong("−p_i p_j everywhere")
def denominator_only(a):
    p = torch.softmax(a, 0)
    return -torch.outer(p, p)


@jacobian.wrong("the 1 belongs to the diagonal alone")
def no_delta(a):
    p = torch.softmax(a, 0)
    return torch.outer(p, 1 - p)


@jacobian.wrong("softmax couples the entries")
def sigmoids(a):
    s = torch.sigmoid(a)
    return torch.diag(s * (1 - s))


@jacobian.wrong("without the division by its sum")
def not_normalised(a):
    return from_p(torch.exp(a))


@jacobian.wrong("log-softmax")
def log_softmax(a):
    return torch.func.jacrev(lambda a: torch.log_softmax(a, 0))(a)


@jacobian.wrong("entry by entry")
def elementwise_square(a):
    p = torch.softmax(a, 0)
    return torch.diag(p) - p * p


@jacobian.wrong("is one number")
def inner_product(a):
    p = torch.softmax(a, 0)
    return torch.diag(p) - p @ p


@jacobian.wrong("gradient of their sum is 0")
def gradient_of_the_sum(a):
    a = a.detach().requires_grad_()
    torch.softmax(a, 0).sum().backward()
    return a.grad


@jacobian.wrong("`.grad` adds up")
def accumulated(a):
    a = a.detach().requires_grad_()
    rows = []
    for i in range(len(a)):
        torch.softmax(a, 0)[i].backward()
        rows.append(a.grad.clone())
    return torch.stack(rows)


@jacobian.wrong("second row alone")
def one_row(a):
    a = a.detach().requires_grad_()
    return torch.autograd.grad(torch.softmax(a, 0)[min(1, len(a) - 1)], a)[0]


@jacobian.wrong("This is softmax itself")
def softmax(a):
    return torch.softmax(a, 0)


@jacobian.wrong("softmax of −a")
def negated(a):
    return torch.func.jacrev(lambda a: torch.softmax(-a, 0))(a)


@jacobian.wrong("subtracted twice")
def twice(a):
    p = torch.softmax(a, 0)
    return torch.diag(p * (1 - p)) - torch.outer(p, p)


@jacobian.wrong("`backward` starts from one number")
def backward_of_a_vector(a):
    a = a.detach().requires_grad_()
    torch.softmax(a, 0).backward()
    return a.grad


@jacobian.wrong(None)
def coarse_differences(a, h=0.1):
    steps = h * torch.eye(len(a), dtype=a.dtype)
    return torch.stack([torch.softmax(a + s, 0) - torch.softmax(a, 0) for s in steps], 1) / h


@jacobian.wrong(None)
def a_temperature(a):
    return torch.func.jacrev(lambda a: torch.softmax(a / 2, 0))(a)


@jacobian.wrong("an exponential is beyond every float")
def shifted_by_the_last_entry(a):
    return from_p(naive(a - a[-1]))
