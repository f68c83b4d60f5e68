"""Small random int8 networks of operators that are rare in real ones, or come there in few variants of a kernel."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.lib.networks import RandomNetwork
from edge_nas.int8.sketch import HALVING, POINT, THREE, Activation, Sketch, SketchTensor, Window, tiles

_CHANNELS = (1, 2, 3, 4, 6, 7, 8, 11, 33, 70, 130)
_WIDE = (60, 110, 230)
# Of pairs that stay in registers, of words, of lanes that are unrolled, and of those in rounds.
_INPUTS = (2, 4, 7, 12, 16, 30, 52, 104, 118)
_OUTPUTS = (1, 2, 3, 5, 20, 40, 63, 75)
_ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "relu6")
_OFTEN_SHARED = 0.4
_WINDOWS = ((3, 3), (3, 3), (1, 3), (1, 5), (3, 1), (2, 2), (5, 5))
# Of one stretch of memory and of many, up to seven rounds of the assembly's loop.
_BLOCK_WINDOWS = ((1, 3), (1, 5), (1, 9), (1, 13), (2, 2), (3, 3), (5, 5), (7, 3))
_POOLS = ((2, 2), (1, 2), (2, 1), (3, 3), (1, 3), (3, 1), (1, 1))
_MOST_PIXELS = 300  # of an image that may still be enlarged
_LEAST_SIDE = 4  # of an image that may still be pooled


def pointwise_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of convolutions of one pixel: a chain that meets every form of them by and by.

    Forms depend on the numbers of channels, on whether rows are odd, on activations, and on what reads the output.
    """
    draw = random.Random(f"pointwise {seed}")
    net = Sketch((draw.randint(2, 4), draw.choice((6, 7)), draw.choice(_INPUTS)), seed)
    x = net.input
    if draw.random() < _OFTEN_SHARED:
        width, activation = draw.randint(9, 70), draw.choice(_ACTIVATIONS)
        for _ in range(3):  # the first and the last differ in what they read, or in what reads them
            x = net.convolution(x, width, POINT, activation)
    for _ in range(draw.randint(3, 5)):
        y = net.convolution(x, draw.choice(_OUTPUTS), POINT, draw.choice(_ACTIVATIONS))
        reader = draw.choice(("pairs", "planar", "flat"))
        if reader == "pairs":
            x = net.convolution(y, draw.choice(_INPUTS), POINT)
        elif reader == "planar":
            x = net.convolution(net.depthwise(y), draw.choice(_INPUTS), POINT)
        else:
            x = net.convolution(net.logistic(y), draw.choice(_INPUTS), POINT)
    return RandomNetwork(seed, "pointwise", net.finish(x))


def windows_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of windows that are no single pixel: each kernel of them in steps of every form.

    Rows are odd and even, images of one row among them; outputs are multiples of four and are not; what reads them
    wants each of the layouts.
    """
    draw = random.Random(f"windows {seed}")
    rows = draw.choice((1, draw.randint(4, 9)))
    net = Sketch((rows, draw.randint(9, 30) * (4 if rows == 1 else 1), draw.randint(1, 12)), seed)
    x = net.input
    for _ in range(draw.choice((1, 1, 3, 4))):
        height, width = draw.choice(_WINDOWS)
        window = Window((min(height, x.shape[0]), width), draw.choice(((1, 1), (1, 1), (1, 2))))
        x = net.convolution(x, draw.randint(3, 26), window, draw.choice(_ACTIVATIONS))
        x = draw.choice((net.logistic, net.depthwise, _pooled(net, draw)))(x)
        if draw.random() < _OFTEN_SHARED:
            x = net.depthwise(x, Window((1, 5)))
    return RandomNetwork(seed, "windows", net.finish(x))


def blocks_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of windows side by side: of few outputs, four, full blocks of four, others.

    Four seeds in a row hold each of them with either activation and before either layout, on images of one row, where a
    window lies in one stretch of memory, and of more.
    """
    draw = random.Random(f"blocks {seed}")
    rows = 1 if seed // 2 % 2 else draw.randint(4, 7)
    net = Sketch((rows, draw.randint(8, 24), draw.randint(3, 12)), seed)
    strides = (1, draw.choice((1, 1, 2)))
    ends = []
    for channels in (draw.randint(1, 3), 4, 4 * draw.randint(2, 5), 4 * draw.randint(1, 5) + draw.randint(1, 3)):
        for activation in _ACTIVATIONS[:2]:
            height, width = draw.choice(_BLOCK_WINDOWS)
            x = net.convolution(net.input, channels, Window((min(height, rows), width), strides), activation)
            ends.append(net.depthwise(x) if seed % 2 else net.logistic(x))
    return RandomNetwork(seed, "blocks", net.finish(net.concatenate(ends)))


