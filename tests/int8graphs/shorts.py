"""Random graphs on int16 codes with int8 weights (TFLite's 16x8), which have a scale and no zero point."""

from collections.abc import Callable, Sequence

import numpy as np

from int8graphs.draft import Activation, Draft
from int8graphs.layers import KINDS
from int8graphs.random_graphs import RandomGraph, finish

_SPREAD = 18900.0  # standard deviation of uniform int16 codes
_SAME = 0


class ShortDraft(Draft):
    """A draft whose activations are int16, so that int8's layers draw those that only move codes."""

    def activation(self, shape: Sequence[int], scale: float | None = None, zero_point: int | None = None) -> Activation:
        """Returns a new int16 tensor, without zero point."""
        assert not zero_point
        return _activation(self, shape, scale)


def short_graph(seed: int, kinds: Sequence[str] = ()) -> RandomGraph:
    """Returns a chain of one to five layers; of one layer where there is one kind."""
    draft = ShortDraft(np.random.default_rng(seed))
    known = tuple(SHORT_KINDS)
    source = _activation(draft, (1, draft.integer(1, 9), draft.integer(1, 9), draft.integer(1, 17)))
    last = source
    for kind in kinds or [known[seed % len(known)], *draft.generator.choice(known, draft.integer(0, 4))]:
        last = SHORT_KINDS[kind](draft, str(kind), last) or last
    if last is source:
        last = _reshape(draft, "RESHAPE", last)
    return finish(draft, [source], [last])


def short_inputs(graph: RandomGraph, seed: int = 0, count: int = 3) -> list[np.ndarray]:
    """Returns one (count + 3, ...) int16 for the input: all -32768, all 32767, small ones, then random codes."""
    generator = np.random.default_rng(seed)
    (shape,) = graph.input_shapes
    low, high = np.full(shape, -32768, np.int16), np.full(shape, 32767, np.int16)
    small = generator.integers(-300, 300, shape).astype(np.int16)
    codes = generator.integers(-32768, 32768, (count, *shape[1:])).astype(np.int16)
    return [np.concatenate([low, high, small, codes])]


def _activation(draft: Draft, shape: Sequence[int], scale: float | None = None) -> Activation:
    scale = draft.uniform(1e-5, 1e-3) if scale is None else float(np.float32(scale))
    return Activation(draft.writer.tensor(shape, scale, 0, dtype="int16"), tuple(map(int, shape)), scale, 0)


def _weights(draft: Draft, source: Activation, shape: Sequence[int], axis: int) -> tuple[list[int], float]:
    channels = shape[axis]
    scales = [draft.uniform(0.001, 0.01) for _ in range(channels if draft.chance(0.8) and len(shape) == 4 else 1)]
    data = draft.codes(shape)
    inputs = [draft.writer.tensor(shape, scales, [0] * len(scales), dimension=axis, data=data)]
    if draft.chance(0.8) or len(shape) == 4:  # LiteRT wants one of convolutions on int16
        bias_scales = [float(np.float32(source.scale * scale)) for scale in scales]
        bias = draft.generator.integers(-(2**20), 2**20, channels, dtype=np.int64)
        zeros = [0] * len(scales)
        inputs.append(draft.writer.tensor([channels], bias_scales, zeros, dtype="int64", data=bias))
    products = data.size / channels
    spread = float(np.median(scales)) * source.scale * _SPREAD * 74.0 * products**0.5
    return inputs, spread / draft.uniform(3000, 30000)


