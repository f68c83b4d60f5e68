"""GATHER, TILE, MIRROR_PAD: every element is copied from where a table for each dimension says."""

import math

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.selection import Selection, inner_elements

# Dimensions that a tensor has without the batch.
_DIMENSIONS = 3
_NAMES = ("first", "second", "third")


@lowers(Selection)
class SelectionLowering(OperatorLowering[Selection]):
    """Constant numbers, multiples or borders, not along the batch; output and input of one scale."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        kept, inner = inner_elements(operator)
        selected = len(operator.input_shape) - kept
        missing = _DIMENSIONS - selected
        places = [(0,)] * missing + list(operator.places[:selected])
        strides = [0] * missing + [math.prod(operator.input_shape[axis + 1 :]) for axis in range(selected)]
        size = np.dtype(operator.dtype).itemsize
        fields: Fields = {
            **{name: table(each, "uint16") for name, each in zip(_NAMES, places, strict=True)},
            "counts": tuple(map(len, places)),
            "strides": tuple(stride * size for stride in strides),
            "inner": inner * size,
        }
        builder.flat_step(operator, "selection", fields)
