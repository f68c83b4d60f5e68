"""Dense."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.core.arrays import Floats
from edge_nas.layers.infile import ONE_KERNEL
from edge_nas.layers.kernels import LinearKernel, Positions
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing


class DenseKernel(LinearKernel):
    """A row holds the channels of a position."""

    def rows(self, layer: Any, inputs: Floats, positions: Positions) -> Floats:  # noqa: ARG002 - as of a convolution
        """Returns the inputs at each position, (positions, channels)."""
        rows: Floats = inputs[positions]
        return rows

    def output_size(self, layer: Any, input_size: Sequence[int]) -> tuple[int, ...]:  # noqa: ARG002
        """Returns the size of the input's map."""
        return tuple(input_size)


register(LayerKind(channels=Mixing("units"), kernel=DenseKernel(), in_file=ONE_KERNEL), tf_keras.layers.Dense)
