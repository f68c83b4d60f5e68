"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same codes in the same order under another shape."""

import math
from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import CODE_RANGES, Operands, ParsedOperator, Stored


@register("EXPAND_DIMS", options=SchemaOptions("ExpandDimsOptions"), version=1)
@register("SQUEEZE", options=SchemaOptions("SqueezeOptions"), version=1)
@register("RESHAPE", options=SchemaOptions("ReshapeOptions"), version=1)
@dataclass(frozen=True, eq=False, kw_only=True)
class Reshape(ParsedOperator):
    """A copy."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the reshape that an operator describes.

        Raises:
            ArtifactError: the number of elements changes, or anything else that is not supported.
        """
        operands.expect_inputs(1, 2)
        source = operands.activation(0, dtypes=tuple(CODE_RANGES))
        output = operands.output(same_codes_as=source, dtypes=(source.dtype,))
        if math.prod(output.shape) != math.prod(source.shape):
            raise operands.refusal(f"{(1, *source.shape)} cannot become {(1, *output.shape)}")
        if operands.has_input(1):
            # The shape, or the place of a new dimension; which one it is, the output's shape says as well.
            operands.constant(1, ("int32", "int64"), len(operands.tensor(1).shape))
        return cls(**operands.wiring((source,), output))

    def run(self, codes: Stored) -> Stored:
        """Returns the codes (N, ...) under the output's shape."""
        return codes.reshape(len(codes), *self.output_shape)
