"""UNIDIRECTIONAL_SEQUENCE_LSTM: int8 inputs and outputs, a cell of 16 bits, gates in fixed point."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import (
    INT8_MAX,
    INT8_MIN,
    INT16_MAX,
    INT16_MIN,
    Integers,
    Multiplier,
    multiply,
    rounding_shift_right,
)
from edge_nas.int8.fixed16 import GATE_BITS, MOST_TANH_BITS, Shorts, sigmoid, tanh
from edge_nas.int8.graph import Tensor
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import FUSED_ACTIVATION, Codes, CodeTensor, Operands, ParsedOperator, single_factor
from edge_nas.int8.shapes import OperandShapes

GATES = ("input", "forget", "cell", "output")
# Slots of the file's inputs: those of the gates in the order of `GATES`.
_WEIGHTS, _RECURRENT, _BIASES = (1, 2, 3, 4), (5, 6, 7, 8), (12, 13, 14, 15)
_HIDDEN, _CELL = 18, 19
_UNSUPPORTED = {
    "peepholes": (9, 10, 11),
    "a projection": (16, 17),
    "layer normalization": (20, 21, 22, 23),
}
_TANH = 4
# What a gate's sums are scaled to: 12 fractional bits.
_GATE_SCALE = 2.0 ** -(15 - GATE_BITS)
_HIDDEN_INTERMEDIATE = 4


@dataclass(frozen=True, eq=False)
class Part:
    """What one of a gate's two matrices makes of its vector: rescaled sums of products.

    Attributes:
        weights: (units, inputs) int8.
        bias: (units,) int32, less the share of the vector's zero point.
        multiplier: from sums to 12 fractional bits.
    """

    weights: Codes
    bias: npt.NDArray[np.int32]
    multiplier: Multiplier

    def sums(self, codes: Codes) -> Integers:
        """Returns the rescaled sums (N, units) of vectors (N, inputs)."""
        # Products of codes are exact in float64, and numpy multiplies matrices of floats far faster.
        products = codes.astype(np.float64) @ self.weights.T.astype(np.float64)
        return multiply(products.astype(np.int64) + self.bias, self.multiplier)


@dataclass(frozen=True, eq=False, kw_only=True)
class SequenceLstm(ParsedOperator):
    """One layer of units over successive moments; hidden codes and cells are kept from call to call.

    Attributes:
        input_parts, recurrent_parts: of each gate, in the order of `GATES`.
        cell_bits: integer bits of a cell.
        cell_clip: the largest size of a cell; 0 for any.
        hidden_multiplier: from the output gate times tanh of the cell, of 30 fractional bits, to codes.
        hidden_zero_point: of the codes.
    """

    parameter_slots: ClassVar[tuple[int, ...]] = (*_WEIGHTS, *_RECURRENT, *_BIASES)

    input_parts: tuple[Part, ...]
    recurrent_parts: tuple[Part, ...]
    cell_bits: int
    cell_clip: int
    hidden_multiplier: Multiplier
    hidden_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the layer that an operator describes.

        Raises:
            ArtifactError: peepholes, a projection, layer normalization, joint gates, time in front of the batch, or
                anything else that is not supported.
        """
        operands.expect_inputs(20, 24)
        for what, slots in _UNSUPPORTED.items():
            if any(operands.has_input(slot) for slot in slots):
                raise operands.refusal(f"it has {what}; only layers without are supported")
        if not operands.has_input(_WEIGHTS[0]):
            raise operands.refusal("input and forget gate are one; only layers with both are supported")
        operands.expect_option("FusedActivationFunction", _TANH)
        operands.expect_option("TimeMajor", 0)
        source = operands.activation(0, rank=2)
        units = operands.constant(_WEIGHTS[0], "int8", 2).shape[0]
        output = operands.output(shape=(source.shape[0], units))
        hidden, cell = _state(operands, _HIDDEN, "int8", units), _state(operands, _CELL, "int16", units)
        bits = _integer_bits(operands, cell)
        kept = CodeTensor(hidden.index, (units,), hidden.scales[0], hidden.zero_points[0], constant=False)
        scale, zero_point = _hidden_quantization(operands)
        clip = operands.real_option("CellClip") / cell.scales[0]
        # As the reference kernel does: powers of two in float64, the result in float32.
        factor = float(np.float32(2.0**-15 / scale * 2.0**-15))
        return cls(
            **operands.wiring((source,), output),
            states=(hidden.index, cell.index),
            input_parts=tuple(
                _part(operands, source, slot, bias, units) for slot, bias in zip(_WEIGHTS, _BIASES, strict=True)
            ),
            recurrent_parts=tuple(_part(operands, kept, slot, None, units) for slot in _RECURRENT),
            cell_bits=bits,
            cell_clip=int(min(max(clip, 0), INT16_MAX)),
            hidden_multiplier=operands.multiplier(factor),
            hidden_zero_point=zero_point,
        )

    def run(self, codes: Codes, hidden: Codes, cell: Shorts) -> Codes:
        """Returns the output codes (1, moments, units) for codes (1, moments, inputs); changes hidden and cell."""
        outputs = []
        for moment in range(codes.shape[1]):
            entry, forget, update, exit_ = (
                self._gate(number, codes[:, moment], hidden) for number in range(len(GATES))
            )
            kept = rounding_shift_right(sigmoid(forget).astype(np.int64) * cell, 15)
            added = sigmoid(entry).astype(np.int64) * tanh(update, GATE_BITS)
            added = rounding_shift_right(added, 15 + self.cell_bits)
            cells = np.clip(kept + added, INT16_MIN, INT16_MAX)
            cell[...] = np.clip(cells, -self.cell_clip, self.cell_clip) if self.cell_clip else cells
            product = sigmoid(exit_).astype(np.int64) * tanh(cell, self.cell_bits)
            raw = multiply(product, self.hidden_multiplier) + self.hidden_zero_point
            hidden[...] = np.clip(raw, INT8_MIN, INT8_MAX)
            outputs.append(hidden.copy())
        return np.stack(outputs, axis=1)

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every moment multiplies both matrices of the four gates."""
        moments = shapes.output(3)[1]
        return len(GATES) * moments * sum(math.prod(shapes.input(slots[1], 2)) for slots in (_WEIGHTS, _RECURRENT))

    def _gate(self, number: int, codes: Codes, hidden: Codes) -> Shorts:
        """Returns a gate's sums with 12 fractional bits, clipped to 16 bits after each of both matrices."""
        first = np.clip(self.input_parts[number].sums(codes), INT16_MIN, INT16_MAX)
        both = np.clip(self.recurrent_parts[number].sums(hidden) + first, INT16_MIN, INT16_MAX)
        gate: Shorts = both.astype(np.int16)
        return gate


