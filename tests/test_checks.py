"""Checks on exercises: every right answer passes, every wrong one fails, most by name."""

import contextlib
import importlib
import itertools
import os
import pkgutil
import random
import sys
import time

import numpy as np
import pytest
import torch

import tests.bank
from mlpbook import checks
from mlpbook.checks import prelu, sandbox, swish
from mlpbook.checks.attempt import Crashed, attempt
from mlpbook.checks.compare import sample
from tests.bank import Bank

MODULES = [
    importlib.import_module(f"tests.bank.{module.name}")
    for module in pkgutil.iter_modules(tests.bank.__path__)
]
BANKS = [
    pytest.param(bank, id=f"{module.__name__}.{name}")
    for module in MODULES
    for name, bank in vars(module).items()
    if isinstance(bank, Bank)
]
RIGHTS = [
    pytest.param(bank.values[0].check, answer, id=f"{bank.id}.{answer.__name__}")
    for bank in BANKS
    for answer in bank.values[0].rights
]
WRONGS = [
    pytest.param(bank.values[0].check, answer, phrase, id=f"{bank.id}.{answer.__name__}")
    for bank in BANKS
    for answer, phrase in bank.values[0].wrongs
]


@pytest.mark.parametrize(("check", "answer"), RIGHTS)
def test_right_answer_passes_with_an_insight(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert "Right." in printed
    assert 2 <= printed.count("\n") + 1 <= 4


@pytest.mark.parametrize(("check", "answer", "phrase"), WRONGS)
def test_wrong_answer_is_rejected_by_name(check, answer, phrase, capsys):
    with pytest.raises(checks.WrongAnswer) as rejection:
        check(answer)
    assert (phrase or "") in str(rejection.value)
    assert len(str(rejection.value).splitlines()) <= 4
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("bank", BANKS)
def test_bank_is_large_and_most_mistakes_have_a_name(bank):
    assert len(bank.rights) >= 6
    assert len(bank.wrongs) >= 10
    named = [phrase for _, phrase in bank.wrongs if phrase]
    assert len(named) >= 0.8 * len(bank.wrongs)


def test_every_check_has_a_bank():
    public = {getattr(checks, name) for name in checks.__all__} - {checks.WrongAnswer}
    assert public == {bank.values[0].check for bank in BANKS}


ELEMENTWISE = [
    pytest.param(prelu._derivative, prelu._CASES, prelu._MISTAKES, id="prelu_derivative"),
    pytest.param(
        prelu._slope_derivative, prelu._CASES, prelu._SLOPE_MISTAKES, id="prelu_slope_derivative"
    ),
    pytest.param(swish._derivative, swish._CASES, swish._MISTAKES, id="swish_derivative"),
]


@pytest.mark.parametrize(("truth", "cases", "mistakes"), ELEMENTWISE)
def test_mistakes_differ_from_the_truth_and_from_each_other(truth, cases, mistakes):
    def values(function):
        with np.errstate(divide="ignore"):
            return np.concatenate([np.broadcast_to(function(**c), c["x"].shape) for c in cases])

    candidates = [("the truth", truth), *((m.sentence, m.values) for m in mistakes)]
    for (one, first), (other, second) in itertools.combinations(candidates, 2):
        close = np.isclose(values(first), values(second), rtol=1e-3, atol=1e-3, equal_nan=True)
        assert not close.all(), f"{one} — {other}"


@pytest.mark.parametrize("cases", [prelu._CASES])
def test_no_point_lies_at_a_kink(cases):
    assert min(abs(case["x"]).min() for case in cases) > 1e-3


def test_sample_keeps_away_from_kinks():
    points = sample((1.0,), -0.03, 0.03, kinks=(0.0, 0.02))
    assert points[0] == 1 and points.size == 9
    assert min(abs(points)) > 0.01 and min(abs(points - 0.02)) > 0.01


# What each way of not answering the question is told. Every function here takes (x, alpha).


def stops(x, alpha):
    y = x * 2
    return y.no_such_method()


def crashes_for_single_numbers(x, alpha):
    if x > 0:
        return 1.0
    return alpha / zero  # noqa: F821


def leaves(x, alpha):
    sys.exit()


def recurses(x, alpha):
    return recurses(x, alpha)


def sums_nothing(x, alpha):
    x = x.detach().requires_grad_()
    (x * alpha).backward()
    return x.grad


def wants_a_gradient(x, alpha):
    (x * alpha).sum().backward()
    return x.grad


def prints(x, alpha):
    print(x)


def forgets_a_branch(x, alpha):
    if x > 0:
        return 1.0


def changes_its_input(x, alpha):
    x[x > 0] = 1
    x[x < 0] = alpha
    return x


def one_argument(x):
    return x


def three_arguments(x, alpha, beta):
    return x


async def waits(x, alpha):
    return x


SENTENCES = [
    (stops, "stops with an AttributeError in line 3: `return y.no_such_method()`"),
    (stops, "Python says: 'Tensor' object has no attribute 'no_such_method'"),
    (crashes_for_single_numbers, "At x = -2, alpha = 0.25 your function stops with a NameError"),
    (leaves, "SystemExit"),
    (recurses, "calls itself without end"),
    (wants_a_gradient, "requires_grad_()"),
    (prints, "Put `return` in the place of `print`"),
    (forgets_a_branch, "At x = -2, alpha = 0.25 your function returns nothing: one branch"),
    (changes_its_input, "changes x"),
    (one_argument, "takes (x), and it is called with (x, alpha)"),
    (three_arguments, "takes (x, alpha, beta), and it is called with (x, alpha)"),
    (torch.ones(3), "given a tensor, and it needs your function itself"),
    (lambda x, alpha: x.to(torch.complex64), "complex"),
    (lambda x, alpha: np.sqrt(np.asarray(x) + 0j), "complex"),
    (lambda x, alpha: 1j, "complex"),
    (lambda x, alpha: x.sum(), "shape (); one value for every x should have shape (12,)"),
    (lambda x, alpha: x[:, None], "shape (12, 1)"),
    (lambda x, alpha: x.tolist()[:3], "a list of shape (3,)"),
    (lambda x, alpha: [], "a list of shape (0,)"),
    (lambda x, alpha: [[1.0], [1.0, 2.0]], "rows differ in length"),
    (lambda x, alpha: "1.0", "returns a string"),
    (lambda x, alpha: {"x": 1}, "returns a dict"),
    (lambda x, alpha: (value for value in x), "returns a generator"),
    (lambda x, alpha: relu, "returns a function"),
    (lambda x, alpha: torch.full_like(x, torch.nan), "gives nan, and it should give"),
    (lambda x, alpha: [None] * len(x), "gives nan, and it should give"),
]


def relu(x, alpha):
    return x


@pytest.mark.parametrize(("answer", "sentence"), SENTENCES)
def test_each_trouble_has_a_plain_sentence(answer, sentence):
    with pytest.raises(checks.WrongAnswer) as rejection:
        checks.prelu_derivative(answer)
    message = str(rejection.value).replace(f"line {_first_line(answer) + 2}:", "line 3:")
    assert sentence in message
    assert len(message.splitlines()) <= 4


def _first_line(answer):
    return answer.__code__.co_firstlineno if hasattr(answer, "__code__") else 0


def test_gradient_of_many_numbers_is_explained():
    with pytest.raises(Crashed, match=r"take `\.sum\(\)` before it"):
        attempt(sums_nothing, x=torch.ones(3), alpha=0.25)


def crashes_without_arguments():
    return 1 / 0


def asks_a_tensor_for_one_truth():
    return 1 if torch.ones(3) > 0 else 0


WITHOUT_ARGUMENTS = [
    (crashes_without_arguments, "Your function stops with a ZeroDivisionError in line"),
    (asks_a_tensor_for_one_truth, "A tensor here holds many numbers: use operations"),
    (
        one_argument,
        "takes (x), and it is called with ().\nLeave the brackets after its name empty.",
    ),
]


@pytest.mark.parametrize("check", [attempt, checks.flat_point, checks.bottleneck])
@pytest.mark.parametrize(("answer", "sentence"), WITHOUT_ARGUMENTS)
def test_trouble_without_arguments_has_a_plain_sentence(check, answer, sentence):
    with pytest.raises(checks.WrongAnswer) as rejection:
        check(answer)
    message = str(rejection.value)
    assert message.startswith("Your function ") and "At " not in message
    assert sentence in message
    assert len(message.splitlines()) <= 4


def test_coroutine_is_not_an_answer(recwarn):
    with pytest.raises(checks.WrongAnswer, match="returns a coroutine"):
        checks.prelu_derivative(waits)


def stub(x, alpha):
    # Your code goes here, in place of the next line.
    raise NotImplementedError


def stub_of_nbgrader(x, alpha):
    # YOUR CODE HERE
    raise NotImplementedError()


def not_implemented_in_a_library(x, alpha):
    return torch.zeros(2, dtype=torch.bool).no_such_kernel if False else library(x)


def library(x):
    error = NotImplementedError("'op' not implemented for 'Bool'")
    raise error


UNFINISHED = [
    (stub, "is not written yet"),
    (stub_of_nbgrader, "is not written yet"),
    (lambda x, alpha: None, "returns nothing yet"),
    (lambda x, alpha: ..., "returns nothing yet"),
    (None, "is not a function yet"),
    (..., "is not a function yet"),
]


@pytest.mark.parametrize(("answer", "sentence"), UNFINISHED)
def test_unfinished_answer_is_told_what_to_do_next(answer, sentence, capsys):
    checks.prelu_derivative(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Still to do: prelu_derivative ")
    assert sentence in printed
    assert "Write the derivative" in printed


@pytest.mark.parametrize("variable", ["NBGRADER_EXECUTION", "NBGRADER_VALIDATING"])
@pytest.mark.parametrize(("answer", "sentence"), UNFINISHED)
def test_unfinished_answer_fails_when_it_is_graded(answer, sentence, variable, monkeypatch):
    monkeypatch.setenv(variable, "autograde")
    with pytest.raises(checks.WrongAnswer, match="Still to do"):
        checks.prelu_derivative(answer)


def test_missing_kernel_of_a_library_is_no_stub():
    with pytest.raises(checks.WrongAnswer, match="not implemented for 'Bool'"):
        checks.prelu_derivative(not_implemented_in_a_library)


def endless(x, alpha):
    while True:
        alpha = alpha + 1


def endless_in_torch(x, alpha):
    while True:
        x = torch.sigmoid(x)


def endless_in_spite_of_errors(x, alpha):
    while True:
        try:
            x = x + 1
        except Exception:
            continue


def asleep(x, alpha):
    time.sleep(3)


def stubborn(x, alpha):
    end = time.monotonic() + 3
    while time.monotonic() < end:
        try:
            x = x + 1
        except:  # noqa: E722
            continue


@pytest.mark.parametrize(
    "answer", [endless, endless_in_torch, endless_in_spite_of_errors, asleep, stubborn]
)
def test_slow_answer_is_stopped_and_told_where(answer, monkeypatch, capsys):
    assert sandbox.SECONDS == 5
    monkeypatch.setattr(sandbox, "SECONDS", 0.2)
    before = time.monotonic()
    with pytest.raises(checks.WrongAnswer, match=r"stopped after 0\.2 seconds, in line \d+: `"):
        checks.prelu_derivative(answer)
    assert time.monotonic() - before < 2.5
    print("the screen is back")
    assert capsys.readouterr().out == "the screen is back\n"


def test_imports_do_not_count_as_slow(tmp_path, monkeypatch):
    (tmp_path / "slow_to_import.py").write_text("import time\ntime.sleep(0.5)")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sandbox, "SECONDS", 0.3)

    def imports(x, alpha):
        import slow_to_import  # noqa: F401

        return torch.where(x > 0, 1.0, alpha)

    checks.prelu_derivative(imports)


def test_ended_answer_is_really_ended(monkeypatch):
    turns = []

    def counts(x, alpha):
        while True:
            turns.append(1)

    monkeypatch.setattr(sandbox, "SECONDS", 0.1)
    with pytest.raises(checks.WrongAnswer):
        checks.prelu_derivative(counts)
    after = len(turns)
    time.sleep(0.1)
    assert len(turns) == after


def noisy(x, alpha):
    """A right answer that touches whatever is global."""
    print("here I am")
    print("and here", file=sys.stderr)
    random.random()
    np.random.rand(3)
    torch.manual_seed(random.randrange(100))
    torch.set_grad_enabled(False)
    np.seterr(all="raise")
    return torch.where(x > 0, 1.0, alpha)


def test_check_leaves_no_trace(capsys):
    mine = torch.arange(3.0, requires_grad=True)
    mine.sum().backward()
    states = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()
    settings = np.geterr(), torch.is_grad_enabled(), sys.stdout, sys.stderr, dict(os.environ)
    for answer in (noisy, lambda x, alpha: torch.rand(3)):
        with contextlib.suppress(checks.WrongAnswer):
            checks.prelu_derivative(answer)
    assert random.getstate() == states[0]
    assert (np.random.get_state()[1] == states[1]).all()
    assert torch.equal(torch.get_rng_state(), states[2])
    assert settings == (
        np.geterr(),
        torch.is_grad_enabled(),
        sys.stdout,
        sys.stderr,
        dict(os.environ),
    )
    assert mine.requires_grad and torch.equal(mine.grad, torch.ones(3))
    assert "here" not in "".join(capsys.readouterr())


def test_attempt_keeps_the_settings_of_numpy():
    before = np.geterr()
    attempt(lambda x: np.seterr(all="raise"), x=1.0)
    assert np.geterr() == before


def test_right_answer_is_right_where_gradients_are_switched_off():
    def autograd(x, alpha):
        x = x.detach().requires_grad_()
        torch.where(x > 0, x, alpha * x).sum().backward()
        return x.grad

    with torch.no_grad():
        checks.prelu_derivative(autograd)


def test_verdict_does_not_depend_on_the_global_random_state(capsys):
    verdicts = set()
    for seed in range(3):
        torch.manual_seed(seed)
        np.random.seed(seed)
        with pytest.raises(checks.WrongAnswer) as rejection:
            checks.prelu_derivative(lambda x, alpha: x)
        verdicts.add(str(rejection.value))
    assert len(verdicts) == 1


def test_ipython_is_given_the_message_in_place_of_a_traceback():
    lines = checks.WrongAnswer("first\nsecond")._render_traceback_()
    assert "\n".join(lines).endswith("first\nsecond")
    assert "Not yet." in lines[0]
    assert "Traceback" not in "".join(lines)


@pytest.mark.parametrize("check", [bank.values[0].check for bank in BANKS])
def test_check_is_quick(check):
    answer = next(b.values[0].rights[0] for b in BANKS if b.values[0].check is check)
    before = time.monotonic()
    check(answer)
    assert time.monotonic() - before < 1


def test_tolerance_follows_the_precision_of_the_answer():
    def off_by(size, dtype):
        return lambda x, alpha: (torch.where(x > 0, 1.0, alpha).double() + size).to(dtype)

    checks.prelu_derivative(off_by(1e-6, torch.float64))
    checks.prelu_derivative(off_by(2e-5, torch.float32))
    for size, dtype in [(1e-4, torch.float64), (1e-3, torch.float32), (0.1, torch.bfloat16)]:
        with pytest.raises(checks.WrongAnswer):
            checks.prelu_derivative(off_by(size, dtype))


def test_numpy_set_to_raise_does_not_reach_the_check(capsys):
    with np.errstate(all="raise"):
        checks.softplus(lambda x, beta: np.logaddexp(0, beta * np.asarray(x)) / beta)
        assert set(np.geterr().values()) == {"raise"}
    assert "Right." in capsys.readouterr().out
