"""Random networks of convolutions of any window, stride, dilation and multiplier, on images of odd and even sizes."""

import numpy as np
from int8graphs import Draft, RandomGraph
from int8graphs.draft import Activation
from int8graphs.random_graphs import finish

_SAME, _VALID = 0, 1
_SPREAD = 74.0  # standard deviation of uniform codes


def window_network(seed: int, kind: str, layers: int = 3) -> RandomGraph:
    """Returns the network of a seed: layers of DEPTHWISE_CONV_2D or CONV_2D.

    Some images are one pixel wide, as those of one-dimensional networks; some channels' sums are scaled up.
    """
    draft = Draft(np.random.default_rng([seed, 3, len(kind)]))
    flat = draft.chance(0.2)
    channels = draft.integer(1, 21) if draft.chance(0.7) else 1
    source = draft.activation((1, draft.integer(3, 14), 1 if flat else draft.integer(3, 15), channels))
    last = source
    for _ in range(layers):
        last = _layer(draft, kind, last)
    return finish(draft, [source], [last])


def _layer(draft: Draft, kind: str, source: Activation) -> Activation:
    depthwise = kind == "DEPTHWISE_CONV_2D"
    _, height, width, depth = source.shape
    window = draft.integer(1, 7), draft.integer(1, 7) if width > 1 else 1
    strides, dilations = (draft.integer(1, 2), draft.integer(1, 2)), (1, 1)
    if draft.chance(0.3):
        strides, dilations = (1, 1), (draft.integer(1, 3), draft.integer(1, 3))
    spans = [(taps - 1) * dilation + 1 for taps, dilation in zip(window, dilations, strict=True)]
    valid = spans[0] <= height and spans[1] <= width and draft.chance(0.3)
    multiplier = draft.integer(1, 3) if depth * 3 < 40 and draft.chance(0.3) else 1
    channels = depth * multiplier if depthwise else draft.integer(1, 14)
    shape = (1, *window, channels) if depthwise else (channels, *window, depth)
    axis = 3 if depthwise else 0
    scales = [draft.uniform(0.002, 0.01) * (40 if draft.chance(0.03) else 1) for _ in range(channels)]
    data = draft.generator.integers(-127, 128, shape, dtype=np.int8)
    weights = draft.writer.tensor(shape, scales, [0] * channels, dimension=axis, data=data)
    bias_scales = [float(np.float32(source.scale * scale)) for scale in scales]
    bias = draft.generator.integers(-8000, 8000, channels, dtype=np.int32)
    biases = draft.writer.tensor([channels], bias_scales, [0] * channels, dtype="int32", data=bias)
    sizes = [
        (size - span) // stride + 1 if valid else -(-size // stride)
        for size, span, stride in zip((height, width), spans, strides, strict=True)
    ]
    spread = float(np.median(scales)) * source.scale * _SPREAD * _SPREAD * (data.size / channels) ** 0.5
    clipped = draft.chance(0.6)
    zero_point = -128 if clipped and draft.chance(0.8) else None
    output = draft.activation((1, *sizes, channels), spread / draft.uniform(20, 120), zero_point)
    options: dict[str, float] = {
        "Padding": _VALID if valid else _SAME,
        "StrideH": strides[0],
        "StrideW": strides[1],
        "DilationHFactor": dilations[0],
        "DilationWFactor": dilations[1],
        "FusedActivationFunction": int(clipped),
    }
    if depthwise:
        options["DepthMultiplier"] = multiplier
    return draft.operator(kind, [source.index, weights, biases], output, options)
