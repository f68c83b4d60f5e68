"""Dense layers on flat tensors, four outputs at a time."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import BLOCK_OUTPUTS, block_weights, weight_blocks
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, Kernel, LayoutKind
from edge_nas.codegen.tables import struct_table, table
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers, SingleMultiplier
from edge_nas.int8.operators.fully_connected import FullyConnected

# A code's constant, |zero point| * 2^shift and half a step, has to leave room in 32 bits for the product's upper half.
_MOST_SHIFT = 22
_SCALE_BYTES = 12  # of the C struct EdgeOnce


@dataclass(frozen=True)
class _Scale:
    """code = clip((sum * multiplier / 2^32 + rounding) / 2^shift), both divisions floors."""

    multiplier: int
    rounding: int
    shift: int


class FullyConnectedBlocks(FastKernel[FullyConnected]):
    """One upper half of a product gives the code, which all but very large or very small scales allow."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether every output's scale is such, and two weights can share a lane of 16 bits."""
        return None not in self._scales and lanes.fit(self._blocks)

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every group of inputs."""
        operator, products = self.operator, self.operator.products
        scales = [scale for scale in self._scales if scale is not None]
        distinct = list(dict.fromkeys(scales))
        if len(distinct) == 1:
            scales = distinct
        missing = len(self._blocks) * BLOCK_OUTPUTS - len(products.bias)
        codes = products.activation_min, products.activation_max
        parameters = {
            "scales": "one" if len(scales) == 1 else "each",
            "range": "full" if codes == (INT8_MIN, INT8_MAX) else "limited",
        }
        fields: Fields = {
            "weights": block_weights(self._blocks),
            "bias": table(np.pad(bias_on_codes(operator), (0, missing)), "int32"),
            "scales": struct_table("EdgeOnce", [asdict(scale) for scale in scales], _SCALE_BYTES),
            "depth": operator.depth,
            "channels": operator.output_shape[-1],
            "low": products.activation_min,
            "high": products.activation_max,
        }
        builder.flat_step(operator, Kernel("fully_connected_blocks", parameters), fields, runs=operator.rows)

    @cached_property
    def _scales(self) -> list[_Scale | None]:
        """One per output."""
        zero_point = self.operator.products.output_zero_point
        return [_scale(multiplier, zero_point) for multiplier in self.operator.multipliers]

    @cached_property
    def _blocks(self) -> Integers:
        """The weights (blocks of four outputs, 4, depth)."""
        return weight_blocks(self.operator.products.weights)


def bias_on_codes(operator: FullyConnected) -> Integers:
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
