"""Convolutions whose windows hold few codes: each window is gathered as one pixel, which then meets 1 x 1 taps."""

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.pointwise import Pointwise
from edge_nas.codegen.program import Fields, Kernel, LayoutKind, Rows, RowWindow
from edge_nas.codegen.window_fields import window_fields
from edge_nas.int8.arithmetic import Integers

# For `dense`, going through one more stretch takes a core with DSP instructions as long as 20 products of four outputs
# and two pixels: up to so many codes it is cheaper to copy them.
_SHORT_STRETCH = 16
_VECTOR_BYTES = 16  # of Helium
_MOST_CODES = 128  # of a window: a row of them is that much memory for every pixel
_MOST_SIZE = 255  # sizes, strides and dilations are bytes in the descriptor


class PointwiseWindows(Pointwise):
    """Windows of up to 128 codes that lie in short stretches, and 1 x 1 taps with a stride."""

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether gathering is worth it, the sums can be made and scaled, and DSP cores do so in assembly."""
        window = self.operator.window
        sizes = (window.height, window.width, window.stride_height, window.stride_width)
        few_codes = self._codes <= _SHORT_STRETCH and self._stretches * self._codes <= _MOST_CODES
        is_small = max(*sizes, window.dilation_height, window.dilation_width) <= _MOST_SIZE
        worth_it = not self.is_pointwise and (few_codes or (window.height, window.width) == (1, 1))
        return worth_it and is_small and self.is_exact and (bool(self.shifts()) or self.has_full_range)

    def demands(self) -> Iterable[Demand]:
        """Yields nothing: it reads its input flat."""
        return ()

    @property
    def makes_demands(self) -> bool:
        """Yes: an operator that has to do without further memory has none for a row of windows."""
        return True

    def pixels(self, builder: ProgramBuilder) -> int:
        """Returns a buffer of pairs for one row of windows at a time, and adds the step that fills it."""
        operator, window = self.operator, self.operator.window
        source = builder.read(operator.input)
        rows, columns, _ = operator.output_shape
        target = builder.create_pairs(operator.input, rows, columns, self.taps.shape[1])
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(target),
            "height": operator.input_shape[0],
            "columns": self._codes // operator.input_shape[2],
            **window_fields(window, dilated=True),
            "window_width": self._stretches // window.height,
        }
        span = (window.height - 1) * window.dilation_height + 1
        rows_read = RowWindow(numerator=window.stride_height, offset=-window.pad_top, size=span)
        builder.step(
            [],
            Kernel(
                "pairs_from_windows",
                {"codes": str(self._codes)},
                {"short": "yes" if self._codes <= _VECTOR_BYTES else "no"},
            ),
            fields,
            [builder.reading(source, rows_read)],
            target,
            runs=rows,
        )
        return target

    @cached_property
    def taps(self) -> Integers:
        """The weights as (output channels, channels of the gathered pixels): see the kernel for their order."""
        together = self._codes // 2 * 2
        stretch = np.arange(self._codes)
        for first in range(0, self._codes // 4 * 4, 4):
            stretch[[first + 1, first + 2]] = first + 2, first + 1
        channels = stretch + together * np.arange(self._stretches)[:, np.newaxis]
        if self._codes % 2:
            channels[:, -1] = self._stretches * together + np.arange(self._stretches)
        taps = np.zeros_like(self.taps_in_order)
        taps[:, channels.reshape(-1)] = self.taps_in_order[:, : channels.size]
        return taps

    @cached_property
    def taps_in_order(self) -> Integers:
        """The same in the order of the window, as Helium has it; with zeros where they are odd in number."""
        weights = self.operator.weights.weights
        rows = weights.reshape(len(weights), -1).astype(np.int64)
        return np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))

    @property
    def _codes(self) -> int:
        """Codes of a stretch."""
        window, channels = self.operator.window, self.operator.input_shape[2]
        return channels if window.dilation_width > 1 else window.width * channels

    @property
    def _stretches(self) -> int:
        """Stretches of a window."""
        window = self.operator.window
        return window.height * (window.width if window.dilation_width > 1 else 1)
