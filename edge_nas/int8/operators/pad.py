"""PAD: codes of the real number zero around a tensor."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator


@register("PAD", options=SchemaOptions("PadOptions"))
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

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the padding that an operator describes.

        Raises:
            ArtifactError: the batch is padded, a border is negative, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.moved(0)
        before, after = _borders(operands, rank=len(source.shape) + 1)
        shape = tuple(np.add(source.shape, np.add(before, after)).tolist())
        output = operands.moved_output(source, shape)
        return cls(**operands.wiring((source,), output), before=before, after=after, fill=output.zero_point)

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        borders = ((0, 0), *zip(self.before, self.after, strict=True))
        return np.pad(codes, borders, constant_values=self.fill)


def _borders(operands: Operands, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Returns the elements in front and behind, per dimension without the batch, of a constant (rank, 2)."""
    borders = operands.constant(1, ("int32", "int64"), 2)
    if borders.shape != (rank, 2) or borders.min() < 0 or borders[0].any():
        raise operands.refusal(
            f"the borders {borders.tolist()} are not supported; expected: {rank} pairs of numbers of at least 0, the "
            "first (0, 0)",
            operands.tensor(1),
        )
    return tuple(borders[1:, 0].tolist()), tuple(borders[1:, 1].tolist())
