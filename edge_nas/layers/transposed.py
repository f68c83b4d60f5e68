"""Conv1DTranspose and Conv2DTranspose, whose kernels have the output channels before the input channels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.arrays import Floats
from edge_nas.layers.infile import InFile
from edge_nas.layers.kernels import LinearKernel, Positions, axes_of, tap_indices
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Mixing


class TransposedKernel(LinearKernel):
    """A row holds what each tap brings to an output position: zeros where it meets none of the inputs.

    Input i reaches output i * stride + tap * dilation − padding, where the padding is that of the convolution whose
    transpose the layer is. So of the taps that meet an input, each output position has its own.
    """

    def matrix(self, layer: Any) -> Floats:
        """Returns the kernel as (taps * channels, outputs), in the order of a row."""
        kernel: Floats = np.swapaxes(layer.get_weights()[0], -1, -2)
        return kernel.reshape(-1, kernel.shape[-1])

    def with_matrix(self, layer: Any, matrix: Floats) -> list[Floats]:
        """Returns the layer's weights with another kernel."""
        kernel, *bias = layer.get_weights()
        *taps, outputs, channels = kernel.shape
        return [np.swapaxes(matrix.reshape(*taps, channels, outputs), -1, -2), *bias]

    def rows(self, layer: Any, inputs: Floats, positions: Positions) -> Floats:
        """Returns what the kernel multiplies at each position, (positions, taps * channels)."""
        images, *places = positions
        axes = axes_of(layer, inputs)
        outputs = self.output_size(layer, inputs.shape[1:-1])
        sources = [images[:, None]]
        meets = np.ones((len(images), 1), bool)
        for axis, place, tap, output in zip(axes, places, tap_indices(axes), outputs, strict=True):
            overhang = max(0, (axis.size - 1) * axis.stride + axis.reach - output)
            before = overhang // 2 if layer.padding == "same" else 0
            # On the grid of the output, where input i lies at i * stride.
            source = place[:, None] + before - tap[None, :] * axis.dilation
            meets = meets & (source % axis.stride == 0) & (source >= 0) & (source < axis.size * axis.stride)
            sources.append(np.clip(source // axis.stride, 0, axis.size - 1))
        rows: Floats = inputs[tuple(sources)] * meets[..., None]
        return rows.reshape(len(images), -1)

    def output_size(self, layer: Any, input_size: Sequence[int]) -> tuple[int, ...]:
        """Returns the size of the output's map, channels apart, for an input map of this size."""
        channels = layer.get_weights()[0].shape[-1]
        return tuple(layer.compute_output_shape((1, *input_size, channels))[1:-1])


_IN_FILE = InFile(kernels=("",), at_inputs=True, ends_in_relu=1)
_BYTES = 590
"""An operator with kernel, bias, output, and the shape of its output: a bound from files of TF 2.21's converter."""
_TRANSPOSED = LayerKind(channels=Mixing("filters", input_axis=-1, output_axis=-2), kernel=TransposedKernel())

register(replace(_TRANSPOSED, in_file=replace(_IN_FILE, kernel_bytes=_BYTES)), tf_keras.layers.Conv2DTranspose)
register(replace(_TRANSPOSED, in_file=replace(_IN_FILE, reshapes=True)), tf_keras.layers.Conv1DTranspose)
