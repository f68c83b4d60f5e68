"""LOG_SOFTMAX over the last dimension: x less the log of the sum of exp(x), in fixed point as TFLite's reference."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import (
    INT8_MAX,
    INT8_MIN,
    Integers,
    Multiplier,
    multiply,
    quantize_multiplier,
    rounding_shift_right,
)
from edge_nas.int8.fixed32 import SUM_BITS, exponentials, largest_difference, logarithm
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.softmax import MOST_CLASSES, difference_multiplier

# Outputs from -16 to 0.
_SCALE, _ZERO_POINT = 1 / 16, 127
# From 26 fractional bits to the 4 of an output of scale 1/16.
OUTPUT_SHIFT = 22


@register("LOG_SOFTMAX", options=SchemaOptions("LogSoftmaxOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class LogSoftmax(ParsedOperator):
    """x - log(sum of exp(x)), over the last dimension.

    Attributes:
        exponentials: (256,) int32, as `Softmax` has them.
        differences: (256,) int32: -d * scale with 26 fractional bits, for a code d below the largest of its row.
        least: the difference of codes, at most 0, from which on an output is the smallest one whatever the sum.
        reverse: from a real number with 26 fractional bits to a difference of codes.
    """

    exponentials: np.ndarray
    differences: np.ndarray
    least: int
    reverse: Multiplier

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the softmax that an operator describes.

        Raises:
            ArtifactError: another output scale than 1 / 16 or zero point than 127, or anything else that is not
                supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        if (output.scale, output.zero_point) != (_SCALE, _ZERO_POINT):
            raise operands.refusal(
                f"the output has scale {output.scale} and zero point {output.zero_point}; supported: 1/16 and 127"
            )
        classes = source.shape[-1] if source.shape else 1
        if classes > MOST_CLASSES:
            raise operands.refusal(f"{classes} classes; at most {MOST_CLASSES} are supported")
        multiplier = difference_multiplier(operands, 1.0, source.scale)
        distances = np.minimum(np.arange(256, dtype=np.int64), largest_difference(multiplier))
        return cls(
            **operands.wiring((source,), output),
            exponentials=exponentials(multiplier),
            differences=multiply(-distances, multiplier).astype(np.int32),
            least=-largest_difference(multiplier) - 1,
            reverse=quantize_multiplier(2.0 ** (31 - multiplier.shift) / multiplier.value),
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        rows = codes.reshape(len(codes), *(self.input_shape or (1,))).astype(np.int64)
        below_largest = rows.max(axis=-1, keepdims=True) - rows
        terms = rounding_shift_right(self.exponentials.astype(np.int64)[below_largest], SUM_BITS)
        logarithms: Integers = logarithm(terms.sum(axis=-1, keepdims=True))
        # How far below the largest the smallest output lies.
        least = np.maximum(self.least, multiply(logarithms - 2**31, self.reverse))
        differences = self.differences.astype(np.int64)[below_largest] - logarithms
        raw = rounding_shift_right(differences, OUTPUT_SHIFT) + _ZERO_POINT
        output: Codes = np.where(-below_largest > least, np.clip(raw, INT8_MIN, INT8_MAX), INT8_MIN).astype(np.int8)
        return output.reshape(codes.shape)
