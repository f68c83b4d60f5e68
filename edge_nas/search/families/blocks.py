"""What networks of several families are built of, said once for two purposes: to be trained, and to be costed.

    def build(self, candidate, blocks):                       # of a family
        x = blocks.convolution(blocks.input, 16, 3, strides=2)
        return blocks.dense(blocks.mean(x), candidate.signature.outputs)

With `KerasBlocks` it is a Keras network of untrained weights; with `SketchBlocks` the int8 network that the trained one
becomes, of random weights: without TensorFlow, in milliseconds. A map is (H, W, C), a signal (moments, channels).
"""

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

T = TypeVar("T")

Sizes = int | tuple[int, int]
"""Of rows and columns of a map, one number for both; along the moments of a signal one number."""


class Blocks(ABC, Generic[T]):
    """Makes a network layer by layer; T is what stands for a tensor.

    Attributes:
        input: the network's.
    """

    input: T

    @abstractmethod
    def shape(self, x: T) -> tuple[int, ...]:
        """Returns (H, W, C), (moments, channels) or (channels,)."""

    @abstractmethod
    def as_map(self, x: T) -> T:
        """Returns a signal as a map of one channel: moments are its rows, channels its columns."""

    @abstractmethod
    def convolution(self, x: T, width: int, kernel: Sizes = 1, strides: Sizes = 1, *, relu: bool = True) -> T:
        """Returns a convolution with BatchNorm, and ReLU unless told otherwise; "same" padding, no bias."""

    @abstractmethod
    def depthwise(self, x: T, kernel: int = 3, strides: int = 1) -> T:
        """Returns a depthwise convolution with BatchNorm and ReLU; "same" padding, no bias."""

    @abstractmethod
    def logits(self, x: T, outputs: int) -> T:
        """Returns a 1x1 convolution with bias."""

    @abstractmethod
    def dense(self, x: T, outputs: int) -> T:
        """Returns a dense layer with bias of channels (channels,)."""

    @abstractmethod
    def mean(self, x: T, *, keep: bool = False) -> T:
        """Returns the mean over all positions (channels,); where kept, as a map of one position."""

    @abstractmethod
    def max_pool(self, x: T) -> T:
        """Returns the largest of every two rows and columns, or of every two moments."""

    @abstractmethod
    def add(self, a: T, b: T) -> T:
        """Returns the sum of two tensors of one shape."""

    @abstractmethod
    def upsample(self, x: T, factors: tuple[int, int] = (2, 2)) -> T:
        """Returns a map enlarged by repetition."""

    @abstractmethod
    def bilinear(self, x: T, factor: int) -> T:
        """Returns a map enlarged by interpolation."""

    def separable(self, x: T, width: int, kernel: int = 3, strides: int = 1) -> T:
        """Returns a depthwise and a 1x1 convolution, each with BatchNorm and ReLU (MobileNet, arXiv 1704.04861)."""
        return self.convolution(self.depthwise(x, kernel, strides), width)

    def inverted(self, x: T, width: int, expansion: int, kernel: int = 3, strides: int = 1) -> T:
        """Returns an inverted residual: 1x1 to `expansion` times the channels, depthwise, linear 1x1 (1801.04381).

        The input is added where shapes allow it.
        """
        channels = self.shape(x)[-1]
        y = self.convolution(x, channels * expansion) if expansion > 1 else x
        y = self.convolution(self.depthwise(y, kernel, strides), width, relu=False)
        return self.add(x, y) if strides == 1 and channels == width else y