def _pooled(net: Sketch, draw: random.Random) -> Callable[[SketchTensor], SketchTensor]:
    """Returns what pools an image by windows that fit it."""

    def pooled(x: SketchTensor) -> SketchTensor:
        fitting = [pool for pool in _POOLS if pool[0] <= x.shape[0] and pool[1] <= x.shape[1]]
        return draw.choice((net.max_pool, net.max_pool, net.average_pool))(x, tiles(*draw.choice(fitting)))

    return pooled


def common_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of what published networks have and random families rarely draw.

    A depthwise layer right on a colour image, depthwise layers behind enlarged images, dense layers of one scale and of
    many.
    """
    draw = random.Random(f"common {seed}")
    net = Sketch((2 * draw.randint(3, 7), 2 * draw.randint(3, 9), 3), seed)
    x = net.convolution(net.depthwise(net.input), draw.randint(3, 20))
    for channels in (draw.randint(2, 24), draw.randint(40, 90)):
        small = net.convolution(net.max_pool(x), channels)
        wide = net.depthwise(net.upsample(small))
        x = net.convolution(net.depthwise(net.convolution(wide, draw.randint(3, 20))), draw.randint(3, 20))
    logits = net.dense(x if seed % 2 else net.average_pool(x), draw.randint(2, 30), "relu")
    return RandomNetwork(seed, "common", net.finish(net.dense(logits, draw.randint(1, 12), per_channel=True)))


def repeated_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of what searches draw now and then: two equal enlarged images, and wide pairs.

    The depthwise layers behind both images share a function. More than 63 channels lie further from one pair of pixels
    to the next than an instruction steps. Of few channels, convolutions of one pixel that follow each other share one.
    """
    draw = random.Random(f"repeated {seed}")
    net = Sketch((2 * draw.randint(2, 6), 2 * draw.randint(3, 9), 3), seed)
    channels = draw.randint(2, 20)
    x = net.convolution(net.input, channels)
    for _ in range(2):
        small = net.convolution(net.max_pool(x), channels)
        x = net.convolution(net.depthwise(net.upsample(small)), channels)
    for activation in _ACTIVATIONS[:2]:
        wide = net.convolution(net.convolution(x, draw.randint(9, 16)), draw.randint(64, 90), activation=activation)
        x = net.convolution(wide, channels)
        narrow = draw.randint(3, 8)
        for _ in range(4):
            x = net.convolution(x, narrow, activation=activation)
        x = net.convolution(x, channels)
    return RandomNetwork(seed, "repeated", net.finish(x))


def assorted_network(seed: int) -> RandomNetwork:
    """Returns the network of a seed, of five to nine rare pieces."""
    draw = random.Random(seed)
    net = Sketch((draw.randint(3, 13), draw.randint(3, 17), draw.randint(1, 8)), seed)
    pieces = _Pieces(draw, net)
    x = net.input
    for _ in range(draw.randint(5, 9)):
        x = pieces.appended(x)
    return RandomNetwork(seed, "assorted", net.finish(x))


