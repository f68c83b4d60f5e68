"""What a layer's kernel sees at chosen output positions: rows of a least-squares problem, or of its second moments."""

from collections.abc import Sequence

import numpy as np
import tf_keras

from edge_nas.core.arrays import Floats, Places
from edge_nas.errors import GraphError
from edge_nas.layers.kernels import LinearKernel, Positions
from edge_nas.layers.registry import kind_of


def has_patches(layer: tf_keras.layers.Layer) -> bool:
    """True for the layers whose kernel multiplies the rows of `patches`; other readers are not repaired."""
    kernel = kind_of(layer).kernel
    return kernel is not None and kernel.mixes


def kernel_matrix(layer: tf_keras.layers.Layer) -> Floats:
    """Returns the kernel as a matrix (taps * channels, outputs) that multiplies the rows of `patches`."""
    return kernel_of(layer).matrix(layer)


def with_kernel(layer: tf_keras.layers.Layer, matrix: Floats) -> list[Floats]:
    """Returns the layer's weights with another kernel matrix."""
    return kernel_of(layer).with_matrix(layer, matrix)


def sample_positions(layer: tf_keras.layers.Layer, inputs: Floats, count: int, rng: np.random.Generator) -> Positions:
    """Returns up to `count` output positions, drawn without repetition over all images: index arrays (image, ...)."""
    shape = (len(inputs), *kernel_of(layer).output_size(layer, inputs.shape[1:-1]))
    total = int(np.prod(shape))
    chosen = np.arange(total) if total <= count else np.sort(rng.choice(total, count, replace=False))
    return tuple(np.unravel_index(chosen, shape))


def patches(layer: tf_keras.layers.Layer, inputs: Floats, positions: Positions) -> Floats:
    """Returns what the kernel multiplies at each position, (positions, taps * channels), taps in kernel order."""
    return kernel_of(layer).rows(layer, inputs, positions)


def row_places(layer: tf_keras.layers.Layer, channels: int, kept: Sequence[int]) -> Places:
    """Returns which rows of `kernel_matrix(layer)` belong to the kept input channels.

    Args:
        layer: with a kernel over all of its input channels.
        channels: of the layer's input.
        kept: indices of input channels.
    """
    return kernel_of(layer).row_places(layer, channels, kept)


def longest_row(network: tf_keras.Model) -> int:
    """Returns the length of the longest row of a kernel: no second moments of rows are wider."""
    return max((len(kernel_matrix(layer)) for layer in network.layers if has_patches(layer)), default=0)


def kernel_of(layer: tf_keras.layers.Layer) -> LinearKernel:
    """Returns how the kernel of a layer is read.

    Raises:
        GraphError: none is known for its kind.
    """
    kernel = kind_of(layer).kernel
    if kernel is None:
        raise GraphError(f"layer {layer.name!r} ({type(layer).__name__}) has no kernel that is known as a matrix")
    return kernel
