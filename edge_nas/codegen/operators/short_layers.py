"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on int16 codes, in portable C."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.codegen.window_fields import image_fields, window_fields
from edge_nas.int8.operators.short_convolution import ShortConvolution, ShortDepthwiseConvolution
from edge_nas.int8.operators.short_fully_connected import ShortFullyConnected
from edge_nas.int8.operators.short_weights import ShortWeights


@lowers(ShortConvolution)
class ShortConvolutionLowering(OperatorLowering[ShortConvolution]):
    """Any window, stride, dilation, padding and fused activation; int8 weights, int64 biases."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        _lower_window(builder, self.operator, 0)


@lowers(ShortDepthwiseConvolution)
class ShortDepthwiseLowering(OperatorLowering[ShortDepthwiseConvolution]):
    """Any window, stride, dilation, padding, fused activation and depth multiplier; int8 weights, int64 biases."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        _lower_window(builder, self.operator, self.operator.depth_multiplier)


@lowers(ShortFullyConnected)
class ShortFullyConnectedLowering(OperatorLowering[ShortFullyConnected]):
    """Over all elements or the last dimension; int8 weights, int64 biases."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every group of inputs."""
        operator, weights = self.operator, self.operator.weights
        fields: Fields = {
            "weights": table(weights.weights),
            "bias": table(weights.bias),
            "factors": table(weights.factors, "float64"),
            "depth": operator.depth,
            "channels": operator.output_shape[-1],
            "low": weights.activation_min,
            "high": weights.activation_max,
        }
        builder.flat_step(operator, "short_fully_connected", fields, runs=operator.rows)


def _lower_window(
    builder: ProgramBuilder, operator: ShortConvolution | ShortDepthwiseConvolution, per_input: int
) -> None:
    fields: Fields = {
        **_weight_fields(operator.weights),
        **image_fields(operator.input_shape, operator.output_shape),
        **window_fields(operator.window, dilated=True),
        "per_input": per_input,
        "low": operator.weights.activation_min,
        "high": operator.weights.activation_max,
    }
    builder.flat_step(operator, "short_convolution", fields, runs=operator.output_shape[0])


def _weight_fields(weights: ShortWeights) -> Fields:
    return {
        "weights": table(weights.weights),
        "bias": table(weights.bias),
        "multipliers": table([multiplier.value for multiplier in weights.multipliers], "int16"),
        "shifts": table([multiplier.shift for multiplier in weights.multipliers], "int8"),
    }
