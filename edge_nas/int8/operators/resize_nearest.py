"""RESIZE_NEAREST_NEIGHBOR: every output pixel is a copy of one input pixel."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.resize import Resize, parse_resize


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
    resize = parse_resize(operands)
    return ResizeNearest(
        **operands.wiring((resize.source,), resize.output),
        rows=_sources(0, resize),
        columns=_sources(1, resize),
    )


def run(operator: ResizeNearest, codes: Codes) -> Codes:
    """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
    return codes[:, np.array(operator.rows)[:, np.newaxis], np.array(operator.columns)]


def _sources(axis: int, resize: Resize) -> tuple[int, ...]:
    """Returns the input position of every output position along an axis, with TFLite's float32 arithmetic."""
    size, outputs, align = resize.source.shape[axis], resize.output.shape[axis], resize.align_corners
    spans = (size - 1, outputs - 1) if align and outputs > 1 else (size, outputs)
    positions = np.arange(outputs, dtype=np.float32) + np.float32(0.5 * resize.half_pixel_centers)
    scaled = positions * (np.float32(spans[0]) / np.float32(spans[1]))
    # Adding a half in float64: the float32 sum could already round up.
    nearest = np.floor(scaled.astype(np.float64) + (0.5 if align else 0.0)).astype(np.int64)
    return tuple(int(source) for source in np.clip(nearest, 0, size - 1))
