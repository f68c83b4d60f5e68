"""Maxima of windows that lie side by side on planar images; those two pixels wide have a source of their own."""

from collections.abc import Iterable

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.lowering import FastKernel
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, Reading, Rows, RowWindow
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN
from edge_nas.int8.operators.max_pool import MaxPool

_LARGEST_WINDOW = 255  # its sizes are bytes in the descriptor
_MOST_UNROLLED_ROWS = 4  # of windows two pixels wide, each of which takes a register


class MaxPoolPlanar(FastKernel[MaxPool]):
    """Windows side by side, inside the image, without activation."""

    # Its output is read planar all the same: better it converts many pixels before than slow code pools them.
    converts = True

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:
        """Returns whether the windows are such, and the output is read planar or in pairs, which are made of that."""
        window = self.operator.window
        height, width, _ = self.operator.input_shape
        rows, columns, _ = self.operator.output_shape
        side_by_side = (window.height, window.width) == (window.stride_height, window.stride_width)
        unpadded = (window.pad_top, window.pad_left) == (0, 0)
        inside = rows * window.height <= height and columns * window.width <= width
        counted_in_bytes = max(window.height, window.width) <= _LARGEST_WINDOW
        unclipped = (self.operator.activation_min, self.operator.activation_max) == (INT8_MIN, INT8_MAX)
        is_fast = side_by_side and unpadded and inside and counted_in_bytes and unclipped
        return is_fast and bool(wanted & {"planar", "pairs"})

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input, that of the output."""
        yield Demand(self.operator.index, self.operator.input, "planar")

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator = self.operator
        height, width = operator.window.height, operator.window.width
        source = builder.read(operator.input, "planar")
        output = builder.create(operator.output, "planar")
        by_two = width == 2 and height <= _MOST_UNROLLED_ROWS
        sizes: Fields = {} if by_two else {"height": height, "width": width}
        kernel = Kernel("max_pool2_planar", {"height": str(height)}) if by_two else Kernel("max_pool_planar")
        builder.step(
            [operator],
            kernel,
            {"input": Rows(source), "output": Rows(output), **sizes},
            [Reading(source, RowWindow(numerator=height, size=height))],
            output,
            runs=operator.output_shape[0],
        )
