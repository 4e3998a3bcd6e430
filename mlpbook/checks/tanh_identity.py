"""The check of exercise 05, part 1: tanh(x) + 1 = 2 σ(2x) as a chain of SymPy steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
import sympy
from sympy import Expr, Rational, Symbol, cosh, coth, exp, sinh, tanh
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from mlpbook.checks.attempt import Crashed, attempt, kind, show
from mlpbook.checks.verdict import WrongAnswer, exercise

_X = Symbol("x")
_POINTS = (Rational(3, 10), Rational(-7, 10), Rational(6, 5), Rational(-2), Rational(9, 4))
_DIGITS = 30


def _sigmoid(z: Expr) -> Expr:
    return 1 / (1 + exp(-z))


_START = tanh(_X) + 1
_END = 2 * _sigmoid(2 * _X)
# σ(z) is written 1/(1 + exp(−z)) or exp(z)/(exp(z) + 1).
_ENDS = (_END, 2 * exp(2 * _X) / (exp(2 * _X) + 1))

# What a function means that is only a name, as in `sympy.Function("sigmoid")`.
_NAMES = dict.fromkeys(("sigmoid", "sigma", "sig", "σ", "s", "logistic", "expit"), _sigmoid) | {
    function.__name__: function for function in (exp, tanh, sinh, cosh, coth)
}

# What a step is equal to when it is not equal to tanh(x) + 1, and the mistake behind it.
_MISTAKES = (
    (2 * _sigmoid(_X), "You have σ(x) in the place of σ(2x): this step is 2σ(x)."),
    (_sigmoid(_X), "You have σ(x) in the place of σ(2x), and the factor 2 is lost."),
    (tanh(_X), "The + 1 is lost: this step is tanh(x)."),
    (_sigmoid(2 * _X), "The factor 2 is lost: this step is σ(2x)."),
    (1 - tanh(_X), "A sign is wrong: this step is 1 − tanh(x), which is 2σ(−2x)."),
    (tanh(_X) - 1, "A sign is wrong: this step is tanh(x) − 1."),
    (-tanh(_X), "A sign is wrong and the + 1 is lost: this step is −tanh(x)."),
    (-1 - tanh(_X), "A sign is wrong: this step is −(tanh(x) + 1)."),
    (tanh(_X) + 2, "The + 1 is there twice: this step is tanh(x) + 2."),
    (2 * tanh(_X) + 2, "The factor 2 is there twice: this step is 4σ(2x)."),
    (2 * _sigmoid(4 * _X), "The argument is doubled twice: this step is 2σ(4x)."),
    (2 * _sigmoid(_X) - 1, "This step is 2σ(x) − 1: x is halved, and the + 1 is lost."),
    (coth(_X) + 1, "Sum and difference are swapped: this step is 1/tanh(x) + 1."),
    (coth(_X), "Sum and difference are swapped, and the + 1 is lost."),
    (sinh(_X) + 1, "The denominator of tanh is lost: this step is sinh(x) + 1."),
    (2 * sinh(_X) + 1, "The denominator of tanh is lost: this step is 2 sinh(x) + 1."),
    (sinh(_X) / 2 / cosh(_X) + 1, "tanh is halved: the two factors ½ cancel."),
    (2 * tanh(_X) + 1, "tanh is doubled: this step is 2 tanh(x) + 1."),
    *(
        (tanh(_X) + 1 / denominator, "1 is added to the numerator; 1 is denominator/denominator.")
        for denominator in (2 * cosh(_X), cosh(_X), 1 + exp(-2 * _X), 1 + exp(2 * _X))
    ),
    *(
        (
            _START * exp(power * _X),
            "Numerator and denominator must be multiplied by the same factor.",
        )
        for power in (-2, -1, 1, 2)
    ),
)


@dataclass(frozen=True)
class _Step:
    """One entry of the learner's list."""

    number: int
    written: Expr
    meaning: Expr
    values: tuple[Expr, ...]
    is_exact: bool

    def equals(self, values: Sequence[Expr]) -> bool:
        return self.first_difference(values) is None

    def first_difference(self, values: Sequence[Expr]) -> int | None:
        """The first of the points at which the step has another value, if there is one."""
        tolerance = 1e-20 if self.is_exact else 1e-12
        for i, (mine, other) in enumerate(zip(self.values, values, strict=True)):
            if not _close(mine, other, tolerance):
                return i
        return None

    @property
    def has_tanh(self) -> bool:
        return bool(self.meaning.has(tanh, coth))

    @property
    def has_exponentials(self) -> bool:
        return bool(self.meaning.has(exp))

    @property
    def assumes_the_end(self) -> bool:
        """Whether this is the last form already, alone or as a term of a sum."""
        return bool(self.meaning == _END or _END in sympy.Add.make_args(self.meaning))

    @property
    def keeps_terms_apart(self) -> bool:
        """Whether tanh, written out, can still be told from the 1 that is added to it."""
        if self.assumes_the_end:
            return False
        return bool(sympy.expand_mul(self.meaning).is_Add) or _holds_quotient(self.written)


