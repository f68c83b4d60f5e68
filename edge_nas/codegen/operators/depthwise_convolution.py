"""DEPTHWISE_CONV_2D on flat images, one output after the other."""

import dataclasses

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.depthwise3 import Depthwise3
from edge_nas.codegen.kernels.depthwise_taps import DepthwiseTaps
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.convolution import ConvolutionLowering
from edge_nas.codegen.program import Fields
from edge_nas.codegen.window_fields import code_fields, image_fields, weight_fields, window_fields
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.operators.convolution import Convolution
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution


@lowers(DepthwiseConvolution)
class DepthwiseConvolutionLowering(OperatorLowering[DepthwiseConvolution]):
    """Any window, stride, dilation, padding, fused activation and depth multiplier.

    Several outputs of a single channel are the convolution that they are.
    """

    fast_kernels = (Depthwise3, DepthwiseTaps)

    def __init__(self, operator: DepthwiseConvolution) -> None:
        """Takes over what is known of a convolution where the operator is one."""
        super().__init__(operator)
        convolution = _as_convolution(operator)
        self._convolution = ConvolutionLowering(convolution) if convolution is not None else None
        if self._convolution is not None:
            self.kernels = self._convolution.kernels

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        if self._convolution is not None:
            self._convolution.lower(builder)
            return
        operator = self.operator
        fields: Fields = {
            **weight_fields(operator.weights),
            **image_fields(operator.input_shape, operator.output_shape),
            **window_fields(operator.window, dilated=True),
            **code_fields(operator.weights),
        }
        builder.flat_step(operator, "depthwise_convolution", fields, runs=operator.output_shape[0])


def _as_convolution(operator: DepthwiseConvolution) -> Convolution | None:
    """Returns the convolution that several outputs of a single input channel are; None for other operators."""
    if operator.input_shape[2] != 1 or operator.depth_multiplier == 1:
        return None
    # (1, height, width, O) as (O, height, width, 1)
    weights = dataclasses.replace(operator.weights, weights=operator.weights.weights.transpose(3, 1, 2, 0))
    wiring = {field.name: getattr(operator, field.name) for field in dataclasses.fields(ParsedOperator)}
    return Convolution(**wiring, window=operator.window, weights=weights)
