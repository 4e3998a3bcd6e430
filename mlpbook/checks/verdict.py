"""The verdict of a check: right, not yet right, or still to do."""

import functools
import os
from collections.abc import Callable

from mlpbook.checks import sandbox

_GREEN, _RED, _OFF = "\x1b[1;32m", "\x1b[1;31m", "\x1b[0m"


class WrongAnswer(AssertionError):
    """An answer that is not right yet; the message says in a few lines what to look at."""

    def _render_traceback_(self) -> list[str]:
        """Give IPython the message alone, in place of a traceback."""
        return [f"{_RED}Not yet.{_OFF} {self}"]


class Unfinished(Exception):
    """There is no answer to judge yet; the message says what is missing."""


def exercise(todo: str) -> Callable[[Callable[[object], str]], Callable[[object], None]]:
    """Make a check out of a judge.

    A judge takes the learner's function, raises `WrongAnswer` where it is wrong, and
    returns the insight that a right answer earns. The check prints the verdict.

    Args:
        todo: what to do next, for a learner who has not written the function yet.
    """

    def make_check(judge: Callable[[object], str]) -> Callable[[object], None]:
        @functools.wraps(judge)
        def check(fn: object) -> None:
            try:
                insight = sandbox.run(lambda: judge(fn))
            except Unfinished as unfinished:
                sentence = f"Still to do: {judge.__name__} {unfinished}. {todo}"
                if _is_graded():
                    raise WrongAnswer(sentence) from None
                print(sentence)
            except TimeoutError as slow:
                raise WrongAnswer(_too_slow(str(slow))) from None
            except WrongAnswer as wrong:
                raise wrong.with_traceback(None) from None
            else:
                print(f"{_GREEN}Right.{_OFF} {insight}")

        return check

    return make_check


def _is_graded() -> bool:
    """Whether nbgrader runs this notebook: an exercise left blank then earns no points."""
    return bool(os.environ.get("NBGRADER_EXECUTION") or os.environ.get("NBGRADER_VALIDATING"))


def _too_slow(place: str) -> str:
    return (
        f"Your function was stopped after {sandbox.SECONDS:g} seconds"
        + (f", in {place}" if place else "")
        + ".\nLook for a loop that never ends, or for one that does the same work again and again."
    )
