"""Operators on one code at a time: whatever they compute, a table of 256 codes holds it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers
from edge_nas.int8.operands import Codes, CodeTensor, Operands, ParsedOperator

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False, kw_only=True)
class LookupTable(ParsedOperator):
    """output = table[code + 128].

    Attributes:
        table: (256,) int8, read-only.
    """

    table: Codes

    @classmethod
    def of(cls, operands: Operands, source: CodeTensor, output: CodeTensor, entries: Integers) -> Self:
        """Returns the operator of a table of (256,) codes, which are clipped to [-128, 127]."""
        table = np.clip(entries, INT8_MIN, INT8_MAX).astype(np.int8)
        table.flags.writeable = False
        return cls(**operands.wiring((source,), output), table=table)

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...)."""
        return self.table[codes.astype(np.int16) - INT8_MIN]


def all_codes() -> Integers:
    """Returns -128 to 127, the input of every entry of a table."""
    return np.arange(INT8_MIN, INT8_MAX + 1, dtype=np.int64)


def quantized_function(source: CodeTensor, output: CodeTensor, function: Callable[[Singles], Singles]) -> Integers:
    """Returns, for every code, the code of a real function of its value, in float32 as TFLite's LUTPopulate."""
    values = np.float32(source.scale) * (all_codes() - source.zero_point).astype(np.float32)
    scaled = function(values) * (np.float32(1) / np.float32(output.scale))
    # float64 from here on: in float32, 0.49999997 + 0.5 would already be 1.0.
    rounded = np.copysign(np.floor(np.abs(scaled.astype(np.float64)) + 0.5), scaled)
    entries: Integers = rounded.astype(np.int64) + output.zero_point
    return entries
