"""ASSIGN_VARIABLE: what a network keeps for its next call (`int8.states` says how it comes to be an operator)."""

from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator


@register("ASSIGN_VARIABLE", version=1)
@dataclass(frozen=True, eq=False, kw_only=True)
class Assignment(ParsedOperator):
    """The codes of the input, which become those of a state."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the assignment of a tensor to a state.

        Raises:
            ArtifactError: shape, scale or zero point differ, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape, same_codes_as=source)
        return cls(**operands.wiring((source,), output))

    def run(self, codes: Codes) -> Codes:
        """Returns a copy of the codes (N, ...)."""
        return codes.copy()
