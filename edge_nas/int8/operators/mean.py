"""MEAN: the average over some dimensions, requantised."""

import math
from dataclasses import dataclass

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Multiplier, multiply
from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class Mean(ParsedOperator):
    """output = clip(multiplier * (sum - count * input_zero_point) + output_zero_point, -128, 127).

    Attributes:
        axes: the dimensions that are averaged away, ascending, counted without the batch.
        count: the number of elements in each sum.
        multiplier: the input's scale over the output's and over `count`; its value may be as small as 2 ** 29.
        input_zero_point, output_zero_point: in [-128, 127].
    """

    axes: tuple[int, ...]
    count: int
    multiplier: Multiplier
    input_zero_point: int
    output_zero_point: int


def parse(graph: Int8Graph, operator: Operator) -> Mean:
    """Returns the mean that an operator describes.

    Raises:
        ArtifactError: the batch is among the axes, or anything else is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(2, 2)
    source = operands.activation(0)
    axes = _axes(operands, len(source.shape) + 1)
    kept = bool(operands.option("KeepDims"))
    sizes = ((1 if axis in axes else size) for axis, size in enumerate(source.shape) if kept or axis not in axes)
    output = operands.output(shape=tuple(sizes))
    count = math.prod(source.shape[axis] for axis in axes)
    multiplier = _divided(operands.multiplier(source.scale / output.scale), count)
    return Mean(
        **operands.wiring((source,), output),
        axes=axes,
        count=count,
        multiplier=multiplier,
        input_zero_point=source.zero_point,
        output_zero_point=output.zero_point,
    )


def run(operator: Mean, codes: Codes) -> Codes:
    """Returns the output codes (N, ...) for input codes (N, ...)."""
    sums = codes.sum(axis=tuple(axis + 1 for axis in operator.axes), dtype=np.int64)
    raw = multiply(sums - operator.count * operator.input_zero_point, operator.multiplier) + operator.output_zero_point
    output: Codes = np.clip(raw, INT8_MIN, INT8_MAX).astype(np.int8)
    return output.reshape(len(codes), *operator.output_shape)


def _axes(operands: Operands, rank: int) -> tuple[int, ...]:
    """Returns the reduced dimensions without the batch, ascending."""
    tensor = operands.tensor(1)
    values = operands.constant(1, "int32", len(tensor.shape)).reshape(-1)
    axes = sorted({int(axis) + rank if axis < 0 else int(axis) for axis in values})
    if not axes or axes[0] < 1 or axes[-1] >= rank:
        raise operands.refusal(f"the axes {values.tolist()} are not supported; supported: 1 to {rank - 1}", tensor)
    return tuple(axis - 1 for axis in axes)


def _divided(multiplier: Multiplier, count: int) -> Multiplier:
    """Returns the factor over a count, with as many bits as 32-bit arithmetic keeps (TFLite: QuantizedMeanOrSum)."""
    shift = min(count.bit_length() - 1, 32, 31 + multiplier.shift)
    return Multiplier((multiplier.value << shift) // count, multiplier.shift - shift)
