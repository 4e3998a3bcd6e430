"""Answers to the exercises, right and wrong, that the checks are tried on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Answer = TypeVar("Answer", bound=Callable[..., object])


@dataclass
class Bank:
    """The answers to one exercise: all of `right` must pass, none of `wrong` may.

    Beside a wrong answer stands a phrase of the sentence that names its mistake, or None
    where the check cannot know it.
    """

    check: Callable[[object], None]
    rights: list[Callable[..., object]] = field(default_factory=list)
    wrongs: list[tuple[Callable[..., object], str | None]] = field(default_factory=list)

    def right(self, answer: Answer) -> Answer:
        """Add a right answer."""
        self.rights.append(answer)
        return answer

    def wrong(self, phrase: str | None) -> Callable[[Answer], Answer]:
        """Add a wrong answer whose verdict holds `phrase`."""

        def add(answer: Answer) -> Answer:
            self.wrongs.append((answer, phrase))
            return answer

        return add