@exercise("Return the list of steps above, run that cell, then this one.")
def identity_steps(fn: object) -> str:
    """Check a chain of equal SymPy expressions from tanh(x) + 1 to 2 σ(2x)."""
    steps = _read(_call(fn))
    _judge_start(steps)
    for before, after in pairwise(steps):
        _judge_equal(before, after)
    if steps[-1].meaning not in _ENDS:
        raise WrongAnswer(
            f"The last step, {show(steps[-1].written)}, is equal to 2σ(2x) and not written so yet."
            "\nGo on until it is 2 · 1/(1 + exp(−2x))."
        )
    _judge_work(steps)
    return (
        "tanh is a sigmoid that is twice as steep, twice as tall, and moved down by 1.\n"
        "Only affine changes, inside and outside: that is what the next part makes use of."
    )


def _call(fn: object) -> object:
    try:
        return attempt(fn, x=_X)
    except Crashed as crash:
        needs_numbers = ("loop of ufunc", "must be Tensor", "to float", "must be real number")
        if not any(phrase in str(crash) for phrase in needs_numbers):
            raise
        raise Crashed(
            "\n".join(str(crash).splitlines()[:2]).replace("At x = x", "With the symbol x", 1)
            + "\nx is a symbol: use `sympy.exp` and `sympy.tanh`, not those of another library."
        ) from None


def _read(result: object) -> list[_Step]:
    is_list = isinstance(result, (Iterable, sympy.MatrixBase))
    if isinstance(result, (Expr, str, dict, set, frozenset)) or not is_list:
        raise WrongAnswer(
            f"Your function returns {kind(result)}, and it should return a list:\n"
            "all the steps, in order, each a SymPy expression in x."
        )
    entries = list(result)  # type: ignore[call-overload]
    if not entries:
        raise WrongAnswer("Your list is empty. Begin with tanh(x) + 1 and end with 2σ(2x).")
    return [_read_step(entry, number) for number, entry in enumerate(entries, start=1)]


def _read_step(entry: object, number: int) -> _Step:
    advice = "Build each step as one expression from x, such as `sympy.tanh(x) + 1`."
    if isinstance(entry, str):
        advice = "Leave out the quotation marks, and write `sympy.` before names such as exp."
    elif isinstance(entry, Relational) or entry is True or entry is False:
        advice = "A step is one side only; that it is equal to the step before is checked here."
    elif isinstance(entry, sympy.Lambda) or callable(entry):
        advice = "Give its value at x, an expression, in place of the function."
    else:
        if isinstance(entry, (int, float)):
            entry = sympy.sympify(entry)
        if isinstance(entry, Expr):
            return _understand(entry, number)
    raise WrongAnswer(f"Step {number} is {kind(entry)}, not a SymPy expression.\n{advice}")


def _understand(written: Expr, number: int) -> _Step:
    """Work out what a step means: known names replaced, held operations carried out."""
    for symbol in written.free_symbols:
        if symbol.name != _X.name:
            raise WrongAnswer(
                f"Step {number}, {show(written)}, holds the symbol {symbol}.\n"
                "Write every step in x alone."
            )
        written = written.xreplace({symbol: _X})
    named = written.replace(_is_only_a_name, _by_name)
    unknown = {str(call.func) for call in named.atoms(sympy.Function) if _is_only_a_name(call)}
    if unknown:
        raise WrongAnswer(
            f"Step {number} uses {', '.join(sorted(unknown))}, which has no meaning in SymPy.\n"
            "Write σ(z) as 1/(1 + exp(−z)), or give it the name sigmoid."
        )
    is_exact = not named.has(sympy.Float)
    try:
        meaning = _carry_out(named if is_exact else _without_floats(named))
        return _Step(number, named, meaning, _values(named), is_exact)
    except Exception:
        raise WrongAnswer(
            f"SymPy finds no values for step {number}, {show(written)}.\n"
            "Build it from numbers, x, exp and tanh alone."
        ) from None


