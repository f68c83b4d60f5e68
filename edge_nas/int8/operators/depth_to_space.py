"""DEPTH_TO_SPACE and SPACE_TO_DEPTH: blocks of pixels become channels, and back."""

from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Operands
from edge_nas.int8.operators.permutation import Permutation, merged


@register("DEPTH_TO_SPACE", options=SchemaOptions("DepthToSpaceOptions", ("BlockSize",)), version=1)
@dataclass(frozen=True, eq=False, kw_only=True)
class DepthToSpace(Permutation):
    """Each pixel of (block * block * C) channels becomes block * block pixels of C."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the permutation that an operator describes.

        Raises:
            ArtifactError: the channels are no multiple of the block, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0, rank=3)
        block = operands.option("BlockSize", 1)
        height, width, channels = source.shape
        if channels % (block * block):
            raise operands.refusal(f"{channels} channels are not divided by a block of {block} x {block}")
        depth = channels // (block * block)
        output = operands.output(shape=(height * block, width * block, depth), same_codes_as=source)
        view, order = merged((height, width, block, block, depth), (0, 2, 1, 3, 4))
        return cls(**operands.wiring((source,), output), view=view, order=order)


@register("SPACE_TO_DEPTH", options=SchemaOptions("SpaceToDepthOptions", ("BlockSize",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class SpaceToDepth(Permutation):
    """Each block * block pixels of C channels become one of (block * block * C)."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the permutation that an operator describes.

        Raises:
            ArtifactError: the image is no multiple of the block, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0, rank=3)
        block = operands.option("BlockSize", 1)
        height, width, channels = source.shape
        if height % block or width % block:
            raise operands.refusal(f"an image of {height} x {width} is not divided by a block of {block} x {block}")
        output = operands.output(
            shape=(height // block, width // block, block * block * channels), same_codes_as=source
        )
        view, order = merged((height // block, block, width // block, block, channels), (0, 2, 1, 3, 4))
        return cls(**operands.wiring((source,), output), view=view, order=order)
