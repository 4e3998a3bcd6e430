"""The catalogue of activation functions: closed forms, properties, and torch's spellings.

    elu = activations.get("elu")
    elu.value(x, alpha=0.5)        # the formula, stable for every finite x
    elu.derivative(x, alpha=0.5)   # its derivative, written by hand
    elu.by_torch(x, alpha=0.5)     # both, as torch's own function and autograd give them
    elu.properties(alpha=0.5)      # range, limits, kinks, monotone or not, centred or not

The formulas here are the book's own; the tests hold them against torch, SymPy and mpmath.
Softmax and other functions of a whole vector are in `VECTOR_FUNCTIONS`.
"""

from collections.abc import Mapping
from typing import TypeVar

from mlpbook import (
    activations_gated,
    activations_piecewise,
    activations_smooth,
    activations_vector,
)
from mlpbook.activations_entry import (
    Activation,
    Interval,
    Kink,
    Parameter,
    Properties,
    Reference,
    VectorFunction,
)
from mlpbook.activations_piecewise import rrelu_in_training

__all__ = [
    "CATALOGUE",
    "VECTOR_FUNCTIONS",
    "Activation",
    "Interval",
    "Kink",
    "Parameter",
    "Properties",
    "Reference",
    "VectorFunction",
    "get",
    "get_vector",
    "names",
    "rrelu_in_training",
]

_FAMILIES = (activations_piecewise, activations_smooth, activations_gated)
CATALOGUE: dict[str, Activation] = {
    entry.name: entry for family in _FAMILIES for entry in family.ENTRIES
}
VECTOR_FUNCTIONS: dict[str, VectorFunction] = {
    entry.name: entry for entry in activations_vector.ENTRIES
}
# Other names that are in use, as `_plain` spells them.
ALIASES = {"silu": "swish", "logistic": "sigmoid"}

Entry = TypeVar("Entry")


def names() -> list[str]:
    """The names of all elementwise entries, in the order of the catalogue."""
    return list(CATALOGUE)


def get(name: str) -> Activation:
    """Return the entry called `name`; capitals, blanks, hyphens and underscores do not matter.

    Raises:
        ValueError: there is no such entry; the message lists those there are.
    """
    entry = _find(CATALOGUE, name)
    if entry is None:
        vector = _find(VECTOR_FUNCTIONS, name)
        if vector is not None:
            raise ValueError(
                f"{vector.title} is a function of a whole vector:"
                f" activations.get_vector({vector.name!r})."
            )
        raise ValueError(f"There is no activation {name!r}. There are: {', '.join(CATALOGUE)}.")
    return entry


def get_vector(name: str) -> VectorFunction:
    """Return the function of a vector called `name`, written in any way that `get` accepts.

    Raises:
        ValueError: there is no such entry; the message lists those there are.
    """
    entry = _find(VECTOR_FUNCTIONS, name)
    if entry is None:
        known = ", ".join(VECTOR_FUNCTIONS)
        raise ValueError(f"There is no function of a vector {name!r}. There are: {known}.")
    return entry


def _find(entries: Mapping[str, Entry], name: str) -> Entry | None:
    wanted = _plain(name)
    wanted = ALIASES.get(wanted, wanted)
    return next((entry for key, entry in entries.items() if _plain(key) == wanted), None)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "").replace("-", "").replace("_", "")
