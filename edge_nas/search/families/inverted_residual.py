"""Classifiers of inverted residuals (MobileNetV2, arXiv 1801.04381): a stem, stages of stride 2, pooling, dense."""

from edge_nas.errors import ConfigError
from edge_nas.search.families.block_family import BlockFamily
from edge_nas.search.families.blocks import Blocks, T
from edge_nas.search.space import Candidate, Choice, Decision, Signature, whole

_WIDTHS = (8, 12, 16, 24, 32, 48, 64, 96)
_MOST_STAGES = 5
_LEAST_SIDE = 8  # of an image: the stem's half and two stages leave one pixel of it


class InvertedResidualFamily(BlockFamily):
    """See the module; maps (H, W, C), sides of 8 at least, to logits or values per image."""

    name = "inverted_residual"
    widths = ("stem", "width_")

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns the stem, the stages and the width in front of the pooling.

        Raises:
            ConfigError: samples are no images, or smaller than 8 x 8.
        """
        shape = signature.input_shape
        if len(shape) != 3 or min(shape[:2]) < _LEAST_SIDE:
            raise ConfigError(
                f"family inverted_residual: samples are {shape}; allowed: images of {_LEAST_SIDE} x {_LEAST_SIDE} at "
                "least, [height, width, channels]"
            )
        # A stage halves a side; a side of one pixel is halved no further.
        stages = min(_MOST_STAGES, min(shape[:2]).bit_length() - 2)
        return (
            Choice("stem", (4, 8, 12, 16, 24)),
            Choice("stages", tuple(range(2, stages + 1))),
            *(choice for stage in range(1, stages + 1) for choice in _of_stage(stage)),
            # Channels of a last 1x1 convolution; 0: none.
            Choice("head", (0, 32, 64, 128)),
        )

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        """Returns a narrow MobileNetV2: two blocks a stage, expanded six times."""
        wanted: dict[str, Decision] = {"stem": 16, "stages": _MOST_STAGES}
        for stage, width in enumerate((16, 24, 32, 64, 96), 1):
            wanted |= {f"width_{stage}": width, f"depth_{stage}": 2, f"expansion_{stage}": 6}
        return (self._like(signature, wanted),)

    def build(self, candidate: Candidate, blocks: Blocks[T]) -> T:
        """Returns logits or values per image."""
        values = candidate.values
        x = blocks.convolution(blocks.input, whole(values, "stem"), kernel=3, strides=2)
        for stage in range(1, whole(values, "stages") + 1):
            width, kernel = whole(values, f"width_{stage}"), whole(values, f"kernel_{stage}")
            for block in range(whole(values, f"depth_{stage}")):
                strides = 2 if block == 0 else 1
                x = blocks.inverted(x, width, whole(values, f"expansion_{stage}"), kernel, strides)
        if whole(values, "head"):
            x = blocks.convolution(x, whole(values, "head"))
        return blocks.dense(blocks.mean(x), candidate.signature.outputs)


INVERTED_RESIDUAL = InvertedResidualFamily()


def _of_stage(stage: int) -> tuple[Choice, ...]:
    needs = None if stage <= 2 else ("stages", stage)
    return (
        Choice(f"width_{stage}", _WIDTHS, needs),
        Choice(f"depth_{stage}", (1, 2, 3), needs),
        Choice(f"expansion_{stage}", (1, 2, 3, 4, 6), needs),
        Choice(f"kernel_{stage}", (3, 5), needs),
    )
