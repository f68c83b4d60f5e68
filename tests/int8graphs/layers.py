"""One function per family of operators: it appends itself with random parameters that keep the outputs spread.

Each takes the draft, the kind and the inputs it may use, newest last, and returns its output, or None where the inputs
do not suit it.
"""

from collections.abc import Callable, Sequence

import numpy as np

from int8graphs.draft import Activation, Draft
from int8graphs.functions import function_layer, matmul_layer, normalized_layer
from int8graphs.movements import (
    depth_to_space_layer,
    pack_layer,
    reduced_extremum_layer,
    selection_layer,
    slice_layer,
    split_layer,
    spread_layer,
    squeeze_layer,
    transpose_layer,
)

Layer = Callable[[Draft, str, Sequence[Activation]], Activation | None]

_SPREAD = 74.0  # standard deviation of uniform codes
_NONE, _RELU, _RELU_N1_TO_1, _RELU6 = 0, 1, 2, 3
_SAME, _VALID = 0, 1
_MOST_ELEMENTS = 6000


def add_layer(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    """Returns the output of a new operator of a kind on some of the sources, None where it does not suit them."""
    return KINDS[kind](draft, kind, sources)


def _fused(draft: Draft) -> int:
    return int(draft.generator.choice([_NONE, _NONE, _RELU, _RELU, _RELU6, _RELU_N1_TO_1]))


def _weights(
    draft: Draft, source: Activation, shape: Sequence[int], axis: int, *, per_channel: bool = True
) -> tuple[list[int], float]:
    """Returns the inputs for weights and (mostly) bias, and an output scale under which outputs are spread."""
    channels = shape[axis]
    many = per_channel and draft.chance(0.8)
    scales = [draft.uniform(0.001, 0.01) for _ in range(channels if many else 1)]
    data = draft.codes(shape)
    weights = draft.writer.tensor(shape, scales, [0] * len(scales), dimension=axis, data=data)
    inputs = [weights]
    if draft.chance(0.85) or len(shape) == 4:
        bias_scales = [float(np.float32(source.scale * scale)) for scale in scales]
        bias = draft.generator.integers(-20000, 20000, channels, dtype=np.int32)
        inputs.append(draft.writer.tensor([channels], bias_scales, [0] * len(scales), dtype="int32", data=bias))
    products = data.size / channels
    spread = float(np.median(scales)) * source.scale * _SPREAD * _SPREAD * products**0.5
    return inputs, spread / draft.uniform(15, 150)


def _window(draft: Draft, source: Activation, *, dilations: bool) -> tuple[int, int, dict[str, float]] | None:
    """Returns kernel height, kernel width and options; None where the window leaves no output."""
    height, width = draft.integer(1, 4), draft.integer(1, 4)
    options: dict[str, float] = {
        "Padding": int(draft.generator.choice([_SAME, _VALID])),
        "StrideH": draft.integer(1, 3),
        "StrideW": draft.integer(1, 3),
    }
    if dilations:
        options["DilationHFactor"] = int(draft.generator.choice([1, 1, 1, 2, 3]))
        options["DilationWFactor"] = int(draft.generator.choice([1, 1, 1, 2, 3]))
    if min(_pooled(source, height, width, options)) < 1:
        return None
    return height, width, options


def _pooled(source: Activation, height: int, width: int, options: dict[str, float]) -> tuple[int, int]:
    sizes = []
    for size, count, axis in zip(source.shape[1:3], (height, width), "HW", strict=True):
        stride, reach = int(options[f"Stride{axis}"]), (count - 1) * int(options.get(f"Dilation{axis}Factor", 1)) + 1
        sizes.append(-(-size // stride) if options["Padding"] == _SAME else (size - reach) // stride + 1)
    return sizes[0], sizes[1]


def _convolution(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    window = _window(draft, source, dilations=True) if len(source.shape) == 4 else None
    if window is None:
        return None
    height, width, options = window
    depth = source.shape[3]
    if kind == "CONV_2D":
        groups = int(draft.generator.choice([count for count in (1, 1, 1, 2, 3) if depth % count == 0]))
        channels = groups * draft.integer(1, 33 // groups)
        inputs, scale = _weights(draft, source, (channels, height, width, depth // groups), 0)
    else:
        options["DepthMultiplier"] = draft.integer(1, 3) if depth < 12 else 1
        channels = depth * int(options["DepthMultiplier"])
        inputs, scale = _weights(draft, source, (1, height, width, channels), 3)
    options["FusedActivationFunction"] = _fused(draft)
    output = draft.activation((1, *_pooled(source, height, width, options), channels), scale)
    return draft.operator(kind, [source.index, *inputs], output, options)


def _transpose_convolution(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if len(source.shape) != 4:
        return None
    height, width, channels = draft.integer(1, 4), draft.integer(1, 4), draft.integer(1, 9)
    strides = draft.integer(1, 3), draft.integer(1, 3)
    same = draft.chance(0.5)
    sizes = [
        size * stride - draft.integer(0, stride - 1)
        if same
        else (size - 1) * stride + taps + draft.integer(0, stride - 1)
        for size, stride, taps in zip(source.shape[1:3], strides, (height, width), strict=True)
    ]
    if np.prod(sizes) * channels > _MOST_ELEMENTS:
        return None
    inputs, scale = _weights(draft, source, (channels, height, width, source.shape[3]), 0)
    output = draft.activation((1, *sizes, channels), scale)
    options: dict[str, float] = {
        "Padding": _SAME if same else _VALID,
        "StrideH": strides[0],
        "StrideW": strides[1],
        "FusedActivationFunction": _fused(draft),
    }
    shape = draft.writer.constant(output.shape)
    weights, *bias = inputs
    return draft.operator(kind, [shape, weights, source.index, *bias], output, options)


def _fully_connected(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    keep = draft.chance(0.4) and len(source.shape) > 1
    depth = source.shape[-1] if keep else int(np.prod(source.shape))
    if depth > 1500:
        return None
    units = draft.integer(1, 33)
    inputs, scale = _weights(draft, source, (units, depth), 0, per_channel=draft.chance(0.5))
    shape = (*source.shape[:-1], units) if keep else (1, units)
    options = {"FusedActivationFunction": _fused(draft), "KeepNumDims": keep, "WeightsFormat": 0}
    return draft.operator(kind, [source.index, *inputs], draft.activation(shape, scale), options)


def _pair(draft: Draft, sources: Sequence[Activation]) -> tuple[Activation, Activation]:
    """Returns the newest tensor and another that goes with it: an older one or a constant; either may come first."""
    source = sources[-1]
    others = [other for other in sources[:-1] if len(other.shape) <= 4 and _broadcasts(other.shape, source.shape)]
    if others and draft.chance(0.6):
        other = others[draft.integer(0, len(others) - 1)]
    else:
        full = source.shape
        shapes = [full, full[-1:], (), (1,) * (len(full) - 1) + full[-1:], full[1:]]
        other = draft.constant_codes(shapes[draft.integer(0, len(shapes) - 1)])
    return (source, other) if draft.chance(0.5) else (other, source)


def _broadcasts(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(one[::-1], other[::-1], strict=False))


def _binary(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    first, second = _pair(draft, sources)
    shape = np.broadcast_shapes(first.shape, second.shape)
    if kind == "SQUARED_DIFFERENCE":
        scale = (max(first.scale, second.scale) * _SPREAD) ** 2 / draft.uniform(10, 200)
        return draft.operator(kind, [first.index, second.index], draft.activation(shape, scale), None)
    if kind == "MUL":
        scale = first.scale * second.scale * _SPREAD * draft.uniform(0.5, 5)
    else:
        scale = max(first.scale, second.scale) * draft.uniform(0.5, 3)
    output = draft.activation(shape, scale)
    return draft.operator(kind, [first.index, second.index], output, {"FusedActivationFunction": _fused(draft)})


def _requantized(draft: Draft, source: Activation, scale: float, zero_point: int) -> Activation:
    if (source.scale, source.zero_point) == (scale, zero_point):
        return source
    return draft.operator("QUANTIZE", [source.index], draft.activation(source.shape, scale, zero_point), {})


def _extremum(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    others = [other for other in sources[:-1] if other.shape == source.shape]
    if others:
        second = _requantized(draft, others[-1], source.scale, source.zero_point).index
    else:
        data = draft.codes(source.shape[-1:])
        second = draft.writer.tensor(data.shape, source.scale, source.zero_point, data=data)
    output = draft.activation(source.shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, second], output, {})


def _concatenation(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if len(source.shape) < 2:
        return None
    axis = draft.integer(1, len(source.shape) - 1)
    fitting = [
        other
        for other in sources[:-1]
        if len(other.shape) == len(source.shape)
        and all(a == b for i, (a, b) in enumerate(zip(other.shape, source.shape, strict=True)) if i != axis)
    ]
    parts = [*fitting[-2:], source]
    if len(parts) == 1:
        parts = [source, source]
    shape = list(source.shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    if np.prod(shape) > _MOST_ELEMENTS:
        return None
    same = [_requantized(draft, part, source.scale, source.zero_point).index for part in parts]
    output = draft.activation(shape, source.scale, source.zero_point)
    options = {"Axis": axis - len(shape) if draft.chance(0.5) else axis, "FusedActivationFunction": _NONE}
    return draft.operator(kind, same, output, options)


def _pool(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    window = _window(draft, source, dilations=False) if len(source.shape) == 4 else None
    if window is None:
        return None
    height, width, options = window
    options |= {"FilterHeight": height, "FilterWidth": width, "FusedActivationFunction": _fused(draft)}
    shape = (1, *_pooled(source, height, width, options), source.shape[3])
    return draft.operator(kind, [source.index], draft.activation(shape, source.scale, source.zero_point), options)


def _mean(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    rank = len(source.shape)
    if rank < 2:
        return None
    axes = [(1, 2), (2, 1), (1,), (rank - 1,), tuple(range(1, rank))][draft.integer(0, 4)]
    axes = tuple(dict.fromkeys(axis for axis in axes if axis < rank))
    keep = draft.chance(0.5)
    shape = [1 if i in axes else size for i, size in enumerate(source.shape) if keep or i not in axes]
    given = draft.writer.constant([axis - rank if draft.chance(0.3) else axis for axis in axes])
    output = draft.activation(shape, source.scale * draft.uniform(0.1, 2))
    return draft.operator(kind, [source.index, given], output, {"KeepDims": keep})


def _resize(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if len(source.shape) != 4:
        return None
    doubled = draft.chance(0.4)
    height, width = (2 * size if doubled else draft.integer(1, 2 * size + 3) for size in source.shape[1:3])
    shape = (1, height, width, source.shape[3])
    if np.prod(shape) > _MOST_ELEMENTS:
        return None
    align, half = [(0, 0), (0, 1), (1, 0)][draft.integer(0, 2)]
    size = draft.writer.constant([height, width])
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, size], output, {"AlignCorners": align, "HalfPixelCenters": half})


def _sigmoid(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    if kind == "SOFTMAX" and sources[-1].shape[-1] > 511:
        return None
    scale, zero_point = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0), "SOFTMAX": (1 / 256, -128)}[kind]
    output = draft.activation(sources[-1].shape, scale, zero_point)
    options = {"Beta": draft.uniform(0.2, 4)} if kind == "SOFTMAX" else None
    return draft.operator(kind, [sources[-1].index], output, options)


def _rectification(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if kind == "HARD_SWISH" and source.scale > 1e6:  # behind an EXP: its factor has no 32 bits, and is refused
        return None
    # The hard swish needs an output scale of at least 1/128 of the input's.
    output = draft.activation(source.shape, source.scale * draft.uniform(0.3, 3))
    options = {"Alpha": draft.uniform(0.01, 0.9)} if kind == "LEAKY_RELU" else {}
    return draft.operator(kind, [source.index], output, options)


def _prelu(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    full = source.shape[1:]
    slopes = draft.constant_codes([full, (1,) * (len(full) - 1) + full[-1:], full[-1:]][draft.integer(0, 2)])
    output = draft.activation(source.shape, source.scale * draft.uniform(0.5, 3))
    return draft.operator(kind, [source.index, slopes.index], output)


def _quantize(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    output = draft.activation(sources[-1].shape, sources[-1].scale * draft.uniform(0.2, 5))
    return draft.operator(kind, [sources[-1].index], output, {})


def _pad(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    borders = [(0, 0), *((draft.integer(0, 2), draft.integer(0, 2)) for _ in source.shape[1:])]
    shape = [size + before + after for size, (before, after) in zip(source.shape, borders, strict=True)]
    if np.prod(shape) > _MOST_ELEMENTS:
        return None
    given = draft.writer.constant(borders, "int32")
    return draft.operator(kind, [source.index, given], draft.activation(shape, source.scale, source.zero_point), {})


def _reshape(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    if len(source.shape) == 4:
        _, height, width, channels = source.shape
        shape = [(1, width, height, channels), (1, height * width, channels), (1, height * width * channels)]
        new = shape[draft.integer(0, 2)]
    else:
        new = (1, 1, int(np.prod(source.shape[:-1])), source.shape[-1])
    output = draft.activation(new, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, draft.writer.constant(new)], output, {})


def _strided_slice(draft: Draft, kind: str, sources: Sequence[Activation]) -> Activation | None:
    source = sources[-1]
    begins, ends, steps, shape = [0], [1], [1], [1]
    begin_mask = end_mask = shrink_mask = 0
    for axis, size in enumerate(source.shape[1:], start=1):
        step = int(draft.generator.choice([1, 1, 2, 3, -1, -2]))
        begin, end = sorted(draft.generator.integers(0, size + 1, 2).tolist())
        if step < 0:
            begin, end = end - 1, begin - 1
        kept = range(begin, end, step)
        shrink = draft.chance(0.1) and len(source.shape) > 2
        masked = draft.chance(0.3) or not kept
        if shrink:
            begin, end, step = draft.integer(-size, size - 1), 0, 1
            shrink_mask |= 1 << axis
        elif masked or end < 0:
            begin_mask, end_mask = begin_mask | 1 << axis, end_mask | 1 << axis
            kept = range(size)[::step]
        begins, ends, steps = [*begins, begin], [*ends, end], [*steps, step]
        if not shrink:
            shape.append(len(kept))
    indices = [draft.writer.constant(values) for values in (begins, ends, steps)]
    options = {"BeginMask": begin_mask, "EndMask": end_mask, "ShrinkAxisMask": shrink_mask}
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator(kind, [source.index, *indices], output, options)


KINDS: dict[str, Layer] = {
    "ABS": function_layer,
    "ADD": _binary,
    "AVERAGE_POOL_2D": _pool,
    "BATCH_MATMUL": matmul_layer,
    "BATCH_TO_SPACE_ND": spread_layer,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "DEPTH_TO_SPACE": depth_to_space_layer,
    "EXP": function_layer,
    "EXPAND_DIMS": squeeze_layer,
    "FULLY_CONNECTED": _fully_connected,
    "GATHER": selection_layer,
    "GELU": function_layer,
    "HARD_SWISH": _rectification,
    "L2_NORMALIZATION": normalized_layer,
    "LEAKY_RELU": _rectification,
    "LOG": function_layer,
    "LOGISTIC": _sigmoid,
    "LOG_SOFTMAX": normalized_layer,
    "MAXIMUM": _extremum,
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "MINIMUM": _extremum,
    "MIRROR_PAD": selection_layer,
    "MUL": _binary,
    "PACK": pack_layer,
    "PAD": _pad,
    "PRELU": _prelu,
    "QUANTIZE": _quantize,
    "REDUCE_MAX": reduced_extremum_layer,
    "REDUCE_MIN": reduced_extremum_layer,
    "RELU": _rectification,
    "RELU6": _rectification,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize,
    "RESIZE_NEAREST_NEIGHBOR": _resize,
    "RSQRT": function_layer,
    "SLICE": slice_layer,
    "SOFTMAX": _sigmoid,
    "SPACE_TO_BATCH_ND": spread_layer,
    "SPACE_TO_DEPTH": depth_to_space_layer,
    "SPLIT": split_layer,
    "SPLIT_V": split_layer,
    "SQUARED_DIFFERENCE": _binary,
    "SQUEEZE": squeeze_layer,
    "STRIDED_SLICE": _strided_slice,
    "SUB": _binary,
    "TANH": _sigmoid,
    "TILE": selection_layer,
    "TRANSPOSE": transpose_layer,
    "TRANSPOSE_CONV": _transpose_convolution,
    "UNPACK": split_layer,
}
