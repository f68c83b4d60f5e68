"""BU_Net: the teacher, a U-Net of TripleConv blocks."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.models.layers import TripleConv


class BUNet(tf_keras.Model):
    """U-Net (arXiv 1505.04597) of TripleConv blocks with skip concatenations.

    Args:
        widths: channels per level, from full resolution down. Between levels the map is pooled by 2 while height and
            width are even (four times at 48x64); further levels follow at the last resolution.
        outputs: logits per pixel.

    Maps (N, H, W, 3) float32 in [-1, 1] to logits (N, H, W, outputs).
    """

    def __init__(self, widths: Sequence[int] = (16, 32, 64, 128), outputs: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if len(widths) < 2:
            raise ConfigError(f"bu_net: widths needs at least 2 numbers, one per level; seen {list(widths)}")
        self.encoder = [TripleConv(width) for width in widths]
        self.pools = [tf_keras.layers.MaxPooling2D(2) for _ in widths[1:]]
        self.ups = [tf_keras.layers.UpSampling2D(2) for _ in widths[1:]]
        self.joins = [tf_keras.layers.Concatenate() for _ in widths[1:]]
        self.decoder = [TripleConv(width) for width in widths[:-1]]
        self.logit = tf_keras.layers.Conv2D(outputs, 1)

    def call(self, x: Any) -> Any:
        """Returns logits (N, H, W, outputs) for x (N, H, W, 3)."""
        *encoder, bottom = self.encoder
        skips = []
        for block, pool in zip(encoder, self.pools, strict=True):
            x = block(x)
            skips.append(x)
            # An odd map would not come back to its size; further levels stay at this one.
            if _is_even(x):
                x = pool(x)
        x = bottom(x)
        upwards = list(zip(skips, self.ups, self.joins, self.decoder, strict=True))
        for skip, up, join, block in reversed(upwards):
            if _is_even(skip):
                x = up(x)
            x = block(join([x, skip]))
        return self.logit(x)


def _is_even(x: Any) -> bool:
    _, height, width, _ = x.shape
    return bool(height % 2 == 0 and width % 2 == 0)
