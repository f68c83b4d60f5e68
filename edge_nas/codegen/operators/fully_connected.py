"""FULLY_CONNECTED: over all elements or the last dimension; int8 weights per tensor or per channel.

Fast where one upper half of a product gives the code, which all but very large or very small scales allow.
"""

from dataclasses import dataclass

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import BLOCK_OUTPUTS, block_weights, weight_blocks
from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.program import Field, Kernel
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, SingleMultiplier
from edge_nas.int8.operators.fully_connected import FullyConnected

# A code's constant, |zero point| * 2^shift and half a step, has to leave room in 32 bits for the product's upper half.
_MOST_SHIFT = 22


@dataclass(frozen=True)
class _Scale:
    """code = clip((sum * multiplier / 2^32 + rounding) / 2^shift), both divisions floors."""

    multiplier: int
    rounding: int
    shift: int


def lower(lowering: Lowering, operator: FullyConnected) -> None:
    """Adds the steps of the operator."""
    scales = [_scale(multiplier, operator.products.output_zero_point) for multiplier in operator.multipliers]
    blocks = weight_blocks(operator.products.weights)
    known = [scale for scale in scales if scale is not None]
    if len(known) == len(scales) and lanes.fit(blocks):
        _lower_blocks(lowering, operator, blocks, known)
    else:
        _lower_one_by_one(lowering, operator)


def _lower_blocks(lowering: Lowering, operator: FullyConnected, blocks: Integers, scales: list[_Scale]) -> None:
    """Adds the step that computes four outputs at a time.

    Args:
        lowering: the program.
        operator: the dense layer.
        blocks: its weights, (blocks of four outputs, 4, depth).
        scales: one per output.
    """
    products = operator.products
    missing = len(blocks) * BLOCK_OUTPUTS - len(scales)
    distinct = list(dict.fromkeys(scales))
    scales = scales if len(distinct) > 1 else distinct
    fields: list[Field] = [
        block_weights(lowering, blocks),
        lowering.table(np.pad(_bias(operator), (0, missing)), "int32"),
        lowering.struct_table(
            "EdgeOnce",
            [f"{{{scale.multiplier}, {scale.rounding}, {scale.shift}}}" for scale in scales],
            len(scales),
            12 * len(scales),
        ),
        operator.depth,
        operator.output_shape[-1],
        products.activation_min,
        products.activation_max,
    ]
    codes = products.activation_min, products.activation_max
    parameters = (
        ("scales", "one" if len(scales) == 1 else "each"),
        ("range", "full" if codes == (INT8_MIN, INT8_MAX) else "limited"),
    )
    kernel = Kernel("fully_connected_blocks", parameters)
    lowering.flat_step(operator, kernel, fields, runs=operator.rows)


def _lower_one_by_one(lowering: Lowering, operator: FullyConnected) -> None:
    """Adds the step that computes one output after the other, whatever its scale."""
    products = operator.products
    fields: list[Field] = [
        lowering.table(products.weights),
        lowering.table(_bias(operator), "int32"),
        lowering.table([multiplier.value for multiplier in operator.multipliers], "int64"),
        lowering.table([multiplier.shift for multiplier in operator.multipliers], "int8"),
        operator.depth,
        operator.output_shape[-1],
        products.output_zero_point,
        products.activation_min,
        products.activation_max,
    ]
    lowering.flat_step(operator, Kernel("fully_connected"), fields, runs=operator.rows)


def _bias(operator: FullyConnected) -> Integers:
    """Returns the bias of sums over codes: sum of w * (x - z) = sum of w * x - z * sum of w.

    Every partial sum stays far inside 32 bits.
    """
    products = operator.products
    shares = products.input_zero_point * products.weights.sum(axis=1, dtype=np.int64)
    bias: Integers = products.bias.astype(np.int64) - shares
    return bias


def _scale(multiplier: SingleMultiplier, zero_point: int) -> _Scale | None:
    """Returns the integers that give a code in three instructions; None where there are none.

    floor((sum * m + 2^(s-1)) / 2^s) = floor((floor(sum * m / 2^32) + 2^(s-33)) / 2^(s-32)) for s above 32.
    """
    value, shift = multiplier.value, multiplier.shift - 32
    while value < 2**30 and shift < 1:
        value, shift = 2 * value, shift + 1
    if value >= 2**31 or not 1 <= shift <= _MOST_SHIFT:
        return None
    return _Scale(value, (1 << (shift - 1)) + (zero_point << shift), shift)
