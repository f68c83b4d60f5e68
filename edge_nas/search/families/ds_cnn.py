"""Classifiers of depthwise separable blocks at one resolution, as for keyword spotting (DS-CNN, arXiv 1711.07128).

A stem with a stride in each direction, blocks of one width, pooling over the image, dense.
"""

from edge_nas.errors import ConfigError
from edge_nas.search.families.block_family import BlockFamily
from edge_nas.search.families.blocks import Blocks, T
from edge_nas.search.space import Candidate, Choice, Signature, whole

_STRIDES = (4, 2, 1)  # the widest first: it is the cheapest
# Rows and columns of the stem's kernel. The last is DS-CNN's own: more moments than bands of a spectrogram.
_STEM_KERNELS = {"3x3": (3, 3), "5x5": (5, 5), "10x4": (10, 4)}
_AXES = (2, 3)  # of a sample


class DsCnnFamily(BlockFamily):
    """See the module; maps images or spectrograms, (H, W, C) or (H, W), to logits or values per sample."""

    name = "ds_cnn"
    widths = ("width",)

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns the stem's strides and kernel, the width, the number of blocks and their kernel.

        Raises:
            ConfigError: samples have one axis.
        """
        shape = signature.input_shape
        if len(shape) not in _AXES:
            raise ConfigError(
                f"family ds_cnn: samples are {shape}; allowed: [height, width, channels], or [height, width]"
            )
        return (
            # A stride leaves at least two rows and two columns, or is 1.
            Choice("rows_stride", tuple(stride for stride in _STRIDES if stride == 1 or shape[0] >= 2 * stride)),
            Choice("columns_stride", tuple(stride for stride in _STRIDES if stride == 1 or shape[1] >= 2 * stride)),
            Choice("stem_kernel", tuple(_STEM_KERNELS)),
            Choice("width", (8, 16, 24, 32, 48, 64, 96, 128)),
            Choice("depth", (1, 2, 3, 4, 5, 6)),
            Choice("kernel", (3, 5)),
            Choice("residual", (False, True)),
        )

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns DS-CNN as in MLPerf Tiny: a strided stem and four blocks of 64 channels."""
        kernel = "3x3" if len(signature.input_shape) == max(_AXES) else "10x4"
        strided = {"rows_stride": 2, "columns_stride": 2}
        return (self._like(signature, strided | {"stem_kernel": kernel, "width": 64, "depth": 4}),)

    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns logits or values per sample."""
        values = candidate.values
        width, kernel = whole(values, "width"), whole(values, "kernel")
        x = blocks.input if len(candidate.signature.input_shape) == max(_AXES) else blocks.as_map(blocks.input)
        strides = (whole(values, "rows_stride"), whole(values, "columns_stride"))
        x = blocks.convolution(x, width, _STEM_KERNELS[str(values["stem_kernel"])], strides)
        for _ in range(whole(values, "depth")):
            y = blocks.separable(x, width, kernel)
            x = blocks.add(x, y) if values["residual"] else y
        return blocks.dense(blocks.mean(x), candidate.signature.outputs)


DS_CNN = DsCnnFamily()
