"""What a layer's kernel sees at chosen output positions: rows of a least-squares problem."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

Array = npt.NDArray[np.floating]
Positions = tuple[npt.NDArray[np.intp], ...]


def sample_positions(layer: tf_keras.layers.Layer, inputs: Array, count: int, rng: np.random.Generator) -> Positions:
    """Returns up to `count` output positions, drawn without repetition over all images: index arrays (image, ...)."""
    shape = (len(inputs), *_output_size(layer, inputs.shape[1:-1]))
    total = int(np.prod(shape))
    chosen = np.arange(total) if total <= count else np.sort(rng.choice(total, count, replace=False))
    return tuple(np.unravel_index(chosen, shape))


def patches(layer: tf_keras.layers.Layer, inputs: Array, positions: Positions) -> Array:
    """Returns what the kernel multiplies at each position, (positions, taps * channels), taps in kernel order.

    Zero padding is the layer's own, so that rows at the border hold the zeros that the layer sees.
    """
    if isinstance(layer, tf_keras.layers.Dense):
        seen: Array = inputs[positions]
        return seen
    image, *place = positions
    kernel, strides, dilation = tuple(layer.kernel_size), tuple(layer.strides), tuple(layer.dilation_rate)
    before = [
        _padding(layer, size, k, s, d)
        for size, k, s, d in zip(inputs.shape[1:-1], kernel, strides, dilation, strict=True)
    ]
    padded = np.pad(inputs, [(0, 0), *before, (0, 0)])
    taps = np.indices(kernel).reshape(len(kernel), -1)
    where = [p[:, None] * s + t[None, :] * d for p, s, t, d in zip(place, strides, taps, dilation, strict=True)]
    rows: Array = padded[(image[:, None], *where)].reshape(len(image), -1)
    return rows


def _output_size(layer: Any, size: tuple[int, ...]) -> tuple[int, ...]:
    if isinstance(layer, tf_keras.layers.Dense):
        return size
    return tuple(layer.compute_output_shape((1, *size, layer.get_weights()[0].shape[-2]))[1:-1])


def _padding(layer: Any, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """Returns TensorFlow's zero padding (before, after) of one axis."""
    reach = (kernel - 1) * dilation + 1
    if layer.padding == "causal":
        return reach - 1, 0
    if layer.padding == "valid":
        return 0, 0
    total = max(0, (-(-size // stride) - 1) * stride + reach - size)
    return total // 2, total - total // 2
