"""TRANSPOSE_CONV: any window, stride, padding and fused activation."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.window_fields import code_fields, weight_tables, window_fields
from edge_nas.int8.operators.transpose_convolution import TransposeConvolution


def lower(lowering: Lowering, operator: TransposeConvolution) -> None:
    """Adds the steps of the operator."""
    fields = [
        *weight_tables(lowering, operator.weights),
        *operator.input_shape,
        *operator.output_shape[1:],
        *window_fields(operator.window, dilated=False),
        *code_fields(operator.weights),
    ]
    lowering.flat_step(operator, "transpose_convolution", fields, runs=operator.output_shape[0])
