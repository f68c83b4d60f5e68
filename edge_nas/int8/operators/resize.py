"""What the resizes share: their operands and where the centres of pixels are."""

from dataclasses import dataclass

from edge_nas.int8.operands import CodeTensor, Operands

RESIZE_OPTIONS = ("AlignCorners", "HalfPixelCenters")


@dataclass(frozen=True)
class Resize:
    """The image (H, W, C) that is resized, what it becomes, and which positions coincide.

    `align_corners`: the centres of the corner pixels do; `half_pixel_centers`: the corners of the images do.
    """

    source: CodeTensor
    output: CodeTensor
    align_corners: bool
    half_pixel_centers: bool

    def spans(self, axis: int) -> tuple[int, int]:
        """Returns two distances along an axis that are the same length, in pixels of the input and of the output."""
        size, outputs = self.source.shape[axis], self.output.shape[axis]
        if self.align_corners and outputs > 1:
            return size - 1, outputs - 1
        return size, outputs


def parse_resize(operands: Operands) -> Resize:
    """Returns what an operator resizes, and how; its second input is the constant (height, width).

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands.expect_inputs(2, 2)
    source = operands.moved(0, rank=3)
    size = operands.constant(1, "int32", 1)
    if size.shape != (2,) or min(size) < 1:
        raise operands.refusal("a height and a width, each at least 1, are expected", operands.tensor(1))
    output = operands.moved_output(source, (int(size[0]), int(size[1]), source.shape[2]))
    return Resize(
        source=source,
        output=output,
        align_corners=bool(operands.option("AlignCorners")),
        half_pixel_centers=bool(operands.option("HalfPixelCenters")),
    )
