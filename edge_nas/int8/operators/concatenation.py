"""CONCATENATION: inputs of one scale and zero point, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, CodeTensor, Operands, ParsedOperator, Shape


@register("CONCATENATION", options=SchemaOptions("ConcatenationOptions", ("Axis", *FUSED_ACTIVATION)))
@dataclass(frozen=True, eq=False, kw_only=True)
class Concatenation(ParsedOperator):
    """Tensors of the same shape but for one dimension, in order.

    Attributes:
        axis: the dimension along which they follow each other, counted without the batch.
    """

    axis: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the concatenation that an operator describes.

        Raises:
            ArtifactError: several scales, the batch as axis, or anything else that is not supported.
        """
        operands.expect_option("FusedActivationFunction", 0)
        slots = range(len(operands.operator.inputs))
        if not slots:
            raise operands.refusal("it has no inputs; at least one is supported")
        sources = [operands.moved_or_constant(slot) for slot in slots]
        axis = _axis(operands, rank=len(sources[0].shape))
        shape = _joined_shape(operands, sources, axis)
        for source in sources:
            output = operands.moved_output(source, shape)
        return cls(**operands.wiring(sources, output), axis=axis)

    def run(self, *inputs: Codes) -> Codes:
        """Returns the inputs (N, ...), of which constants have N = 1, one after the other along the axis."""
        count = max(len(codes) for codes in inputs)
        repeated = [np.broadcast_to(codes, (count, *codes.shape[1:])) for codes in inputs]
        return np.concatenate(repeated, self.axis + 1)


def _axis(operands: Operands, rank: int) -> int:
    """Returns the option Axis, which counts the batch or from behind, as a dimension without the batch."""
    option = operands.option("Axis")
    axis = option - 1 if option >= 0 else option + rank
    if not 0 <= axis < rank:
        allowed = f"1 to {rank} or {-rank} to -1 (not the batch)"
        raise operands.refusal(f"the option Axis is {option}; supported: {allowed}")
    return axis


def _joined_shape(operands: Operands, sources: Sequence[CodeTensor], axis: int) -> Shape:
    """Returns the shape of all inputs together, which agree in every other dimension."""
    before, behind = sources[0].shape[:axis], sources[0].shape[axis + 1 :]
    for slot, source in enumerate(sources):
        if (source.shape[:axis], source.shape[axis + 1 :]) != (before, behind):
            raise operands.refusal("its shape does not fit the first input's", operands.tensor(slot))
    length = sum(source.shape[axis] for source in sources)
    return (*before, length, *behind)
