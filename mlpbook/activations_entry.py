"""What the catalogue of activations says about each function, and how it is asked."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor

INFINITY = math.inf


@dataclass(frozen=True)
class Interval:
    """The numbers from `low` to `high`; `closed` says which of the two ends belong to it."""

    low: float
    high: float
    closed: tuple[bool, bool] = (False, False)

    def __contains__(self, number: float) -> bool:
        above = number >= self.low if self.closed[0] else number > self.low
        below = number <= self.high if self.closed[1] else number < self.high
        return above and below

    def __str__(self) -> str:
        ends = ("[" if self.closed[0] else "(", "]" if self.closed[1] else ")")
        return f"{ends[0]}{self.low:g}, {self.high:g}{ends[1]}"


REAL_LINE = Interval(-INFINITY, INFINITY)
POSITIVE = Interval(0.0, INFINITY)
NOT_NEGATIVE = Interval(0.0, INFINITY, (True, False))


@dataclass(frozen=True)
class Parameter:
    """A number that shapes an activation, such as the α of ELU."""

    name: str
    symbol: str
    default: float
    domain: Interval

    def check(self, number: object) -> float:
        """Return `number` as a float.

        Raises:
            ValueError: it is no real number, or lies outside the domain.
        """
        if not isinstance(number, Real):
            raise ValueError(f"{self.name} must be a number, not {number!r}.")
        if float(number) not in self.domain:
            raise ValueError(f"{self.name} = {float(number):g} is outside {self.domain}.")
        return float(number)


@dataclass(frozen=True)
class Kink:
    """A point where an activation has no derivative, with its one-sided slopes.

    `limits` are the one-sided limits of the function itself, where it jumps there.
    """

    x: float
    left_slope: float
    right_slope: float
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class Properties:
    """How an activation behaves, at one setting of its parameters.

    `range` is the smallest interval that holds every value, `limits` are those at −∞ and
    +∞. `monotone` means that f never falls. `zero_centred` means f(−x) = −f(x), so that
    the mean output is 0 for every input that is spread evenly around 0.
    """

    range: Interval
    limits: tuple[float, float]
    monotone: bool
    zero_centred: bool = False
    kinks: tuple[Kink, ...] = ()


@dataclass(frozen=True)
class Reference:
    """The paper in which an activation was proposed, or that spread it."""

    authors: str
    year: int
    title: str
    venue: str

    def __str__(self) -> str:
        return f"{self.authors} ({self.year}). {self.title}. {self.venue}."


@dataclass(frozen=True)
class Activation:
    """One elementwise activation function.

    The methods take the entry's parameters as keywords; each one left out has its default.
    `function`, `functional` and `module` are torch's spellings, as expressions of x and the
    parameters; where torch has no such spelling there is None.
    """

    name: str
    title: str
    formula: str
    closed_form: Callable[..., Tensor]
    closed_derivative: Callable[..., Tensor]
    torch_form: Callable[..., Tensor]
    behaviour: Callable[..., Properties]
    functional: str
    module: str
    reference: Reference
    function: str | None = None
    parameters: tuple[Parameter, ...] = ()
    ascending: tuple[str, str] | None = None
    traps: tuple[str, ...] = ()

    def settings(self, **given: float) -> dict[str, float]:
        """Return a value for every parameter: the given one, or its default.

        Raises:
            ValueError: a parameter is unknown or outside its domain, or the first of the
                two in `ascending` is not the smaller one.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                expected = ", ".join(known) or "none"
                raise ValueError(f"{self.title} has no parameter {name!r}. It has: {expected}.")
        chosen = {name: known[name].check(given.get(name, known[name].default)) for name in known}
        if self.ascending:
            low, high = self.ascending
            if not chosen[low] < chosen[high]:
                raise ValueError(
                    f"{low} = {chosen[low]:g} must be less than {high} = {chosen[high]:g}."
                )
        return chosen

    def value(self, x: Tensor, **parameters: float) -> Tensor:
        """Return f(x) by the book's own formula, stable for every finite x."""
        return self.closed_form(x, **self.settings(**parameters))

    def derivative(self, x: Tensor, **parameters: float) -> Tensor:
        """Return f′(x) by the book's own formula; at a kink, what autograd gives in torch."""
        return self.closed_derivative(x, **self.settings(**parameters))

    def truth(self, x: Tensor, **parameters: float) -> Tensor:
        """Return f(x) by torch's own function."""
        return self.torch_form(x, **self.settings(**parameters))

    def by_torch(self, x: Tensor, **parameters: float) -> tuple[Tensor, Tensor]:
        """Return f(x) by torch's own function and f′(x) by autograd, in the dtype of `x`."""
        leaf = x.detach().clone().requires_grad_()
        y = self.truth(leaf, **parameters)
        (gradient,) = torch.autograd.grad(y.sum(), leaf)
        return y.detach(), gradient

    def properties(self, **parameters: float) -> Properties:
        """Return everything the entry says about the shape of f."""
        return self.behaviour(**self.settings(**parameters))

    def range(self, **parameters: float) -> Interval:
        """Return the smallest interval that holds every value of f."""
        return self.properties(**parameters).range

    def limits(self, **parameters: float) -> tuple[float, float]:
        """Return the limits of f at −∞ and at +∞."""
        return self.properties(**parameters).limits

    def kinks(self, **parameters: float) -> tuple[Kink, ...]:
        """Return the points where f has no derivative, from left to right."""
        return self.properties(**parameters).kinks

    def monotone(self, **parameters: float) -> bool:
        """Whether f never falls."""
        return self.properties(**parameters).monotone

    def zero_centred(self, **parameters: float) -> bool:
        """Whether f(−x) = −f(x), so that inputs spread evenly around 0 give outputs of mean 0."""
        return self.properties(**parameters).zero_centred


