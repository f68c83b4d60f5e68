"""Blocks as operators of an int8 network with random weights, as a converter makes them of trained layers.

A BatchNorm goes into the convolution before it, a ReLU as well. A signal is a map of one row behind a RESHAPE.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from edge_nas.core.choices import Scheme
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.sketch import Sketch, SketchTensor, Window, tiles
from edge_nas.search.families.blocks import Blocks, Sizes

_SIGNAL_RANK = 2  # moments and channels, without the batch


@dataclass(frozen=True)
class Sketched:
    """A tensor of the sketch; `is_signal`: its map is one row, the moments of a signal."""

    tensor: SketchTensor
    is_signal: bool


class SketchBlocks(Blocks[Sketched]):
    """See `Blocks`."""

    def __init__(self, input_shape: Sequence[int], scheme: Scheme) -> None:
        self._net = Sketch(input_shape)
        self._scheme = scheme
        self.input = Sketched(self._net.input, len(input_shape) == _SIGNAL_RANK)

    def graph(self, output: Sketched, source: str) -> Int8Graph:
        """Returns the network that ends in a tensor; `source` is what messages call it."""
        return self._net.graph(output.tensor, source)

    def shape(self, x: Sketched) -> tuple[int, ...]:
        """Returns (H, W, C), (moments, channels) or (channels,)."""
        return x.tensor.shape[-_SIGNAL_RANK:] if x.is_signal else x.tensor.shape

    def as_map(self, x: Sketched) -> Sketched:
        """Returns a RESHAPE."""
        return Sketched(self._net.reshape(x.tensor, (*self.shape(x), 1)), is_signal=False)

    def convolution(
        self, x: Sketched, width: int, kernel: Sizes = 1, strides: Sizes = 1, *, relu: bool = True
    ) -> Sketched:
        """Returns a CONV_2D, its BatchNorm folded into it."""
        window = _window(x, kernel, strides)
        return Sketched(self._net.convolution(self._rows(x), width, window, "relu" if relu else "linear"), x.is_signal)

    def depthwise(self, x: Sketched, kernel: int = 3, strides: int = 1) -> Sketched:
        """Returns a DEPTHWISE_CONV_2D, its BatchNorm folded into it."""
        return Sketched(self._net.depthwise(self._rows(x), _window(x, kernel, strides)), x.is_signal)

    def logits(self, x: Sketched, outputs: int) -> Sketched:
        """Returns a CONV_2D of one tap."""
        return Sketched(self._net.convolution(x.tensor, outputs, activation="linear"), x.is_signal)

    def dense(self, x: Sketched, outputs: int) -> Sketched:
        """Returns a FULLY_CONNECTED."""
        return Sketched(self._net.dense(x.tensor, outputs, per_channel=self._scheme == "ptq"), is_signal=False)

    def mean(self, x: Sketched, *, keep: bool = False) -> Sketched:
        """Returns a MEAN."""
        return Sketched(self._net.mean(self._rows(x), keep=keep), is_signal=False)

    def max_pool(self, x: Sketched) -> Sketched:
        """Returns a MAX_POOL_2D."""
        return Sketched(self._net.max_pool(self._rows(x), tiles(*_sizes(x, 2))), x.is_signal)

    def add(self, a: Sketched, b: Sketched) -> Sketched:
        """Returns an ADD."""
        return Sketched(self._net.add(self._rows(a), self._rows(b)), a.is_signal)

    def upsample(self, x: Sketched, factors: tuple[int, int] = (2, 2)) -> Sketched:
        """Returns a RESIZE_NEAREST_NEIGHBOR."""
        return Sketched(self._net.upsample(x.tensor, factors), x.is_signal)

    def bilinear(self, x: Sketched, factor: int) -> Sketched:
        """Returns a RESIZE_BILINEAR."""
        return Sketched(self._net.bilinear(x.tensor, (factor, factor)), x.is_signal)

    def _rows(self, x: Sketched) -> SketchTensor:
        """Returns the tensor as a map: the input of a signal is none yet."""
        if x.is_signal and len(x.tensor.shape) == _SIGNAL_RANK:
            return self._net.reshape(x.tensor, (1, *x.tensor.shape))
        return x.tensor


def _window(x: Sketched, kernel: Sizes, strides: Sizes) -> Window:
    return Window(_sizes(x, kernel), _sizes(x, strides))


def _sizes(x: Sketched, sizes: Sizes) -> tuple[int, int]:
    """Returns sizes along rows and columns; a signal has one row."""
    if isinstance(sizes, tuple):
        return sizes
    return (1, sizes) if x.is_signal else (sizes, sizes)
