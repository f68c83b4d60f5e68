"""RESIZE_BILINEAR: every output pixel mixes four input pixels, with weights of 10 fractional bits."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.resize import Resize, parse_resize

ONE = 1 << 10


@dataclass(frozen=True)
class Interpolation:
    """A position between two input rows or columns: ((1024 - weight) * lower + weight * upper) / 1024."""

    lower: int
    upper: int
    weight: int


@dataclass(frozen=True, eq=False, kw_only=True)
class ResizeBilinear(ParsedOperator):
    """A bilinear resize: the weighted sum of four codes over 2 ** 20, halves away from zero.

    Attributes:
        rows: for every output row where it lies among the input's.
        columns: for every output column where it lies among the input's.
    """

    rows: tuple[Interpolation, ...]
    columns: tuple[Interpolation, ...]


def parse(graph: Int8Graph, operator: Operator) -> ResizeBilinear:
    """Returns the resize that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands = Operands(graph, operator)
    resize = parse_resize(operands)
    if resize.align_corners and resize.half_pixel_centers:
        raise operands.refusal("AlignCorners and HalfPixelCenters exclude each other")
    return ResizeBilinear(
        **operands.wiring((resize.source,), resize.output),
        rows=_interpolations(operands, 0, resize),
        columns=_interpolations(operands, 1, resize),
    )


def run(operator: ResizeBilinear, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    lower_y, upper_y, weight_y = _columns_of(operator.rows)
    lower_x, upper_x, weight_x = _columns_of(operator.columns)
    weight_y, weight_x = weight_y[:, np.newaxis, np.newaxis], weight_x[:, np.newaxis]
    values = codes.astype(np.int64)
    rows = (ONE - weight_y) * values[:, lower_y] + weight_y * values[:, upper_y]
    sums = (ONE - weight_x) * rows[:, :, lower_x] + weight_x * rows[:, :, upper_x]
    output: Codes = (np.sign(sums) * ((np.abs(sums) + (1 << 19)) >> 20)).astype(np.int8)
    return output


def _columns_of(interpolations: tuple[Interpolation, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = np.array([(at.lower, at.upper, at.weight) for at in interpolations], np.int64)
    return values[:, 0], values[:, 1], values[:, 2]


def _interpolations(operands: Operands, axis: int, resize: Resize) -> tuple[Interpolation, ...]:
    """Returns where every output position along an axis lies, with TFLite's integers (ResizeBilinearInteger)."""
    size, outputs = resize.source.shape[axis], resize.output.shape[axis]
    from_size, to_size = (size - 1, outputs - 1) if resize.align_corners and outputs > 1 else (size, outputs)
    step = (ONE * from_size + to_size // 2) // to_size
    offset = step // 2 - ONE // 2 if resize.half_pixel_centers else 0
    found = []
    for output in range(outputs):
        position = output * step + offset
        lower = max(position, 0) // ONE
        upper = min(max(position + ONE - 1, 0) // ONE, size - 1)
        if lower >= size:
            raise operands.refusal(f"resizing {size} to {outputs} positions would read outside the input")
        # Where both are one pixel the weight does not matter; 0 keeps it inside [0, 1024].
        found.append(Interpolation(lower, upper, position - lower * ONE if upper > lower else 0))
    return tuple(found)
