"""Depthwise convolutions of 3 x 3 taps on planar images; behind a nearest resize by 2, on the small image."""

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property

import numpy as np

from edge_nas.codegen.builder import Demand, ProgramBuilder
from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.lowering import FastKernel
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
)
from edge_nas.codegen.scaling import Scaled, Shifts, relu_shifts, scale_relu
from edge_nas.codegen.tables import struct_table
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution

# The order in which the kernel wants the nine taps: the outer ones of each row, then the middle ones.
_ORDER = (0, 2, 3, 5, 6, 8, 1, 4, 7)
_WORD_BYTES = 4
_MOST_NARROWING_SHIFT = 16
# Of the C structs EdgeDepthwise3Channel and EdgeDepthwise3Up2Channel.
_CHANNEL_BYTES, _UP2_CHANNEL_BYTES = 32, 44


class Depthwise3(FastKernel[DepthwiseConvolution]):
    """3 x 3 taps with stride 1 or 2, no dilation, one output per input channel and a ReLU that fills the codes.

    Right behind a nearest resize by 2, that is taken in.
    """

    # How: of the nine taps, those that meet the same pixel of the small image are summed beforehand; the large image
    # never exists (`_phases`).

    def fits(self, wanted: frozenset[LayoutKind]) -> bool:  # noqa: ARG002 - whatever its readers want, it makes
        """Returns whether the window is such and the outputs are clipped at zero by scales that suit."""
        return bool(self._shifts)

    def shifts(self) -> Shifts:
        """Returns the shifts with which it is exact, on the small image as well where it is on any."""
        return self._shifts

    @property
    def alike(self) -> Hashable:
        """Those of one stride."""
        return type(self), self.operator.window.stride_width

    def demands(self) -> Iterable[Demand]:
        """Yields the layout of the input."""
        operator, window = self.operator, self.operator.window
        height, width = operator.input_shape[:2]
        rows, columns = operator.output_shape[:2]
        bottom = (rows - 1) * window.stride_height - window.pad_top + window.height - height
        # The last two outputs are computed together, the second of them perhaps outside the image.
        last_word = Layout("planar", columns, 1).even_width - (2 if window.stride_width == 1 else 1)
        last_read = last_word * window.stride_width - window.pad_left + _WORD_BYTES - 1
        last_used = (columns - 1) * window.stride_width - window.pad_left + window.width - 1
        yield Demand(
            operator.index,
            operator.input,
            "planar",
            top=window.pad_top,
            bottom=max(bottom, 0),
            left=window.pad_left,
            right=max(last_used - (width - 1), 0),
            reach=max(last_read - (width - 1), 0),
            enlarges=self._enlarges,
        )

    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the step of the operator, and with it that of the resize whose small image it reads."""
        if self.operator.input in builder.small_image_of:
            self._lower_on_small_image(builder)
        else:
            self._lower_on_image(builder)

    @cached_property
    def _taps(self) -> Integers:
        """The weights as (channels, 9), row by row."""
        taps: Integers = self.operator.weights.weights[0].reshape(9, -1).T.astype(np.int64)
        return taps

    @cached_property
    def _phases(self) -> tuple[Integers, ...]:
        """The factors (channels, 4) of the small image's pixels for even and odd rows, even and odd columns.

        Each holds upper left, lower left, upper right, lower right. In an even row the upper tap meets one small pixel
        and the two others meet the next; in an odd row it is the two upper ones that meet the same; columns likewise.
        """
        first_alone = (slice(0, 1), slice(1, 3))
        last_alone = (slice(0, 2), slice(2, 3))
        taps = self._taps.reshape(-1, 3, 3)
        phases = []
        for upper, lower in (first_alone, last_alone):
            for left, right in (first_alone, last_alone):
                corners = ((upper, left), (lower, left), (upper, right), (lower, right))
                sums = [taps[:, rows, columns].sum(axis=(1, 2)) for rows, columns in corners]
                phases.append(np.stack(sums, axis=1))
        return tuple(phases)

    @cached_property
    def _shifts_of_phases(self) -> Shifts:
        """The shifts that are exact for sums of taps as well, without which no resize is taken in."""
        return relu_shifts(self.operator.weights, self._taps, self._phases) if self._has_fast_window else Shifts()

    @cached_property
    def _shifts(self) -> Shifts:
        if not self._has_fast_window:
            return Shifts()
        return self._shifts_of_phases or relu_shifts(self.operator.weights, self._taps)

    @property
    def _enlarges(self) -> bool:
        """Whether it can read an image of half the size and enlarge it by itself."""
        operator, window = self.operator, self.operator.window
        centred = window.stride_height == 1 and window.pad_top == window.pad_left == 1
        same_size = operator.output_shape[:2] == operator.input_shape[:2]
        return bool(self._shifts_of_phases) and centred and same_size

    @property
    def _has_fast_window(self) -> bool:
        operator, window = self.operator, self.operator.window
        return (
            (window.height, window.width, window.dilation_height, window.dilation_width) == (3, 3, 1, 1)
            and window.stride_height == window.stride_width
            and window.stride_height in (1, 2)
            and operator.depth_multiplier == 1
            and operator.output_shape[2] <= MOST_CHANNELS
        )

    def _lower_on_image(self, builder: ProgramBuilder) -> None:
        operator, window = self.operator, self.operator.window
        shift = builder.shift_of(operator)
        scaled = scale_relu(operator.weights, self._taps[:, _ORDER], shift)
        source = builder.read(operator.input, "planar")
        target = builder.best_kind(operator.output, ("pairs", "planar"))
        output = builder.create(operator.output, target)
        stride = pair_stride(builder.buffer(output).layout, builder.optimize)
        parameters = {
            "stride": f"s{window.stride_width}",
            "target": target,
            "shift": str(shift),
            **stride.parameters,
        }
        # A word holds four pixels: two outputs use its pixels 0 to 3, or with a stride of 2 one output each 0 to 2.
        places = {
            **stride.places,
            **helium_shifts(shift),
            "stride_pixels": str(window.stride_width),
            "advance": "2",
            "code": _code_type(target),
        }
        # The tenth weight fills the last word of two.
        weights = np.pad(scaled.weights, ((0, 0), (0, 1)))
        channels: list[dict[str, Numbers]] = [
            {"weights": tuple(taps.tolist()), **constants}
            for taps, constants in zip(weights, _constants(scaled), strict=True)
        ]
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(output),
            "channels": struct_table("EdgeDepthwise3Channel", channels, _CHANNEL_BYTES),
            "pad_top": window.pad_top,
            "pad_left": window.pad_left,
        }
        rows_read = RowWindow(numerator=window.stride_height, offset=-window.pad_top, size=3)
        builder.step(
            [operator],
            Kernel("depthwise3", parameters, places),
            fields,
            [Reading(source, rows_read)],
            output,
            runs=operator.output_shape[0],
        )

    def _lower_on_small_image(self, builder: ProgramBuilder) -> None:
        operator = self.operator
        shift = builder.shift_of(operator)
        scaled = scale_relu(operator.weights, self._taps, shift, self._phases)
        resize = builder.small_image_of[operator.input]
        source = builder.read(resize.input, "planar")
        target = builder.best_kind(operator.output, ("pairs", "planar"))
        output = builder.create(operator.output, target)
        stride = pair_stride(builder.buffer(output).layout, builder.optimize)
        parameters = {"target": target, "shift": str(shift), **stride.parameters}
        # All phases of a channel sum the same nine weights: they share one bias.
        phases = [phase * scaled.factors[:, np.newaxis] for phase in self._phases]
        even_rows, odd_rows = np.concatenate(phases[:2], axis=1), np.concatenate(phases[2:], axis=1)
        channels: list[dict[str, Numbers]] = [
            {**constants, "weights": (tuple(even.tolist()), tuple(odd.tolist()))}
            for constants, even, odd in zip(_constants(scaled), even_rows, odd_rows, strict=True)
        ]
        fields: Fields = {
            "input": Rows(source),
            "output": Rows(output),
            "channels": struct_table("EdgeDepthwise3Up2Channel", channels, _UP2_CHANNEL_BYTES),
        }
        builder.step(
            [resize, operator],
            Kernel("depthwise3_up2", parameters, {**stride.places, **helium_shifts(shift), "code": _code_type(target)}),
            fields,
            [Reading(source, RowWindow(denominator=2, offset=-1, size=2))],
            output,
            runs=operator.output_shape[0],
        )


def helium_shifts(shift: int) -> dict[str, str]:
    """Returns the places of a shift with Helium: narrowing shifts by up to 16 bits, a shift before it by the rest."""
    return {
        "shift_in_two": "yes" if shift > _MOST_NARROWING_SHIFT else "no",
        "narrowing_shift": str(min(shift, _MOST_NARROWING_SHIFT)),
    }


def _code_type(target: LayoutKind) -> str:
    """Returns the C type of a code in a row of the output."""
    return "EdgePairCode" if target == "pairs" else "uint8_t"


def _constants(scaled: Scaled) -> list[Mapping[str, int]]:
    """Returns bias, multiplier and rounding of each channel."""
    columns = zip(scaled.bias.tolist(), scaled.multipliers.tolist(), scaled.roundings.tolist(), strict=True)
    return [{"bias": bias, "multiplier": multiplier, "rounding": rounding} for bias, multiplier, rounding in columns]
