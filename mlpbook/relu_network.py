"""Networks of affine layers and ReLU, Leaky ReLU or pReLU, read into arrays.

    ([[[1, 1]], [[1], [-2]]], [[0, -1], [0]])              # relu(x) - 2 relu(x - 1)
    nn.Sequential(nn.Linear(1, 2), nn.PReLU(2), nn.Linear(2, 1))

A pair `(weights, biases)` holds `weights[l]` of shape (inputs, outputs) and `biases[l]` of shape
(outputs,); every layer but the last is followed by the activation. A `Sequential` says by its
modules what follows what.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from numbers import Integral, Rational
from typing import Any, NamedTuple, SupportsFloat, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Number: TypeAlias = float | Fraction
# Of dtype float64, or of dtype object with integers or fractions in it.
Array: TypeAlias = NDArray[Any]
# `(weights, biases)`, of tensors, arrays or nested lists, or a Sequential.
Network: TypeAlias = tuple[Sequence[Any], Sequence[Any]] | nn.Sequential
# One number, or for each hidden layer one number or one for each of its units.
Slopes: TypeAlias = Any

# In float64, values this far apart are taken for equal, relative to what they are a sum of.
EPSILON = 256 * float(np.finfo(float).eps)


class Layer(NamedTuple):
    """x ↦ φ(x · weight + bias), where φ(z) is `above` · z for z > 0, and `below` · z otherwise.

    `weight` has shape (inputs, outputs), the others have one entry for each output.
    """

    weight: Array
    bias: Array
    below: Array
    above: Array


class _Raw(NamedTuple):
    """A layer in the numbers it is given in; slope 1 on the negative side is no activation."""

    name: str
    weight: Any
    bias: Any
    slope: Any = 1


def read_network(
    network: Network, inputs: int, exact: bool | None = None, negative_slope: Slopes = 0
) -> tuple[list[Layer], bool]:
    """Return the layers as arrays of one kind of number, and whether it is the exact kind.

    Args:
        network: `(weights, biases)`, or a `Sequential` of Linear, ReLU, LeakyReLU and PReLU.
        inputs: how many inputs it must have; it must have one output.
        exact: whether to give fractions; by default where all is integers and fractions.
        negative_slope: for `(weights, biases)`, the slope of the activation where z < 0.

    Raises:
        TypeError: the network is neither of the two, or holds another kind of layer.
        ValueError: a layer does not fit the one before, or a number is not finite.
    """
    if isinstance(network, nn.Sequential):
        if isinstance(_nested(negative_slope), list) or negative_slope != 0:
            raise ValueError("A Sequential has its slopes in its modules: leave negative_slope.")
        raw = _from_modules(network, inputs)
    elif isinstance(network, (tuple, list)) and len(network) == 2:
        raw = _from_pair(*network, negative_slope)
    else:
        raise TypeError(
            f"A network is a pair (weights, biases) or a torch.nn.Sequential, not "
            f"{type(network).__name__}."
        )
    if exact is None:
        exact = all(_is_exact(part) for layer in raw for part in layer[1:])
    layers = []
    width = inputs
    for layer in raw:
        try:
            weight, bias, slope = (numbers(part, exact) for part in layer[1:])
        except ValueError as error:
            raise ValueError(f"Layer {layer.name}: {error}") from error
        if weight.ndim != 2 or weight.shape[0] != width or bias.shape != weight.shape[1:]:
            raise ValueError(
                f"Layer {layer.name} takes {width} inputs: its weights have shape {weight.shape}, "
                f"its biases {bias.shape}, and they should have ({width}, n) and (n,)."
            )
        if slope.shape not in ((), (1,), bias.shape):
            raise ValueError(
                f"Layer {layer.name} has {len(bias)} units, and slopes of shape {slope.shape}."
            )
        below = np.broadcast_to(slope, bias.shape)
        layers.append(Layer(weight, bias, below, np.ones_like(below)))
        width = len(bias)
    if width != 1:
        raise ValueError(f"The network has {width} outputs; choose one of them.")
    return layers, exact


def _from_pair(weights: Sequence[Any], biases: Sequence[Any], slopes: Slopes) -> list[_Raw]:
    if not 0 < len(weights) == len(biases):
        raise ValueError(f"There are {len(weights)} weight matrices and {len(biases)} biases.")
    hidden = len(weights) - 1
    is_one = not isinstance(_nested(slopes), list)
    each = [slopes] * hidden if is_one else list(slopes)
    if len(each) != hidden:
        raise ValueError(f"There are {hidden} hidden layers, and slopes for {len(each)}.")
    names = map(str, itertools.count())
    return list(map(_Raw, names, weights, biases, [*each, 1]))


def _from_modules(network: nn.Sequential, inputs: int) -> list[_Raw]:
    layers: list[_Raw] = []
    width, is_affine = inputs, False
    for name, module in _modules(network):
        if type(module) is nn.Linear:
            bias = torch.zeros(module.out_features) if module.bias is None else module.bias
            layers.append(_Raw(name, module.weight.T, bias))
            width, is_affine = module.out_features, True
        else:
            if not is_affine:  # An activation of the input or of another activation.
                layers.append(_identity(name, width))
            layers[-1] = layers[-1]._replace(slope=_slope(name, module))
            is_affine = False
    if not is_affine:
        layers.append(_identity("output", width))
    return layers


def _modules(network: nn.Sequential) -> Iterator[tuple[str, nn.Module]]:
    """The modules of a Sequential by name, those of a Sequential within it, too.

    One module can stand in several places: it comes once for each.
    """
    for name, module in network.named_modules(remove_duplicate=False):
        if not isinstance(module, nn.Sequential):
            yield name, module


def _identity(name: str, width: int) -> _Raw:
    return _Raw(name, np.eye(width, dtype=int), np.zeros(width, dtype=int))


def _slope(name: str, module: nn.Module) -> Any:
    """The slope of an activation on the negative side."""
    if type(module) is nn.ReLU:
        return 0
    if type(module) is nn.LeakyReLU:
        return module.negative_slope
    if type(module) is nn.PReLU:
        return module.weight
    hint = " It has no weights yet: call the network once." * isinstance(module, nn.LazyLinear)
    raise TypeError(
        f"Layer {name} is {type(module).__name__}; only Linear, ReLU, LeakyReLU and PReLU "
        f"can be read.{hint}"
    )


def numbers(values: Any, exact: bool) -> Array:
    """An array of fractions, or of float64, from a tensor, an array, nested lists or a number.

    Raises:
        ValueError: a number is not finite.
    """
    array = _fractions(values) if exact else _floats(values)
    if not exact and not np.isfinite(array).all():
        raise ValueError("The network and where it is looked at must be finite numbers.")
    return array


def _floats(values: Any) -> Array:
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().double().numpy()
    elif not isinstance(values, np.ndarray):
        values = _nested(values)
    return np.asarray(values, dtype=float)


def _fractions(values: Any) -> Array:
    nested = _nested(values)
    entries = list(_flat(nested))
    if not all(isinstance(entry, Rational) or math.isfinite(entry) for entry in entries):
        raise ValueError("The network and where it is looked at must be finite numbers.")
    array = np.empty(len(entries), dtype=object)
    array[:] = [_fraction(entry) for entry in entries]
    return array.reshape(np.asarray(nested, dtype=object).shape)


def _fraction(number: SupportsFloat) -> Fraction:
    if isinstance(number, Integral):
        return Fraction(int(number))
    if isinstance(number, Rational):
        return Fraction(int(number.numerator), int(number.denominator))
    return Fraction(float(number))


def _is_exact(values: Any) -> bool:
    """Whether there is nothing but integers and fractions."""
    if isinstance(values, torch.Tensor):
        return not values.is_floating_point()
    if isinstance(values, np.ndarray) and values.dtype != object:
        return values.dtype.kind in "iub"
    return all(isinstance(entry, Rational) for entry in _flat(_nested(values)))


def _nested(values: Any) -> Any:
    """Lists in lists of numbers, from a tensor, an array or a nested sequence."""
    if isinstance(values, (list, tuple)):
        return [_nested(entry) for entry in values]
    return values.tolist() if hasattr(values, "tolist") else values


def _flat(values: Any) -> Iterable[Any]:
    """The numbers in nested lists and tuples."""
    if isinstance(values, (list, tuple)):
        return itertools.chain.from_iterable(map(_flat, values))
    return [values]
