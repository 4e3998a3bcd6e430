"""The scalar engine beside micrograd, on micrograd's demo.

Its network 2-16-16-1 takes one step of gradient descent on all of 100 moons. Both engines run the
same network code, micrograd's own, so that only the class `Value` differs. The garbage collector
runs as it does in a notebook: torch and d2l are loaded, and nobody pauses it. Before each turn the
garbage of the turn before is collected, so that neither side pays for the other's.
"""

import contextlib
import gc
import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import micrograd.engine
import micrograd.nn
from d2l import torch as d2l
from sklearn.datasets import make_moons

from benchmarks.side_by_side import Task, memory_of, ratio, spread, turns
from mlpbook import scalar_autograd

assert d2l  # not used, but loaded, as in a reader's notebook

ROUNDS = 15
CHAIN = 100_000
ENGINES: dict[str, Any] = {
    "mlpbook": scalar_autograd.Value,
    "micrograd": micrograd.engine.Value,
}


class Demo:
    """The network and the data of micrograd's demo, with one of the engines."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self.losses: list[float] = []
        X, labels = make_moons(100, noise=0.1, random_state=1)
        self.X, self.labels = X.tolist(), (2 * labels - 1).tolist()
        random.seed(1337)
        with _engine(value):
            self.network = micrograd.nn.MLP(2, [16, 16, 1])

    def step(self) -> None:
        """One step of gradient descent; the loss before it joins `losses`."""
        with _engine(self.value):
            scores = [self.network([*map(self.value, row)]) for row in self.X]
            pairs = zip(self.labels, scores, strict=True)
            margin = sum((1 - label * score).relu() for label, score in pairs)
            decay = sum(p * p for p in self.network.parameters())
            loss = margin * (1 / len(scores)) + 1e-4 * decay
            self.network.zero_grad()
            loss.backward()
            for p in self.network.parameters():
                p.data -= 0.1 * p.grad
        self.losses.append(loss.data)


@contextlib.contextmanager
def _engine(value: Any) -> Iterator[None]:
    """Until it is left, micrograd's networks are made of this engine's values."""
    micrograd.nn.Value = value
    try:
        yield
    finally:
        micrograd.nn.Value = micrograd.engine.Value


def chain(length: int) -> float:
    """Build a chain of nodes, go back through it and free it; return the seconds."""
    gc.collect()
    start = time.perf_counter()
    x = scalar_autograd.Value(1.0)
    y = x
    for _ in range(length):
        y = y * 1.00001
    y.backward()
    del y
    return time.perf_counter() - start


def first_step(name: str) -> Task:
    """A step of the demo, for a process of its own."""
    return Demo(ENGINES[name]).step


def main() -> None:
    """Print the ratio to micrograd, and the time of the chain."""
    demos = {name: Demo(value) for name, value in ENGINES.items()}
    tasks = {name: demo.step for name, demo in demos.items()}
    seconds = turns(tasks, ROUNDS, before=gc.collect)
    pairs = zip(*(demo.losses for demo in demos.values()), strict=True)
    worst = max(abs(ours - theirs) / theirs for ours, theirs in pairs)
    print("\nOne step of micrograd's demo, 2-16-16-1 on 100 moons\n")
    for name, times in seconds.items():
        print(f"  {name:10} {1000 * statistics.median(times):7.1f} ms")
    found = spread(ratio(seconds["mlpbook"], seconds["micrograd"]))
    print(f"  mlpbook / micrograd {found}; the losses agree to {worst:.0e}")
    print(f"  a chain of {CHAIN:,} nodes, there, back and freed: {chain(CHAIN):.2f} s")
    grown = "  ".join(f"{name} {memory_of(first_step, name):.0f} MB" for name in ENGINES)
    print(f"  memory that one step adds to a fresh process: {grown}")
