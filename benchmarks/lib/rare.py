"""Small random networks of operators that come from other people's files, and of int16 codes: their costs are counted.

Each piece has a few sizes that are drawn; a network holds some pieces side by side, and pieces take turns over the
seeds, so that so many seeds in a row as there are networks in a round hold each of them often enough for its loops.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.lib.networks import RandomNetwork
from edge_nas.int8.arithmetic import INT8_MIN
from edge_nas.int8.sketch import Sketch, SketchTensor
from edge_nas.int8.writer import Options

_PIECES_EACH = 8  # of a network
_SPREAD = 74.0  # standard deviation of int8 codes all of which are as likely
_SHORT_SPREAD = 18900.0  # of int16 codes
_SHORT_SCALE = 2.0**-12
# Scales of cells and of outputs that the schema and the reference kernels ask for.
_LOGARITHM = (1 / 16, 127)
_UNIT = (1 / 128, 0)
_SHORT_FUNCTION_SCALE = 2.0**-15
_CELL_BITS = (0, 1, 2, 3, 4, 5)  # before the point
_CELL_CLIPS = (0.0, 10.0)  # none, and Keras' own
_VALID, _SAME = 1, 0
_INT32 = 2  # as the schema counts kinds of tensors


def foreign_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of int8 operators that no family of ours has."""
    draw = random.Random(f"foreign {seed}")
    net = _Net((draw.randint(3, 8), draw.randint(3, 9), draw.choice((2, 4, 6, 8, 12))), seed)
    pieces = _Pieces(draw, net)
    all_pieces: list[Callable[[SketchTensor], None]] = [
        *(pieces.fully_connected, pieces.rows_connected, pieces.squared_difference, pieces.matrix_product),
        *(pieces.channel_lines, pieces.grouped_convolution, pieces.places, pieces.l2_normalization),
        *(pieces.log_softmax, pieces.reduced_extremum, pieces.selection, pieces.filters),
    ]
    return RandomNetwork(seed, "foreign", _of_pieces(net, all_pieces, seed))