@dataclass(frozen=True)
class VectorFunction:
    """A function of a whole vector: one element of its value depends on several of x.

    The spellings are expressions of x and, but for `nn.Softmax2d`, of dim. `range` is the
    interval of each component, for a vector of two elements or more.
    """

    name: str
    title: str
    formula: str
    jacobian_formula: str
    closed_form: Callable[[Tensor, int], Tensor]
    closed_jacobian: Callable[[Tensor], Tensor]
    torch_form: Callable[[Tensor, int], Tensor]
    range: Interval
    functional: str
    module: str
    reference: Reference
    function: str | None = None
    traps: tuple[str, ...] = ()
    default_dim: int = -1

    def value(self, x: Tensor, dim: int | None = None) -> Tensor:
        """Return the function along `dim` of `x` by the book's own formula."""
        return self.closed_form(x, self.default_dim if dim is None else dim)

    def jacobian(self, x: Tensor) -> Tensor:
        """Return the matrix of ∂fᵢ/∂xⱼ at a vector `x`, by the book's own formula.

        Raises:
            ValueError: `x` is no vector.
        """
        return self.closed_jacobian(_vector(x))

    def truth(self, x: Tensor, dim: int | None = None) -> Tensor:
        """Return the function along `dim` of `x` as torch gives it."""
        return self.torch_form(x, self.default_dim if dim is None else dim)

    def by_torch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the function of a vector and its Jacobian as torch and autograd give them.

        Raises:
            ValueError: `x` is no vector.
        """
        column = _vector(x).detach().reshape(-1, *[1] * (-1 - self.default_dim))
        value = self.truth(column).flatten()
        rows = torch.autograd.functional.jacobian(self.truth, column)
        return value, rows.reshape(value.numel(), x.numel())


def _vector(x: Tensor) -> Tensor:
    if x.dim() != 1:
        raise ValueError(f"Give a vector; this tensor has {x.dim()} dimensions.")
    return x
