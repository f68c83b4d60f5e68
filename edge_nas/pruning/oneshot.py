"""Repair in one shot: what a reader would do with fewer channels, from statistics of the original network alone.

    moments = reader_moments(original, graph, inputs, samples=20_000, seed=0)       # one pass over the images
    kernel, bias = moments["decoder"].solve(kept=[0, 1, 3], ridge=1e-3)             # no image is looked at

The sequential repair of `edge_nas.pruning.repair` regresses on what the narrowed network itself computes. Here every
reader sees what it saw in the original, as though nothing before it had changed: worse, and far cheaper, one linear
system of stored moments. The search for widths tells candidates apart with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.arrays import Array, Inputs
from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.stepping import Stepper
from edge_nas.layers.kernels import Positions
from edge_nas.layers.patches import has_patches, kernel_matrix, patches, row_places, sample_positions
from edge_nas.pruning.regression import LONGEST_ROW

# Rows gathered at a time, which bounds memory, as in the repair.
_CHUNK = 20_000

# From fewer positions than a row has values a covariance is singular. From four times as many, its eigenvalues are 0.25
# to 2.25 times the true ones where values are independent (Marchenko & Pastur 1967, ratio 1/4).
_POSITIONS_PER_ROW_VALUE = 4


@dataclass(frozen=True)
class ReaderMoments:
    """Mean and covariance of the rows that a reader's kernel matrix multiplies, in the original network.

    Attributes:
        mean: (row length,).
        covariance: (row length, row length).
        kernel: the original kernel matrix (row length, outputs).
        layer: the original layer.
        channels: of its input.
    """

    mean: Array
    covariance: Array
    kernel: Array
    layer: Any
    channels: int

    def solve(self, kept: Sequence[int], ridge: float) -> tuple[Array, Array]:
        """Returns (kernel matrix on the kept input channels, what is to be added to the bias).

        The original output regressed on what is kept of the input: with S the entries of a row that are kept,
        W' = (C_SS + λI)⁻¹ (C_S· W + λ W_S), λ = ridge · tr C_SS / |S|, bias' = mean W − mean_S W'.

        Args:
            kept: indices of the layer's input channels.
            ridge: relative to the mean variance of the kept entries.
        """
        rows = row_places(self.layer, self.channels, kept)
        if len(rows) == len(self.kernel):
            return self.kernel, np.zeros(self.kernel.shape[1])
        kept_covariance = self.covariance[np.ix_(rows, rows)]
        loading = ridge * float(np.trace(kept_covariance)) / len(rows) + np.finfo(float).eps
        right_side = self.covariance[rows] @ self.kernel + loading * self.kernel[rows]
        kernel = np.asarray(np.linalg.solve(kept_covariance + loading * np.eye(len(rows)), right_side), np.float64)
        bias: Array = self.mean @ self.kernel - self.mean[rows] @ kernel
        return kernel, bias


def reader_moments(
    original: tf_keras.Model, graph: ChannelGraph, inputs: NetworkInputs, samples: int, seed: int
) -> dict[str, ReaderMoments]:
    """Returns the moments of every reader of a free group, by layer, in one pass over the inputs.

    Left out are readers whose rows are not known and those whose rows are too long for a covariance.

    Args:
        original: flat network.
        graph: its channel graph.
        inputs: (N, ...) float32.
        samples: most positions per reader; at least four times as many as its rows have values are taken.
        seed: of the choice of positions.
    """
    readers: set[str] = set()
    for group in graph.free:
        readers.update(group.reader_layers)
    run, rng = Stepper(original, inputs), np.random.default_rng(seed)
    statistics: dict[str, StreamingCovariance] = {}
    moments: dict[str, ReaderMoments] = {}
    for call in run.calls:
        layer: Any = call.layer
        if layer.name in readers and has_patches(layer) and len(kernel_matrix(layer)) <= LONGEST_ROW:
            kernel = np.asarray(kernel_matrix(layer), np.float64)
            layer_inputs = run.input_of(call)
            count = max(samples, _POSITIONS_PER_ROW_VALUE * len(kernel))
            positions = sample_positions(layer, layer_inputs, count, rng)
            # A layer that is called several times has one covariance, over all of its calls.
            statistic = statistics.setdefault(layer.name, StreamingCovariance(len(kernel)))
            _add_rows(statistic, layer, layer_inputs, positions)
            channels = int(layer_inputs.shape[-1])
            moments[layer.name] = ReaderMoments(statistic.mean, statistic.covariance(), kernel, layer, channels)
        run.run(call)
    return moments


def _add_rows(statistic: StreamingCovariance, layer: Any, layer_inputs: Inputs, positions: Positions) -> None:
    """Adds a layer's rows at some positions to a statistic."""
    for start in range(0, len(positions[0]), _CHUNK):
        chunk = tuple(axis[start : start + _CHUNK] for axis in positions)
        statistic.update(patches(layer, layer_inputs, chunk))
