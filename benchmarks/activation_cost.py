"""What each activation costs beside the matrix product that feeds it.

A layer of n inputs and n outputs on a minibatch: the product is timed, then the activation of
its result, forward, and forward with backward. Turns alternate, so a busy moment hits both.
"""

import statistics

import torch

from benchmarks.side_by_side import seconds
from mlpbook import activations

EXAMPLES, WIDTH, ROUNDS = 64, 1024, 30


def ratios(name: str, X: torch.Tensor, W: torch.Tensor) -> tuple[float, float]:
    """The time of an activation, forward and with backward, as parts of the product's."""
    truth = activations.get(name).truth
    Z = (X @ W).requires_grad_()
    rounds = []
    for _ in range(ROUNDS):
        product = seconds(lambda: X @ W)
        forward = seconds(lambda: truth(Z.detach()))
        both = seconds(lambda: torch.autograd.grad(truth(Z).sum(), Z))
        rounds.append((forward / product, both / product))
    forwards, boths = zip(*rounds, strict=True)
    return statistics.median(forwards), statistics.median(boths)


def main() -> None:
    """Print both ratios for every activation of the catalogue."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(EXAMPLES, WIDTH, generator=generator)
    W = torch.randn(WIDTH, WIDTH, generator=generator) / WIDTH**0.5
    print(f"\nOne activation beside a matrix product, {EXAMPLES} × {WIDTH} × {WIDTH}, float32\n")
    print(f"  {'':16} forward   forward and backward")
    for name in activations.names():
        forward, both = ratios(name, X, W)
        print(f"  {name:16} {forward:7.3f}   {both:7.3f}")
