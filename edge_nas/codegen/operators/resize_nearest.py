"""RESIZE_NEAREST_NEIGHBOR on flat images, from tables of positions."""

import numpy as np

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.upsample import Upsample
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.resize_nearest import ResizeNearest


@lowers(ResizeNearest)
class ResizeNearestLowering(OperatorLowering[ResizeNearest]):
    """Any sizes, with or without aligned corners or half-pixel centers."""

    fast_kernels = (Upsample,)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        rows, columns, channels = operator.output_shape
        fields: Fields = {
            "source_rows": table(operator.rows, "uint16"),
            "source_columns": table(operator.columns, "uint16"),
            "width": operator.input_shape[1],
            "columns": columns,
            "channels": channels * np.dtype(operator.dtype).itemsize,  # bytes of a pixel
        }
        builder.flat_step(operator, "resize_nearest", fields, runs=rows)
