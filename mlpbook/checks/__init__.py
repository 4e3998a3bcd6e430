"""Feedback on the exercises: one check for every function that a learner writes.

A check takes the learner's function and gives one verdict: it prints that the answer is
right or still to be written, or raises `WrongAnswer` with a few lines on what to look at.
"""

from mlpbook.checks.graph_node import leaky_relu
from mlpbook.checks.linear_depth import bottleneck, collapse
from mlpbook.checks.minibatch import batch_pair, depends_on_batch
from mlpbook.checks.mse import mse_gradient
from mlpbook.checks.piecewise_linear import pieces
from mlpbook.checks.polyline import network_through
from mlpbook.checks.prelu import prelu_derivative, prelu_slope_derivative
from mlpbook.checks.sigmoid_figure import sigmoid_figure
from mlpbook.checks.sigmoid_to_tanh import tanh_network
from mlpbook.checks.silent_units import dead_units, killing_rate
from mlpbook.checks.softmax import softmax_jacobian
from mlpbook.checks.softplus_gap import largest_gap, softplus
from mlpbook.checks.swish import swish_derivative
from mlpbook.checks.tanh_identity import identity_steps
from mlpbook.checks.three_pieces import possible_slopes, two_unit_network
from mlpbook.checks.vanishing import chain_gradient, flat_point
from mlpbook.checks.verdict import WrongAnswer

__all__ = [
    "WrongAnswer",
    "batch_pair",
    "bottleneck",
    "chain_gradient",
    "collapse",
    "dead_units",
    "depends_on_batch",
    "flat_point",
    "identity_steps",
    "killing_rate",
    "largest_gap",
    "leaky_relu",
    "mse_gradient",
    "network_through",
    "pieces",
    "possible_slopes",
    "prelu_derivative",
    "prelu_slope_derivative",
    "sigmoid_figure",
    "softmax_jacobian",
    "softplus",
    "swish_derivative",
    "tanh_network",
    "two_unit_network",
]
