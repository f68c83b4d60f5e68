"""What a layer's kernel sees at chosen output positions: rows of a least-squares problem, or of its second moments."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

Array = npt.NDArray[np.floating]
Positions = tuple[npt.NDArray[np.intp], ...]
L = tf_keras.layers
_TRANSPOSED = (L.Conv1DTranspose, L.Conv2DTranspose)
_KINDS = (L.Dense, L.Conv1D, L.Conv2D, *_TRANSPOSED, L.SeparableConv1D, L.SeparableConv2D)


def has_patches(layer: tf_keras.layers.Layer) -> bool:
    """True for the layers whose rows `patches` knows; another reader, of a rule of its own, is not repaired."""
    return type(layer) in _KINDS


def kernel_matrix(layer: tf_keras.layers.Layer) -> Array:
    """Returns the kernel as a matrix (taps * channels, outputs) that multiplies the rows of `patches`."""
    kernel = _kernel(layer)
    return kernel.reshape(-1, kernel.shape[-1])


def with_kernel(layer: tf_keras.layers.Layer, matrix: Array) -> list[Array]:
    """Returns the layer's weights with another kernel matrix."""
    weights: list[Array] = layer.get_weights()
    kernel = matrix.reshape(_kernel(layer).shape)
    place = 1 if isinstance(layer, L.SeparableConv1D | L.SeparableConv2D) else 0
    weights[place] = np.swapaxes(kernel, -1, -2) if isinstance(layer, _TRANSPOSED) else kernel
    return weights


def _kernel(layer: Any) -> Array:
    """Returns the kernel that `patches` belong to, input and output channels last."""
    if isinstance(layer, L.SeparableConv1D | L.SeparableConv2D):
        pointwise: Array = layer.get_weights()[1]
        return pointwise
    kernel: Array = layer.get_weights()[0]
    return np.swapaxes(kernel, -1, -2) if isinstance(layer, _TRANSPOSED) else kernel


def sample_positions(layer: tf_keras.layers.Layer, inputs: Array, count: int, rng: np.random.Generator) -> Positions:
    """Returns up to `count` output positions, drawn without repetition over all images: index arrays (image, ...)."""
    shape = (len(inputs), *_output_size(layer, inputs.shape[1:-1]))
    total = int(np.prod(shape))
    chosen = np.arange(total) if total <= count else np.sort(rng.choice(total, count, replace=False))
    return tuple(np.unravel_index(chosen, shape))


def patches(layer: tf_keras.layers.Layer, inputs: Array, positions: Positions) -> Array:
    """Returns what the kernel multiplies at each position, (positions, taps * channels), taps in kernel order.

    Zero padding is the layer's own, so that rows at the border hold the zeros that the layer sees. A transposed
    convolution sees zeros between its inputs as well: of its taps, those that meet an input at a position depend on
    the position. Of a separable layer it is the pointwise kernel that multiplies: rows are what its depthwise half
    makes.
    """
    if isinstance(layer, L.Dense):
        seen: Array = inputs[positions]
        return seen
    if isinstance(layer, L.SeparableConv1D | L.SeparableConv2D):
        return _after_depthwise(layer, _gather(layer, inputs, positions))
    if isinstance(layer, _TRANSPOSED):
        return _gather_transposed(layer, inputs, positions)
    return _gather(layer, inputs, positions).reshape(len(positions[0]), -1)


def _gather(layer: Any, inputs: Array, positions: Positions) -> Array:
    """Returns the inputs under the kernel of a convolution, (positions, taps, channels)."""
    image, *place = positions
    kernel, strides, dilation = tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate)
    before = [
        _padding(layer, size, k, s, d)
        for size, k, s, d in zip(inputs.shape[1:-1], kernel, strides, dilation, strict=True)
    ]
    padded = np.pad(inputs, [(0, 0), *before, (0, 0)])
    taps = np.indices(kernel).reshape(len(kernel), -1)
    where = [p[:, None] * s + t[None, :] * d for p, s, t, d in zip(place, strides, taps, dilation, strict=True)]
    rows: Array = padded[(image[:, None], *where)]
    return rows


def _after_depthwise(layer: Any, rows: Array) -> Array:
    depthwise = layer.get_weights()[0]
    made: Array = np.einsum("ptc,tcm->pcm", rows, depthwise.reshape(-1, *depthwise.shape[-2:]), optimize=True)
    return made.reshape(len(rows), -1)


def _gather_transposed(layer: Any, inputs: Array, positions: Positions) -> Array:
    """Returns the inputs that each tap brings to an output position, zeros where none.

    Input i reaches output i * stride + tap * dilation − padding, where the padding is that of the convolution whose
    transpose the layer is.
    """
    image, *place = positions
    sizes, outputs = inputs.shape[1:-1], _output_size(layer, inputs.shape[1:-1])
    kernel, strides, dilation = tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate)
    taps = np.indices(kernel).reshape(len(kernel), -1)
    hit = np.ones((len(image), taps.shape[1]), bool)
    where = []
    for axis, (size, step) in enumerate(zip(sizes, strides, strict=True)):
        reach = (kernel[axis] - 1) * dilation[axis] + 1
        total = max(0, (size - 1) * step + reach - outputs[axis]) if layer.padding == "same" else 0
        source = place[axis][:, None] + total // 2 - taps[axis][None, :] * dilation[axis]
        hit &= (source % step == 0) & (source >= 0) & (source < size * step)
        where.append(np.clip(source // step, 0, size - 1))
    rows: Array = inputs[(image[:, None], *where)] * hit[..., None]
    return rows.reshape(len(image), -1)


def _output_size(layer: Any, size: tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(layer, L.Dense):
        return size
    channels = layer.get_weights()[0].shape[-1 if isinstance(layer, _TRANSPOSED) else -2]
    return tuple(layer.compute_output_shape((1, *size, channels))[1:-1])


def _padding(layer: Any, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Returns TensorFlow's zero padding (before, after) of one axis."""
    reach = (kernel - 1) * dilation + 1
    if layer.padding == "causal":
        return reach - 1, 0
    if layer.padding == "valid":
        return 0, 0
    total = max(0, (-(-size // stride) - 1) * stride + reach - size)
    return total // 2, total - total // 2


def row_places(layer: tf_keras.layers.Layer, channels: int, stays: Sequence[int]) -> npt.NDArray[np.intp]:
    """Returns which rows of `kernel_matrix(layer)` belong to the input channels that stay.

    Args:
        layer: with a kernel over all of its input channels.
        channels: of the layer's input.
        stays: indices of input channels.
    """
    times = len(kernel_matrix(layer)) // channels
    if isinstance(layer, L.SeparableConv1D | L.SeparableConv2D):  # channel by channel, its copies side by side
        return np.asarray(np.add.outer(np.asarray(stays) * times, np.arange(times))).ravel()
    return np.asarray(np.add.outer(np.arange(times) * channels, np.asarray(stays))).ravel()
