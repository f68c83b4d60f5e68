"""RESIZE_BILINEAR: any sizes, with or without aligned corners or half-pixel centers."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.resize_bilinear import ResizeBilinear


def lower(lowering: Lowering, operator: ResizeBilinear) -> None:
    """Adds the steps of the operator."""
    tables: list[Field] = [
        lowering.table([(at.lower, at.upper, at.weight) for at in positions], "uint16")
        for positions in (operator.rows, operator.columns)
    ]
    fields = [*tables, operator.input_shape[1], *operator.output_shape[1:]]
    lowering.flat_step(operator, "resize_bilinear", fields, runs=operator.output_shape[0])
