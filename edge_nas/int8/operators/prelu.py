"""PRELU: values below zero are multiplied by a slope of their own, which the file holds as a tensor."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply
from edge_nas.int8.kinds import register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator, single_factor
from edge_nas.int8.operators.broadcasting import aligned, parse_pair


@register("PRELU", version=1)
@dataclass(frozen=True, eq=False, kw_only=True)
class Prelu(ParsedOperator):
    """With x = code - input_zero_point and a = slope - slope_zero_point, then clipped to [-128, 127].

    output = positive * x + output_zero_point where x >= 0, else negative * (x * a) + output_zero_point.

    Attributes:
        input_zero_point, slope_zero_point, output_zero_point: in [-128, 127].
        positive: the input's scale over the output's.
        negative: the product of the input's and the slopes' scales over the output's.
    """

    input_zero_point: int
    slope_zero_point: int
    output_zero_point: int
    positive: Multiplier
    negative: Multiplier

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the rectification that an operator describes.

        Raises:
            ArtifactError: the slopes have more elements than the data, or anything else that is not supported.
        """
        source, slopes, output = parse_pair(operands)
        operands.output(shape=source.shape)
        return cls(
            **operands.wiring((source, slopes), output),
            input_zero_point=source.zero_point,
            slope_zero_point=slopes.zero_point,
            output_zero_point=output.zero_point,
            positive=operands.multiplier(single_factor(source.scale, 1.0, output.scale)),
            negative=operands.multiplier(single_factor(source.scale, slopes.scale, output.scale)),
        )

    def run(self, codes: Codes, slopes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...) and slopes of one of both N or 1."""
        x = codes.astype(np.int64) - self.input_zero_point
        a = aligned(slopes, self.output_shape).astype(np.int64) - self.slope_zero_point
        scaled = np.where(x >= 0, multiply(x, self.positive), multiply(x * a, self.negative))
        output: Codes = np.clip(scaled + self.output_zero_point, INT8_MIN, INT8_MAX).astype(np.int8)
        return output
