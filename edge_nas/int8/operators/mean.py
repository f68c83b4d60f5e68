"""MEAN and SUM: the average or the sum over some dimensions, requantised.

Of a SUM, tflite-micro is the reference (`int8.micro`): LiteRT's kernel takes negative codes for large ones.
"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator, Shape


@register("MEAN", "SUM", options=SchemaOptions("ReducerOptions", ("KeepDims",)))
@dataclass(frozen=True, eq=False, kw_only=True)
class Mean(ParsedOperator):
    """output = clip(multiplier * (sum - count * input_zero_point) + output_zero_point, -128, 127), for SUM as well.

    Attributes:
        axes: the dimensions that are reduced, ascending, counted without the batch.
        count: the number of elements in each sum.
        multiplier: the input's scale over the output's and, of a mean, over `count`; its value may be as small as
            2 ** 29.
        input_zero_point, output_zero_point: in [-128, 127].
    """

    axes: tuple[int, ...]
    count: int
    multiplier: Multiplier
    input_zero_point: int
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the mean that an operator describes.

        Raises:
            ArtifactError: the batch is among the axes, or anything else is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.activation(0)
        axes = reduced_axes(operands, len(source.shape) + 1)
        output = operands.output(shape=reduced_shape(source.shape, axes, keep=bool(operands.option("KeepDims"))))
        count = math.prod(source.shape[axis] for axis in axes)
        multiplier = operands.multiplier(source.scale / output.scale)
        if operands.kind == "MEAN":
            multiplier = divided(multiplier, count)
        return cls(
            **operands.wiring((source,), output),
            axes=axes,
            count=count,
            multiplier=multiplier,
            input_zero_point=source.zero_point,
            output_zero_point=output.zero_point,
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        behind_batch = tuple(axis + 1 for axis in self.axes)
        sums = codes.sum(axis=behind_batch, dtype=np.int64) - self.count * self.input_zero_point
        means = multiply(sums, self.multiplier) + self.output_zero_point
        output: Codes = np.clip(means, INT8_MIN, INT8_MAX).astype(np.int8)
        return output.reshape(len(codes), *self.output_shape)


def reduced_axes(operands: Operands, rank: int) -> tuple[int, ...]:
    """Returns the dimensions that are reduced, ascending, counted without the batch; `rank` counts it."""
    tensor = operands.tensor(1)
    values = operands.constant(1, "int32", len(tensor.shape)).reshape(-1)  # a scalar or a vector
    axes = sorted({axis + rank if axis < 0 else axis for axis in values.tolist()})
    if not axes or axes[0] < 1 or axes[-1] >= rank:
        raise operands.refusal(f"the axes {values.tolist()} are not supported; supported: 1 to {rank - 1}", tensor)
    return tuple(axis - 1 for axis in axes)


def reduced_shape(shape: Shape, axes: tuple[int, ...], *, keep: bool) -> Shape:
    """Returns the shape without the averaged dimensions, or with 1 in their place; all without the batch."""
    if keep:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def divided(multiplier: Multiplier, count: int) -> Multiplier:
    """Returns the factor over a count, with as many bits as 32-bit arithmetic keeps (TFLite: QuantizedMeanOrSum).

    The value is shifted left before the division, by as much as the count's bits will take away again; the shift of
    the result must stay above -32.
    """
    shift = min(count.bit_length() - 1, 32, 31 + multiplier.shift)
    return Multiplier((multiplier.value << shift) // count, multiplier.shift - shift)
