"""A tensor and a constant, of one number or one for each channel: for every channel, codes are a line of codes."""

import math
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.addition_sum import code_slopes
from edge_nas.codegen.linear import CODES, LinearForm, line_forms
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, LayoutKind
from edge_nas.codegen.tables import struct_table
from edge_nas.int8.operands import Codes
from edge_nas.int8.operators.addition import Addition
from edge_nas.int8.operators.multiplication import Multiplication

Floats = npt.NDArray[np.float64]
P = TypeVar("P", Addition, Multiplication)

# A constant of more is a tensor rather than one number for each channel: lines take eight bytes each.
_MOST_LINES = 1024
_LINE_BYTES = 8  # of the C struct EdgeLine


@dataclass(frozen=True)
class _Operands:
    """Which of the two inputs is computed, and the other's codes, one for each channel."""

    computed: int
    constants: Codes


class _ChannelLines(FastKernel[P]):
    """Constants of one number or one for each channel."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - it works on flat tensors
        """Returns whether one input is such a constant, and lines give the codes."""
        return self._lines is not None

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, in place where its input has its last reader."""
        operator, operands, lines = self.operator, self._operands, self._lines
        if operands is None or lines is None:
            raise ValueError("no lines give the operator's codes")
        shape = operator.output_shape or (1,)
        output = builder.output_in_place(operator)
        entries = [{"slope": line.first, "constant": line.constant} for line in lines]
        fields: Fields = {
            "lines": struct_table("EdgeLine", entries, _LINE_BYTES),
            "pixels": math.prod(shape[:-1]),
            "channels": shape[-1],
            "shift": lines[0].shift,
            "low": operator.activation_min,
            "high": operator.activation_max,
        }
        tensor = operator.inputs[operands.computed]
        builder.flat_step(operator, "channel_lines", fields, tensor=tensor, output=output)

    @abstractmethod
    def slopes(self, operands: _Operands) -> Floats:
        """Returns by how much codes grow with those of the computed input, (channels,), before they are clipped."""

    @cached_property
    def _operands(self) -> _Operands | None:
        """None where there is no constant, or one of another shape."""
        operator = self.operator
        shape = operator.output_shape or (1,)
        constants = [number for number, tensor in enumerate(operator.inputs) if tensor in operator.constants]
        if len(constants) != 1:
            return None
        computed = 1 - constants[0]
        codes = operator.constants[operator.inputs[constants[0]]]
        same_size = math.prod(operator.input_shapes[computed]) == math.prod(shape)
        if codes.size not in (1, shape[-1]) or shape[-1] > _MOST_LINES or not same_size:
            return None
        return _Operands(computed, np.broadcast_to(codes.reshape(-1), shape[-1:]))

    @cached_property
    def _lines(self) -> tuple[LinearForm, ...] | None:
        """One for each channel; None where there are none."""
        operator, operands = self.operator, self._operands
        if operands is None:
            return None
        # Every code of the computed input with the constant of every channel: (channels * 256,).
        computed = np.tile(CODES, len(operands.constants)).astype(np.int8)
        constant = np.repeat(operands.constants, len(CODES))
        of_two_codes = replace(operator, input_shapes=((), ()), output_shape=())
        outputs = of_two_codes.run(*((computed, constant) if operands.computed == 0 else (constant, computed)))
        codes = outputs.reshape(-1, len(CODES)).astype(np.int64)
        return line_forms(codes, self.slopes(operands), operator.activation_min, operator.activation_max)


class AdditionLines(_ChannelLines[Addition]):
    """Constants of one number or one for each channel."""

    def slopes(self, operands: _Operands) -> Floats:
        """Returns the slope of the computed input, whatever the constant."""
        return np.full(len(operands.constants), code_slopes(self.operator)[operands.computed])


class MultiplicationLines(_ChannelLines[Multiplication]):
    """Constants of one number or one for each channel."""

    def slopes(self, operands: _Operands) -> Floats:
        """Returns the product of the factor and each constant."""
        zero_point = self.operator.input_zero_points[1 - operands.computed]
        slopes: Floats = self.operator.multiplier.factor * (operands.constants.astype(np.float64) - zero_point)
        return slopes
