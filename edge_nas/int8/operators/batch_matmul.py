"""BATCH_MATMUL: products of matrices, both computed or one of them a constant."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, INT32_MAX, Multiplier, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, CodeTensor, Operands, ParsedOperator, Shape
from edge_nas.int8.shapes import OperandShapes

# Two codes less their zero points.
_LARGEST_PRODUCT = 255 * 255


@register("BATCH_MATMUL", options=SchemaOptions("BatchMatMulOptions", ("AdjX", "AdjY")), resolver="AddBatchMatMul")
@dataclass(frozen=True, eq=False, kw_only=True)
class BatchMatmul(ParsedOperator):
    """output = clip(multiplier * (first - its zero point) @ (second - its zero point) + output_zero_point).

    Attributes:
        count: matrices of the output.
        rows, inner, columns: of each product.
        transposed: whether the first and the second matrices lie transposed.
        matrices: how many the first and the second input have, `count` or 1.
        zero_points: of both inputs.
        multiplier: the inputs' scales over the output's.
        output_zero_point: in [-128, 127].
    """

    count: int
    rows: int
    inner: int
    columns: int
    transposed: tuple[bool, bool]
    matrices: tuple[int, int]
    zero_points: tuple[int, int]
    multiplier: Multiplier
    output_zero_point: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the product that an operator describes.

        Raises:
            ArtifactError: shapes that are spread over each other, or anything else that is not supported.
        """
        operands.expect_inputs(2, 2)
        transposed = (bool(operands.option("AdjX")), bool(operands.option("AdjY")))
        sources = (operands.input(0), operands.input(1))
        if all(source.constant for source in sources):
            raise operands.refusal("both inputs are constants")
        first, second = (
            _matrices(operands, source, turned) for source, turned in zip(sources, transposed, strict=True)
        )
        (leading, rows, inner), (others, inner_of_second, columns) = first, second
        if inner != inner_of_second:
            raise operands.refusal(f"matrices of {rows} x {inner} and {inner_of_second} x {columns} have no product")
        if leading != others and math.prod(leading) != 1 and math.prod(others) != 1:
            raise operands.refusal(f"{leading} and {others} matrices; as many of both, or one of either is supported")
        count = max(math.prod(leading), math.prod(others))
        output = operands.output()
        if math.prod(output.shape) != count * rows * columns:
            raise operands.refusal(f"the inputs give {count} matrices of {rows} x {columns}", operands.tensor(0))
        if inner * _LARGEST_PRODUCT > INT32_MAX:
            raise operands.refusal(f"sums of {inner} products may not fit into 32 bits")
        # The product of scales is taken in float32, the quotient in float64 (GetQuantizedConvolutionMultipler).
        product = float(np.float32(sources[0].scale) * np.float32(sources[1].scale))
        return cls(
            **operands.wiring(sources, output),
            count=count,
            rows=rows,
            inner=inner,
            columns=columns,
            transposed=transposed,
            matrices=(math.prod(leading), math.prod(others)),
            zero_points=(sources[0].zero_point, sources[1].zero_point),
            multiplier=operands.multiplier(product / output.scale),
            output_zero_point=output.zero_point,
        )

    def run(self, first: Codes, second: Codes) -> Codes:
        """Returns the output codes (N, ...) for input codes (N, ...), of which a constant has N = 1."""
        a, b = (self._values(number, codes) for number, codes in enumerate((first, second)))
        # Sums of products of codes are exact in float64, and numpy multiplies matrices of floats far faster.
        raw = multiply((a @ b).astype(np.int64), self.multiplier) + self.output_zero_point
        output: Codes = np.clip(raw, INT8_MIN, INT8_MAX).astype(np.int8)
        return output.reshape(len(raw), *self.output_shape)

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums as many products as the first input's elements over its rows are."""
        first, output = shapes.input(0), shapes.output()
        inner = math.prod(first) // max(math.prod(output[:-1]), 1)
        return math.prod(output) * max(inner, 1)

    def _values(self, number: int, codes: Codes) -> np.ndarray:
        """Returns an input less its zero point, as (N, matrices, ...) with its rows in front of its columns."""
        shape = ((self.rows, self.inner), (self.inner, self.columns))[number]
        if self.transposed[number]:
            shape = (shape[1], shape[0])
        values = codes.reshape(len(codes), self.matrices[number], *shape).astype(np.float64) - self.zero_points[number]
        return values.swapaxes(2, 3) if self.transposed[number] else values


def _matrices(operands: Operands, source: CodeTensor, transposed: bool) -> tuple[Shape, int, int]:
    """Returns the leading dimensions of an input, and rows and columns of its matrices; a vector is one row."""
    shape = source.shape if len(source.shape) > 1 else (1, *source.shape)
    if len(shape) < 2 or (transposed and len(source.shape) < 2):
        raise operands.refusal(f"an input of shape {source.shape} holds no matrix")
    rows, columns = (shape[-1], shape[-2]) if transposed else (shape[-2], shape[-1])
    return shape[:-2], rows, columns
