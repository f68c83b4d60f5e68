"""Every pixel of a planar image becomes a block of pixels, unless all readers enlarge the image themselves."""

from collections.abc import Iterable, Sequence

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Kernel, LayoutKind, Reading, Rows, RowWindow
from edge_nas.int8.operators.resize_nearest import ResizeNearest

_LARGEST_FACTOR = 255  # factors are bytes in the descriptor


class Upsample(FastKernel[ResizeNearest]):
    """Whole factors; by 2 in front of fast depthwise convolutions alone, it costs nothing."""

    def __init__(self, operator: ResizeNearest) -> None:
        """Finds the factors by which height and width grow; None where they are not whole."""
        super().__init__(operator)
        height, width, _ = operator.input_shape
        self._vertical = _factor(operator.rows, height)
        self._horizontal = _factor(operator.columns, width)

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:
        """Returns whether every pixel becomes a block of pixels, which are read planar."""
        return wanted == {"planar"} and self._vertical is not None and self._horizontal is not None

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input, with the border that kernels need that enlarge it themselves."""
        yield Demand(self.operator.index, self.operator.input, "planar", top=1, bottom=1, left=1, right=1, reach=2)

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row; none where its readers take the small image."""
        operator = self.operator
        if self._vertical is None or self._horizontal is None:
            raise ValueError("an upsampling by factors that are not whole")
        if self._readers_take_the_small_image(builder):
            builder.small_image_of[operator.output] = operator
            return
        source = builder.read(operator.input, "planar")
        output = builder.create(operator.output, "planar")
        builder.step(
            [operator],
            Kernel("upsample", {"copies": str(self._horizontal)}),
            {"input": Rows(source), "output": Rows(output), "height": self._vertical},
            [Reading(source, RowWindow(denominator=self._vertical))],
            output,
            runs=operator.output_shape[0],
        )

    def _readers_take_the_small_image(self, builder: ProgramBuilder) -> bool:
        by_two = (self._vertical, self._horizontal) == (2, 2)
        # They take two of its pixels at a time.
        even_width = self.operator.input_shape[1] % 2 == 0
        return by_two and even_width and builder.readers_enlarge(self.operator.output)


def _factor(copied: Sequence[int], size: int) -> int | None:
    """Returns how often each of `size` positions is copied, if all are equally often and in order; else None."""
    factor = max(len(copied) // size, 1)
    enlarged = [position // factor for position in range(factor * size)]
    return factor if factor <= _LARGEST_FACTOR and list(copied) == enlarged else None
