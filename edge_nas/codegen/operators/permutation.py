"""TRANSPOSE, DEPTH_TO_SPACE, SPACE_TO_DEPTH: every element is copied to its place."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.data_movement import lower_strided_copy
from edge_nas.int8.operators.permutation import Permutation


@lowers(Permutation)
class PermutationLowering(OperatorLowering[Permutation]):
    """Any order but of the batch, of up to four dimensions that move; output and input of one scale."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        view, order = self.operator.view, self.operator.order
        distances = [math.prod(view[axis + 1 :]) for axis in range(len(view))]
        counts = tuple(view[axis] for axis in order)
        lower_strided_copy(builder, self.operator, counts, tuple(distances[axis] for axis in order))
