"""Convolutions of any window on rows of pixels: four output channels of two pixels at a time, two weights to a lane.

What lies together of a window in memory is a stretch: one of its rows, or with dilation one of its taps.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import BLOCK_OUTPUTS, weight_blocks
from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.kernels.fast_convolution import FastConvolution, Rescaling
from edge_nas.codegen.program import (
    MOST_CHANNELS,
    Fields,
    Kernel,
    Layout,
    LayoutKind,
    Numbers,
    Reading,
    Rows,
    RowWindow,
    Table,
)
from edge_nas.codegen.tables import struct_table, table
from edge_nas.int8.arithmetic import INT8_MIN, Integers

# The kernel keeps a pointer to every stretch of the window (EDGE_DENSE_STRETCHES).
_MOST_STRETCHES = 64
# From one pixel to the next in bytes: what a load's offset holds.
_MOST_DISTANCE = 4095
# Widths, strides and dilations are bytes in its descriptor.
_MOST_WINDOW_COLUMNS = 255
_CODE_BYTES = 2  # of a pixel, where a word of two codes meets two weights
_CHANNEL_BYTES = 20  # of the C struct EdgeDenseChannels; with Helium it is four channels


class Dense(FastConvolution):
    """Any other window whose weights can share lanes, which all that converters write do."""

    # Sums are scaled after they are made, with the bias in them: it is a whole one.
    fractions = False

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether the window has more than one tap or a stride, and the sums can be made and scaled."""
        return not self.is_pointwise and self.is_exact

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input."""
        operator, window = self.operator, self.operator.window
        height, width, channels = operator.input_shape
        rows, columns, _ = operator.output_shape
        span_y, span_x = self._spans
        bottom = (rows - 1) * window.stride_height - window.pad_top + span_y - height
        right = max((columns - 1) * window.stride_width - window.pad_left + span_x - width, 0)
        # Two outputs are computed together, the last perhaps outside the image; two codes of a stretch as well.
        last_column = Layout("pixels", columns, 1).even_width - 1
        codes_read = (last_column * window.stride_width + span_x) * channels + self._codes % 2
        yield Demand(
            operator.index,
            operator.input,
            "pixels",
            top=window.pad_top,
            bottom=max(bottom, 0),
            left=window.pad_left,
            right=right,
            reach=max(codes_read - (window.pad_left + width + right) * channels, 0),
        )

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, row by row."""
        operator, window, weights = self.operator, self.operator.window, self.operator.weights
        rescaling = self.rescaling(builder)
        source = builder.read(operator.input, "pixels")
        target = builder.best_kind(operator.output, ("planar", "flat"))
        output = builder.create(operator.output, target)
        # Planes hold code + 128.
        zero = 0 if target == "planar" else -INT8_MIN
        stretches_per_row = 1 if window.dilation_width == 1 else window.width
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(output),
            "channels": self._channels(rescaling, zero),
            "weights": self._weights(),
            "codes": self._codes,
            "stretches": window.height * stretches_per_row,
            "window_width": stretches_per_row,
            "stride_y": window.stride_height,
            "stride_x": window.stride_width,
            "dilation_y": window.dilation_height,
            "dilation_x": window.dilation_width,
            "pad_top": window.pad_top,
            "pad_left": window.pad_left,
            "low": weights.activation_min - INT8_MIN - zero,
            "high": weights.activation_max - INT8_MIN - zero,
        }
        rows_read = RowWindow(numerator=window.stride_height, offset=-window.pad_top, size=self._spans[0])
        builder.step(
            [operator],
            self._kernel(target, rescaling),
            fields,
            [Reading(source, rows_read)],
            output,
            runs=operator.output_shape[0],
        )

    @cached_property
    def has_fast_window(self) -> bool:
        """Whether the kernel has room for the window, and its weights can share lanes two by two."""
        operator, window = self.operator, self.operator.window
        narrow = max(operator.input_shape[2], operator.output_shape[2]) <= MOST_CHANNELS
        near = self._distance <= _MOST_DISTANCE
        strides = (window.stride_height, window.stride_width, window.dilation_height, window.dilation_width)
        few_columns = max(window.width, *strides) <= _MOST_WINDOW_COLUMNS
        few_stretches = self._blocks.shape[2] <= _MOST_STRETCHES
        return narrow and near and few_columns and few_stretches and self._shares_lanes

    @property
    def _distance(self) -> int:
        """Bytes from the window of one output pixel to that of the next, with DSP instructions."""
        return _CODE_BYTES * self.operator.window.stride_width * self.operator.input_shape[2]

    @property
    def _spans(self) -> tuple[int, int]:
        """Rows and columns of the image that a window covers."""
        window = self.operator.window
        return (window.height - 1) * window.dilation_height + 1, (window.width - 1) * window.dilation_width + 1

    @property
    def _codes(self) -> int:
        """Codes of a stretch."""
        window, channels = self.operator.window, self.operator.input_shape[2]
        return channels if window.dilation_width > 1 else window.width * channels

    @cached_property
    def _blocks(self) -> Integers:
        """The weights as (blocks of four outputs, 4, stretches, codes), zeros behind the last output."""
        blocks = weight_blocks(self.operator.weights.weights)
        return blocks.reshape(len(blocks), BLOCK_OUTPUTS, -1, self._codes)

    @cached_property
    def _shares_lanes(self) -> bool:
        pairs = self._blocks.reshape(-1, 2, self.taps.shape[1])
        return lanes.fit(pairs) and lanes.sums_fit(pairs[:, 1])

    def _kernel(self, target: LayoutKind, rescaling: Rescaling) -> Kernel:
        """Returns the function. Where there are no DSP instructions, one does for every distance: `base`."""
        parameters = {"target": target, "rounding": rescaling.rounding, "shift": str(rescaling.shift)}
        base = Kernel("dense", parameters).function
        return Kernel("dense", {**parameters, "distance": str(self._distance)}, {"base": base})

    def _channels(self, rescaling: Rescaling, zero: int) -> Table:
        """Returns the constants of all channels; `zero`: what is taken off a code + 128."""
        scaled = rescaling.scaled
        constants = {
            "factor": scaled.factors,
            "multiplier": scaled.multipliers,
            "rounding": scaled.roundings - (zero << scaled.shifts),
            "shift": scaled.shifts,
        }
        portable = {"bias": scaled.bias, **constants}
        # Sums over codes, where the border holds the zero point.
        signed = {"bias": self.bias_on_codes * scaled.factors, **constants}
        # Helium shifts by a vector to the left only.
        left_shifted = {**signed, "shift": -scaled.shifts}
        return struct_table(
            "EdgeDenseChannels",
            _single_channels(portable),
            _CHANNEL_BYTES,
            dsp=struct_table("EdgeDenseChannels", _single_channels(signed), _CHANNEL_BYTES),
            helium=struct_table("EdgeDenseChannels", _channel_blocks(left_shifted), BLOCK_OUTPUTS * _CHANNEL_BYTES),
        )

    def _weights(self) -> Table:
        """Returns the weights in the order in which each instruction set wants them; see the kernel."""
        blocks = self._blocks
        both = lanes.packed(blocks[:, 0::2], blocks[:, 1::2])
        whole_words = np.pad(both, ((0, 0), (0, 0), (0, 0), (0, both.shape[3] % 2)))
        # (block, pair of outputs, stretch, word)
        words = lanes.words(whole_words.reshape(*whole_words.shape[:3], -1, 2))
        return table(
            blocks.transpose(0, 2, 3, 1),
            "int8",
            dsp=table(words.transpose(0, 2, 3, 1), "uint32"),
            helium=table(blocks, "int8"),
        )


def _single_channels(constants: Mapping[str, Integers]) -> list[dict[str, int]]:
    """Returns the constants (channels,) as one struct per channel."""
    rows = zip(*(column.tolist() for column in constants.values()), strict=True)
    return [dict(zip(constants, row, strict=True)) for row in rows]


def _channel_blocks(constants: Mapping[str, Integers]) -> list[dict[str, Numbers]]:
    """Returns the constants (channels,) as one struct for four channels, zeros behind the last."""
    missing = -len(constants["bias"]) % BLOCK_OUTPUTS
    columns = {name: np.pad(column, (0, missing)).reshape(-1, BLOCK_OUTPUTS) for name, column in constants.items()}
    return [
        {name: tuple(column[block].tolist()) for name, column in columns.items()}
        for block in range(len(columns["bias"]))
    ]