def _is_only_a_name(part: Expr) -> bool:
    """Whether `part` is a call of a function that the learner made up."""
    if isinstance(part, AppliedUndef):
        return True
    is_function = isinstance(part, sympy.Function)
    return bool(is_function and not str(type(part).__module__).startswith("sympy."))


def _by_name(call: Expr) -> Expr:
    """What a made-up function means: by its name, or by its own way to exponentials."""
    meaning = _NAMES.get(call.func.__name__.casefold())
    return meaning(call.args[0]) if meaning and len(call.args) == 1 else call.rewrite(exp)


def _carry_out(expression: Expr) -> Expr:
    """Do the sums, products and powers that were held back by `evaluate=False` or a wrapper."""
    free = expression.replace(
        lambda part: isinstance(part, (sympy.UnevaluatedExpr, sympy.Derivative)),
        lambda part: part.doit(),
    )
    return free.replace(
        lambda part: isinstance(part, (sympy.Add, sympy.Mul, sympy.Pow)),
        lambda part: part.func(*part.args),
    )


def _without_floats(expression: Expr) -> Expr:
    def is_e(part: Expr) -> bool:
        return bool(part.is_Float and abs(part - sympy.E) < 1e-12)

    return sympy.nsimplify(expression.replace(is_e, lambda _: sympy.E), rational=True)


def _values(expression: Expr) -> tuple[Expr, ...]:
    expression = _carry_out(expression)
    return tuple(expression.subs(_X, point).evalf(_DIGITS) for point in _POINTS)


def _close(one: Expr, other: Expr, tolerance: float) -> bool:
    """Whether two numbers are equal; what is no finite number is equal to nothing."""
    gap = (abs(one - other) / (1 + abs(other))).evalf(_DIGITS)
    return bool(gap.is_Number and gap.is_finite and gap < tolerance)


def _judge_start(steps: Sequence[_Step]) -> None:
    first = steps[0]
    if first.meaning == _START:
        return
    if first.meaning == _END and steps[-1].meaning == _START:
        raise WrongAnswer("Your chain runs from 2σ(2x) to tanh(x) + 1. Turn the list round.")
    explanation = _explain(first)
    if first.equals(_values(_START)):
        explanation = "\nIt is equal to tanh(x) + 1, and how you came to it belongs to the work."
    raise WrongAnswer(
        f"Step 1 is {show(first.written)}, and the chain begins with tanh(x) + 1.{explanation}"
    )


def _judge_equal(before: _Step, after: _Step) -> None:
    i = after.first_difference(before.values)
    if i is None:
        return
    raise WrongAnswer(
        f"Step {after.number}, {show(after.written)}, is not equal to step {before.number}.\n"
        f"At x = {float(_POINTS[i]):g} it is {_short(after.values[i])}, "
        f"and step {before.number} is {_short(before.values[i])}.{_explain(after)}"
    )


def _judge_work(steps: Sequence[_Step]) -> None:
    """Reject a chain that is true and leaves out what makes it a proof."""
    for before, after in pairwise(steps):
        enters = before.has_tanh and not after.has_tanh and after.has_exponentials
        if not enters or not before.keeps_terms_apart or after.keeps_terms_apart:
            continue
        if after.assumes_the_end:
            raise WrongAnswer(
                f"From step {before.number} to step {after.number} you use the identity itself: "
                "2σ(2x) is there at once.\nAll steps are equal, but the work is skipped: "
                "write tanh with exponentials first, beside the + 1."
            )
        raise WrongAnswer(
            f"From step {before.number} to step {after.number} work is skipped: exponentials take "
            "the place of tanh,\nand the + 1 goes into the fraction. All steps are equal; "
            "put a step between these two."
        )
    if not any(step.has_exponentials and step.meaning not in _ENDS for step in steps):
        raise WrongAnswer(
            "All steps are equal, but the work is skipped: no step before the last holds an "
            "exponential.\nWrite tanh, or what you have made of it, with exponentials."
        )


def _explain(step: _Step) -> str:
    for expression, sentence in _MISTAKES:
        if step.equals(_values(expression)):
            return f"\n{sentence}"
    return ""


def _short(value: Expr) -> str:
    return show(float(value)) if value.is_real and value.is_finite else str(sympy.N(value, 6))


def _holds_quotient(written: Expr) -> bool:
    """Whether two parts of an expression, as it is written, have the quotient tanh(x)."""
    tanhs = [np.tanh(float(point)) for point in _POINTS]
    parts = [part for part in sympy.preorder_traversal(written) if part.has(exp)]
    values = [np.array([complex(value) for value in _values(part)]) for part in parts]
    return any(np.allclose(above, tanhs * below) for above, below in product(values, values))
