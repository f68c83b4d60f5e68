"""A linear layer's kernel as blocks that read no input in common.

| layer | blocks | rows of a block | outputs of a block |
|---|---|---|---|
| convolution, transposed convolution, dense | 1 | taps * channels | all |
| convolution in groups | groups | taps * channels of the group | those of the group |
| depthwise convolution | channels | taps | the channel's multiples |
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.arrays import Floats
from edge_nas.layers.kernels import Positions
from edge_nas.layers.patches import kernel_matrix, kernel_of, patches, with_kernel
from edge_nas.layers.registry import kind_of


def has_blocks(layer: tf_keras.layers.Layer) -> bool:
    """True for the layers with one kernel that multiplies their input; a separable layer has two and is none."""
    kernel = kind_of(layer).kernel
    return kernel is not None and kernel.alone


def kernel_blocks(layer: tf_keras.layers.Layer) -> Floats:
    """Returns the kernel as (blocks, rows, outputs), the rows in the order of `block_rows`."""
    by_row = kernel_matrix(layer).reshape(-1, *kernel_of(layer).block_shape(layer))
    return np.moveaxis(by_row, 1, 0)


def joined(layer: tf_keras.layers.Layer, blocks: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Returns values by (block, row, output) as a matrix of the shape and order of `kernel_matrix(layer)`."""
    return np.moveaxis(blocks, 0, 1).reshape(kernel_matrix(layer).shape)


def with_blocks(layer: tf_keras.layers.Layer, blocks: Floats) -> list[Floats]:
    """Returns the layer's weights with another kernel, given by its blocks."""
    return with_kernel(layer, np.asarray(joined(layer, blocks), np.float32))


def block_rows(layer: tf_keras.layers.Layer, inputs: Floats, positions: Positions) -> Floats:
    """Returns what each block multiplies at each position, (blocks, positions, rows).

    Args:
        layer: one of those that have blocks, built.
        inputs: (N, ..., C), the layer's input.
        positions: from `sample_positions`.
    """
    blocks, _ = kernel_of(layer).block_shape(layer)
    rows, channels = patches(layer, inputs, positions), inputs.shape[-1]
    by_tap = rows.reshape(len(rows), -1, blocks, channels // blocks)
    by_block = by_tap.transpose(2, 0, 1, 3)
    return by_block.reshape(blocks, len(rows), -1)