def short_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of int16 codes."""
    draw = random.Random(f"short {seed}")
    net = _ShortNet((draw.randint(3, 8), draw.randint(3, 9), draw.choice((2, 3, 4, 8, 9))), seed)
    pieces = _ShortPieces(draw, net)
    all_pieces: list[Callable[[SketchTensor], None]] = [
        *(pieces.convolution, pieces.depthwise, pieces.dense, pieces.element, pieces.pool, pieces.function),
        *(pieces.softmax, pieces.mean, pieces.requantization, pieces.bilinear),
    ]
    return RandomNetwork(seed, "short", _of_pieces(net, all_pieces, seed))


def recurrent_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of four recurrent layers, or of one.

    Of three networks, one has weights of -128 that no other one shares a lane of 16 bits with, which is what one of the
    two kernels takes, one small sums, and one large ones. Of four layers, the last is like the one before. Every other
    network of the first kind has one layer, which alone calls its function. Layers are small, where what a unit takes
    shows, or as large as those of published networks, where sums take nearly all. 36 seeds in a row hold every kind of
    cells in steps that alone call their function and in others, each twice.
    """
    draw = random.Random(f"recurrent {seed}")
    kind = ("lowest", "small", "large")[seed % 3]
    shape = draw.randint(2, 4), draw.choice((draw.randint(3, 24), draw.randint(25, 260)))

    def units() -> int:
        return draw.choice((draw.randint(2, 20), draw.randint(21, 130)))

    layers = [(units(), _CELL_BITS[(seed // 3 + number) % len(_CELL_BITS)]) for number in range(3)]
    if kind == "lowest" and seed // 3 % 2:
        return recurrent_layer(seed, shape, *layers[0], kind, clip=_CELL_CLIPS[seed // 6 % 2])
    net = _Net(shape, seed)
    x = net.input
    for width, cell_bits in [*layers, (units(), layers[-1][1])]:
        x = net.lstm(x, width, cell_bits, kind, clip=draw.choice(_CELL_CLIPS))
    return RandomNetwork(seed, "recurrent", net.ending([x]))


def recurrent_layer(
    seed: int, shape: tuple[int, int], units: int, cell_bits: int, kind: str, *, clip: float
) -> RandomNetwork:
    """Returns one recurrent layer over (moments, inputs); for the others see `_Net.lstm`."""
    net = _Net(shape, seed)
    return RandomNetwork(seed, "recurrent", net.ending([net.lstm(net.input, units, cell_bits, kind, clip=clip)]))


def _of_pieces(net: "_Net", pieces: Sequence[Callable[[SketchTensor], None]], seed: int) -> bytes:
    for number in range(_PIECES_EACH):
        pieces[(seed * _PIECES_EACH + number) % len(pieces)](net.input)
    return net.ending(net.ends)


class _Net(Sketch):
    """A sketch of further operators; `ends`: what its pieces make."""

    def __init__(self, input_shape: Sequence[int], seed: int) -> None:
        super().__init__(input_shape, seed)
        self.ends: list[SketchTensor] = []

    def ending(self, outputs: Sequence[SketchTensor]) -> bytes:
        """Returns the file, of several outputs."""
        return self._writer.finish([self.input.index], [output.index for output in outputs])

    def made(
        self,
        kind: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        scale: float,
        options: Options | None = None,
        *,
        zero_point: int = 0,
    ) -> SketchTensor:
        """Appends an operator of any kind."""
        return self._operator(kind, inputs, self._tensor(shape, scale, zero_point), options)

    def constant(self, values: object) -> int:
        """Returns a constant without scale."""
        return self._writer.constant(values)

    def codes(self, shape: Sequence[int], scale: float) -> int:
        """Returns an int8 constant whose codes are all as likely."""
        data = self._generator.integers(INT8_MIN, 128, tuple(shape), dtype=np.int8)
        return self._writer.tensor(shape, scale, 0, data=data)

    def lowest_dense(self, x: SketchTensor, units: int, *, rows: int, per_channel: bool) -> SketchTensor:
        """Appends a FULLY_CONNECTED on each of `rows` groups, two of whose weights do not share a lane of 16 bits."""
        depth = math.prod(x.shape) // rows
        (weights, bias), scale = self._weights(x, (units, depth), 0, per_channel=per_channel)
        codes = self._writer.tensors[weights].data
        if codes is not None:
            codes[:2, 0] = -1, INT8_MIN
        options = {"FusedActivationFunction": 0, "KeepNumDims": int(rows > 1), "WeightsFormat": 0}
        shape = (rows, units) if rows > 1 else (units,)
        return self.made("FULLY_CONNECTED", (x.index, weights, bias), shape, scale, options)

    def places(self, kind: str, x: SketchTensor, axis: int, dtype: str) -> SketchTensor:
        """Appends an ARG_MAX or ARG_MIN along an axis, which gives integers of 32 or 64 bits."""
        shape = tuple(size for number, size in enumerate(x.shape, start=1) if number != axis)
        output = SketchTensor(self._writer.tensor((1, *shape), dtype=dtype), shape, 1.0, 0)
        return self._operator(kind, (x.index, self.constant(axis)), output, {"OutputType": _INT32})

    def grouped(self, x: SketchTensor, channels: int, groups: int, taps: int) -> SketchTensor:
        """Appends a CONV_2D whose channels are cut into groups."""
        rows, columns, depth = x.shape
        weights, scale = self._weights(x, (channels, taps, taps, depth // groups), 0)
        options = {"Padding": _SAME, "StrideH": 1, "StrideW": 1, "DilationHFactor": 1, "DilationWFactor": 1}
        options["FusedActivationFunction"] = 0
        return self.made("CONV_2D", (x.index, *weights), (rows, columns, channels), scale, options)

    def svdf(self, x: SketchTensor, units: int, rank: int, memory: int, state: str) -> SketchTensor:
        """Appends an SVDF with a state of int8 or int16."""
        inputs, filters = math.prod(x.shape), units * rank
        spread = x.scale * 0.01 * _SPREAD * _SPREAD * inputs**0.5
        state_scale = float(np.float32(spread / 60 / (256 if state == "int16" else 1)))
        time = self._generator.integers(-127, 128, (filters, memory)).astype(state)
        tensor = self._writer.tensor
        bias = np.zeros(units, np.int32)
        slots = [
            x.index,
            self.codes((filters, inputs), 0.01),
            tensor(time.shape, 0.01, 0, dtype=state, data=time),
            tensor((units,), float(np.float32(state_scale * 0.01)), 0, dtype="int32", data=bias),
            tensor((1, filters * memory), state_scale, 0, dtype=state, variable=True),
        ]
        scale = spread * 0.01 * _SPREAD * (rank * memory) ** 0.5 / 60
        return self.made("SVDF", slots, (units,), scale, {"Rank": rank, "FusedActivationFunction": 1})

    def lstm(self, x: SketchTensor, units: int, cell_bits: int, kind: str, *, clip: float) -> SketchTensor:
        """Appends a UNIDIRECTIONAL_SEQUENCE_LSTM over (moments, inputs); its cells have so many bits before the point.

        `kind`: "lowest", "small" or "large", see `recurrent_network`; `clip`: what cells are clipped to, 0 for nothing.
        """
        moments, inputs = x.shape
        tensor = self._writer.tensor
        scale = {"lowest": 0.01, "small": 0.005, "large": 0.03}[kind]

        def matrix(columns: int) -> int:
            codes = self._generator.integers(-127, 128, (units, columns), dtype=np.int8)
            codes[0, 0] = INT8_MIN if kind == "lowest" else codes[0, 0]
            # Each has its own, as converters write them: equal ones would share registers.
            own_scale = scale * float(self._generator.uniform(0.6, 1.6))
            return tensor(codes.shape, float(np.float32(own_scale)), 0, data=codes)

        def bias() -> int:
            codes = self._generator.integers(-(2**10), 2**10, units).astype(np.int32)
            return tensor((units,), 1e-4, 0, dtype="int32", data=codes)

        slots = [x.index, *(matrix(inputs) for _ in range(4)), *(matrix(units) for _ in range(4)), -1, -1, -1]
        slots += [*(bias() for _ in range(4)), -1, -1]
        hidden = tensor((1, units), *_UNIT, variable=True)
        cell = tensor((1, units), 2.0 ** (cell_bits - 15), 0, dtype="int16", variable=True)
        slots += [hidden, cell, -1, -1, -1, -1]
        inside = [*(tensor((0,), dtype="float32") for _ in range(4)), tensor((0,), *_UNIT)]
        output = self._tensor((moments, units), *_UNIT)
        options: Options = {"FusedActivationFunction": 4, "CellClip": clip}
        self._writer.operator("UNIDIRECTIONAL_SEQUENCE_LSTM", slots, [output.index], options, inside)
        return output


class _ShortNet(_Net):
    """A sketch on int16 codes."""

    def _tensor(self, shape: Sequence[int], scale: float, zero_point: int) -> SketchTensor:  # noqa: ARG002 - none has one
        scale = float(np.float32(scale))
        index = self._writer.tensor((1, *shape), scale, 0, dtype="int16")
        return SketchTensor(index, tuple(int(size) for size in shape), scale, 0)

    def weighed(
        self, kind: str, x: SketchTensor, weights: Sequence[int], shape: Sequence[int], options: Options
    ) -> SketchTensor:
        """Appends an operator with int8 weights, one scale for each output of a window, and int64 biases."""
        axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
        channels = weights[axis]
        scales = np.full(channels if len(weights) > 2 else 1, 0.004, np.float32)
        zeros = [0] * len(scales)
        codes = self._generator.integers(-127, 128, tuple(weights), dtype=np.int8)
        biases = self._generator.integers(-(2**16), 2**16, channels, dtype=np.int64)
        products = (np.float32(x.scale) * scales).tolist()
        inputs = [
            x.index,
            self._writer.tensor(weights, scales.tolist(), zeros, dimension=axis, data=codes),
            self._writer.tensor([channels], products, zeros, dtype="int64", data=biases),
        ]
        scale = 0.004 * x.scale * _SHORT_SPREAD * _SPREAD * (codes.size / channels) ** 0.5 / 10000
        return self.made(kind, inputs, shape, scale, options)

    def short_codes(self, shape: Sequence[int]) -> int:
        """Returns an int16 constant."""
        codes = self._generator.integers(-(2**15), 2**15, tuple(shape)).astype(np.int16)
        return self._writer.tensor(shape, _SHORT_SCALE, 0, dtype="int16", data=codes)


@dataclass(frozen=True)
class _Pieces:
    """One or two steps each, of drawn sizes, on the network's input; two of a kind share a function."""

    draw: random.Random
    net: _Net

    def _twice(self, piece: Callable[[], SketchTensor]) -> None:
        self.net.ends += [piece() for _ in range(self.draw.randint(1, 2))]

    def fully_connected(self, x: SketchTensor) -> None:
        """Dense layers whose weights do not share lanes."""
        per_channel = self.draw.random() < 0.5
        self._twice(lambda: self.net.lowest_dense(x, self.draw.randint(2, 30), rows=1, per_channel=per_channel))

    def rows_connected(self, x: SketchTensor) -> None:
        """The same for each row of an image."""
        rows, columns, depth = x.shape
        flat = self.net.reshape(x, (rows * columns, depth))
        self._twice(lambda: self.net.lowest_dense(flat, self.draw.randint(2, 9), rows=rows * columns, per_channel=True))

    def squared_difference(self, x: SketchTensor) -> None:
        """From a constant, one for each channel."""
        scale = (x.scale * _SPREAD) ** 2 / 60
        other = self.net.codes(x.shape[-1:], x.scale)
        self.net.ends.append(self.net.made("SQUARED_DIFFERENCE", (x.index, other), x.shape, scale))

    def matrix_product(self, x: SketchTensor) -> None:
        """Of the input with itself, transposed, or with a constant."""
        rows, columns, depth = x.shape

        def product() -> SketchTensor:
            scale = x.scale * x.scale * _SPREAD * depth**0.5
            if self.draw.random() < 0.5:
                options = {"AdjX": 0, "AdjY": 1}
                return self.net.made("BATCH_MATMUL", (x.index, x.index), (rows, columns, columns), scale, options)
            width = self.draw.randint(1, 9)
            other = self.net.codes((depth, width), x.scale)
            options = {"AdjX": 0, "AdjY": 0}
            return self.net.made("BATCH_MATMUL", (x.index, other), (rows, columns, width), scale, options)

        self._twice(product)

    def channel_lines(self, x: SketchTensor) -> None:
        """A sum or a product with one constant for each channel."""
        kind, scale = self.draw.choice((("ADD", 2 * x.scale), ("MUL", x.scale * x.scale * _SPREAD)))
        options = {"FusedActivationFunction": 0} | ({"PotScaleInt16": 1} if kind == "ADD" else {})
        other = self.net.codes(x.shape[-1:], x.scale)
        self.net.ends.append(self.net.made(kind, (x.index, other), x.shape, scale, options))

    def grouped_convolution(self, x: SketchTensor) -> None:
        """Two groups."""
        self._twice(lambda: self.net.grouped(x, 2 * self.draw.randint(1, 8), 2, self.draw.choice((1, 3))))

    def places(self, x: SketchTensor) -> None:
        """Where the largest or smallest codes stand."""
        kind, dtype = self.draw.choice(("ARG_MAX", "ARG_MIN")), self.draw.choice(("int32", "int64"))
        self.net.ends.append(self.net.places(kind, x, self.draw.randint(1, 3), dtype))

    def l2_normalization(self, x: SketchTensor) -> None:
        """Of each pixel."""
        options = {"FusedActivationFunction": 0}
        self._twice(
            lambda: self.net.made("L2_NORMALIZATION", (x.index,), x.shape, _UNIT[0], options, zero_point=_UNIT[1])
        )

    def log_softmax(self, x: SketchTensor) -> None:
        """Of each pixel."""
        self._twice(
            lambda: self.net.made("LOG_SOFTMAX", (x.index,), x.shape, _LOGARITHM[0], {}, zero_point=_LOGARITHM[1])
        )

    def reduced_extremum(self, x: SketchTensor) -> None:
        """Along one dimension or two."""
        axes = self.draw.choice(((1,), (2,), (3,), (1, 2), (2, 3)))
        shape = [size for number, size in enumerate(x.shape, start=1) if number not in axes]
        kind = self.draw.choice(("REDUCE_MAX", "REDUCE_MIN"))
        inputs = (x.index, self.net.constant(axes))
        self.net.ends.append(self.net.made(kind, inputs, shape, x.scale, {"KeepDims": 0}, zero_point=x.zero_point))

    def selection(self, x: SketchTensor) -> None:
        """GATHER along a dimension, or TILE."""
        if self.draw.random() < 0.5:
            times = (1, *(self.draw.randint(1, 2) for _ in x.shape))
            shape = [size * count for size, count in zip(x.shape, times[1:], strict=True)]
            self.net.ends.append(
                self.net.made("TILE", (x.index, self.net.constant(times)), shape, x.scale, {}, zero_point=x.zero_point)
            )
            return
        axis = self.draw.randint(1, 3)
        numbers = [self.draw.randrange(x.shape[axis - 1]) for _ in range(self.draw.randint(1, 9))]
        shape = [len(numbers) if number == axis else size for number, size in enumerate(x.shape, start=1)]
        inputs, options = (x.index, self.net.constant(numbers)), {"Axis": axis, "BatchDims": 0}
        self.net.ends.append(self.net.made("GATHER", inputs, shape, x.scale, options, zero_point=x.zero_point))

    def filters(self, x: SketchTensor) -> None:
        """SVDF."""
        flat = self.net.reshape(x, (math.prod(x.shape),))
        state = self.draw.choice(("int8", "int16"))
        sizes = [(self.draw.randint(1, 9), self.draw.randint(1, 2), self.draw.randint(2, 9)) for _ in range(2)]
        self.net.ends += [self.net.svdf(flat, *each, state) for each in sizes[: self.draw.randint(1, 2)]]


@dataclass(frozen=True)
class _ShortPieces:
    """As `_Pieces`, of int16 codes."""

    draw: random.Random
    net: _ShortNet

    def _twice(self, piece: Callable[[], SketchTensor]) -> None:
        self.net.ends += [piece() for _ in range(self.draw.randint(1, 2))]

    def _window(self) -> Options:
        strides = self.draw.choice((1, 1, 2))
        options = {"Padding": _SAME, "StrideH": strides, "StrideW": strides, "DilationHFactor": 1, "DilationWFactor": 1}
        return options | {"FusedActivationFunction": 0}

    def convolution(self, x: SketchTensor) -> None:
        """Of 1 x 1 or 3 x 3 taps."""
        self._twice(lambda: self._convolution(x))

    def _convolution(self, x: SketchTensor) -> SketchTensor:
        taps, channels, options = self.draw.choice((1, 3)), self.draw.randint(1, 9), self._window()
        rows, columns = (-(-size // int(str(options["StrideH"]))) for size in x.shape[:2])
        weights = (channels, taps, taps, x.shape[2])
        return self.net.weighed("CONV_2D", x, weights, (rows, columns, channels), options)

    def depthwise(self, x: SketchTensor) -> None:
        """Of 3 x 3 taps."""
        options = {**self._window(), "DepthMultiplier": 1}
        rows, columns = (-(-size // int(str(options["StrideH"]))) for size in x.shape[:2])
        shape = (rows, columns, x.shape[2])
        self._twice(lambda: self.net.weighed("DEPTHWISE_CONV_2D", x, (1, 3, 3, x.shape[2]), shape, options))

    def dense(self, x: SketchTensor) -> None:
        """Of all codes."""
        options = {"FusedActivationFunction": 0, "KeepNumDims": 0, "WeightsFormat": 0}

        def layer() -> SketchTensor:
            units = self.draw.randint(1, 20)
            return self.net.weighed("FULLY_CONNECTED", x, (units, math.prod(x.shape)), (units,), options)

        self._twice(layer)

    def element(self, x: SketchTensor) -> None:
        """A sum and a product with one constant for each channel."""
        other = self.net.short_codes(x.shape[-1:])
        options = {"FusedActivationFunction": 0, "PotScaleInt16": 0}
        self.net.ends.append(self.net.made("ADD", (x.index, other), x.shape, 2 * x.scale, options))
        product = (x.index, other), x.shape, x.scale * _SHORT_SCALE * _SHORT_SPREAD
        self.net.ends.append(self.net.made("MUL", *product, {"FusedActivationFunction": 0}))

    def pool(self, x: SketchTensor) -> None:
        """Windows of 2 x 2, one beside the other."""
        rows, columns, channels = x.shape
        options = {"Padding": _VALID, "StrideH": 2, "StrideW": 2, "FilterHeight": 2, "FilterWidth": 2}
        options["FusedActivationFunction"] = 0
        for kind in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
            shape = (rows // 2, columns // 2, channels)
            self.net.ends.append(self.net.made(kind, (x.index,), shape, x.scale, options))

    def function(self, x: SketchTensor) -> None:
        """LOGISTIC and TANH."""
        for kind in ("LOGISTIC", "TANH"):
            self.net.ends.append(self.net.made(kind, (x.index,), x.shape, _SHORT_FUNCTION_SCALE))

    def softmax(self, x: SketchTensor) -> None:
        """Of each pixel."""
        self.net.ends.append(self.net.made("SOFTMAX", (x.index,), x.shape, _SHORT_FUNCTION_SCALE, {"Beta": 1.0}))

    def mean(self, x: SketchTensor) -> None:
        """Along one dimension or two."""
        axes = self.draw.choice(((1,), (2,), (1, 2)))
        shape = [size for number, size in enumerate(x.shape, start=1) if number not in axes]
        inputs = (x.index, self.net.constant(axes))
        self.net.ends.append(self.net.made("MEAN", inputs, shape, x.scale, {"KeepDims": 0}))

    def requantization(self, x: SketchTensor) -> None:
        """To another scale."""
        scale = x.scale * self.draw.choice((0.4, 1.7))
        self.net.ends.append(self.net.made("QUANTIZE", (x.index,), x.shape, scale, {}))

    def bilinear(self, x: SketchTensor) -> None:
        """To twice the size."""
        rows, columns, channels = x.shape
        inputs, options = (x.index, self.net.constant([2 * rows, 2 * columns])), {"AlignCorners": 0}
        shape = (2 * rows, 2 * columns, channels)
        self.net.ends.append(
            self.net.made("RESIZE_BILINEAR", inputs, shape, x.scale, options | {"HalfPixelCenters": 1})
        )
