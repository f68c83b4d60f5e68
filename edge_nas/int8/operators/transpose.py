"""TRANSPOSE: dimensions change places."""

from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import ANY_DIMENSIONS, Operands
from edge_nas.int8.operators.permutation import MOST_VIEW_DIMENSIONS, Permutation, merged


@register("TRANSPOSE", options=SchemaOptions("TransposeOptions"))
@dataclass(frozen=True, eq=False, kw_only=True)
class Transpose(Permutation):
    """Output dimension i is input dimension order[i]; the batch stays in front."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the permutation that an operator describes.

        Raises:
            ArtifactError: the batch does not stay in front, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        source = operands.moved(0, most=ANY_DIMENSIONS)
        rank = len(source.shape) + 1
        given = operands.constant(1, "int32", 1).tolist()
        order = [axis + rank if axis < 0 else axis for axis in given]
        if sorted(order) != list(range(rank)) or order[:1] != [0]:
            raise operands.refusal(f"the order {given} is not supported; supported: 0 first, then 1 to {rank - 1}")
        places = [axis - 1 for axis in order[1:]]
        shape = tuple(source.shape[axis] for axis in places)
        output = operands.moved_output(source, shape, most=ANY_DIMENSIONS)
        view, order_of_view = merged(source.shape, places)
        # Of codes of 16 bits, a loop goes over their bytes.
        most = MOST_VIEW_DIMENSIONS - (source.dtype == "int16")
        if len(view) > most:
            raise operands.refusal(
                f"the order {given} moves {len(view)} dimensions, where neighbours that stay together are one; "
                f"supported: up to {most}"
            )
        return cls(**operands.wiring((source,), output), view=view, order=order_of_view)
