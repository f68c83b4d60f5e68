"""What the poolings share: a window and a fused activation, codes that keep their scale."""

from dataclasses import dataclass
from typing import Any, Self

from edge_nas.int8.kinds import SchemaOptions
from edge_nas.int8.operands import FUSED_ACTIVATION, Operands, ParsedOperator
from edge_nas.int8.operators.window import WINDOW_OPTIONS, Window, parse_window

POOL_OPTIONS = SchemaOptions("Pool2DOptions", (*WINDOW_OPTIONS, "FilterHeight", "FilterWidth", *FUSED_ACTIVATION))


@dataclass(frozen=True, eq=False, kw_only=True)
class Pool(ParsedOperator):
    """A pooling over the part of the window inside the image, then clipped.

    Attributes:
        window: its window; every position covers at least one pixel.
        activation_min, activation_max: the smallest and largest code.
    """

    window: Window
    activation_min: int
    activation_max: int

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the pooling that an operator describes.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        return cls(**cls.fields(operands))

    @classmethod
    def fields(cls, operands: Operands, dtype: str = "int8") -> dict[str, Any]:
        """Returns the fields of every pooling, on codes of a dtype.

        Raises:
            ArtifactError: anything about it is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0, rank=3, dtypes=(dtype,))
        height, width = operands.option("FilterHeight", 1), operands.option("FilterWidth", 1)
        window, rows, columns = parse_window(operands, height, width, source.shape)
        shape = (rows, columns, source.shape[2])
        output = operands.output(shape=shape, same_codes_as=source, dtypes=(dtype,))
        low, high = operands.fused_range(output)
        return {**operands.wiring((source,), output), "window": window, "activation_min": low, "activation_max": high}
