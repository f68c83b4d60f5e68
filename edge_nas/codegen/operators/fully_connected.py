"""FULLY_CONNECTED: over all elements or the last dimension; int8 weights per tensor or per channel."""

import numpy as np

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field
from edge_nas.int8.operators.fully_connected import FullyConnected


def lower(lowering: Lowering, operator: FullyConnected) -> None:
    """Adds the steps of the operator."""
    products = operator.products
    # sum of w * (x - z) = sum of w * x - z * sum of w; every partial sum stays far inside 32 bits.
    bias = products.bias.astype(np.int64) - products.input_zero_point * products.weights.sum(axis=1, dtype=np.int64)
    fields: list[Field] = [
        lowering.table(products.weights),
        lowering.table(bias, "int32"),
        lowering.table([multiplier.value for multiplier in operator.multipliers], "int64"),
        lowering.table([multiplier.shift for multiplier in operator.multipliers], "int8"),
        operator.depth,
        operator.output_shape[-1],
        products.output_zero_point,
        products.activation_min,
        products.activation_max,
    ]
    lowering.flat_step(operator, "fully_connected", fields, runs=operator.rows)
