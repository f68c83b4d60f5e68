"""The window that convolutions and poolings slide over an image: sizes, strides, dilations, resolved padding."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edge_nas.int8.operands import Operands, Shape

T = TypeVar("T", bound=np.generic)

# The schema's names of the options that say how a window goes over an image.
WINDOW_OPTIONS = ("Padding", "StrideH", "StrideW")
DILATION_OPTIONS = ("DilationHFactor", "DilationWFactor")

_SAME, _VALID = 0, 1
# A window may be larger than its image; a damaged file must not ask for gigabytes of padding.
_MOST_REACH = 4096


@dataclass(frozen=True)
class Window:
    """A window over (H, W); output row y reads the input rows y * stride_height - pad_top + k * dilation_height.

    Attributes:
        height, width: taps per direction, at least 1.
        stride_height, stride_width: input steps per output step, at least 1.
        dilation_height, dilation_width: input steps per tap, at least 1.
        pad_top, pad_left: rows and columns outside the image before its first; those behind its last follow from
            the output shape.
    """

    height: int
    width: int
    stride_height: int
    stride_width: int
    dilation_height: int
    dilation_width: int
    pad_top: int
    pad_left: int


def parse_window(operands: Operands, height: int, width: int, input_shape: Shape) -> tuple[Window, int, int]:
    """Returns the window of a convolution or pooling, and the height and width of its output.

    Args:
        operands: the operator, whose options hold padding, strides and perhaps dilations.
        height: taps of the window.
        width: taps of the window.
        input_shape: (H, W, C).

    Raises:
        ArtifactError: a padding, stride or dilation is not supported, or the window leaves no output.
    """
    strides = (operands.option("StrideH", 1), operands.option("StrideW", 1))
    dilated = "DilationHFactor" in operands.operator.options
    dilations = (operands.option("DilationHFactor", 1), operands.option("DilationWFactor", 1)) if dilated else (1, 1)
    padding = operands.option("Padding")
    if padding not in (_SAME, _VALID):
        raise operands.refusal(f"padding number {padding} is not supported; supported: SAME (0), VALID (1)")
    reaches = [(count - 1) * dilation + 1 for count, dilation in zip((height, width), dilations, strict=True)]
    if max(reaches) > _MOST_REACH:
        raise operands.refusal(f"a window of {reaches[0]} x {reaches[1]} pixels; at most {_MOST_REACH} are supported")
    sizes = [
        _padded(size, reach, stride, padding)
        for size, reach, stride in zip(input_shape, reaches, strides, strict=False)
    ]
    (pad_top, rows), (pad_left, columns) = sizes
    if rows < 1 or columns < 1:
        raise operands.refusal(f"a window of {height} x {width} does not fit into an input of shape {input_shape}")
    return Window(height, width, *strides, *dilations, pad_top, pad_left), rows, columns


def taps(
    values: npt.NDArray[T], window: Window, output_shape: Shape, fill: int
) -> Iterator[tuple[int, int, npt.NDArray[T]]]:
    """Yields, per tap (ky, kx) of a window, the values (N, OH, OW, C) that it meets at every output position.

    Args:
        values: (N, H, W, C) of any dtype.
        window: the window.
        output_shape: (OH, OW, ...).
        fill: the value outside the image.
    """
    count, height, width, channels = values.shape
    rows, columns = output_shape[:2]
    reach_y = (rows - 1) * window.stride_height + (window.height - 1) * window.dilation_height + 1
    reach_x = (columns - 1) * window.stride_width + (window.width - 1) * window.dilation_width + 1
    padded = np.full(
        (count, max(reach_y, height + window.pad_top), max(reach_x, width + window.pad_left), channels),
        fill,
        values.dtype,
    )
    padded[:, window.pad_top : window.pad_top + height, window.pad_left : window.pad_left + width] = values
    for ky in range(window.height):
        top = ky * window.dilation_height
        for kx in range(window.width):
            left = kx * window.dilation_width
            yield (
                ky,
                kx,
                padded[
                    :,
                    top : top + (rows - 1) * window.stride_height + 1 : window.stride_height,
                    left : left + (columns - 1) * window.stride_width + 1 : window.stride_width,
                ],
            )


def _padded(size: int, reach: int, stride: int, padding: int) -> tuple[int, int]:
    """Returns the padding before the image and the output size, along one direction (TFLite: ComputePadding...)."""
    if padding == _VALID:
        return 0, (size - reach) // stride + 1
    outputs = -(-size // stride)
    return max((outputs - 1) * stride + reach - size, 0) // 2, outputs
