"""CONV_2D on flat images."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.convolution_patches import ConvolutionPatches
from edge_nas.codegen.kernels.dense import Dense
from edge_nas.codegen.kernels.pairs_from_windows import PointwiseWindows
from edge_nas.codegen.kernels.pointwise import Pointwise
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.window_fields import code_fields, image_fields, weight_fields, window_fields
from edge_nas.int8.operators.convolution import Convolution


@lowers(Convolution)
class ConvolutionLowering(OperatorLowering[Convolution]):
    """Any window, stride, dilation, padding, fused activation and groups; int8 weights per tensor or per channel."""

    fast_kernels = (Pointwise, PointwiseWindows, Dense, ConvolutionPatches)

    def __init__(self, operator: Convolution) -> None:
        super().__init__(operator)
        if operator.groups > 1:
            self.kernels = ()  # they multiply all channels

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        fields: Fields = {
            **weight_fields(operator.weights),
            **image_fields(operator.input_shape, operator.output_shape),
            **window_fields(operator.window, dilated=True),
            **code_fields(operator.weights),
        }
        if operator.groups > 1:
            grouped: Fields = {**fields, "group_depth": operator.weights.weights.shape[3], "groups": operator.groups}
            builder.flat_step(operator, "grouped_convolution", grouped, runs=operator.output_shape[0])
        else:
            builder.flat_step(operator, "convolution", fields, runs=operator.output_shape[0])
