"""A linear layer's kernel as blocks that read no input in common.

| layer | blocks | rows of a block | outputs of a block |
|---|---|---|---|
| convolution, transposed convolution, dense | 1 | taps * channels | all |
| convolution in groups | groups | taps * channels of the group | those of the group |
| depthwise convolution | channels | taps | the channel's multiples |
"""

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.covariance.patches import Positions, has_patches, kernel_matrix, patches, with_kernel

Array = npt.NDArray[np.floating]
L = tf_keras.layers
_SEPARABLE = (L.SeparableConv1D, L.SeparableConv2D)


def has_blocks(layer: tf_keras.layers.Layer) -> bool:
    """True for the layers with one kernel that multiplies their input; a separable layer has two and is none."""
    return type(layer) is L.DepthwiseConv2D or (has_patches(layer) and type(layer) not in _SEPARABLE)


def kernel_blocks(layer: tf_keras.layers.Layer) -> Array:
    """Returns the kernel as (blocks, rows, outputs), the rows in the order of `block_rows`."""
    matrix = kernel_matrix(layer)
    depthwise = type(layer) is L.DepthwiseConv2D
    blocks = layer.get_weights()[0].shape[2] if depthwise else getattr(layer, "groups", 1)
    outputs = matrix.shape[1] if depthwise else matrix.shape[1] // blocks
    return np.moveaxis(matrix.reshape(-1, blocks, outputs), 1, 0)


def joined(layer: tf_keras.layers.Layer, blocks: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Returns values by (block, row, output) as a matrix of the shape and order of `kernel_matrix(layer)`."""
    return np.moveaxis(blocks, 0, 1).reshape(kernel_matrix(layer).shape)


def with_blocks(layer: tf_keras.layers.Layer, blocks: Array) -> list[Array]:
    """Returns the layer's weights with another kernel, given by its blocks."""
    return with_kernel(layer, np.asarray(joined(layer, blocks), np.float32))


def block_rows(layer: tf_keras.layers.Layer, inputs: Array, positions: Positions) -> Array:
    """Returns what each block multiplies at each position, (blocks, positions, rows).

    Args:
        layer: one of those that have blocks, built.
        inputs: (N, ..., C), the layer's input.
        positions: from `sample_positions`.
    """
    seen, channels = patches(layer, inputs, positions), inputs.shape[-1]
    blocks = len(kernel_blocks(layer))
    by_block = seen.reshape(len(seen), -1, blocks, channels // blocks).transpose(2, 0, 1, 3)
    return by_block.reshape(blocks, len(seen), -1)
