"""Dense layers and convolutions of one pixel for cores that multiply vectors of bytes: the ESP32-S3's, if asked for.

No emulator executes these instructions, so that nobody is given them without asking: `compile.esp32s3_vectors`, and
-DEDGE_ESP32S3=1 when the C is compiled. The kernels take flat tensors, whose pixels may begin at any address; weights
of an output begin at a multiple of 16 and have zeros behind them, as the vector loads want it.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.fully_connected_blocks import bias_on_codes
from edge_nas.codegen.lowering import FastKernel, OperatorLowering
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, rounded_up
from edge_nas.codegen.tables import table
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operands import Codes, ParsedOperator
from edge_nas.int8.operators.convolution import Convolution
from edge_nas.int8.operators.fully_connected import FullyConnected
from edge_nas.int8.operators.weights import Products

VECTOR_BYTES = 16


def take_wide_kernels(lowerings: Iterable[OperatorLowering[Any]]) -> None:
    """Makes the kernels here the only fast ones of the operators that they fit."""
    for lowering in lowerings:
        kernel = _wide_kernel(lowering.operator)
        if kernel is not None:
            lowering.kernels = (kernel,)


def _wide_kernel(operator: ParsedOperator) -> "FastKernel[Any] | None":
    kernel: FastKernel[Any]
    if operator.dtype != "int8":
        return None
    if isinstance(operator, FullyConnected):
        kernel = WideDense(operator)
    elif isinstance(operator, Convolution):
        kernel = WidePoint(operator)
    else:
        return None
    return kernel if kernel.fits(frozenset()) else None


class WideDense(FastKernel[FullyConnected]):
    """Dense layers of at least 16 inputs; with fewer a vector would be half empty."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether there are inputs for a whole vector."""
        return self.operator.depth >= VECTOR_BYTES

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every group of inputs."""
        operator = self.operator
        multipliers = [(multiplier.value, multiplier.shift) for multiplier in operator.multipliers]
        fields = _fields(operator.products, operator.products.weights, bias_on_codes(operator), multipliers)
        builder.flat_step(
            operator, Kernel("wide_dot", {"rounding": "once"}), {**fields, "pixels": 1}, runs=operator.rows
        )


class WidePoint(FastKernel[Convolution]):
    """Convolutions of one pixel with stride 1 and at least 16 channels, not in groups."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether every output pixel reads the one input pixel at its place, a whole vector of it."""
        window = self.operator.window
        is_point = (window.height, window.width, window.stride_height, window.stride_width) == (1, 1, 1, 1)
        return is_point and self.operator.groups == 1 and self._taps.shape[1] >= VECTOR_BYTES

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator, weights = self.operator, self.operator.weights
        rows, columns, _ = operator.output_shape
        # sum of w * (x - z) = sum of w * x - z * sum of w
        bias = weights.bias - weights.input_zero_point * self._taps.sum(axis=1, dtype=np.int64)
        multipliers = [(multiplier.value, multiplier.shift) for multiplier in weights.multipliers]
        fields = {**_fields(weights, self._taps, bias, multipliers), "pixels": columns}
        builder.flat_step(operator, Kernel("wide_dot", {"rounding": "twice"}), fields, runs=rows)

    @property
    def _taps(self) -> Codes:
        """The weights (outputs, inputs)."""
        weights = self.operator.weights.weights
        return weights.reshape(weights.shape[0], -1)


def _fields(products: Products, weights: Codes, bias: Integers, multipliers: "list[tuple[int, int]]") -> Fields:
    """Returns the fields of a descriptor but the number of pixels.

    Args:
        products: zero point and limits of the output.
        weights: (outputs, inputs).
        bias: of sums over codes.
        multipliers: value and shift of each output.
    """
    outputs, inputs = weights.shape
    padded = np.pad(weights, ((0, 0), (0, rounded_up(inputs, VECTOR_BYTES) - inputs)))
    return {
        "weights": table(padded, "int8", alignment=VECTOR_BYTES),
        "bias": table(bias.astype(np.int32), "int32"),
        "multipliers": table([value for value, _ in multipliers], "int64"),
        "shifts": table([shift for _, shift in multipliers], "int8"),
        "depth": inputs,
        "channels": outputs,
        "zero_point": products.output_zero_point,
        "low": products.activation_min,
        "high": products.activation_max,
    }
