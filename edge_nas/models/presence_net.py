"""PresenceNet: a small MobileNet (Howard et al. 2017, arXiv 1704.04861) for one answer on a picture."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import tf_keras

from edge_nas.models.layers import DepthwiseSepConv, batchnorm, require_widths

L = tf_keras.layers


class PresenceNet(tf_keras.Model):
    """A convolution at every other place and DepthwiseSepConv blocks, the mean, one Dense.

    A block that is wider than the one before it looks at every other place, but for the first.

    Args:
        widths: channels of the first convolution and of the blocks.
        outputs: logits.

    Maps (N, H, W, C) float32 to logits (N, outputs).
    """

    def __init__(
        self, widths: Sequence[int] = (8, 16, 32, 32, 64, 64, 96, 96), outputs: int = 2, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        require_widths("presence_net", widths, least=2)
        self.first = L.Conv2D(widths[0], 3, strides=2, padding="same", use_bias=False)
        self.norm = batchnorm()
        self.relu = L.ReLU()
        self.blocks = [DepthwiseSepConv(widths[1])]
        for before, width in pairwise(widths[1:]):
            self.blocks.append(DepthwiseSepConv(width, strides=2 if width > before else 1))
        self.mean = L.GlobalAveragePooling2D()
        self.dropout = L.Dropout(0.2)
        self.logits = L.Dense(outputs)

    def call(self, x: Any) -> Any:
        """Returns logits (N, outputs) for x (N, H, W, C)."""
        x = self.relu(self.norm(self.first(x)))
        for block in self.blocks:
            x = block(x)
        return self.logits(self.dropout(self.mean(x)))