def _window(draft: Draft, source: Activation, options: dict[str, float]) -> tuple[int, int, int, int]:
    """Returns taps and output sizes; fills padding and strides."""
    options |= {"Padding": draft.integer(0, 1), "StrideH": draft.integer(1, 2), "StrideW": draft.integer(1, 2)}
    taps = [draft.integer(1, min(3, size)) for size in source.shape[1:3]]
    sizes = [
        -(-size // stride) if options["Padding"] == _SAME else (size - count) // stride + 1
        for size, count, stride in zip(source.shape[1:3], taps, (options["StrideH"], options["StrideW"]), strict=True)
    ]
    return taps[0], taps[1], int(sizes[0]), int(sizes[1])


def _convolution(draft: Draft, kind: str, source: Activation) -> Activation | None:
    if len(source.shape) != 4:
        return None
    options: dict[str, float] = {"DilationHFactor": 1, "DilationWFactor": 1}
    height, width, rows, columns = _window(draft, source, options)
    depth = source.shape[3]
    if kind == "CONV_2D":
        channels = draft.integer(1, 9)
        inputs, scale = _weights(draft, source, (channels, height, width, depth), 0)
    else:
        options["DepthMultiplier"] = draft.integer(1, 2)
        channels = depth * int(options["DepthMultiplier"])
        inputs, scale = _weights(draft, source, (1, height, width, channels), 3)
    options["FusedActivationFunction"] = draft.integer(0, 1)
    output = _activation(draft, (1, rows, columns, channels), scale)
    return draft.operator(kind, [source.index, *inputs], output, options)


def _dense(draft: Draft, kind: str, source: Activation) -> Activation | None:
    depth, units = int(np.prod(source.shape)), draft.integer(1, 12)
    inputs, scale = _weights(draft, source, (units, depth), 0)
    options = {"FusedActivationFunction": draft.integer(0, 1), "KeepNumDims": 0, "WeightsFormat": 0}
    return draft.operator(kind, [source.index, *inputs], _activation(draft, (1, units), scale), options)


def _pair(draft: Draft, kind: str, source: Activation) -> Activation | None:
    if draft.chance(0.3) and kind != "SUB":
        other, other_scale = source.index, source.scale
    else:
        data = draft.generator.integers(-32768, 32768, source.shape[-1:]).astype(np.int16)
        other_scale = draft.uniform(1e-5, 1e-3)
        other = draft.writer.tensor(data.shape, other_scale, 0, dtype="int16", data=data)
    scale = max(source.scale, other_scale) * draft.uniform(0.5, 2)
    if kind == "MUL":
        scale = source.scale * other_scale * _SPREAD * draft.uniform(0.5, 3)
    options = {"FusedActivationFunction": draft.integer(0, 1), "PotScaleInt16": 0}
    output = _activation(draft, source.shape, scale)
    if kind == "MUL":
        del options["PotScaleInt16"]
    return draft.operator(kind, [source.index, other], output, options)


def _pool(draft: Draft, kind: str, source: Activation) -> Activation | None:
    if len(source.shape) != 4:
        return None
    options: dict[str, float] = {"FusedActivationFunction": draft.integer(0, 1)}
    height, width, rows, columns = _window(draft, source, options)
    options |= {"FilterHeight": height, "FilterWidth": width}
    output = _activation(draft, (1, rows, columns, source.shape[3]), source.scale)
    return draft.operator(kind, [source.index], output, options)


def _function(draft: Draft, kind: str, source: Activation) -> Activation | None:
    output = _activation(draft, source.shape, 2.0**-15)
    return draft.operator(kind, [source.index], output, {"Beta": draft.uniform(0.2, 3)} if kind == "SOFTMAX" else None)


def _reshape(draft: Draft, kind: str, source: Activation) -> Activation:
    shape = (1, source.shape[-1], int(np.prod(source.shape[:-1])))
    shape_given = draft.writer.constant(shape)
    return draft.operator(kind, [source.index, shape_given], _activation(draft, shape, source.scale), {})


def _quantize(draft: Draft, kind: str, source: Activation) -> Activation:
    output = _activation(draft, source.shape, source.scale * draft.uniform(0.3, 3))
    return draft.operator(kind, [source.index], output, {})


def _mean(draft: Draft, kind: str, source: Activation) -> Activation:
    axes = sorted({draft.integer(1, len(source.shape) - 1) for _ in range(2)}) if len(source.shape) > 2 else [1]
    shape = [size for axis, size in enumerate(source.shape) if axis not in axes]
    output = _activation(draft, shape, source.scale * draft.uniform(0.1, 2))
    return draft.operator(kind, [source.index, draft.writer.constant(axes)], output, {"KeepDims": 0})


def _moved(draft: Draft, kind: str, source: Activation) -> Activation | None:
    return KINDS[kind](draft, kind, [source])


_MOVED = (
    "CONCATENATION", "EXPAND_DIMS", "GATHER", "MIRROR_PAD", "PACK", "PAD", "RESIZE_BILINEAR",
    "RESIZE_NEAREST_NEIGHBOR", "SLICE", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE", "TILE",
    "TRANSPOSE", "UNPACK",
)  # fmt: skip
MOVED_KINDS: dict[str, Callable[[Draft, str, Activation], Activation | None]] = {
    **dict.fromkeys(_MOVED, _moved),
    "RESHAPE": _reshape,
}
"""Operators that take int16 codes as they take int8, for they copy them; RESIZE_BILINEAR mixes them alike."""
SHORT_KINDS: dict[str, Callable[[Draft, str, Activation], Activation | None]] = {
    "ADD": _pair,
    "AVERAGE_POOL_2D": _pool,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "FULLY_CONNECTED": _dense,
    "LOGISTIC": _function,
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "MUL": _pair,
    "QUANTIZE": _quantize,
    "SOFTMAX": _function,
    "SUB": _pair,
    "TANH": _function,
    **MOVED_KINDS,
}
