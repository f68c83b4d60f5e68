"""RESIZE_BILINEAR: every output pixel mixes four input pixels, with weights of 10 fractional bits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import rounding_shift_right
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.resize import RESIZE_OPTIONS, Resize, parse_resize

FRACTION_BITS = 10
ONE = 1 << FRACTION_BITS


@dataclass(frozen=True)
class Interpolation:
    """A position between two input rows or columns: ((1024 - weight) * lower + weight * upper) / 1024."""

    lower: int
    upper: int
    weight: int


@register("RESIZE_BILINEAR", options=SchemaOptions("ResizeBilinearOptions", RESIZE_OPTIONS), version=3)
@dataclass(frozen=True, eq=False, kw_only=True)
class ResizeBilinear(ParsedOperator):
    """A bilinear resize: the weighted sum of four codes over 2 ** 20, halves away from zero.

    Attributes:
        rows: for every output row where it lies among the input's.
        columns: for every output column where it lies among the input's.
    """

    rows: tuple[Interpolation, ...]
    columns: tuple[Interpolation, ...]

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the resize that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        resize = parse_resize(operands)
        if resize.align_corners and resize.half_pixel_centers:
            raise operands.refusal("AlignCorners and HalfPixelCenters exclude each other")
        return cls(
            **operands.wiring((resize.source,), resize.output),
            rows=_interpolations(operands, 0, resize),
            columns=_interpolations(operands, 1, resize),
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
        values = codes.astype(np.int64)
        rows = _mixed(values, self.rows, axis=1)
        sums = _mixed(rows, self.columns, axis=2)
        output: Codes = rounding_shift_right(sums, 2 * FRACTION_BITS).astype(codes.dtype)
        return output


def _mixed(values: np.ndarray, interpolations: Sequence[Interpolation], axis: int) -> np.ndarray:
    """Returns values (N, H, W, C) int64 mixed along an axis, times 1024."""
    lower = np.take(values, [at.lower for at in interpolations], axis)
    upper = np.take(values, [at.upper for at in interpolations], axis)
    weights = np.array([at.weight for at in interpolations], np.int64)
    weights = np.expand_dims(weights, [other for other in range(values.ndim) if other != axis])
    mixed: np.ndarray = (ONE - weights) * lower + weights * upper
    return mixed


def _interpolations(operands: Operands, axis: int, resize: Resize) -> tuple[Interpolation, ...]:
    """Returns where every output position along an axis lies, with TFLite's integers (ResizeBilinearInteger)."""
    size, outputs = resize.source.shape[axis], resize.output.shape[axis]
    input_span, output_span = resize.spans(axis)
    distance = (ONE * input_span + output_span // 2) // output_span
    first = distance // 2 - ONE // 2 if resize.half_pixel_centers else 0
    interpolations = []
    for output in range(outputs):
        position = first + output * distance
        lower = max(position, 0) // ONE
        upper = min(max(position + ONE - 1, 0) // ONE, size - 1)
        if lower >= size:
            raise operands.refusal(f"resizing {size} to {outputs} positions would read outside the input")
        # Where both are one pixel the weight does not matter; 0 keeps it inside [0, 1024].
        weight = position - lower * ONE if upper > lower else 0
        interpolations.append(Interpolation(lower, upper, weight))
    return tuple(interpolations)
