"""REDUCE_MAX and REDUCE_MIN: the largest or smallest code over some dimensions."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.mean import reduced_axes, reduced_shape


@register("REDUCE_MAX", "REDUCE_MIN", options=SchemaOptions("ReducerOptions", ("KeepDims",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class ReducedExtremum(ParsedOperator):
    """The largest or the smallest code along `axes`.

    Attributes:
        axes: the dimensions that are left out, ascending, counted without the batch.
        largest: whether it is the largest.
    """

    axes: tuple[int, ...]
    largest: bool

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the reduction that an operator describes.

        Raises:
            ArtifactError: the batch is among the axes, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.activation(0)
        axes = reduced_axes(operands, len(source.shape) + 1)
        shape = reduced_shape(source.shape, axes, keep=bool(operands.option("KeepDims")))
        output = operands.output(shape=shape, same_codes_as=source)
        return cls(**operands.wiring((source,), output), axes=axes, largest=operands.kind == "REDUCE_MAX")

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        behind_batch = tuple(axis + 1 for axis in self.axes)
        extremes = (np.max if self.largest else np.min)(codes, axis=behind_batch)
        output: Codes = extremes.reshape(len(codes), *self.output_shape)
        return output
