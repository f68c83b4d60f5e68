"""RESIZE_NEAREST_NEIGHBOR: every output pixel is a copy of one input pixel."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands, ParsedOperator
from edge_nas.int8.operators.resize import RESIZE_OPTIONS, Resize, parse_resize


@register("RESIZE_NEAREST_NEIGHBOR", options=SchemaOptions("ResizeNearestNeighborOptions", RESIZE_OPTIONS))
@dataclass(frozen=True, eq=False, kw_only=True)
class ResizeNearest(ParsedOperator):
    """A resize without mixing.

    Attributes:
        rows: for every output row the input row it copies.
        columns: for every output column the input column it copies.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the resize that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        resize = parse_resize(operands)
        return cls(
            **operands.wiring((resize.source,), resize.output),
            rows=_copied_positions(0, resize),
            columns=_copied_positions(1, resize),
        )

    def run(self, codes: Codes) -> Codes:
        """Returns the output codes (N, OH, OW, C) for input codes (N, H, W, C)."""
        rows, columns = np.array(self.rows), np.array(self.columns)
        return codes[:, rows[:, np.newaxis], columns]


def _copied_positions(axis: int, resize: Resize) -> tuple[int, ...]:
    """Returns the input position that every output position along an axis copies, with TFLite's float32 arithmetic."""
    input_span, output_span = resize.spans(axis)
    scale = np.float32(input_span) / np.float32(output_span)
    centres = np.arange(resize.output.shape[axis], dtype=np.float32)
    if resize.half_pixel_centers:
        centres += np.float32(0.5)
    # float64 from here on: in float32, adding a half could already round up.
    positions = (centres * scale).astype(np.float64)
    if resize.align_corners:
        positions += 0.5  # to the nearest; otherwise to the pixel that the position lies in
    copied = np.floor(positions).astype(np.int64)
    return tuple(np.clip(copied, 0, resize.source.shape[axis] - 1).tolist())
