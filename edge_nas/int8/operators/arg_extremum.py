"""ARG_MAX and ARG_MIN: where along a dimension the largest or smallest code stands; the first of equal ones."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, CodeTensor, Operands, ParsedOperator, Stored

# What places are counted in.
PLACES = ("int32", "int64")


@register("ARG_MIN", options=SchemaOptions("ArgMinOptions", ("OutputType",)))
@register("ARG_MAX", options=SchemaOptions("ArgMaxOptions", ("OutputType",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class ArgExtremum(ParsedOperator):
    """Places along one dimension, as integers that only a network output can be.

    Attributes:
        axis: the dimension, counted without the batch.
        largest: whether it is the largest code's place.
    """

    axis: int
    largest: bool

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the search that an operator describes.

        Raises:
            ArtifactError: it goes along the batch, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.activation(0)
        axis = operands.axis(1, len(source.shape))
        output = operands.graph.tensors[operands.operator.outputs[0]]
        shape = (*source.shape[:axis], *source.shape[axis + 1 :])
        if output.dtype not in PLACES or math.prod(output.shape) != math.prod(shape):
            raise operands.refusal(f"int32 or int64 of shape {(1, *shape)} is expected as output", output)
        places = CodeTensor(output.index, shape, 1.0, 0, constant=False, dtype=output.dtype)
        largest = operands.kind == "ARG_MAX"
        return cls(**operands.wiring((source,), places), axis=axis, largest=largest)

    def run(self, codes: Codes) -> Stored:
        """Returns the places (N, ...) for input codes (N, ...)."""
        search = np.argmax if self.largest else np.argmin
        places: Stored = search(codes, axis=self.axis + 1).astype(self.dtype)
        return places
