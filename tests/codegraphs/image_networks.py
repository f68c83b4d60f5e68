"""Random networks of the layers that fast kernels exist for: images of odd and even sizes, ReLU, skips."""

from collections.abc import Sequence

import numpy as np
from int8graphs import Draft, RandomGraph
from int8graphs.draft import Activation
from int8graphs.random_graphs import finish

_SAME, _VALID = 0, 1
_NONE, _RELU = 0, 1
_MOST_ELEMENTS = 12000


def image_network(seed: int, layers: int = 7) -> RandomGraph:
    """Returns the network of a seed: every second one has an even input, all have one input and one output."""
    draft = Draft(np.random.default_rng([seed, 1]))
    size = [draft.integer(2, 13), draft.integer(2, 17)]
    if seed % 2:
        size = [4 * draft.integer(1, 4), 4 * draft.integer(1, 5)]
    source = draft.activation((1, *size, int(draft.generator.choice([1, 3, 4]))))
    known = [source]
    for _ in range(draft.integer(2, layers)):
        known.append(_layer(draft, known))
    if draft.chance(0.5):
        known.append(_convolution(draft, known[-1], draft.integer(1, 3), taps=1, fused=_NONE))
    return finish(draft, [source], [known[-1]])


def enlarging_network(width: int, channels: int, *, linear: bool) -> RandomGraph:
    """Returns pointwise, nearest resize by 2, depthwise and pointwise layers: 3 rows of `width` pixels in, 6 out."""
    draft = Draft(np.random.default_rng([width, channels, linear]))
    source = draft.activation((1, 3, width, 3))
    small = draft.activation((1, 3, width, channels), 0.02, -128)
    _weighted(draft, "CONV_2D", source, (channels, 1, 1, 3), _window_options(_SAME, 1, _RELU), output=small)
    large = draft.activation((1, 6, 2 * width, channels), small.scale, small.zero_point)
    sizes = draft.writer.constant((6, 2 * width))
    options: dict[str, float] = {"AlignCorners": 0, "HalfPixelCenters": 1}
    draft.operator("RESIZE_NEAREST_NEIGHBOR", [small.index, sizes], large, options)
    filtered = draft.activation((1, 6, 2 * width, channels), 0.1, -128)
    depthwise = _window_options(_SAME, 1, _RELU) | {"DepthMultiplier": 1}
    _weighted(draft, "DEPTHWISE_CONV_2D", large, (1, 3, 3, channels), depthwise, output=filtered)
    output = draft.activation((1, 6, 2 * width, 5), 0.5, 3 if linear else -128)
    options = _window_options(_SAME, 1, _NONE if linear else _RELU)
    _weighted(draft, "CONV_2D", filtered, (5, 1, 1, channels), options, output=output)
    return finish(draft, [source], [output])


def wide_window_network(taps: int) -> RandomGraph:
    """Returns a convolution of so many taps in a row, on 2 rows of 300 pixels."""
    draft = Draft(np.random.default_rng(taps))
    source = draft.activation((1, 2, 300, 1))
    output = _weighted(draft, "CONV_2D", source, (3, 1, taps, 1), _window_options(_SAME, 1, _NONE))
    return finish(draft, [source], [output])


def _layer(draft: Draft, known: Sequence[Activation]) -> Activation:
    source = known[-1]
    choice = draft.integer(0, 11)
    if choice <= 2:
        return _depthwise(draft, source)
    if choice <= 5:
        fused = _RELU if draft.chance(0.8) else _NONE
        return _convolution(draft, source, _width(draft), taps=1, fused=fused)
    if choice == 6:
        return _convolution(draft, source, _width(draft), taps=3, fused=_RELU if draft.chance(0.7) else _NONE)
    if choice == 7:
        return _pool(draft, source)
    if choice <= 9:
        return _resize(draft, source)
    others = [other for other in known[:-1] if other.shape == source.shape]
    if others:
        return _sum(draft, source, others[-1])
    return _convolution(draft, _depthwise(draft, source), _width(draft), taps=1, fused=_RELU)