register(
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
    options=SchemaOptions(
        "UnidirectionalSequenceLSTMOptions", (*FUSED_ACTIVATION, "TimeMajor"), ("CellClip", "ProjClip")
    ),
    version=1,
    resolver="AddUnidirectionalSequenceLSTM",
)(SequenceLstm)


def _part(operands: Operands, source: CodeTensor, slot: int, bias_slot: int | None, units: int) -> Part:
    """Returns what a matrix makes of `source`."""
    weights, tensor = operands.constant(slot, "int8", 2), operands.tensor(slot)
    if weights.shape != (units, source.shape[-1]):
        raise operands.refusal(f"shape {(units, source.shape[-1])} is expected", tensor)
    if len(tensor.scales) != 1 or tensor.zero_points[0] != 0:
        raise operands.refusal("one scale and zero point 0 are supported for weights", tensor)
    bias = np.zeros(units, np.int64)
    if bias_slot is not None and operands.has_input(bias_slot):
        bias = operands.constant(bias_slot, "int32", 1).astype(np.int64)
        if bias.shape != (units,):
            raise operands.refusal(f"{units} biases are expected", operands.tensor(bias_slot))
    shifted = bias - source.zero_point * weights.astype(np.int64).sum(axis=1)
    if (np.abs(shifted) + 128 * np.abs(weights.astype(np.int64)).sum(axis=1)).max() >= 2**31:
        raise operands.refusal("its sums may leave 32 bits", tensor)
    factor = single_factor(tensor.scales[0], source.scale, _GATE_SCALE)
    return Part(weights, shifted.astype(np.int32), operands.multiplier(factor))


def _state(operands: Operands, slot: int, dtype: str, units: int) -> Tensor:
    tensor = operands.tensor(slot)
    if not tensor.variable or tensor.dtype != dtype or tensor.shape != (1, units) or len(tensor.scales) != 1:
        raise operands.refusal(f"a variable tensor of {dtype}, shape {(1, units)} and one scale is expected", tensor)
    return tensor


def _integer_bits(operands: Operands, cell: Tensor) -> int:
    """Returns the integer bits of a cell, whose scale is a power of two."""
    fraction, exponent = math.frexp(cell.scales[0])
    bits = exponent - 1 + 15
    if fraction != 0.5 or cell.zero_points[0] != 0 or not 0 <= bits <= MOST_TANH_BITS:
        allowed = f"2^-15 to 2^{MOST_TANH_BITS - 15}"
        raise operands.refusal(f"the scale is {cell.scales[0]}; powers of two are supported, {allowed}", cell)
    return bits


def _hidden_quantization(operands: Operands) -> tuple[float, int]:
    """Returns scale and zero point of what becomes hidden codes."""
    intermediates = operands.operator.intermediates
    if len(intermediates) <= _HIDDEN_INTERMEDIATE:
        raise operands.refusal(f"it has {len(intermediates)} intermediates; 5 are expected")
    tensor: Any = operands.graph.tensors[intermediates[_HIDDEN_INTERMEDIATE]]
    if len(tensor.scales) != 1:
        raise operands.refusal("one scale is expected", tensor)
    return tensor.scales[0], tensor.zero_points[0]
