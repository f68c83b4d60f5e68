"""RESIZE_BILINEAR on flat images, from tables of positions and weights."""

from collections.abc import Sequence

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Table
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.resize_bilinear import Interpolation, ResizeBilinear


@lowers(ResizeBilinear)
class ResizeBilinearLowering(OperatorLowering[ResizeBilinear]):
    """Any sizes, with or without aligned corners or half-pixel centers."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        rows, columns, channels = operator.output_shape
        fields: Fields = {
            "rows": _table(operator.rows),
            "columns": _table(operator.columns),
            "width": operator.input_shape[1],
            "output_width": columns,
            "channels": channels,
        }
        source = "resize_bilinear" if operator.dtype == "int8" else "short_resize_bilinear"
        builder.flat_step(operator, source, fields, runs=rows)


def _table(interpolations: Sequence[Interpolation]) -> Table:
    return table([(at.lower, at.upper, at.weight) for at in interpolations], "uint16")