@dataclass(frozen=True)
class _Pieces:
    """One or two operators each, of drawn sizes, on an image."""

    draw: random.Random
    net: Sketch

    def appended(self, x: SketchTensor) -> SketchTensor:
        """Returns what a drawn piece makes of an image."""
        choices: list[Callable[[SketchTensor], SketchTensor]] = [
            *(self._pointwise, self._wide, self._before_depthwise, self._behind_depthwise, self._multiplied),
            *(self._window, self._padded, self._joined, self._compared, self._gated, self._activated),
            *(self._repeated, self._repeated, self._strided),
        ]
        if x.shape[0] * x.shape[1] <= _MOST_PIXELS:
            choices += [self._upsampled, self._resized, self._transposed]
        if min(x.shape[:2]) >= _LEAST_SIDE:
            choices.append(self._pooled)
        return self.draw.choice(choices)(x)

    def _activation(self) -> Activation:
        return self.draw.choice(_ACTIVATIONS)

    def _channels(self) -> int:
        return self.draw.choice(_CHANNELS)

    def _few(self) -> int:
        return self.draw.randint(1, 24)

    def _pointwise(self, x: SketchTensor) -> SketchTensor:
        return self.net.convolution(x, self._channels(), POINT, self._activation())

    def _wide(self, x: SketchTensor) -> SketchTensor:
        return self._pointwise(self.net.convolution(x, self.draw.choice(_WIDE), POINT))

    def _before_depthwise(self, x: SketchTensor) -> SketchTensor:
        window = self.draw.choice([THREE, HALVING])
        return self.net.depthwise(self._pointwise(x), window, self.draw.choice(["linear", "relu"]))

    def _behind_depthwise(self, x: SketchTensor) -> SketchTensor:
        return self._pointwise(self.net.depthwise(x))

    def _multiplied(self, x: SketchTensor) -> SketchTensor:
        window = Window(self.draw.choice([(3, 3), (5, 2)]))
        return self.net.depthwise(x, window, self._activation(), multiplier=self.draw.choice([2, 8]))

    def _window(self, x: SketchTensor) -> SketchTensor:
        sizes = [Window(), HALVING, Window((5, 5)), Window((1, 5)), Window(dilations=(2, 2))]
        return self.net.convolution(x, self._few(), self.draw.choice(sizes), self._activation())

    def _strided(self, x: SketchTensor) -> SketchTensor:
        return self.net.convolution(x, self._channels(), Window((1, 1), (2, 2)), self._activation())

    def _repeated(self, x: SketchTensor) -> SketchTensor:
        """Two steps that are alike, which share a function where its text is long."""
        window = self.draw.choice([POINT, THREE, Window((5, 5)), Window((2, 2)), Window((1, 1), (2, 2))])
        is_depthwise = window.kernel != (1, 1) and self.draw.random() < 0.5
        for _ in range(2):
            x = self.net.depthwise(x, window) if is_depthwise else self.net.convolution(x, x.shape[2], window)
        return x

    def _upsampled(self, x: SketchTensor) -> SketchTensor:
        return self.net.depthwise(self.net.upsample(x, self.draw.choice([(2, 2), (2, 2), (3, 1), (1, 2)])))

    def _resized(self, x: SketchTensor) -> SketchTensor:
        return self.draw.choice([self.net.upsample, self.net.bilinear])(x)

    def _transposed(self, x: SketchTensor) -> SketchTensor:
        return self.net.transpose_convolution(x, self._few(), activation=self._activation())

    def _pooled(self, x: SketchTensor) -> SketchTensor:
        pool = self.draw.choice([self.net.max_pool, self.net.average_pool])
        smaller = pool(x, tiles(*self.draw.choice([(2, 2), (3, 3), (1, 2)])))
        return self.net.convolution(smaller, self._few(), self.draw.choice([POINT, THREE]))

    def _padded(self, x: SketchTensor) -> SketchTensor:
        return self.net.pad(x, 1, self.draw.randint(0, 2), 1, self.draw.randint(0, 2))

    def _joined(self, x: SketchTensor) -> SketchTensor:
        return self.net.concatenate([self.net.convolution(x, self._few()), x])

    def _compared(self, x: SketchTensor) -> SketchTensor:
        other = self.net.convolution(x, x.shape[2], POINT, self._activation())
        return self.draw.choice([self.net.maximum, self.net.add, self.net.multiply])(x, other)

    def _gated(self, x: SketchTensor) -> SketchTensor:
        gate = self.net.logistic(self.net.convolution(self.net.mean(x), x.shape[2]))
        return self.draw.choice([self.net.multiply, self.net.add])(x, gate)

    def _activated(self, x: SketchTensor) -> SketchTensor:
        return self.draw.choice([self.net.prelu, self.net.logistic, self.net.softmax])(x)
