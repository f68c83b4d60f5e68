"""MAXIMUM and MINIMUM: the larger or smaller of two codes of one scale, element by element."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.broadcasting import aligned, parse_pair


@register("MAXIMUM", "MINIMUM", options=SchemaOptions("MaximumMinimumOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class Extremum(ParsedOperator):
    """A maximum or minimum.

    Attributes:
        largest: True for MAXIMUM.
    """

    largest: bool

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the maximum or minimum that an operator describes.

        Raises:
            ArtifactError: several scales, or anything else that is not supported.
        """
        first, second, output = parse_pair(operands)
        for source in (first, second):
            operands.output(same_codes_as=source)
        return cls(**operands.wiring((first, second), output), largest=operands.kind == "MAXIMUM")

    def run(self, first: Codes, second: Codes) -> Codes:
        """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
        a, b = aligned(first, self.output_shape), aligned(second, self.output_shape)
        output: Codes = np.maximum(a, b) if self.largest else np.minimum(a, b)
        return output
