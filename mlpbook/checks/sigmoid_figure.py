"""The check of exercise 13: a figure that draws the sigmoid and its derivative."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import same_color, to_rgba
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D

from mlpbook.checks.attempt import attempt, kind, show
from mlpbook.checks.compare import Array
from mlpbook.checks.verdict import Unfinished, WrongAnswer, exercise

# A curve must reach this far on both sides: there the sigmoid is within 5 % of its limits.
_REACH = 3.0
_WIDEST_STEP = 1.6
_FEWEST_POINTS = 6
# Far below any mistake; for σ′ wide enough for differences in place of derivatives.
_TOLERANCE = 3e-3
_TOLERANCE_OF_SLOPES = 8e-3

_DERIVATIVE = re.compile(
    r"['′’]|prime|deriv|grad|slope|diff|d\s*/\s*d|dot|\bd\w?sig|dσ|d\\?sigma|/\s*d|^\$?d\w\b|导|斜率|1\s*[-−–]"
)


def _sigmoid(x: Array) -> Array:
    small = np.exp(-abs(x))
    value: Array = np.where(x >= 0, 1.0, small) / (1 + small)
    return value


def _bump(x: Array) -> Array:
    """The derivative of the sigmoid."""
    return _sigmoid(x) * _sigmoid(-x)


@dataclass(frozen=True, eq=False)
class _Curve:
    """What one artist draws."""

    x: Array
    y: Array
    axes: Axes
    artist: Artist
    is_visible: bool

    @property
    def label(self) -> str:
        """What the legend of its axes says of it, or its own label."""
        own = str(self.artist.get_label())
        if own and not own.startswith("_"):
            return own
        legend = self.axes.get_legend()
        texts = [text.get_text() for text in legend.get_texts()] if legend else []
        artists = [*self.axes.lines, *self.axes.collections]
        if len(texts) == len(artists):
            return texts[artists.index(self.artist)]
        return ""

    @property
    def is_flat(self) -> bool:
        """Whether this is a straight line for the eye, such as an axis."""
        return self.x.size < _FEWEST_POINTS or np.ptp(self.y) == 0 or np.ptp(self.x) == 0

    def follows(self, function: Callable[[Array], Array], tolerance: float = _TOLERANCE) -> bool:
        """Whether all its points lie on the graph of `function`."""
        with np.errstate(all="ignore"):
            expected = function(self.x)
        near: bool = np.isclose(self.y, expected, rtol=0, atol=tolerance).all().item()
        return near


@exercise("Write the function that draws the figure above, run that cell, then this one.")
def sigmoid_figure(fn: object) -> str:
    """Check the curves and labels of the returned figure."""
    figure = _figure(fn)
    found = list(_curves(figure))
    curves = [curve for curve in found if curve.is_visible and not curve.is_flat]
    if not curves:
        raise WrongAnswer(_why_nothing(figure, found))
    sigmoids = [curve for curve in curves if curve.follows(_sigmoid)]
    bumps = [curve for curve in curves if curve.follows(_bump, _TOLERANCE_OF_SLOPES)]
    if not sigmoids:
        raise WrongAnswer(_why_no_sigmoid(curves, bool(bumps)))
    if not bumps:
        raise WrongAnswer(_why_no_derivative(curves, sigmoids, found))
    for name, those in (("σ", sigmoids), ("σ′", bumps)):
        _judge_grid(name, those)
    _judge_leftovers([curve for curve in curves if curve not in [*sigmoids, *bumps]])
    _judge_labels(figure, sigmoids, bumps)
    _judge_titles(figure)
    named = any(axes.get_xlabel() for axes in figure.axes) or _supxlabel(figure)
    return "σ climbs from 0 to 1 through ½, and its derivative is highest there: ¼, at x = 0.\n" + (
        "tanh climbs from −1 to 1 through 0, with slope 1: that is how to tell them apart."
        if named
        else "One more thing helps a reader: a name for the horizontal axis."
    )


def _figure(fn: object) -> Figure:
    """The figure that `fn` returns; the ones it leaves open are closed."""
    before = set(plt.get_fignums())
    unfinished = None
    with mpl.rc_context():
        try:
            result = attempt(fn)
        except Unfinished as error:
            unfinished = error
        finally:
            opened = [number for number in plt.get_fignums() if number not in before]
            for number in opened:
                plt.close(number)
    if unfinished is not None:
        if opened:
            raise WrongAnswer(
                "Your function draws a figure and returns nothing.\n"
                "Return the figure: the first value of `plt.subplots()`, or `plt.gcf()`."
            )
        raise unfinished
    if isinstance(result, FigureBase):
        return result  # type: ignore[return-value]
    advice = "Return the figure: the first value of `plt.subplots()`, or `plt.gcf()`."
    if isinstance(result, Axes):
        advice = "That is one frame in the figure; its figure is `.figure`."
    elif isinstance(result, tuple) and any(isinstance(part, FigureBase) for part in result):
        advice = "The figure is in there: return it alone."
    raise WrongAnswer(
        f"Your function returns {kind(result)}, and it should return a figure.\n{advice}"
    )


def _curves(figure: Figure) -> Iterator[_Curve]:
    for axes in figure.axes:
        for line in axes.lines:
            x, y = _numbers(line.get_xdata(orig=False)), _numbers(line.get_ydata(orig=False))
            if x.shape == y.shape:
                yield _Curve(x, y, axes, line, _is_visible(line) and _stands_out(line, axes))
        for collection in axes.collections:
            if isinstance(collection, PathCollection):
                points = _numbers(collection.get_offsets())
            elif isinstance(collection, LineCollection):
                points = _numbers(np.concatenate([*collection.get_segments(), np.empty((0, 2))]))
            else:
                continue
            shown = collection.get_visible() and collection.get_alpha() != 0
            yield _Curve(points[:, 0], points[:, 1], axes, collection, shown and axes.get_visible())


def _numbers(values: object) -> Array:
    return np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)


def _is_visible(line: Line2D) -> bool:
    has_line = line.get_linestyle() not in ("None", "none", " ", "") and line.get_linewidth() > 0
    has_marker = line.get_marker() not in ("None", "none", " ", "", None)
    is_coloured = str(line.get_color()).lower() != "none"
    return line.get_visible() and line.get_alpha() != 0 and is_coloured and (has_line or has_marker)


def _stands_out(line: Line2D, axes: Axes) -> bool:
    """Whether a line is seen on the ground of its frame."""
    ground = axes.get_facecolor()
    is_hidden = to_rgba(ground)[3] > 0 and same_color(line.get_color(), ground)
    return axes.get_visible() and not is_hidden


# --- The curves ---


def _why_nothing(figure: Figure, found: list[_Curve]) -> str:
    if not figure.axes:
        return "The figure is empty.\nDraw into it: `axes = figure.subplots()`, `axes.plot(x, y)`."
    if any(not curve.is_visible and not curve.is_flat for curve in found):
        return "The figure holds a curve, and it is invisible.\nLook at its line style and width."
    if any(curve.x.size > 1 for curve in found):
        return "There is no curve in the figure, only straight lines or a few points."
    return (
        "The figure has axes, and no curve in them: what is computed must also be drawn.\n"
        "`axes.plot(x, y)` draws the points (x, y)."
    )


# What stands where σ should be, or where σ′ should be: the function and what to say.
_IN_PLACE_OF_SIGMOID: list[tuple[Callable[[Array], Array], str]] = [
    (np.tanh, "This is tanh: from −1 to 1. A new title does not change the curve."),
    (
        lambda x: (np.tanh(x) + 1) / 2,
        "This is (tanh(x) + 1)/2, which is σ(2x): the limits are right, and it is twice as steep.",
    ),
    (lambda x: _sigmoid(x / 2), "This is σ(x/2): half as steep as the sigmoid."),
    (lambda x: _sigmoid(-x), "This is σ(−x): the sign in the exponent is wrong."),
    (lambda x: 2 * _sigmoid(x) - 1, "This is 2σ(x) − 1: from −1 to 1, a tanh of x/2."),
    (lambda x: np.tanh(x) + 1, "This is tanh(x) + 1: it climbs to 2."),
    (lambda x: np.maximum(x, 0), "This is ReLU."),
    (lambda x: np.clip(x / 6 + 0.5, 0, 1), "This is the hard sigmoid, made of straight pieces."),
    (lambda x: np.clip(x / 4 + 0.5, 0, 1), "This is made of straight pieces."),
    (lambda x: np.where(x > 0, 1.0, 0.0), "This is a step from 0 to 1."),
    (lambda x: np.logaddexp(0, x), "This is softplus, whose derivative is the sigmoid."),
    (lambda x: x * _sigmoid(x), "This is Swish, x·σ(x)."),
    (lambda x: 1 - np.tanh(x) ** 2, "This is the derivative of tanh."),
    (lambda x: 1 / (1 + abs(x)) * x, "This is softsign."),
    (lambda x: np.exp(-x), "This is e^(−x), a part of the formula."),
    (np.exp, "This is e^x."),
    (lambda x: x, "This is x itself."),
]
_IN_PLACE_OF_BUMP: list[tuple[Callable[[Array], Array], str]] = [
    (
        lambda x: 1 - np.tanh(x) ** 2,
        "One curve is 1 − tanh², the derivative of tanh: at 0 it is 1.",
    ),
    (
        lambda x: 1 - _sigmoid(x) ** 2,
        "One curve is 1 − σ²; that rule belongs to tanh.",
    ),
    (
        lambda x: _bump(_sigmoid(x)),
        "One curve is σ′ taken at σ(x); with s = σ(x), the derivative is s(1 − s).",
    ),
    (lambda x: 2 * _bump(2 * x), "One curve is the derivative of σ(2x)."),
    (lambda x: 4 * _bump(2 * x), "One curve is the derivative of tanh: at 0 it is 1."),
    (lambda x: -_bump(x), "One curve is −σ′: the sigmoid climbs, so its slope is positive."),
    (lambda x: 1 - _sigmoid(x), "One curve is 1 − σ: the factor σ is missing."),
    (lambda x: _sigmoid(x) ** 2, "One curve is σ²; the derivative is not σ·σ."),
    (
        lambda x: x * (1 - x),
        "One curve is x(1 − x); that is right for the value σ(x) in place of x.",
    ),
    (np.tanh, "One curve is tanh."),
    (
        lambda x: np.tanh(x) * (1 - np.tanh(x)),
        "One curve is t(1 − t) with t = tanh(x); the rule belongs to the sigmoid.",
    ),
    (
        lambda x: _bump(x) * (1 - 2 * _sigmoid(x)),
        "One curve is the second derivative.",
    ),
    (lambda x: np.exp(-x) / (1 + np.exp(-x)), "One curve is 1 − σ."),
    (lambda x: np.maximum(x, 0), "One curve is ReLU."),
]


def _why_no_sigmoid(curves: list[_Curve], has_bump: bool) -> str:
    rest = [curve for curve in curves if not curve.follows(_bump)]
    for function, sentence in _IN_PLACE_OF_SIGMOID:
        for curve in rest:
            if curve.follows(function):
                return f"No curve in the figure is the sigmoid.\n{sentence}"
    if any(_has_gaps(curve) for curve in curves):
        return (
            "No curve in the figure is the sigmoid: one has points that are no numbers.\n"
            "Where does the exponential overflow?"
        )
    if not rest:
        seen = "σ′ is drawn" if has_bump else "nothing"
        return f"The sigmoid itself is missing: {seen}, and σ is not."
    far = rest[0]
    i = int(abs(far.y - _sigmoid(far.x)).argmax())
    return (
        "No curve in the figure is the sigmoid.\n"
        f"At x = {show(float(far.x[i]))} a curve passes through {show(float(far.y[i]))}, "
        f"and σ is {show(float(_sigmoid(far.x)[i]))} there."
    )


def _why_no_derivative(curves: list[_Curve], sigmoids: list[_Curve], found: list[_Curve]) -> str:
    begin = "σ is there, and its derivative σ′ is not."
    rest = [curve for curve in curves if curve not in sigmoids]
    for function, sentence in _IN_PLACE_OF_BUMP:
        for curve in rest:
            if curve.follows(function):
                return f"{begin}\n{sentence}"
    for curve in rest:
        if factor := _factor(curve):
            return (
                f"{begin}\nOne curve is {factor:.3g} times σ′: its height at 0 should be ¼.\n"
                "If it comes from differences, divide them by the distance of the points."
            )
    if any(_has_gaps(curve) for curve in rest):
        return f"{begin}\nOne curve has points that are no numbers: does something overflow?"
    if any(not curve.is_visible and curve.follows(_bump) for curve in found):
        return f"{begin}\nIt is in the figure, and invisible: look at its line style and width."
    if len(sigmoids) > 1 and not rest:
        return f"{begin}\nThe sigmoid is drawn twice."
    if not rest:
        return f"{begin}\nIf you have computed it, draw it, too."
    far = rest[0]
    i = int(abs(far.y - _bump(far.x)).argmax())
    return (
        f"{begin}\nAt x = {show(float(far.x[i]))} a curve passes through {show(float(far.y[i]))}, "
        f"and σ′ is {show(float(_bump(far.x)[i]))} there."
    )


def _factor(curve: _Curve) -> float | None:
    """The constant by which a curve differs from σ′, if that is all."""
    right = _bump(curve.x)
    factor = float(curve.y @ right / (right @ right))
    if not np.isfinite(factor) or abs(factor) < 1e-6 or abs(factor - 1) < 0.05:
        return None
    return factor if np.allclose(curve.y / factor, right, rtol=0, atol=0.01) else None


def _has_gaps(curve: _Curve) -> bool:
    return not np.isfinite(curve.y).all()


def _judge_grid(name: str, curves: list[_Curve]) -> None:
    """Raise if none of the curves is drawn wide, fine and within the frame."""
    problems = [_problem_of(name, curve) for curve in curves]
    if all(problems):
        raise WrongAnswer(str(problems[0]))


def _problem_of(name: str, curve: _Curve) -> str:
    x = curve.x
    if x.min() > -_REACH or x.max() < _REACH:
        return (
            f"{name} is drawn from x = {show(float(x.min()))} to {show(float(x.max()))} only.\n"
            "Choose a wider grid, on both sides of 0, so that one sees where the curve levels off."
        )
    steps = np.diff(x)
    if isinstance(curve.artist, Line2D) and not ((steps >= 0).all() or (steps <= 0).all()):
        return f"The points of {name} are not in order: the line runs back and forth. Sort x."
    inside = np.sort(x[abs(x) <= _REACH + _WIDEST_STEP])
    if np.diff(inside).max() > _WIDEST_STEP:
        return f"{name} is drawn through too few points to be a curve. Choose a finer grid."
    (left, right), (low, high) = sorted(curve.axes.get_xlim()), sorted(curve.axes.get_ylim())
    middle = abs(x) <= _REACH
    within = (x >= left) & (x <= right) & (curve.y >= low - 1e-9) & (curve.y <= high + 1e-9)
    if within[middle].mean() < 0.9:
        return (
            f"Most of {name} lies outside of the frame, which shows x from {show(left)} to "
            f"{show(right)}\nand heights from {show(low)} to {show(high)}."
        )
    return ""


def _judge_leftovers(rest: list[_Curve]) -> None:
    """Raise if a curve of the old figure is still there, and nothing says so."""
    for curve in rest:
        if curve.follows(np.tanh) and "tanh" not in curve.label.lower():
            raise WrongAnswer("σ and σ′ are there, and tanh is still drawn beside them.")


# --- The labels ---


def _judge_labels(figure: Figure, sigmoids: list[_Curve], bumps: list[_Curve]) -> None:
    axes = {id(curve.axes): curve.axes for curve in [*sigmoids, *bumps]}
    texts = {text for one in axes.values() for text in _texts_inside(one)} | _legends(figure)
    shared = any(_overlap(one.axes, other.axes) for one in sigmoids for other in bumps)
    if shared and len(texts) < 2 and not _own_names(sigmoids, bumps):
        labelled = [curve.label for curve in [*sigmoids, *bumps] if curve.label]
        if len(labelled) >= 2 and not texts:
            raise WrongAnswer(
                "The curves have labels, and the figure does not show them.\n"
                "`axes.legend()` draws the legend."
            )
        raise WrongAnswer(
            "Both curves are right, and nothing says which is which.\n"
            "Give each a label: `axes.plot(x, y, label=…)`, then `axes.legend()`."
        )
    if not shared:
        for name, curve in (("σ", sigmoids[0]), ("σ′", bumps[0])):
            around = {curve.axes.get_title(), curve.axes.get_ylabel()} | set(
                _texts_inside(curve.axes)
            )
            if not any(map(_says_something, around)):
                raise WrongAnswer(
                    f"Both curves are right, and nothing says which frame shows {name}.\n"
                    "Give each frame a title, a label for its vertical axis, or a legend."
                )
    first, second = (next((c.label for c in those if c.label), "") for those in (sigmoids, bumps))
    if first and second:
        _judge_pair(first, second)


def _judge_pair(first: str, second: str) -> None:
    """Raise if the labels of σ and of σ′ say the wrong thing."""
    if first.strip() == second.strip():
        raise WrongAnswer(f"Both curves have the label {first.strip()!r}: name each for itself.")
    if _is_derivative(first) and not _is_derivative(second):
        raise WrongAnswer(
            f"The labels are swapped: {first.strip()!r} stands at σ, and {second.strip()!r} at σ′."
        )
    for name, label in (("σ", first), ("σ′", second)):
        if re.fullmatch(r"\W*tanh\W*(\(?\s*x\s*\)?)?\W*", label.lower()):
            raise WrongAnswer(f"The curve of {name} is right, and its label still says {label!r}.")


def _is_derivative(label: str) -> bool:
    return bool(_DERIVATIVE.search(label.lower()))


def _own_names(sigmoids: list[_Curve], bumps: list[_Curve]) -> bool:
    """Whether two frames on top of each other name their vertical axes."""
    return any(
        one.axes is not other.axes
        and _says_something(one.axes.get_ylabel())
        and _says_something(other.axes.get_ylabel())
        for one in sigmoids
        for other in bumps
    )


def _overlap(one: Axes, other: Axes) -> bool:
    """Whether two frames are one, or lie on each other as those of `twinx` do."""
    return one is other or np.allclose(one.get_position().bounds, other.get_position().bounds)


def _texts_inside(axes: Axes) -> Iterator[str]:
    """What the legend and the words written into a frame say."""
    legend = axes.get_legend()
    if legend is not None and legend.get_visible():
        yield from filter(_says_something, (text.get_text() for text in legend.get_texts()))
    yield from filter(_says_something, (text.get_text() for text in axes.texts))


def _legends(figure: Figure) -> set[str]:
    words = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    words |= {text.get_text() for text in figure.texts}
    return set(filter(_says_something, words - {_suptitle(figure)}))


def _says_something(text: str) -> bool:
    return bool(text.strip()) and not text.startswith("_")


def _suptitle(figure: Figure) -> str:
    return figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""


def _supxlabel(figure: Figure) -> str:
    return figure.get_supxlabel() if hasattr(figure, "get_supxlabel") else ""


def _judge_titles(figure: Figure) -> None:
    titles = [_suptitle(figure), *(axes.get_title() for axes in figure.axes)]
    words = " ".join(titles).lower()
    if "tanh" in words and not re.search(r"sig|σ|logistic", words):
        raise WrongAnswer("The curves are right now, and the title says tanh.")
