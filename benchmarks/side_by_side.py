"""Timing in alternating turns, so that a busy moment of the machine hits all sides alike."""

import concurrent.futures
import math
import multiprocessing
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path

Task = Callable[[], object]


def seconds(task: Task, repeat: int = 1) -> float:
    """The time of one call, as the mean of `repeat` calls."""
    start = time.perf_counter()
    for _ in range(repeat):
        task()
    return (time.perf_counter() - start) / repeat


def turns(
    tasks: Mapping[str, Task], rounds: int, repeat: int = 1, before: Task | None = None
) -> dict[str, list[float]]:
    """The seconds for one call of every task, in each of `rounds` rounds of `repeat` calls.

    What `before` does, before each turn, is not counted.
    """
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            if before:
                before()
            found[name].append(seconds(task, repeat))
    return found


def ratio(ours: list[float], theirs: list[float]) -> tuple[float, float, float]:
    """The median over the rounds of ours / theirs, and the quartiles around it."""
    found = [a / b for a, b in zip(ours, theirs, strict=True)]
    low, median, high = statistics.quantiles(found, n=4)
    return median, low, high


def spread(numbers: tuple[float, float, float]) -> str:
    """A median with its quartiles, for a table."""
    return "{:5.2f} ({:.2f}–{:.2f})".format(*numbers)


def memory_of(make: Callable[..., Task], *args: object) -> float:
    """The MB that a fresh process needs for the task made by `make`; nan where Linux is not."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as fresh:
        return fresh.submit(_growth, make, *args).result()


def _growth(make: Callable[..., Task], *args: object) -> float:
    task = make(*args)
    try:
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew, from what is held now
    except OSError:
        return math.nan
    before = _peak()
    task()
    return _peak() - before


def _peak() -> float:
    """The most memory in MB that this process held since its peak was last set back."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
