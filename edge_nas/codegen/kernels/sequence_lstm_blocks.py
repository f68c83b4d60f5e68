"""Recurrent layers, the four gates of a unit at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import block_weights
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, Pointer
from edge_nas.codegen.tables import struct_table, table
from edge_nas.int8.arithmetic import Integers, Multiplier
from edge_nas.int8.operators.sequence_lstm import Part, SequenceLstm

# Sums are doubled before they are multiplied, in 32 bits.
_MOST_SUM = 2**30
_SCALE_BYTES = 12  # of the C struct EdgeLstmScale

# Sums of all gates are scaled by less than a half, or any of them by more.
Gates = Literal["narrowed", "scaled"]


@dataclass(frozen=True)
class GateParts:
    """What the gates make of one vector.

    Attributes:
        weights: (4 gates, units, inputs).
        bias: (4, units) int32, less the share of the vector's zero point.
    """

    weights: npt.NDArray[np.int8]
    bias: npt.NDArray[np.int32]

    @classmethod
    def of(cls, parts: Iterable[Part]) -> "GateParts":
        """Returns the parts of the gates, in their order."""
        parts = tuple(parts)
        return cls(np.stack([part.weights for part in parts]), np.stack([part.bias for part in parts]))

    @property
    def largest_sum(self) -> int:
        """What no sum over codes exceeds in size."""
        sums = np.abs(self.bias.astype(np.int64)) + 128 * np.abs(self.weights.astype(np.int64)).sum(axis=2)
        return int(sums.max())

    @property
    def blocks(self) -> Integers:
        """The weights as (units, 4, inputs)."""
        return self.weights.transpose(1, 0, 2).astype(np.int64)


class SequenceLstmBlocks(FastKernel[SequenceLstm]):
    """All but weights of -128 that cannot share a lane of 16 bits, and sums beyond 30 bits."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether the weights of two gates can share lanes, and sums are scaled in a few instructions."""
        parts, (given, kept) = self._parts, _both(self.operator)
        largest = [
            gates.largest_sum << max(part.multiplier.shift, 0)
            for gates, each in zip(parts, (given, kept), strict=True)
            for part in each
        ]
        return (
            all(lanes.fit(gates.blocks) for gates in parts)
            and max(largest) < _MOST_SUM
            and self.operator.hidden_multiplier.shift < 0
        )

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, once for every moment."""
        operator = self.operator
        given, kept = self._parts
        shifts = [part.multiplier.shift for parts in _both(operator) for part in parts]
        gates: Gates = "narrowed" if max(shifts) < 0 else "scaled"
        by_gate = zip(*_both(operator), strict=True)
        scales = [_scale(part.multiplier, gates) for both in by_gate for part in both]
        fields: Fields = {
            **state_pointers(operator, builder),
            "weights": block_weights(given.blocks),
            "recurrent_weights": block_weights(kept.blocks),
            "bias": table(given.bias.T),
            "recurrent_bias": table(kept.bias.T),
            "scales": struct_table("EdgeLstmScale", scales, _SCALE_BYTES),
            "hidden_scale": _scale(operator.hidden_multiplier, "narrowed"),
            "hidden_zero_point": operator.hidden_zero_point,
            "cell_clip": operator.cell_clip,
            "inputs": operator.input_shape[1],
            "units": operator.output_shape[1],
        }
        kernel = Kernel("sequence_lstm_blocks", {"gates": gates, "cell_bits": str(operator.cell_bits)})
        builder.flat_step(operator, kernel, fields, runs=operator.input_shape[0])

    @cached_property
    def _parts(self) -> tuple[GateParts, GateParts]:
        """Over inputs and over hidden codes."""
        return GateParts.of(self.operator.input_parts), GateParts.of(self.operator.recurrent_parts)


def state_pointers(operator: SequenceLstm, builder: ProgramBuilder) -> Fields:
    """Returns where a layer keeps its hidden codes and its cells."""
    hidden, cell = (Pointer(builder.read(state)) for state in operator.states)
    return {"hidden": hidden, "cell": cell}


def _both(operator: SequenceLstm) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Returns the parts of the gates over inputs, and over hidden codes."""
    return operator.input_parts, operator.recurrent_parts


def _scale(multiplier: Multiplier, gates: Gates) -> Mapping[str, int]:
    """Returns the members of the C struct EdgeLstmScale."""
    left, right = max(multiplier.shift, 0), max(-multiplier.shift, 0)
    shift = right if gates == "narrowed" else right + 1
    return {"multiplier": multiplier.value, "rounding": 1 << (shift - 1), "left": left + 1, "shift": shift}
