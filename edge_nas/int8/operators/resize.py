"""What the resizes share: their operands and where the centres of pixels are."""

from dataclasses import dataclass

from edge_nas.int8.operators.operands import CodeTensor, Operands


@dataclass(frozen=True)
class Resize:
    """The image (H, W, C) that is resized, what it becomes, and which positions coincide.

    `align_corners`: the centres of the corner pixels do; `half_pixel_centers`: the corners of the images do.
    """

    source: CodeTensor
    output: CodeTensor
    align_corners: bool
    half_pixel_centers: bool


def parse_resize(operands: Operands) -> Resize:
    """Returns what an operator resizes, and how; its second input is the constant (height, width).

    Raises:
        ArtifactError: anything about it is not supported.
    """
    operands.expect_inputs(2, 2)
    source = operands.activation(0, rank=3)
    align, half = bool(operands.option("AlignCorners")), bool(operands.option("HalfPixelCenters"))
    size = operands.constant(1, "int32", 1)
    if size.shape != (2,) or min(size) < 1:
        raise operands.refusal("a height and a width, each at least 1, are expected", operands.tensor(1))
    output = operands.output(shape=(int(size[0]), int(size[1]), source.shape[2]), same_codes_as=source)
    return Resize(source, output, align, half)
