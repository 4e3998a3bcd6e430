"""Feedback on the exercises: one check for every function that a learner writes.

A check takes the learner's function and gives one verdict: it prints that the answer is
right or still to be written, or raises `WrongAnswer` with a few lines on what to look at.
"""

from mlpbook.checks.linear_depth import bottleneck, collapse
from mlpbook.checks.minibatch import batch_pair, depends_on_batch
from mlpbook.checks.piecewise_linear import pieces
from mlpbook.checks.polyline import network_through
from mlpbook.checks.prelu import prelu_derivative, prelu_slope_derivative
from mlpbook.checks.sigmoid_to_tanh import tanh_network
from mlpbook.checks.swish import swish_derivative
from mlpbook.checks.tanh_identity import identity_steps
from mlpbook.checks.vanishing import chain_gradient, flat_point
from mlpbook.checks.verdict import WrongAnswer

__all__ = [
    "WrongAnswer",
    "batch_pair",
    "bottleneck",
    "chain_gradient",
    "collapse",
    "depends_on_batch",
    "flat_point",
    "identity_steps",
    "network_through",
    "pieces",
    "prelu_derivative",
    "prelu_slope_derivative",
    "swish_derivative",
    "tanh_network",
]
