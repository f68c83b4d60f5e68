"""Random int8 networks close to real use, without TensorFlow: what costs are calibrated and judged on.

Six families take turns: U-nets of separable convolutions like Fast_U (two of eight), U-nets of dense convolutions and
max pools like Nano_U, inverted residuals (two), keyword spotters of separable convolutions, dense auto-encoders, and
one-dimensional convolutions. Widths are any integers, so that odd ones occur.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from edge_nas.int8.sketch import HALVING, THREE, Activation, Sketch, SketchTensor, Window, tiles


@dataclass(frozen=True)
class RandomNetwork:
    """A network of a family; `data`: its .tflite file."""

    seed: int
    family: str
    data: bytes


def random_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed; eight seeds in a row hold every family."""
    name, build = _FAMILIES[seed % len(_FAMILIES)]
    return RandomNetwork(seed, name, build(random.Random(seed), seed))


def _separable_unet(draw: random.Random, seed: int) -> bytes:
    """Levels of separable blocks, perhaps residual; skips that are added; logits at one of two resolutions."""
    net = Sketch(draw.choice([(48, 64, 3), (48, 64, 3), (32, 32, 3), (32, 48, 1)]), seed)
    residual, bilinear = draw.random() < 0.7, draw.random() < 0.7
    width = draw.randint(4, 24)
    x = net.convolution(net.input, width, HALVING)
    skips = []
    levels = draw.choice([1, 2, 3, 3])
    for _ in range(levels):
        width = min(96, max(4, round(width * draw.choice([1, 1.25, 1.5, 2]))))
        kernel = draw.choice([(3, 3), (3, 3), (3, 3), (5, 5)])
        skips.append(x)
        x = net.convolution(net.depthwise(x, Window(kernel, (2, 2))), width)
        for _ in range(draw.randint(0, 3)):
            y = net.convolution(net.depthwise(x, Window(kernel)), width)
            x = net.add(x, y) if residual else y
    if draw.random() < 0.5:
        context = net.convolution(net.mean(x), x.shape[2])
        x = net.add(x, net.upsample(context, (x.shape[0], x.shape[1])))
    last = draw.choice([0, 0, 1]) if levels > 1 else 0
    for skip in reversed(skips[last:]):
        x = net.add(net.upsample(net.convolution(x, skip.shape[2])), skip)
        for _ in range(draw.choice([0, 1, 1, 2])):
            x = net.convolution(net.depthwise(x), skip.shape[2])
    logits = net.convolution(x, draw.choice([1, 1, 2, 5]), activation="linear")
    factors = (2 ** (1 + last), 2 ** (1 + last))
    return net.finish(net.bilinear(logits, factors) if bilinear else net.upsample(logits, factors))


def _dense_unet(draw: random.Random, seed: int) -> bytes:
    """Dense 3 x 3 convolutions, max pools, skips that are concatenated or added."""
    net = Sketch((*draw.choice([(48, 64), (32, 32), (32, 16)]), 3), seed)
    base, first = draw.randint(2, 12), draw.choice([1, 2])
    x, skips = net.input, []
    for level in range(draw.choice([2, 3])):
        for block in range(draw.choice([1, 2])):
            width = base + draw.randint(0, 6) + 4 * level
            if draw.random() < 0.7 or level == 0:
                x = net.convolution(x, width, HALVING if first == 2 and level == block == 0 else THREE)
            else:
                x = net.convolution(net.depthwise(x), width)
        skips.append(x)
        x = net.max_pool(x)
    x = net.convolution(x, base + draw.randint(4, 20), THREE)
    for skip in reversed(skips):
        x = net.upsample(x)
        joined = draw.random() < 0.6
        x = net.concatenate([x, skip]) if joined else net.add(net.convolution(x, skip.shape[2]), skip)
        x = net.convolution(x, base + draw.randint(0, 8), THREE)
    logits = net.convolution(x, 1, activation="linear")
    return net.finish(net.logistic(net.bilinear(logits) if first > 1 else logits))