def _width(draft: Draft) -> int:
    return int(
        draft.generator.choice([1, 2, 3, 4, 5, 8, 16, 33, 66], p=[0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    )


def _weighted(
    draft: Draft,
    kind: str,
    source: Activation,
    shape: Sequence[int],
    options: dict[str, float],
    *,
    output: Activation | None = None,
) -> Activation:
    """Appends a convolution with outputs that are spread; a ReLU's zero is mostly the lowest code."""
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    channels = shape[axis]
    scales = [draft.uniform(0.002, 0.01) for _ in range(channels)]
    # Converters write no -128; where it stands, two weights may not share a lane.
    least = -128 if draft.chance(0.1) else -127
    data = draft.generator.integers(least, 128, tuple(shape), dtype=np.int8)
    weights = draft.writer.tensor(shape, scales, [0] * channels, dimension=axis, data=data)
    bias_scales = [float(np.float32(source.scale * scale)) for scale in scales]
    bias = draft.generator.integers(-8000, 8000, channels, dtype=np.int32)
    biases = draft.writer.tensor([channels], bias_scales, [0] * channels, dtype="int32", data=bias)
    if output is None:
        spread = float(np.median(scales)) * source.scale * 74 * 74 * (data.size / channels) ** 0.5
        rows, columns = (
            -(-size // int(options[f"Stride{side}"]))
            if options["Padding"] == _SAME
            else (size - taps) // int(options[f"Stride{side}"]) + 1
            for side, size, taps in zip("HW", source.shape[1:3], shape[1:3], strict=True)
        )
        clipped = options["FusedActivationFunction"] == _RELU
        zero_point = -128 if clipped and draft.chance(0.9) else None
        output = draft.activation((1, rows, columns, channels), spread / draft.uniform(20, 120), zero_point)
    return draft.operator(kind, [source.index, weights, biases], output, options)


def _depthwise(draft: Draft, source: Activation) -> Activation:
    stride = 2 if draft.chance(0.3) else 1
    valid = min(source.shape[1:3]) >= 3 and draft.chance(0.2)
    options = _window_options(_VALID if valid else _SAME, stride, _RELU if draft.chance(0.9) else _NONE)
    return _weighted(draft, "DEPTHWISE_CONV_2D", source, (1, 3, 3, source.shape[3]), options | {"DepthMultiplier": 1})


def _window_options(padding: int, stride: int, fused: int) -> dict[str, float]:
    return {
        "Padding": padding,
        "StrideH": stride,
        "StrideW": stride,
        "DilationHFactor": 1,
        "DilationWFactor": 1,
        "FusedActivationFunction": fused,
    }


def _convolution(draft: Draft, source: Activation, channels: int, *, taps: int, fused: int) -> Activation:
    stride = 2 if taps == 3 and draft.chance(0.4) else 1
    shape = (channels, taps, taps, source.shape[3])
    return _weighted(draft, "CONV_2D", source, shape, _window_options(_SAME, stride, fused))


def _pool(draft: Draft, source: Activation) -> Activation:
    height, width = (2, 2) if draft.chance(0.7) else (draft.integer(1, 3), draft.integer(1, 3))
    if source.shape[1] < height or source.shape[2] < width:
        return _depthwise(draft, source)
    options: dict[str, float] = {
        "Padding": _VALID,
        "StrideH": height,
        "StrideW": width,
        "FilterHeight": height,
        "FilterWidth": width,
        "FusedActivationFunction": _NONE,
    }
    shape = (1, source.shape[1] // height, source.shape[2] // width, source.shape[3])
    output = draft.activation(shape, source.scale, source.zero_point)
    return draft.operator("MAX_POOL_2D", [source.index], output, options)


def _resize(draft: Draft, source: Activation) -> Activation:
    factors = (2, 2) if draft.chance(0.7) else (draft.integer(1, 3), draft.integer(1, 3))
    height, width = (size * factor for size, factor in zip(source.shape[1:3], factors, strict=True))
    if height * width * source.shape[3] > _MOST_ELEMENTS:
        return _depthwise(draft, source)
    size = draft.writer.constant((height, width))
    bilinear = draft.chance(0.2)
    kind = "RESIZE_BILINEAR" if bilinear else "RESIZE_NEAREST_NEIGHBOR"
    output = draft.activation((1, height, width, source.shape[3]), source.scale, source.zero_point)
    return draft.operator(kind, [source.index, size], output, {"AlignCorners": 0, "HalfPixelCenters": 1})


def _sum(draft: Draft, first: Activation, second: Activation) -> Activation:
    clipped = draft.chance(0.5)
    scale = max(first.scale, second.scale) * draft.uniform(0.8, 2)
    output = draft.activation(first.shape, scale, -128 if clipped else None)
    options: dict[str, float] = {"FusedActivationFunction": _RELU if clipped else _NONE}
    return draft.operator("ADD", [first.index, second.index], output, options)
