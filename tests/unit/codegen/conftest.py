"""Small networks that several test modules compile."""

from collections.abc import Callable

import numpy as np
import pytest
from int8graphs import Draft, RandomGraph
from int8graphs.draft import Activation
from int8graphs.random_graphs import finish

SAME, NONE, RELU = 0, 0, 1


def convolution(
    draft: Draft,
    source: Activation,
    channels: int,
    *,
    depthwise: bool = False,
    taps: int = 1,
    stride: int = 1,
    fused: int = RELU,
) -> Activation:
    """Appends a depthwise 3 x 3 or a convolution of `taps` x `taps` with outputs that are spread."""
    depth = source.shape[3]
    shape = (1, 3, 3, depth) if depthwise else (channels, taps, taps, depth)
    axis = 3 if depthwise else 0
    weights = draft.writer.tensor(
        shape, [0.005] * shape[axis], [0] * shape[axis], dimension=axis, data=draft.codes(shape)
    )
    data = draft.generator.integers(-2000, 2000, shape[axis], dtype=np.int32)
    scales = [float(np.float32(source.scale * 0.005))] * shape[axis]
    bias = draft.writer.tensor([shape[axis]], scales, [0] * shape[axis], dtype="int32", data=data)
    options: dict[str, float] = {
        "Padding": SAME,
        "StrideH": stride,
        "StrideW": stride,
        "DilationHFactor": 1,
        "DilationWFactor": 1,
        "FusedActivationFunction": fused,
    }
    if depthwise:
        options["DepthMultiplier"] = 1
    sizes = [-(-size // stride) for size in source.shape[1:3]]
    spread = 0.005 * source.scale * 74 * 74 * float(np.prod(shape) / shape[axis]) ** 0.5 / 60
    output = draft.activation((1, *sizes, shape[axis]), spread, -128 if fused == RELU else 5)
    kind = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    return draft.operator(kind, [source.index, weights, bias], output, options)


def upsampled(draft: Draft, source: Activation, factor: int = 2) -> Activation:
    """Appends a nearest resize."""
    height, width = source.shape[1] * factor, source.shape[2] * factor
    output = draft.activation((1, height, width, source.shape[3]), source.scale, source.zero_point)
    size = draft.writer.constant((height, width))
    options: dict[str, float] = {"AlignCorners": 0, "HalfPixelCenters": 1}
    return draft.operator("RESIZE_NEAREST_NEIGHBOR", [source.index, size], output, options)


def pooled(draft: Draft, source: Activation) -> Activation:
    """Appends a max pooling of 2 x 2."""
    shape = (1, source.shape[1] // 2, source.shape[2] // 2, source.shape[3])
    output = draft.activation(shape, source.scale, source.zero_point)
    options: dict[str, float] = {
        "Padding": 1,
        "StrideH": 2,
        "StrideW": 2,
        "FilterHeight": 2,
        "FilterWidth": 2,
        "FusedActivationFunction": NONE,
    }
    return draft.operator("MAX_POOL_2D", [source.index], output, options)


def hourglass(height: int = 16, width: int = 24, seed: int = 0) -> RandomGraph:
    """Returns a network with every fast kernel: down by a pooling, up by a resize, a logit at the end."""
    draft = Draft(np.random.default_rng(seed))
    source = draft.activation((1, height, width, 3), 0.0078, 0)
    x = convolution(draft, convolution(draft, source, 3, depthwise=True), 8)
    x = pooled(draft, x)
    x = convolution(draft, convolution(draft, x, 8, depthwise=True), 16)
    x = upsampled(draft, x)
    x = convolution(draft, convolution(draft, x, 16, depthwise=True), 4)
    x = convolution(draft, x, 1, fused=NONE)
    return finish(draft, [source], [x])


@pytest.fixture(scope="session")
def append_convolution() -> Callable[..., Activation]:
    """What appends a layer to a draft."""
    return convolution


@pytest.fixture(scope="session")
def hourglass_graph() -> RandomGraph:
    """A network with every fast kernel."""
    return hourglass()
