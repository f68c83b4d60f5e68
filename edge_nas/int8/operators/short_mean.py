"""MEAN on int16 codes: the average over some dimensions, requantised."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT16_MAX, INT16_MIN, Multiplier, multiply
from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators.mean import divided, reduced_axes, reduced_shape

# Their sums fit into 32 bits.
_MOST_ELEMENTS = 2**15


@register_short("MEAN")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortMean(ParsedOperator):
    """output = clip(multiplier * sum, -32768, 32767).

    Attributes:
        axes: the dimensions that are reduced, ascending, counted without the batch.
        multiplier: the input's scale over the output's and over the number of elements.
    """

    axes: tuple[int, ...]
    multiplier: Multiplier

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the mean that an operator describes.

        Raises:
            ArtifactError: the batch is among the axes, or anything else is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.short(0)
        axes = reduced_axes(operands, len(source.shape) + 1)
        shape = reduced_shape(source.shape, axes, keep=bool(operands.option("KeepDims")))
        output = operands.short_output(shape=shape)
        count = math.prod(source.shape[axis] for axis in axes)
        if count > _MOST_ELEMENTS:
            raise operands.refusal(f"means of {count} elements; at most {_MOST_ELEMENTS} are supported")
        multiplier = divided(operands.multiplier(source.scale / output.scale), count)
        return cls(**operands.wiring((source,), output), axes=axes, multiplier=multiplier)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        sums = codes.sum(axis=tuple(axis + 1 for axis in self.axes), dtype=np.int64)
        return (
            np.clip(multiply(sums, self.multiplier), INT16_MIN, INT16_MAX)
            .astype(np.int16)
            .reshape(len(codes), *self.output_shape)
        )
