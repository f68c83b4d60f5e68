"""PAD: codes of the real number zero around a tensor."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class Pad(ParsedOperator):
    """A constant border.

    Attributes:
        before: elements in front, per dimension without the batch.
        after: elements behind, per dimension without the batch.
        fill: the code of the border, the zero point.
    """

    before: tuple[int, ...]
    after: tuple[int, ...]
    fill: int


def parse(graph: Int8Graph, operator: Operator) -> Pad:
    """Returns the padding that an operator describes.

    Raises:
        ArtifactError: the batch is padded, a border is negative, or anything else that is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(2, 2)
    source = operands.activation(0)
    borders = operands.constant(1, ("int32", "int64"), 2)
    if borders.shape != (len(source.shape) + 1, 2) or borders.min() < 0 or borders[0].any():
        raise operands.refusal(
            f"the borders {borders.tolist()} are not supported; expected: {len(source.shape) + 1} pairs of numbers of "
            "at least 0, the first (0, 0)",
            operands.tensor(1),
        )
    before, after = (tuple(int(border) for border in borders[1:, side]) for side in (0, 1))
    sizes = (size + first + last for size, first, last in zip(source.shape, before, after, strict=True))
    output = operands.output(shape=tuple(sizes), same_codes_as=source)
    return Pad(**operands.wiring((source,), output), before=before, after=after, fill=output.zero_point)


def run(operator: Pad, codes: Codes) -> Codes:
    """Returns the output codes (N, ...) for input codes (N, ...)."""
    borders = ((0, 0), *zip(operator.before, operator.after, strict=True))
    return np.pad(codes, borders, constant_values=operator.fill)
