"""How many linear regions a ReLU network can have, by the widths of its layers alone.

    zaslavsky_bound(2, 3)           # 7: three lines cut the plane into at most seven parts
    montufar_bound(1, [2, 2, 2])    # 12: some network of this shape has at least so many
    serra_bound(1, [2, 2, 2])       # 27: and none has more

The regions are those in the whole input space; inside a polygon there are at most as many.
"""

import math
from collections.abc import Sequence


def zaslavsky_bound(inputs: int, units: int) -> int:
    """The number of parts into which `units` hyperplanes in general position cut the space.

    It is Σ_j C(units, j) for j = 0, …, inputs: no network with one hidden layer has more regions,
    and almost every one has as many in the whole space.

    Raises:
        ValueError: a number is negative.

    Source: T. Zaslavsky, *Facing up to arrangements: face-count formulas for partitions of space
    by hyperplanes*, Memoirs of the AMS 154, 1975.
    """
    _check(inputs, [units])
    return sum(math.comb(units, j) for j in range(inputs + 1))


def montufar_bound(inputs: int, widths: Sequence[int]) -> int:
    """A number of regions that some network with these hidden layers has, or more.

    It is Π_l ⌊n_l / n₀⌋^n₀ over all hidden layers but the last, times Σ_j C(n_L, j) for
    j = 0, …, n₀. It bounds the largest number from below, not the number of every network.

    Args:
        inputs: n₀, at least 1.
        widths: n₁, …, n_L, each at least n₀.

    Raises:
        ValueError: there is no input or no layer, or a layer has fewer units than there are
            inputs.

    Source: G. Montúfar, R. Pascanu, K. Cho, Y. Bengio, *On the number of linear regions of deep
    neural networks*, NeurIPS 2014.
    """
    _check(inputs, widths)
    if inputs < 1 or not widths or min(widths) < inputs:
        raise ValueError(
            f"This bound needs an input, and layers as wide as the {inputs} inputs: {widths}."
        )
    folds: int = math.prod((width // inputs) ** inputs for width in widths[:-1])
    return folds * zaslavsky_bound(inputs, widths[-1])


def serra_bound(inputs: int, widths: Sequence[int]) -> int:
    """A number of regions that no ReLU network with these hidden layers exceeds.

    It is Σ Π_l C(n_l, j_l) over all j₁, …, j_L with 0 ≤ j_l ≤ min(n₀, n₁ − j₁, …,
    n_{l−1} − j_{l−1}, n_l): a layer with few active units flattens its region, and a flat
    region cannot be cut in as many ways. With one layer it is Zaslavsky's number.

    Args:
        inputs: n₀.
        widths: n₁, …, n_L.

    Raises:
        ValueError: a number is negative.

    Source: T. Serra, C. Tjandraatmadja, S. Ramalingam, *Bounding and counting linear regions of
    deep neural networks*, ICML 2018, theorem 1.
    """
    _check(inputs, widths)
    # regions[d] bounds the regions whose image in the layers so far has at most d dimensions.
    regions = {inputs: 1}
    for width in widths:
        finer: dict[int, int] = {}
        for dimension, count in regions.items():
            for j in range(min(dimension, width) + 1):
                left = min(dimension, width - j)
                finer[left] = finer.get(left, 0) + count * math.comb(width, j)
        regions = finer
    return sum(regions.values())


def _check(inputs: int, widths: Sequence[int]) -> None:
    if inputs < 0 or any(width < 0 for width in widths):
        raise ValueError(f"There are no negative numbers of units: {inputs} and {list(widths)}.")
