"""Fast_U: a student that a microcontroller likes: most work at low resolution, skips added, not concatenated."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.models.layers import DepthwiseSepConv, batchnorm, require_widths


class FastU(tf_keras.Model):
    """A strided stem, strided DepthwiseSepConv levels, and a decoder that adds skips after a cheap 1x1 reduction.

    Args:
        widths: channels per level, from half resolution down.
        depth: DepthwiseSepConv blocks per level below the stem.
        outputs: logits per pixel.

    Maps (N, H, W, 3) float32 in [-1, 1], H and W divisible by 2 ** len(widths), to logits (N, H, W, outputs). They
    are computed at half resolution and scaled up bilinearly. Widths 16-24-32-48 with depth 2: 16,281 parameters,
    1.41 M MACs at 48x64; 8-16-24-32 with depth 1: 5,633 and 0.52 M.
    """

    def __init__(
        self, widths: Sequence[int] = (16, 24, 32, 48), depth: int = 2, outputs: int = 1, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        require_widths("fast_u", widths, least=2)
        if depth < 1:
            raise ConfigError(f"fast_u: depth must be at least 1; seen {depth}")
        self.stem = tf_keras.layers.Conv2D(widths[0], 3, strides=2, padding="same", use_bias=False)
        self.stem_bn = batchnorm()
        self.stem_relu = tf_keras.layers.ReLU()
        self.levels = [
            [DepthwiseSepConv(width, strides=2 if block == 0 else 1) for block in range(depth)] for width in widths[1:]
        ]
        skipped = widths[:-1]
        self.reduce = [tf_keras.layers.Conv2D(width, 1, use_bias=False) for width in skipped]
        self.reduce_bn = [batchnorm() for _ in skipped]
        self.reduce_relu = [tf_keras.layers.ReLU() for _ in skipped]
        self.ups = [tf_keras.layers.UpSampling2D(2) for _ in skipped]
        self.adds = [tf_keras.layers.Add() for _ in skipped]
        self.decoder = [DepthwiseSepConv(width) for width in skipped]
        self.logit = tf_keras.layers.Conv2D(outputs, 1)
        self.enlarge = tf_keras.layers.UpSampling2D(2, interpolation="bilinear")

    def call(self, x: Any) -> Any:
        """Returns logits (N, H, W, outputs) for x (N, H, W, 3)."""
        x = self.stem_relu(self.stem_bn(self.stem(x)))
        skips = []
        for level in self.levels:
            skips.append(x)
            for block in level:
                x = block(x)
        for i in reversed(range(len(skips))):
            x = self.reduce_relu[i](self.reduce_bn[i](self.reduce[i](x)))
            x = self.adds[i]([self.ups[i](x), skips[i]])
            x = self.decoder[i](x)
        return self.enlarge(self.logit(x))
