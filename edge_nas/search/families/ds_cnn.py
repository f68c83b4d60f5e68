"""Classifiers of depthwise separable blocks at one resolution, as for keyword spotting (DS-CNN, arXiv 1711.07128).

A stem with a stride in each direction, blocks of one width, pooling over the image, dense.
"""

from typing import TYPE_CHECKING

from edge_nas.errors import ConfigError
from edge_nas.search.space import Candidate, Choice, Family, Signature, whole

if TYPE_CHECKING:
    import tf_keras

_STRIDES = (4, 2, 1)  # the widest first: it is the cheapest


class DsCnnFamily(Family):
    """See the module; maps images or spectrograms (H, W, C) to logits or values per sample."""

    name = "ds_cnn"

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns the stem's strides and kernel, the width, the number of blocks and their kernel.

        Raises:
            ConfigError: samples are not of three axes.
        """
        shape = signature.input_shape
        if len(shape) != 3:
            raise ConfigError(f"family ds_cnn: samples are {shape}; allowed: three axes, [height, width, channels]")
        return (
            # A stride leaves at least two rows and two columns, or is 1.
            Choice("rows_stride", tuple(stride for stride in _STRIDES if stride == 1 or shape[0] >= 2 * stride)),
            Choice("columns_stride", tuple(stride for stride in _STRIDES if stride == 1 or shape[1] >= 2 * stride)),
            Choice("stem_kernel", (3, 5)),
            Choice("width", (8, 16, 24, 32, 48, 64, 96, 128)),
            Choice("depth", (1, 2, 3, 4, 5, 6)),
            Choice("kernel", (3, 5)),
            Choice("residual", (False, True)),
        )

    def network(self, candidate: Candidate) -> "tf_keras.Model":
        """Returns the network, with logits or values per sample."""
        import tf_keras

        from edge_nas.models.layers import batchnorm
        from edge_nas.search.families.blocks import L, separable

        self.check(candidate)
        values, signature = candidate.values, candidate.signature
        width, kernel = whole(values, "width"), whole(values, "kernel")
        start = tf_keras.Input(signature.input_shape)
        strides = (whole(values, "rows_stride"), whole(values, "columns_stride"))
        x = L.Conv2D(width, whole(values, "stem_kernel"), strides=strides, padding="same", use_bias=False)(start)
        x = L.ReLU()(batchnorm()(x))
        for _ in range(whole(values, "depth")):
            y = separable(x, width, kernel)
            x = L.Add()([x, y]) if values["residual"] else y
        x = L.Dense(signature.outputs)(L.GlobalAveragePooling2D()(x))
        return tf_keras.Model(start, x)


DS_CNN = DsCnnFamily()