def _inverted_residuals(draw: random.Random, seed: int) -> bytes:
    """Blocks that widen, filter and narrow, then a mean and a dense layer."""
    height, width = draw.choice([(64, 64), (48, 64), (32, 32), (40, 56)])
    net = Sketch((height, width, draw.choice([1, 3])), seed)
    activation: Activation = draw.choice(["relu", "relu6"])
    x = net.convolution(net.input, draw.randint(4, 16), HALVING, activation)
    for _ in range(draw.randint(2, 6)):
        stride, channels = draw.choice([1, 1, 2]), draw.randint(4, 40)
        if stride == 1 and draw.random() < 0.5:
            channels = x.shape[2]
        expansion = draw.choice([1, 2, 3, 4])
        wide = draw.random() < 0.8
        y = net.convolution(x, x.shape[2] * expansion, activation=activation) if wide else x
        kernel = draw.choice([(3, 3), (3, 3), (3, 3), (5, 5), (7, 7)])
        y = net.depthwise(y, Window(kernel, (stride, stride)), activation)
        y = net.convolution(y, channels, activation=draw.choice(["linear", activation]))
        x = net.add(x, y) if y.shape == x.shape and draw.random() < 0.8 else y
    return net.finish(_classified(draw, net, net.mean(x)))


def _keyword_spotter(draw: random.Random, seed: int) -> bytes:
    """A tall first window, separable blocks of one width, an average pool, a dense layer."""
    rows, columns = draw.choice([(49, 10), (49, 10), (32, 12), (61, 13)])
    net = Sketch((rows, columns, 1), seed)
    channels = draw.randint(12, 72)
    x = net.convolution(net.input, channels, Window(draw.choice([(10, 4), (8, 3), (3, 3)]), (2, 2)))
    for _ in range(draw.randint(2, 5)):
        x = net.convolution(net.depthwise(x, Window(draw.choice([(3, 3), (3, 3), (5, 3)]))), channels)
    return net.finish(_classified(draw, net, net.average_pool(x, tiles(x.shape[0], x.shape[1]))))


def _auto_encoder(draw: random.Random, seed: int) -> bytes:
    """Dense layers, narrow in the middle."""
    inputs, hidden = draw.choice([640, 320, 196, 77]), draw.randint(16, 130)
    net = Sketch((inputs,), seed)
    per_channel = seed % 2 == 0  # without QAT; with it the weights have one scale
    x = net.input
    for units in [hidden] * draw.randint(1, 3) + [draw.randint(2, 12)] + [hidden] * draw.randint(1, 3):
        x = net.dense(x, units, "relu", per_channel=per_channel)
    return net.finish(net.dense(x, inputs, per_channel=per_channel))


def _one_dimensional(draw: random.Random, seed: int) -> bytes:
    """Convolutions along time, as Keras' Conv1D converts: images of one row."""
    net = Sketch((1, draw.choice([128, 160, 250]), draw.randint(1, 12)), seed)
    x = net.input
    for _ in range(draw.randint(2, 4)):
        channels, length = draw.randint(6, 40), draw.choice([3, 3, 5, 9])
        if draw.random() < 0.4:
            x = net.convolution(net.depthwise(x, Window((1, length))), channels)
        else:
            x = net.convolution(x, channels, Window((1, length), (1, draw.choice([1, 1, 2]))))
        if draw.random() < 0.5 and x.shape[1] >= 16:
            x = net.max_pool(x, tiles(1, 2))
    return net.finish(_classified(draw, net, net.mean(x)))


def _classified(draw: random.Random, net: Sketch, x: SketchTensor) -> SketchTensor:
    units = draw.randint(2, 20)
    y = net.dense(x, units, per_channel=units % 2 == 0)
    return net.softmax(y) if draw.random() < 0.5 else y


_FAMILIES: tuple[tuple[str, Callable[[random.Random, int], bytes]], ...] = (
    ("separable U-net", _separable_unet),
    ("inverted residuals", _inverted_residuals),
    ("dense U-net", _dense_unet),
    ("keyword spotter", _keyword_spotter),
    ("separable U-net", _separable_unet),
    ("auto-encoder", _auto_encoder),
    ("inverted residuals", _inverted_residuals),
    ("one-dimensional", _one_dimensional),
)
FAMILIES = frozenset(name for name, _ in _FAMILIES)
"""The names of all families."""
