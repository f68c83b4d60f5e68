"""Nano_U: the student without skip connections."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.errors import ConfigError
from edge_nas.models.layers import DepthwiseSepConv


class NanoU(tf_keras.Model):
    """An hourglass of six DepthwiseSepConv stages: three poolings, three nearest up-samplings, no skips.

    Args:
        widths: channels of the six stages, at 1, 1/2, 1/4, 1/8, 1/2 and 1 of the input's resolution.
        outputs: logits per pixel.

    Maps (N, H, W, 3) float32 in [-1, 1], H and W divisible by 8, to logits (N, H, W, outputs).
    With the default widths: 12,920 parameters, 5.93 M MACs at 48x64.
    """

    def __init__(self, widths: Sequence[int] = (16, 32, 64, 64, 32, 16), outputs: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if len(widths) != 6:
            raise ConfigError(f"nano_u: widths needs 6 numbers, one per stage; seen {len(widths)}: {list(widths)}")
        self.encoder = [DepthwiseSepConv(width) for width in widths[:3]]
        self.pools = [tf_keras.layers.MaxPooling2D(2) for _ in range(3)]
        self.bottleneck = DepthwiseSepConv(widths[3])
        self.ups = [tf_keras.layers.UpSampling2D(2) for _ in range(3)]
        self.decoder = [DepthwiseSepConv(width) for width in widths[4:]]
        self.logit = tf_keras.layers.Conv2D(outputs, 1)

    def call(self, x: Any) -> Any:
        """Returns logits (N, H, W, outputs) for x (N, H, W, 3)."""
        for stage, pool in zip(self.encoder, self.pools, strict=True):
            x = pool(stage(x))
        x = self.ups[1](self.ups[0](self.bottleneck(x)))
        x = self.ups[2](self.decoder[0](x))
        return self.logit(self.decoder[1](x))
