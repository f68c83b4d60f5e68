"""KeywordNet: depthwise separable convolutions over a spectrogram (DS-CNN, Zhang et al. 2017, arXiv 1711.07128)."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.models.layers import DepthwiseSepConv, batchnorm, require_widths

L = tf_keras.layers


class KeywordNet(tf_keras.Model):
    """A convolution of 10 frames by 4 bands at every other place, DepthwiseSepConv blocks, the mean, one Dense.

    Args:
        widths: channels of the first convolution and of the blocks, at least two.
        outputs: logits.

    Maps (N, T, F) float32, frames by bands, to logits (N, outputs).
    """

    def __init__(self, widths: Sequence[int] = (48, 48, 48, 48, 48), outputs: int = 10, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        require_widths("keyword_net", widths, least=2)
        self.first = L.Conv2D(widths[0], (10, 4), strides=2, padding="same", use_bias=False)
        self.norm = batchnorm()
        self.relu = L.ReLU()
        self.blocks = [DepthwiseSepConv(width) for width in widths[1:]]
        self.mean = L.GlobalAveragePooling2D()
        self.dropout = L.Dropout(0.2)
        self.logits = L.Dense(outputs)

    def build(self, input_shape: Any) -> None:
        """Makes the reshape to a map of one channel, which is of the spectrogram's size."""
        self.as_map = L.Reshape((*input_shape[1:], 1))
        super().build(input_shape)

    def call(self, x: Any) -> Any:
        """Returns logits (N, outputs) for x (N, T, F)."""
        x = self.relu(self.norm(self.first(self.as_map(x))))
        for block in self.blocks:
            x = block(x)
        return self.logits(self.dropout(self.mean(x)))
