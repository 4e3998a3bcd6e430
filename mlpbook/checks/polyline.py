"""The second check of exercise 04: a ReLU network that follows a polyline."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from mlpbook.checks.attempt import Crashed, attempt, kind
from mlpbook.checks.compare import Array, Mistake, named, numbers
from mlpbook.checks.relu_networks import FORMS, forward, plain, shape_of, short
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise


def _polylines() -> Iterator[tuple[Array, Array]]:
    """Polylines to follow: the friendly ones first, then special ones, then drawn ones."""
    fixed = [
        ([0, 1, 2], [0, 1, 0]),
        ([-2, -0.5, 0, 3], [1, -1, 2, 0.5]),
        ([1, 3], [2, -1]),
        ([-4, -1], [3, 3]),
        ([0, 1, 3, 4], [1, 3, 7, 9]),
        ([-3, -2, -0.5, 1, 2], [2, 1, 1, 1, -3]),
        ([-1, 0, 2], [0, 0, 0]),
        ([10, 11, 13, 20], [-5, -1, -4, -2]),
        ([-7, -5, -4.5, -1], [0.5, -3, 4, 4]),
        ([0, 0.25, 0.5, 0.75, 1], [0, 1, 0, 1, 0]),
    ]
    for knots, values in fixed:
        yield np.array(knots, dtype=float), np.array(values, dtype=float)
    draw = np.random.default_rng(5)
    for count in (3, 5, 12):
        knots = np.cumsum(draw.uniform(0.2, 1.5, count)) - 4
        yield knots.round(2), draw.integers(-300, 300, count) / 100


@exercise("Write the network through a polyline above, run that cell, then this one.")
def network_through(fn: object) -> str:
    """Check the network that follows a polyline."""
    lines = [*_polylines()]
    for knots, values in lines:
        layers, tolerance = _network(fn, knots, values)
        x, got, right = _along(layers, knots, values)
        wrong = ~np.isclose(got, right, rtol=tolerance, atol=tolerance * (1 + abs(values).max()))
        for i in np.flatnonzero(wrong):
            between = (
                "" if wrong[: len(knots)].any() else " It meets every knot and leaves the line."
            )
            explanation = named(_LINE_MISTAKES, lambda mistake: _explains(mistake, fn, lines))
            raise WrongAnswer(
                f"With knots {short(knots.tolist())} and values {short(values.tolist())}\n"
                f"your network gives {got[i]:.6g} at x = {x[i]:.6g}, and the polyline is at "
                f"{right[i]:.6g}.{between}{explanation}"
            )
    return (
        "One hidden layer is enough, with one unit for each knot but the last: its output weight\n"
        "is the change of slope. On an interval, ReLU networks are the polylines and nothing else."
    )


def _network(fn: object, knots: Array, values: Array) -> tuple[list[tuple[Array, Array]], float]:
    """The network that `fn` gives, in the first form of the numbers that it accepts."""
    crashes: list[Crashed] = []
    for form in FORMS:
        try:
            result = attempt(fn, knots=form(knots.tolist()), values=form(values.tolist()))
        except Crashed as crash:
            crashes.append(crash)
        else:
            return _read_network(result)
    raise crashes[0]


def _along(layers: list[tuple[Array, Array]], knots: Array, values: Array) -> tuple[Array, ...]:
    """The knots and points between them, with the value of the network and of the polyline."""
    shares = np.array([0.5, 0.03, 0.31, 0.97])
    x = np.concatenate([knots, (knots[:-1, None] + np.diff(knots)[:, None] * shares).ravel()])
    return x, forward(layers, x), np.interp(x, knots, values)


def _explains(mistake: Mistake, fn: object, lines: Sequence[tuple[Array, Array]]) -> bool:
    """Whether the mistake gives what the networks of `fn` give, wherever it gives one."""
    explained = False
    for knots, values in lines:
        try:
            layers, tolerance = _network(fn, knots, values)
        except (WrongAnswer, Unfinished):
            continue
        x, got, _ = _along(layers, knots, values)
        expected = mistake.values(knots, values, x)
        if not np.allclose(got, expected, rtol=tolerance, atol=10 * tolerance):
            return False
        explained = True
    return explained


def _read_network(result: object) -> tuple[list[tuple[Array, Array]], float]:
    what = "Return a tuple (weights, biases), each a list with one entry for every layer."
    if not isinstance(result, (list, tuple)):
        raise WrongAnswer(f"Your function returns {kind(result)}.\n{what}")
    if len(result) != 2 or not all(isinstance(part, (list, tuple)) for part in result):
        kinds = ", ".join(map(kind, result))
        raise WrongAnswer(f"Your function returns {kind(result)} of {kinds or 'nothing'}.\n{what}")
    weights, biases = result
    if not weights or len(weights) != len(biases):
        raise WrongAnswer(
            f"You return {len(weights)} weight matrices and {len(biases)} biases.\n"
            "Every layer has one of each, the output layer too."
        )
    axes = [[len(shape_of(plain(part))) for part in parts] for parts in (weights, biases)]
    if axes == [[2, 1], [2, 1]]:
        raise WrongAnswer(f"Your function returns one pair for each layer.\n{what}")
    if set(axes[0]) == {1} and set(axes[1]) == {2}:
        raise WrongAnswer(f"Your function returns the biases first.\n{what}")
    layers, width, tolerance = [], 1, 0.0
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        W, b = (_read_array(part, number) for part in (weight, bias))
        tolerance = max(tolerance, W[1], b[1])
        _reject_shape(number, width, W[0].shape, b[0].shape)
        width = W[0].shape[1]
        layers.append((W[0], np.broadcast_to(b[0].reshape(-1), width)))
    if width != 1:
        raise WrongAnswer(f"Your last layer has {width} outputs, and it should have one.")
    return layers, tolerance


def _read_array(part: object, layer: int) -> tuple[Array, float]:
    entries = plain(part)
    found = numbers(entries, shape_of(entries), f"layer {layer}")
    if not np.isfinite(found.values).all():
        raise WrongAnswer(
            f"Layer {layer} of your network holds nan or infinity.\nLook for a division by 0."
        )
    return found.values, found.tolerance


def _reject_shape(layer: int, inputs: int, weight: tuple[int, ...], bias: tuple[int, ...]) -> None:
    if len(weight) == 2 and weight[0] == inputs and np.prod(bias, initial=1) == weight[1]:
        return
    lines = [
        f"Layer {layer} of your network gets {inputs} input{'s' * (inputs > 1)}; its weights have "
        f"shape {weight}, its biases {bias}."
    ]
    if len(weight) != 2:
        lines.append("Weights should have two axes: shape (inputs, outputs).")
    elif weight[0] != inputs and weight[1] == inputs:
        lines.append(
            "The weights should have shape (inputs, outputs); `nn.Linear` stores the transpose."
        )
    elif weight[0] != inputs:
        lines.append("The weights should have shape (inputs, outputs).")
    else:
        lines.append(f"It has {weight[1]} outputs, so the biases should have shape ({weight[1]},).")
    raise WrongAnswer("\n".join(lines))


def _hinges(knots: Array, changes: ArrayLike, start: float, x: Array) -> Array:
    """Sum of hinges at the knots, `start` at the left end."""
    found: Array = start + np.maximum(x[:, None] - knots, 0) @ np.asarray(changes)
    return found


def _changes(slopes: Array) -> Array:
    """The change of slope at each knot but the last; it comes from flat."""
    return np.diff(slopes, prepend=0)


def _slopes(knots: Array, values: Array) -> Array:
    found: Array = np.diff(values) / np.diff(knots)
    return found


def _line(change: Callable[[Array, Array, Array], Array]) -> Callable[..., Array]:
    """What a sum of hinges gives if its slopes are others; `change(slopes, knots, values)`."""
    return lambda knots, values, x: _hinges(
        knots[:-1], change(_slopes(knots, values), knots, values), values[0], x
    )


_LINE_MISTAKES = [
    Mistake(
        "The first value is missing: the output needs a bias.",
        lambda k, v, x: np.interp(x, k, v) - v[0],
    ),
    Mistake(
        "Each unit adds the whole slope of its piece; it should add the change of slope only.",
        _line(lambda s, k, v: s),
    ),
    Mistake(
        "The slope of the first piece is missing.",
        lambda k, v, x: np.interp(x, k, v) - _slopes(k, v)[0] * (x - k[0]),
    ),
    Mistake(
        "You take the differences of the values for slopes: divide by the distance of the knots.",
        _line(lambda s, k, v: _changes(np.diff(v))),
    ),
    Mistake(
        "You multiply by the distance of the knots where a slope divides by it.",
        _line(lambda s, k, v: _changes(np.diff(v) * np.diff(k))),
    ),
    Mistake(
        "The sign of the hidden biases is wrong: relu(x + knot) has its kink at −knot.",
        lambda k, v, x: _hinges(-k[:-1], _changes(_slopes(k, v)), v[0], x),
    ),
    Mistake(
        "The change of slope has the wrong sign: it is the slope on the right minus the left one.",
        _line(lambda s, k, v: np.array([s[0], *(s[:-1] - s[1:])])),
    ),
    Mistake(
        "All signs of the output weights are wrong: the line goes down where it should go up.",
        _line(lambda s, k, v: -_changes(s)),
    ),
    Mistake(
        "The line bends one knot too late.",
        lambda k, v, x: _hinges(k[[0, *range(2, len(k))]], _changes(_slopes(k, v)), v[0], x),
    ),
    Mistake(
        "The line bends one knot too late.",
        lambda k, v, x: _hinges(k[1:], _changes(_slopes(k, v)), v[0], x),
    ),
    Mistake(
        "Each unit adds the difference of the values; it should add the change of slope.",
        _line(lambda s, k, v: np.diff(v)),
    ),
    Mistake(
        "The last change of slope is missing: the last piece goes on like the one before.",
        _line(lambda s, k, v: np.array([*_changes(s)[:-1], 0.0]) if len(s) > 1 else s),
    ),
    Mistake(
        "The output weights are the values; a unit's weight is the change of slope at its knot.",
        lambda k, v, x: _hinges(k[:-1], v[:-1], 0, x),
    ),
    Mistake(
        "The output weights are the values; a unit's weight is the change of slope at its knot.",
        lambda k, v, x: _hinges(k[:-1], v[:-1], v[0], x),
    ),
    Mistake(
        "The output weights are the values; a unit's weight is the change of slope at its knot.",
        lambda k, v, x: _hinges(k, v, 0, x),
    ),
    Mistake(
        "ReLU is applied to the output, too: negative values are cut off.",
        lambda k, v, x: np.maximum(np.interp(x, k, v), 0),
    ),
    Mistake(
        "Your output starts from the last value; it should start from the first one.",
        lambda k, v, x: np.interp(x, k, v) - v[0] + v[-1],
    ),
    Mistake(
        "Your first unit has its kink at 0; it should start at the first knot.",
        lambda k, v, x: np.interp(x, k, v) + _slopes(k, v)[0] * (np.maximum(x, 0) - (x - k[0])),
    ),
    Mistake(
        "Your first line starts from x = 0 with the first value, and not from the first knot.",
        lambda k, v, x: np.interp(x, k, v) + _slopes(k, v)[0] * k[0],
    ),
    Mistake(
        "All units are straight lines here: the line through the first two points goes on.",
        lambda k, v, x: v[0] + _slopes(k, v)[0] * (x - k[0]),
    ),
    Mistake(
        "This is the straight line from the first point to the last one.",
        lambda k, v, x: v[0] + (v[-1] - v[0]) / (k[-1] - k[0]) * (x - k[0]),
    ),
]
