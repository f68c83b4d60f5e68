"""FULLY_CONNECTED on flat tensors, one output after the other, whatever its scale."""

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.kernels.fully_connected_blocks import FullyConnectedBlocks, bias_on_codes
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.program import Fields
from edge_nas.codegen.tables import table
from edge_nas.int8.operators.fully_connected import FullyConnected


@lowers(FullyConnected)
class FullyConnectedLowering(OperatorLowering[FullyConnected]):
    """Over all elements or the last dimension; int8 weights per tensor or per channel."""

    fast_kernels = (FullyConnectedBlocks,)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every group of inputs."""
        operator, products = self.operator, self.operator.products
        fields: Fields = {
            "weights": table(products.weights),
            "bias": table(bias_on_codes(operator), "int32"),
            "multipliers": table([multiplier.value for multiplier in operator.multipliers], "int64"),
            "shifts": table([multiplier.shift for multiplier in operator.multipliers], "int8"),
            "depth": operator.depth,
            "channels": operator.output_shape[-1],
            "zero_point": products.output_zero_point,
            "low": products.activation_min,
            "high": products.activation_max,
        }
        builder.flat_step(operator, "fully_connected", fields, runs=operator.rows)
