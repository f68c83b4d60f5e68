"""MAXIMUM and MINIMUM: the larger or smaller of two codes of one scale, element by element."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.broadcasting import aligned, parse_pair
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class Extremum(ParsedOperator):
    """A maximum or minimum.

    Attributes:
        largest: True for MAXIMUM.
    """

    largest: bool


def parse(graph: Int8Graph, operator: Operator) -> Extremum:
    """Returns the maximum or minimum that an operator describes.

    Raises:
        ArtifactError: several scales, or anything else that is not supported.
    """
    operands = Operands(graph, operator)
    first, second, output = parse_pair(operands)
    for source in (first, second):
        operands.output(same_codes_as=source)
    return Extremum(**operands.wiring((first, second), output), largest=operator.kind == "MAXIMUM")


def run(operator: Extremum, first: Codes, second: Codes) -> Codes:
    """Returns the output codes (N, ...) for two inputs (N, ...), of which a constant has N = 1."""
    a, b = aligned(first, operator.output_shape), aligned(second, operator.output_shape)
    output: Codes = np.maximum(a, b) if operator.largest else np.minimum(a, b)
    return output
