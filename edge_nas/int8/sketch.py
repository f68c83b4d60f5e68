"""A network with random weights, made operator by operator without TensorFlow: its cost is known before any training.

    sketch = Sketch((48, 64, 3))
    x = sketch.convolution(sketch.input, 16, HALVING)
    y = sketch.convolution(sketch.depthwise(x), 24)
    data = sketch.finish(y)  # a .tflite file

Which kernels the generated C takes depends on scales and on the spread of weights. Here they are as a converter leaves
them: weights normal, the largest of each channel -127 or 127; a ReLU's codes from -128 on, other codes around 0;
outputs spread over the whole range.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.writer import Options, Writer

Activation = Literal["linear", "relu", "relu6"]
Padding = Literal["same", "valid"]

_FUSED: dict[Activation, int] = {"linear": 0, "relu": 1, "relu6": 3}
_PADDING: dict[Padding, int] = {"same": 0, "valid": 1}
_LARGEST_WEIGHT = 127
# Codes are spread over their range: so many are a standard deviation of an output.
_CODE_DEVIATION = 40.0
_INPUT_SCALE = 1 / 127.5
_RELU6_SCALE = 6 / 255


@dataclass(frozen=True)
class SketchTensor:
    """An int8 tensor of the network.

    Attributes:
        index: in the file.
        shape: without the batch.
        scale, zero_point: of its codes.
    """

    index: int
    shape: tuple[int, ...]
    scale: float
    zero_point: int


@dataclass(frozen=True)
class Window:
    """The window of a convolution: rows and columns of the kernel, strides and dilations along both."""

    kernel: tuple[int, int] = (3, 3)
    strides: tuple[int, int] = (1, 1)
    padding: Padding = "same"
    dilations: tuple[int, int] = (1, 1)

    @property
    def along_axes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Taps, stride and dilation along rows, and along columns."""
        rows, columns = zip(self.kernel, self.strides, self.dilations, strict=True)
        return rows, columns

    def outputs(self, shape: Sequence[int]) -> tuple[int, int]:
        """Returns the rows and columns that it makes of an image."""
        rows, columns = (
            -(-(size if self.padding == "same" else size - (taps - 1) * dilation) // stride)
            for size, (taps, stride, dilation) in zip(shape[:2], self.along_axes, strict=True)
        )
        return rows, columns

    def inputs(self, shape: Sequence[int]) -> tuple[int, int]:
        """Returns the rows and columns that a transposed convolution makes of an image."""
        rows, columns = (
            size * stride if self.padding == "same" else (size - 1) * stride + max(taps, stride)
            for size, taps, stride in zip(shape[:2], self.kernel, self.strides, strict=True)
        )
        return rows, columns

    def moves(self, activation: Activation) -> dict[str, int]:
        """Returns what the schema calls padding, strides and activation, which all operators with a window have."""
        return {
            "Padding": _PADDING[self.padding],
            "StrideH": self.strides[0],
            "StrideW": self.strides[1],
            "FusedActivationFunction": _FUSED[activation],
        }

    def options(self, activation: Activation) -> dict[str, int]:
        """Returns what the schema calls those of a convolution."""
        dilations = {"DilationHFactor": self.dilations[0], "DilationWFactor": self.dilations[1]}
        return self.moves(activation) | dilations


def tiles(rows: int = 2, columns: int = 2) -> Window:
    """Returns windows side by side, as of most poolings."""
    return Window((rows, columns), (rows, columns), "valid")


POINT, THREE, HALVING = Window((1, 1)), Window(), Window(strides=(2, 2))
"""Windows of one tap, of 3 x 3, and of 3 x 3 with stride 2."""
_TILES = tiles()


_CALL_SCALE = 1 / 16
"""By what share the output's scale of each further operator with a kernel is larger."""
_Kernel = tuple[int, npt.NDArray[np.float32]]
"""A tensor of the file, and its scales."""


class Sketch:
    """A network in the making: every method appends an operator and returns its output."""

    def __init__(self, input_shape: Sequence[int], seed: int = 0) -> None:
        """Begins with the input.

        Args:
            input_shape: without the batch, such as (48, 64, 3) or (640,).
            seed: of the weights.
        """
        self._writer = Writer()
        self._generator = np.random.default_rng(seed)
        self._kernels: dict[str | None, _Kernel] = {}
        self._operators_of: Counter[str | None] = Counter()
        self.input = self._tensor(input_shape, _INPUT_SCALE, 0)

    def convolution(
        self,
        x: SketchTensor,
        channels: int,
        window: Window = POINT,
        activation: Activation = "relu",
        *,
        groups: int = 1,
        kernel: str | None = None,
    ) -> SketchTensor:
        """Appends a CONV_2D, in so many groups of channels; `kernel`: the name of one that several operators have."""
        inputs, scale = self._weights(x, (channels, *window.kernel, x.shape[2] // groups), 0, kernel=kernel)
        output = self._output((*window.outputs(x.shape), channels), scale, activation)
        return self._operator("CONV_2D", (x.index, *inputs), output, window.options(activation))

    def depthwise(
        self,
        x: SketchTensor,
        window: Window = THREE,
        activation: Activation = "relu",
        *,
        multiplier: int = 1,
        kernel: str | None = None,
    ) -> SketchTensor:
        """Appends a DEPTHWISE_CONV_2D of `multiplier` outputs per input channel; `kernel` as of convolutions."""
        channels = x.shape[2] * multiplier
        inputs, scale = self._weights(x, (1, *window.kernel, channels), 3, kernel=kernel)
        output = self._output((*window.outputs(x.shape), channels), scale, activation)
        options = {**window.options(activation), "DepthMultiplier": multiplier}
        return self._operator("DEPTHWISE_CONV_2D", (x.index, *inputs), output, options)

    def dense(
        self,
        x: SketchTensor,
        units: int,
        activation: Activation = "linear",
        *,
        per_channel: bool = False,
        kernel: str | None = None,
    ) -> SketchTensor:
        """Appends a FULLY_CONNECTED on all of a tensor.

        Args:
            x: its input.
            units: outputs.
            activation: of them.
            per_channel: whether each output has a scale of weights, as without QAT, or all have one, as with it.
            kernel: the name of weights that several operators have.
        """
        weights, scale = self._weights(x, (units, math.prod(x.shape)), 0, per_channel=per_channel, kernel=kernel)
        options = {"FusedActivationFunction": _FUSED[activation], "KeepNumDims": 0, "WeightsFormat": 0}
        return self._operator(
            "FULLY_CONNECTED", (x.index, *weights), self._output((units,), scale, activation), options
        )

    def add(self, a: SketchTensor, b: SketchTensor, activation: Activation = "linear") -> SketchTensor:
        """Appends an ADD of tensors of one shape; the sum of two that are never negative is none either."""
        nonnegative = activation == "relu" or a.zero_point == b.zero_point == INT8_MIN
        shape = tuple(int(size) for size in np.broadcast_shapes(a.shape, b.shape))
        output = self._tensor(shape, 1.3 * max(a.scale, b.scale), INT8_MIN if nonnegative else 0)
        # Only sums of int16 ask what PotScaleInt16 says; the converter writes 1.
        options = {"FusedActivationFunction": _FUSED[activation], "PotScaleInt16": 1}
        return self._operator("ADD", (a.index, b.index), output, options)

    def multiply(self, a: SketchTensor, b: SketchTensor, activation: Activation = "linear") -> SketchTensor:
        """Appends a MUL of tensors of one shape, or of one that is spread over the other."""
        shape = tuple(int(size) for size in np.broadcast_shapes(a.shape, b.shape))
        options = {"FusedActivationFunction": _FUSED[activation]}
        return self._operator("MUL", (a.index, b.index), self._output(shape, a.scale, activation), options)

    def gains(self, x: SketchTensor, shape: tuple[int, ...]) -> SketchTensor:
        """Returns gains or shifts of a tensor, for `multiply` or `add`: of shape (), or (C,) for one per channel."""
        codes = self._generator.integers(INT8_MIN, _LARGEST_WEIGHT, shape, endpoint=True).astype(np.int8)
        index = self._writer.tensor(shape, x.scale, 0, data=np.asarray(codes))
        return SketchTensor(index, shape, x.scale, 0)

    def maximum(self, a: SketchTensor, b: SketchTensor) -> SketchTensor:
        """Appends a MAXIMUM of tensors of one shape, the second requantized before."""
        same = b if (b.scale, b.zero_point) == (a.scale, a.zero_point) else self._requantized(b, a)
        return self._operator("MAXIMUM", (a.index, same.index), self._tensor(a.shape, a.scale, a.zero_point), {})

    def prelu(self, x: SketchTensor) -> SketchTensor:
        """Appends a PRELU with a slope for each channel."""
        slopes = self._generator.integers(1, _LARGEST_WEIGHT, x.shape[-1]).astype(np.int8).reshape(1, 1, -1)
        alpha = self._writer.tensor(slopes.shape, 1 / _LARGEST_WEIGHT, 0, data=slopes)
        return self._operator("PRELU", (x.index, alpha), self._tensor(x.shape, x.scale, x.zero_point), None)

    def pad(self, x: SketchTensor, top: int, bottom: int, left: int, right: int) -> SketchTensor:
        """Appends a PAD of rows and columns."""
        rows, columns, channels = x.shape
        output = self._tensor((rows + top + bottom, columns + left + right, channels), x.scale, x.zero_point)
        paddings = self._writer.constant([[0, 0], [top, bottom], [left, right], [0, 0]])
        return self._operator("PAD", (x.index, paddings), output, {})

    def transpose_convolution(
        self,
        x: SketchTensor,
        channels: int,
        window: Window = HALVING,
        activation: Activation = "relu",
        *,
        kernel: str | None = None,
    ) -> SketchTensor:
        """Appends a TRANSPOSE_CONV, which makes of maps as large as what its window leaves those that it is moved over.

        Of windows that are padded, the largest such maps; `kernel` as of convolutions.
        """
        (weights, bias), scale = self._weights(x, (channels, *window.kernel, x.shape[2]), 0, kernel=kernel)
        output = self._output((*window.inputs(x.shape), channels), scale, activation)
        sizes = self._writer.constant([1, *output.shape])
        return self._operator("TRANSPOSE_CONV", (sizes, weights, x.index, bias), output, window.moves(activation))

    def concatenate(self, tensors: Sequence[SketchTensor]) -> SketchTensor:
        """Appends a CONCATENATION along channels; tensors of other scales than the first are requantized before."""
        first = tensors[0]
        same = [
            x if (x.scale, x.zero_point) == (first.scale, first.zero_point) else self._requantized(x, first)
            for x in tensors
        ]
        output = self._tensor((*first.shape[:-1], sum(x.shape[-1] for x in same)), first.scale, first.zero_point)
        options = {"Axis": len(first.shape), "FusedActivationFunction": 0}
        return self._operator("CONCATENATION", [x.index for x in same], output, options)

    def max_pool(self, x: SketchTensor, window: Window = _TILES, activation: Activation = "linear") -> SketchTensor:
        """Appends a MAX_POOL_2D, which leaves scale and zero point as they are."""
        return self._pool("MAX_POOL_2D", x, window, activation)

    def average_pool(self, x: SketchTensor, window: Window = _TILES, activation: Activation = "linear") -> SketchTensor:
        """Appends an AVERAGE_POOL_2D, which leaves scale and zero point as they are."""
        return self._pool("AVERAGE_POOL_2D", x, window, activation)

    def mean(self, x: SketchTensor, *, keep: bool = True) -> SketchTensor:
        """Appends a MEAN over rows and columns, which stay as one each where they are kept."""
        output = self._tensor((1, 1, x.shape[2]) if keep else (x.shape[2],), x.scale, x.zero_point)
        return self._operator("MEAN", (x.index, self._writer.constant([1, 2])), output, {"KeepDims": int(keep)})

    def upsample(self, x: SketchTensor, factors: tuple[int, int] = (2, 2)) -> SketchTensor:
        """Appends a RESIZE_NEAREST_NEIGHBOR by whole factors."""
        return self._resize("RESIZE_NEAREST_NEIGHBOR", x, factors)

    def bilinear(self, x: SketchTensor, factors: tuple[int, int] = (2, 2)) -> SketchTensor:
        """Appends a RESIZE_BILINEAR by whole factors."""
        return self._resize("RESIZE_BILINEAR", x, factors)

    def reshape(self, x: SketchTensor, shape: Sequence[int]) -> SketchTensor:
        """Appends a RESHAPE."""
        output = self._tensor(shape, x.scale, x.zero_point)
        sizes = self._writer.constant([1, *shape])
        return self._operator("RESHAPE", (x.index, sizes), output, {"NewShape": [1, *shape]})

    def relu(self, x: SketchTensor, activation: Activation = "relu") -> SketchTensor:
        """Appends a RELU or a RELU6, which no other operator ends in."""
        kinds = {"relu": "RELU", "relu6": "RELU6"}
        return self._operator(kinds[activation], (x.index,), self._output(x.shape, x.scale, activation), None)

    def softmax(self, x: SketchTensor) -> SketchTensor:
        """Appends a SOFTMAX."""
        return self._operator("SOFTMAX", (x.index,), self._tensor(x.shape, 1 / 256, INT8_MIN), {"Beta": 1.0})

    def logistic(self, x: SketchTensor) -> SketchTensor:
        """Appends a LOGISTIC."""
        return self._operator("LOGISTIC", (x.index,), self._tensor(x.shape, 1 / 256, INT8_MIN), None)

    def finish(self, output: SketchTensor) -> bytes:
        """Returns the file."""
        return self._writer.finish([self.input.index], [output.index])

    def graph(self, output: SketchTensor, source: str) -> Int8Graph:
        """Returns what `finish` would be read as, `source` its name: tens of milliseconds sooner."""
        return self._writer.graph([self.input.index], [output.index], source)

    def _tensor(self, shape: Sequence[int], scale: float, zero_point: int) -> SketchTensor:
        scale = float(np.float32(scale))
        index = self._writer.tensor((1, *shape), scale, zero_point)
        return SketchTensor(index, tuple(int(size) for size in shape), scale, zero_point)

    def _output(self, shape: Sequence[int], scale: float, activation: Activation) -> SketchTensor:
        """Returns the output of sums whose standard deviation is `_CODE_DEVIATION * scale`."""
        if activation == "relu6":
            return self._tensor(shape, _RELU6_SCALE, INT8_MIN)
        return self._tensor(shape, scale, INT8_MIN if activation == "relu" else 0)

    def _operator(
        self, kind: str, inputs: Sequence[int], output: SketchTensor, options: Options | None
    ) -> SketchTensor:
        self._writer.operator(kind, inputs, [output.index], options)
        return output

    def _weights(
        self,
        x: SketchTensor,
        shape: Sequence[int],
        axis: int,
        *,
        per_channel: bool = True,
        kernel: str | None = None,
    ) -> tuple[tuple[int, int], float]:
        """Returns weights and bias as tensors of the file, and an output scale that spreads the sums."""
        weights, scales = self._kernels.get(kernel) or self._kernel(shape, axis, per_channel=per_channel)
        if kernel is not None:
            self._kernels[kernel] = weights, scales
        products = (np.float32(x.scale) * scales).astype(np.float32)
        bias_codes = self._generator.normal(0, 0.1 * _CODE_DEVIATION * x.scale, shape[axis]) / products
        bias = self._writer.tensor(
            [shape[axis]],
            products.tolist(),
            [0] * len(scales),
            dtype="int32",
            data=np.round(bias_codes).astype(np.int32),
        )
        # Ranges differ from call to call, and with them what C makes of the scales.
        before = self._operators_of[kernel]
        if kernel is not None:
            self._operators_of[kernel] += 1
        return (weights, bias), x.scale * (1 + before * _CALL_SCALE)

    def _kernel(self, shape: Sequence[int], axis: int, *, per_channel: bool) -> _Kernel:
        channels = shape[axis]
        other = tuple(dimension for dimension in range(len(shape)) if dimension != axis)
        drawn = self._generator.standard_normal(tuple(shape))
        largest = np.abs(drawn).max(axis=other if per_channel else None, keepdims=True)
        codes: npt.NDArray[np.int8] = np.round(drawn * (_LARGEST_WEIGHT / largest)).astype(np.int8)
        taps = codes.size // channels
        deviation = 1 / math.sqrt(taps)  # of real weights: sums are about as large as what they are made of
        scales = (largest.reshape(-1) * deviation / _LARGEST_WEIGHT).astype(np.float32)
        zeros = [0] * len(scales)
        return self._writer.tensor(shape, scales.tolist(), zeros, dimension=axis, data=codes), scales

    def _pool(self, kind: str, x: SketchTensor, window: Window, activation: Activation) -> SketchTensor:
        output = self._tensor((*window.outputs(x.shape), x.shape[2]), x.scale, x.zero_point)
        options = window.moves(activation) | {"FilterHeight": window.kernel[0], "FilterWidth": window.kernel[1]}
        return self._operator(kind, (x.index,), output, options)

    def _resize(self, kind: str, x: SketchTensor, factors: tuple[int, int]) -> SketchTensor:
        rows, columns, channels = x.shape
        size = [rows * factors[0], columns * factors[1]]
        output = self._tensor((*size, channels), x.scale, x.zero_point)
        options = {"AlignCorners": 0, "HalfPixelCenters": 1}
        return self._operator(kind, (x.index, self._writer.constant(size)), output, options)

    def _requantized(self, x: SketchTensor, like: SketchTensor) -> SketchTensor:
        output = self._tensor(x.shape, like.scale, like.zero_point)
        return self._operator("QUANTIZE", (x.index,), output, {})
