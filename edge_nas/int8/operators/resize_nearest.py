"""RESIZE_NEAREST_NEIGHBOR: every output pixel is a copy of one input pixel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class ResizeNearest(ParsedOperator):
    """A resize without mixing.

    Attributes:
        rows: for every output row the input row it copies.
        columns: for every output column the input column it copies.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def parse(graph: Int8Graph, operator: Operator) -> ResizeNearest:
    """Returns the resize that an operator describes.

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(2, 2)
    source = operands.activation(0, rank=3)
    align, half = bool(operands.option("AlignCorners")), bool(operands.option("HalfPixelCenters"))
    height, width = resized(operands)
    output = operands.output(shape=(height, width, source.shape[2]), same_codes_as=source)
    return ResizeNearest(
        **operands.wiring((source,), output),
        rows=_sources(source.shape[0], height, align, half),
        columns=_sources(source.shape[1], width, align, half),
    )


def run(operator: ResizeNearest, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    return codes[:, np.array(operator.rows)[:, np.newaxis], np.array(operator.columns)]


def resized(operands: Operands) -> tuple[int, int]:
    """Returns the output height and width that the constant second input of a resize asks for."""
    size = operands.constant(1, "int32", 1)
    if size.shape != (2,) or min(size) < 1:
        raise operands.refusal("a height and a width, each at least 1, are expected", operands.tensor(1))
    return int(size[0]), int(size[1])


def _sources(size: int, outputs: int, align_corners: bool, half_pixel_centers: bool) -> tuple[int, ...]:
    """Returns the input position of every output position, with TFLite's float32 arithmetic."""
    spans = (size - 1, outputs - 1) if align_corners and outputs > 1 else (size, outputs)
    positions = np.arange(outputs, dtype=np.float32) + np.float32(0.5 * half_pixel_centers)
    scaled = positions * (np.float32(spans[0]) / np.float32(spans[1]))
    # Adding a half in float64: the float32 sum could already round up.
    nearest = np.floor(scaled.astype(np.float64) + (0.5 if align_corners else 0.0)).astype(np.int64)
    return tuple(int(source) for source in np.clip(nearest, 0, size - 1))
