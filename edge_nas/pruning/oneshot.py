"""Repair in one shot: what a reader would do with fewer channels, from statistics of the original network alone.

Worse than the sequential repair, and far cheaper: one linear system of stored moments. It tells candidates apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.stepping import Stepper
from edge_nas.layers.patches import has_patches, kernel_matrix, patches, row_places, sample_positions

Array = npt.NDArray[np.float64]
_CHUNK = 20_000
_LARGEST = 5_000
"""Rows of a kernel matrix above which moments would take more memory and time than they are worth."""


@dataclass(frozen=True)
class Moments:
    """Mean and covariance of the rows that a layer's kernel matrix multiplies, and that matrix."""

    mean: Array
    covariance: Array
    kernel: Array
    layer: Any
    channels: int

    def solve(self, stays: Sequence[int], ridge: float) -> tuple[Array, Array]:
        """Returns (kernel matrix on the input channels that stay, what to add to the bias).

        (C_SS + λI)⁻¹ (C_S W + λ W_S): the full layer's output regressed on what is left of its input.
        """
        rows = row_places(self.layer, self.channels, stays)
        if len(rows) == len(self.kernel):
            return self.kernel, np.zeros(self.kernel.shape[1])
        inner = self.covariance[np.ix_(rows, rows)]
        loading = ridge * float(np.trace(inner)) / len(rows) + np.finfo(float).eps
        cross = self.covariance[rows] @ self.kernel + loading * self.kernel[rows]
        solved = np.asarray(np.linalg.solve(inner + loading * np.eye(len(rows)), cross), np.float64)
        bias: Array = self.mean @ self.kernel - self.mean[rows] @ solved
        return solved, bias


def reader_moments(
    model: tf_keras.Model, graph: ChannelGraph, inputs: npt.NDArray[np.float32], samples: int, seed: int
) -> dict[str, Moments]:
    """Returns the moments of every reader of a free group, by layer, in one pass over the inputs.

    Left out are readers whose rows are not known and those of very large kernel matrices.

    Args:
        model: flat network.
        graph: its channel graph.
        inputs: (N, ...) float32.
        samples: most positions per reader; at least four times as many as its matrix has rows are taken.
        seed: of the choice of positions.
    """
    readers = {layer for group in graph.free for layer in group.reader_layers}
    stepper, rng = Stepper(model, inputs), np.random.default_rng(seed)
    statistics: dict[str, StreamingCovariance] = {}
    layers: dict[str, tuple[Any, int]] = {}
    for call in stepper.calls:
        layer: Any = call.layer
        if layer.name in readers and has_patches(layer) and len(kernel_matrix(layer)) <= _LARGEST:
            taps = len(kernel_matrix(layer))
            seen = stepper.input_of(call)
            positions = sample_positions(layer, seen, max(samples, 4 * taps), rng)
            moments = statistics.setdefault(layer.name, StreamingCovariance(taps))  # of all calls of a shared layer
            for first in range(0, len(positions[0]), _CHUNK):
                moments.update(patches(layer, seen, tuple(axis[first : first + _CHUNK] for axis in positions)))
            layers[layer.name] = layer, int(seen.shape[-1])
        stepper.run(call)
    return {
        name: Moments(
            found.mean, found.covariance(), np.asarray(kernel_matrix(layers[name][0]), np.float64), *layers[name]
        )
        for name, found in statistics.items()
    }
