"""SVDF: all filters of a call in one step, in portable C."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields, Kernel, Pointer
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.svdf import Svdf


@lowers(Svdf)
class SvdfLowering(OperatorLowering[Svdf]):
    """Any rank and memory, a state of int8 or int16 over calls; of int8, as tflite-micro computes it."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        (state,) = operator.states
        fields: Fields = {
            "state": Pointer(builder.read(state)),
            "weights": table(operator.weights),
            "time_weights": table(operator.time_weights),
            "feature_bias": table(operator.feature_bias),
            "bias": table(operator.bias),
            "state_multiplier": operator.state_multiplier.value,
            "output_multiplier": operator.output_multiplier.value,
            "state_zero_point": operator.state_zero_point,
            "state_low": operator.state_min,
            "state_high": operator.state_max,
            "inputs": operator.input_shape[0],
            "units": operator.output_shape[0],
            "rank": operator.rank,
            "memory": operator.time_weights.shape[1],
            "output_zero_point": operator.output_zero_point,
            "state_shift": operator.state_multiplier.shift,
            "output_shift": operator.output_multiplier.shift,
        }
        builder.flat_step(operator, Kernel("svdf", {"state": str(operator.time_weights.dtype)}), fields)
