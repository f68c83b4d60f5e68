"""TerrainNet: what a search under the limits of a microcontroller found for the built-in terrain."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.models.layers import DepthwiseSepConv, batchnorm, require_widths

LOWEST_KERNEL = 5


class TerrainNet(tf_keras.Model):
    """A strided stem, strided levels whose further blocks are residual, and a decoder that adds skips.

    Each level begins with a DepthwiseSepConv of stride 2; those of the lowest level look at 5 x 5 pixels. The decoder
    climbs to a quarter of the input's resolution, as nearly all of the best in searches do, from where the logits are
    scaled up bilinearly. Shape and widths are those of `fast_u: stem 20, levels 3, width_1 16, depth_1 2, ...`, of the
    space of `edge_nas.search.families.fast_u` (benchmarks/README.md, "The default network").

    Args:
        widths: channels of the stem and of the levels below it.
        depths: blocks of each level.
        outputs: logits per pixel.

    Maps (N, H, W, 3) float32 in [-1, 1] to logits (N, H, W, outputs). A map with an odd side is not halved: its level,
    or the stem, goes on at the resolution that it has.
    """

    def __init__(
        self,
        widths: Sequence[int] = (20, 16, 32, 80),
        depths: Sequence[int] = (2, 3, 2),
        outputs: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        require_widths("terrain_net", widths, least=3)
        if len(depths) != len(widths) - 1:
            raise ConfigError(
                f"terrain_net: depths needs {len(widths) - 1} numbers, one for each level below the stem; seen "
                f"{list(depths)} beside widths {list(widths)}"
            )
        self._widths, self._depths, self._outputs = tuple(widths), tuple(depths), outputs

    def build(self, input_shape: Any) -> None:
        """Makes the layers for images of a shape (N, H, W, C)."""
        widths, depths = self._widths, self._depths
        strides = _strides(input_shape[1:3], len(widths))
        self.stem = tf_keras.layers.Conv2D(widths[0], 3, strides=strides[0], padding="same", use_bias=False)
        self.stem_bn = batchnorm()
        self.stem_relu = tf_keras.layers.ReLU()
        self.levels = [
            _level(width, depth, stride, kernel=LOWEST_KERNEL if level == len(depths) else 3)
            for level, (width, depth, stride) in enumerate(zip(widths[1:], depths, strides[1:], strict=True), 1)
        ]
        self.residuals = [[tf_keras.layers.Add() for _ in level[1:]] for level in self.levels]
        skipped = widths[1:-1]
        self.reduce = [tf_keras.layers.Conv2D(width, 1, use_bias=False) for width in skipped]
        self.reduce_bn = [batchnorm() for _ in skipped]
        self.reduce_relu = [tf_keras.layers.ReLU() for _ in skipped]
        # Of a level that did not halve its map there is nothing to enlarge.
        self.ups = [tf_keras.layers.UpSampling2D(2) if stride == 2 else None for stride in strides[2:]]
        self.adds = [tf_keras.layers.Add() for _ in skipped]
        self.decoder = [DepthwiseSepConv(width) for width in skipped]
        self.logit = tf_keras.layers.Conv2D(self._outputs, 1)
        enlarged = strides[0] * strides[1]
        self.enlarge = tf_keras.layers.UpSampling2D(enlarged, interpolation="bilinear") if enlarged > 1 else None
        self.built = True

    def call(self, x: Any) -> Any:
        """Returns logits (N, H, W, outputs) for x (N, H, W, 3)."""
        x = self.stem_relu(self.stem_bn(self.stem(x)))
        levels = []
        for (first, *others), residuals in zip(self.levels, self.residuals, strict=True):
            x = first(x)
            for block, add in zip(others, residuals, strict=True):
                x = add([x, block(x)])
            levels.append(x)
        for i in reversed(range(len(self.adds))):
            x = self.reduce_relu[i](self.reduce_bn[i](self.reduce[i](x)))
            up = self.ups[i]
            x = self.adds[i]([x if up is None else up(x), levels[i]])
            x = self.decoder[i](x)
        x = self.logit(x)
        return x if self.enlarge is None else self.enlarge(x)


def _strides(size: Sequence[int], count: int) -> list[int]:
    """Returns by how much the stem and each level halve a map of a size: 2 where both sides are even, else 1."""
    height, width = size
    strides = []
    for _ in range(count):
        stride = 2 if height % 2 == 0 and width % 2 == 0 else 1
        strides.append(stride)
        height, width = height // stride, width // stride
    return strides


def _level(width: int, depth: int, stride: int, kernel: int) -> list[DepthwiseSepConv]:
    first = DepthwiseSepConv(width, strides=stride, kernel=kernel)
    return [first, *(DepthwiseSepConv(width, kernel=kernel) for _ in range(depth - 1))]
