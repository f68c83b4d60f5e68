"""A reader that is to be repaired: the rows that its kernel multiplies, and the targets that it should come to."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import tf_keras

from edge_nas.core.arrays import Array, Floats, Inputs
from edge_nas.layers.kernels import Positions
from edge_nas.layers.patches import patches
from edge_nas.pruning.merge import Rows
from edge_nas.pruning.saturation import ActiveRange

# Rows turned to float64 at a time. It bounds memory, 92 MB for a 3x3 kernel over 64 channels, and changes nothing but
# the last bits of sums.
_CHUNK = 20_000


@dataclass(frozen=True)
class View:
    """One call of a reader: its input in either network, and the output positions that are looked at.

    `positions` is a tuple of index arrays, the images' first: position i is (positions[0][i], positions[1][i], ...). It
    serves both networks, whose maps have the same height and width.
    """

    repaired_inputs: Inputs
    original_inputs: Inputs
    positions: Positions

    @property
    def count(self) -> int:
        """The number of positions."""
        return len(self.positions[0])

    def part(self, chosen: slice) -> "View":
        """Returns the view at some of its positions."""
        return replace(self, positions=tuple(axis[chosen] for axis in self.positions))


@dataclass(frozen=True)
class Reader:
    """One reader to be repaired.

    Attributes:
        layer: of the repaired network.
        original: the same layer of the original network.
        original_kernel: its kernel matrix with all rows, and those columns whose outputs the reader keeps: (original
            row length, kept outputs).
        views: one per call of the layer.
        batchnorm: the BatchNorm that is the layer's only reader; neither is called twice. None: there is none.
        active_range: the pre-activations that make a difference behind the layer; None: all of them.
    """

    layer: tf_keras.layers.Layer
    original: tf_keras.layers.Layer
    original_kernel: Floats
    views: tuple[View, ...]
    batchnorm: tf_keras.layers.Layer | None
    active_range: ActiveRange | None

    @property
    def takes_bias(self) -> bool:
        """True where a bias can be written, into the layer or into the BatchNorm behind it."""
        return self.layer.use_bias or self.batchnorm is not None

    @property
    def own_bias(self) -> Array:
        """The bias that the layer has, (outputs,), to which the repair adds; zeros where it has none."""
        if not self.layer.use_bias:
            return np.zeros(self.original_kernel.shape[1])
        return np.asarray(self.layer.get_weights()[-1], np.float64)

    @property
    def count(self) -> int:
        """The number of rows."""
        return sum(view.count for view in self.views)

    def at_most(self, count: int) -> "Reader":
        """Returns the reader at `count` positions or fewer, evenly spread; one more per view where it has several."""
        stride = math.ceil(self.count / count)
        return replace(self, views=tuple(view.part(slice(None, None, stride)) for view in self.views))

    def rows(self) -> Rows:
        """Returns all rows at once, see `chunks`."""
        chunks = list(self.chunks())
        return Rows(
            np.concatenate([rows for rows, _ in chunks]),
            np.concatenate([targets for _, targets in chunks]),
            np.concatenate([view.positions[0] for view in self.views]),
        )

    def chunks(self) -> Iterator[tuple[Array, Array]]:
        """Yields (rows, targets), some positions at a time.

        Rows are what the narrowed layer's kernel multiplies, (positions, row length) float64; targets what the original
        kernel makes at the same positions, without bias, (positions, kept outputs) float64.
        """
        for whole in self.views:
            for start in range(0, whole.count, _CHUNK):
                view = whole.part(slice(start, start + _CHUNK))
                rows = patches(self.layer, view.repaired_inputs, view.positions)
                targets = patches(self.original, view.original_inputs, view.positions) @ self.original_kernel
                yield np.asarray(rows, np.float64), np.asarray(targets, np.float64)
