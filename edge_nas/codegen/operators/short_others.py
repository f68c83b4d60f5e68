"""Sums, products, pools and functions of int16 codes, in portable C."""

import math

from edge_nas.codegen.builder import ProgramBuilder
from edge_nas.codegen.lowering import OperatorLowering, lowers
from edge_nas.codegen.operators.pairing import lower_pair
from edge_nas.codegen.program import Fields, Kernel
from edge_nas.codegen.tables import table
from edge_nas.codegen.window_fields import pool_fields
from edge_nas.int8.operators.short_elements import ShortAddition, ShortMultiplication
from edge_nas.int8.operators.short_functions import ShortFunction, logistic_table
from edge_nas.int8.operators.short_pool import ShortPool
from edge_nas.int8.operators.short_softmax import ShortSoftmax, exponentials, reciprocals


@lowers(ShortAddition)
class ShortAdditionLowering(OperatorLowering[ShortAddition]):
    """Same shapes, or one spread over the other; any fused activation."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        a, b = operator.input_multipliers
        fields: Fields = {
            "multiplier_a": a.value,
            "multiplier_b": b.value,
            "multiplier": operator.output_multiplier.value,
            "shift_a": a.shift,
            "shift_b": b.shift,
            "shift": operator.output_multiplier.shift,
            "sign": -1 if operator.subtract else 1,
            "low": operator.activation_min,
            "high": operator.activation_max,
        }
        lower_pair(builder, operator, "short_addition", fields)


@lowers(ShortMultiplication)
class ShortMultiplicationLowering(OperatorLowering[ShortMultiplication]):
    """Same shapes, or one spread over the other; any fused activation."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        fields: Fields = {
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
            "low": operator.activation_min,
            "high": operator.activation_max,
        }
        lower_pair(builder, operator, "short_multiplication", fields)


@lowers(ShortPool)
class ShortPoolLowering(OperatorLowering[ShortPool]):
    """Any window, stride, padding and fused activation."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        fields: Fields = {**pool_fields(self.operator), "largest": int(self.operator.largest)}
        builder.flat_step(self.operator, "short_pool", fields, runs=self.operator.output_shape[0])


@lowers(ShortFunction)
class ShortFunctionLowering(OperatorLowering[ShortFunction]):
    """A table of 256 entries, with lines between them; output scale 2^-15."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator."""
        operator = self.operator
        fields: Fields = {
            "table": table(logistic_table()),
            "count": math.prod(operator.output_shape),
            "multiplier": operator.multiplier,
            "shift": operator.shift,
        }
        kernel = Kernel("short_function", {"name": "tanh" if operator.is_tanh else "logistic"})
        builder.flat_step(operator, kernel, fields)


@lowers(ShortSoftmax)
class ShortSoftmaxLowering(OperatorLowering[ShortSoftmax]):
    """Over the last dimension; output scale 1/32768."""

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every row of classes."""
        operator = self.operator
        classes = operator.input_shape[-1] if operator.input_shape else 1
        fields: Fields = {
            "exponentials": table(exponentials()),
            "reciprocals": table(reciprocals()),
            "classes": classes,
            "multiplier": operator.multiplier.value,
            "shift": operator.multiplier.shift,
        }
        builder.flat_step(operator, "short_softmax", fields, runs=math.prod(operator.input_shape) // classes)
