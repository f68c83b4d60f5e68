"""MotionNet: one-dimensional convolutions over a window of a motion sensor."""

from collections.abc import Sequence
from typing import Any

import tf_keras

from edge_nas.models.layers import batchnorm, require_widths

L = tf_keras.layers


class MotionNet(tf_keras.Model):
    """Stages of Conv1D, BatchNorm, ReLU and a pooling by 2; then the mean over what is left of time, and one Dense.

    Args:
        widths: channels of the stages.
        taps: moments that a convolution looks at.
        outputs: logits.

    Maps (N, T, C) float32, T divisible by 2 for each stage, to logits (N, outputs).
    """

    def __init__(
        self, widths: Sequence[int] = (24, 32, 48, 64), taps: int = 5, outputs: int = 6, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        require_widths("motion_net", widths, least=1)
        self.convolutions = [L.Conv1D(width, taps, padding="same", use_bias=False) for width in widths]
        self.norms = [batchnorm() for _ in widths]
        self.relus = [L.ReLU() for _ in widths]
        self.pools = [L.MaxPooling1D(2) for _ in widths]
        self.mean = L.GlobalAveragePooling1D()
        self.dropout = L.Dropout(0.2)
        self.logits = L.Dense(outputs)

    def call(self, x: Any) -> Any:
        """Returns logits (N, outputs) for x (N, T, C)."""
        for convolution, norm, relu, pool in zip(self.convolutions, self.norms, self.relus, self.pools, strict=True):
            x = pool(relu(norm(convolution(x))))
        return self.logits(self.dropout(self.mean(x)))
