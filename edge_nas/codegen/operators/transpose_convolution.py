"""TRANSPOSE_CONV on flat images."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.window_fields import code_fields, weight_fields, window_fields
from edge_nas.int8.operators.transpose_convolution import TransposeConvolution


@lowers(TransposeConvolution)
class TransposeConvolutionLowering(OperatorLowering[TransposeConvolution]):
    """Any window, stride, padding and fused activation."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        height, width, depth = operator.input_shape
        rows, columns, channels = operator.output_shape
        fields: Fields = {
            **weight_fields(operator.weights),
            "height": height,
            "width": width,
            "depth": depth,
            "columns": columns,
            "channels": channels,
            **window_fields(operator.window, dilated=False),
            **code_fields(operator.weights),
        }
        builder.flat_step(operator, "transpose_convolution", fields, runs=rows)
