"""DEPTHWISE_CONV_2D: any window, stride, dilation, padding, fused activation and depth multiplier.

Fast for one output per input channel; fastest for 3 x 3 taps with stride 1 or 2, no dilation and a ReLU whose range
fills the codes; right behind a nearest resize by 2, that is taken in. Several outputs of a single channel are the
convolution that they are.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from edge_nas.codegen.layouts import stepping
from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators import convolution
from edge_nas.codegen.operators.rounded_channels import rounded_channels
from edge_nas.codegen.operators.window_fields import code_fields, weight_tables, window_fields
from edge_nas.codegen.program import MOST_CHANNELS, Kernel, Layout, Reading, Rows, RowWindow, Table
from edge_nas.codegen.scaling import Scaled, clipped_shifts, rounded_is_exact, scale_clipped
from edge_nas.int8.arithmetic import Integers
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.operators.convolution import Convolution
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution

# The order in which the kernel wants the nine taps: the outer ones of each row, then the middle ones.
_ORDER = (0, 2, 3, 5, 6, 8, 1, 4, 7)
_WORD_BYTES = 4
_MOST_WINDOW_ROWS = 32  # the kernel for any window keeps a pointer to every row
_MOST_WINDOW_STEPS = 255  # counted in bytes
_KNOWN = 256  # operators whose shifts are remembered: every step of planning asks again


def shifts(operator: DepthwiseConvolution) -> tuple[int, ...]:
    """Returns the shifts with which a fast kernel is exact; empty where there is none."""
    dense = _as_convolution(operator)
    return convolution.shifts(dense) if dense else _shifts(operator)[0]


@lru_cache(_KNOWN)
def _shifts(operator: DepthwiseConvolution) -> tuple[tuple[int, ...], bool]:
    """Returns the shifts, and whether they are exact for phases as well, without which no upsampling is taken in."""
    if not _has_fast_window(operator):
        return (), False
    with_phases = clipped_shifts(operator.weights, _taps(operator), _phases(operator))
    return (with_phases, True) if with_phases else (clipped_shifts(operator.weights, _taps(operator)), False)


def demands(operator: DepthwiseConvolution, wanted: frozenset[str]) -> Iterable[Demand]:
    """Yields the layout of the input."""
    dense = _as_convolution(operator)
    if dense:
        yield from convolution.demands(dense, wanted)
    elif shifts(operator):
        height, width = operator.input_shape[:2]
        rows, columns = operator.output_shape[:2]
        window = operator.window
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
        )


def lower(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    """Adds the steps of the operator."""
    dense = _as_convolution(operator)
    if dense:
        convolution.lower(lowering, dense)
    elif not shifts(operator):
        lower_flat(lowering, operator)
    elif operator.input in lowering.upsampled:
        _lower_upsampled(lowering, operator)
    else:
        _lower_fast(lowering, operator)


def takes_upsampling(operator: DepthwiseConvolution) -> bool:
    """Returns whether a nearest resize by 2 before the operator can be taken in."""
    window = operator.window
    same = window.stride_height == 1 and window.pad_top == window.pad_left == 1
    return _shifts(operator)[1] and same and operator.output_shape[:2] == operator.input_shape[:2]


def lower_flat(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    """Adds the steps of the operator on flat tensors."""
    dense = _as_convolution(operator)
    if dense:
        convolution.lower_flat(lowering, dense)
    elif _takes_taps(operator):
        _lower_taps(lowering, operator)
    else:
        _lower_any(lowering, operator)


def _lower_any(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    """Adds the step that computes one output after the other."""
    fields = [
        *weight_tables(lowering, operator.weights),
        *operator.input_shape,
        *operator.output_shape,
        *window_fields(operator.window, dilated=True),
        *code_fields(operator.weights),
    ]
    lowering.flat_step(operator, "depthwise_convolution", fields, runs=operator.output_shape[0])


@lru_cache(_KNOWN)
def _as_convolution(operator: DepthwiseConvolution) -> Convolution | None:
    """Returns the convolution that several outputs of a single input channel are; None for other operators."""
    if operator.input_shape[2] != 1 or operator.depth_multiplier == 1:
        return None
    weights = replace(operator.weights, weights=operator.weights.weights.transpose(3, 1, 2, 0))
    fields = {field.name: getattr(operator, field.name) for field in dataclasses.fields(ParsedOperator)}
    return Convolution(**fields, window=operator.window, weights=weights)


def _takes_taps(operator: DepthwiseConvolution) -> bool:
    """Whether the kernel for four channels of any window may be used."""
    window = operator.window
    steps = (window.width, window.stride_height, window.stride_width, window.dilation_height, window.dilation_width)
    return (
        operator.depth_multiplier == 1
        and operator.output_shape[2] <= MOST_CHANNELS
        and window.height <= _MOST_WINDOW_ROWS
        and max(steps) <= _MOST_WINDOW_STEPS
        and rounded_is_exact(operator.weights, _taps(operator))
    )


def _lower_taps(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    """Adds the step that computes four channels at a time, of any window."""
    window, weights = operator.window, operator.weights
    taps = _taps(operator)
    missing = -len(taps) % 4
    groups = np.pad(taps, ((0, missing), (0, 0))).reshape(-1, 4, taps.shape[1]).transpose(0, 2, 1)
    source = lowering.read(operator.input)
    write = lowering.create(operator.output, "flat")
    reach = (window.height - 1) * window.dilation_height + 1
    lowering.step(
        [operator],
        Kernel("depthwise_taps"),
        [
            Rows(source),
            Rows(write),
            lowering.table(groups, "int8"),
            rounded_channels(lowering, weights, taps, weights.bias.astype(np.int64)),
            operator.input_shape[0],
            window.height,
            window.width,
            window.stride_height,
            window.stride_width,
            window.dilation_height,
            window.dilation_width,
            window.pad_top,
            window.pad_left,
            weights.input_zero_point,
            weights.activation_min,
            weights.activation_max,
        ],
        [lowering.reading(source, RowWindow(window.stride_height, 1, -window.pad_top, reach))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _lower_fast(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    window = operator.window
    shift = lowering.shift_in(shifts(operator))
    scaled = scale_clipped(operator.weights, _taps(operator)[:, _ORDER], shift)
    weights = np.concatenate([scaled.weights, np.zeros((len(scaled.bias), 1), np.int64)], axis=1)
    source = lowering.read(operator.input, "planar")
    write, target = _output(lowering, operator)
    steps, derived = stepping(lowering.buffer(write).layout, lowering.optimize)
    parameters = (("stride", f"s{window.stride_width}"), ("target", target), ("shift", str(shift)), *steps)
    derived = (*derived, ("stride_bytes", str(window.stride_width)), ("advance", "2"))
    lowering.step(
        [operator],
        Kernel("depthwise3", parameters, derived),
        [
            Rows(source),
            Rows(write),
            _table(lowering, "EdgeDepthwise3Channel", [_numbers(row) for row in weights], scaled, 32),
            window.pad_top,
            window.pad_left,
        ],
        [Reading(source, RowWindow(window.stride_height, 1, -window.pad_top, 3))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _lower_upsampled(lowering: Lowering, operator: DepthwiseConvolution) -> None:
    shift = lowering.shift_in(shifts(operator))
    phases = _phases(operator)
    scaled = scale_clipped(operator.weights, _taps(operator), shift, phases)
    weights = np.stack([phase * scaled.factors[:, np.newaxis] for phase in phases], axis=1).reshape(-1, 2, 8)
    entries = [f"{{{_numbers(even)}, {_numbers(odd)}}}" for even, odd in weights]
    resize = lowering.upsampled[operator.input]
    source = lowering.read(resize.input, "planar")
    write, target = _output(lowering, operator)
    steps, derived = stepping(lowering.buffer(write).layout, lowering.optimize)
    lowering.step(
        [resize, operator],
        Kernel("depthwise3_up2", (("target", target), ("shift", str(shift)), *steps), derived),
        [
            Rows(source),
            Rows(write),
            _table(lowering, "EdgeDepthwise3Up2Channel", entries, scaled, 44, weights_first=False),
        ],
        # All phases of a channel sum the same nine weights: they share one bias.
        [Reading(source, RowWindow(1, 2, -1, 2))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _output(lowering: Lowering, operator: DepthwiseConvolution) -> tuple[int, str]:
    """Returns the buffer to write and its layout."""
    target = lowering.kind_for(operator.output, ("pairs", "planar"))
    return lowering.create(operator.output, target), target


def _table(
    lowering: Lowering,
    c_type: str,
    weights: Sequence[str],
    scaled: Scaled,
    entry_bytes: int,
    *,
    weights_first: bool = True,
) -> Table:
    """Returns the constants of all channels: weights before or behind bias, multiplier, rounding."""
    numbers = zip(scaled.bias.tolist(), scaled.multipliers.tolist(), scaled.roundings.tolist(), strict=True)
    entries = [
        f"{{{taps}, {_list(channel)}}}" if weights_first else f"{{{_list(channel)}, {taps}}}"
        for taps, channel in zip(weights, numbers, strict=True)
    ]
    return lowering.struct_table(c_type, entries, len(entries), entry_bytes * len(entries))


def _numbers(values: Integers) -> str:
    return f"{{{_list(values.tolist())}}}"


def _list(values: Iterable[int]) -> str:
    return ", ".join(map(str, values))


def _taps(operator: DepthwiseConvolution) -> Integers:
    """Returns the weights as (channels, taps), row by row."""
    weights = operator.weights.weights[0]
    taps: Integers = weights.reshape(-1, weights.shape[-1]).T.astype(np.int64)
    return taps


def _phases(operator: DepthwiseConvolution) -> tuple[Integers, ...]:
    """Returns the factors (channels, 4) of the small image's pixels for even and odd rows, even and odd columns.

    Each holds upper left, lower left, upper right, lower right. In an even row the upper tap meets one small pixel and
    the two others meet the next; in an odd row it is the two upper ones that meet the same; columns likewise.
    """
    taps = _taps(operator).reshape(-1, 3, 3)
    found = []
    for rows in ((taps[:, 0], taps[:, 1] + taps[:, 2]), (taps[:, 0] + taps[:, 1], taps[:, 2])):
        upper, lower = rows
        for left, right in ((slice(0, 1), slice(1, 3)), (slice(0, 2), slice(2, 3))):
            sums = [row[:, columns].sum(axis=1) for columns in (left, right) for row in (upper, lower)]
            found.append(np.stack(sums, axis=1))
    return tuple(found)


def _has_fast_window(operator: DepthwiseConvolution) -> bool:
    window = operator.window
    return (
        (window.height, window.width, window.dilation_height, window.dilation_width) == (3, 3, 1, 1)
        and window.stride_height == window.stride_width
        and window.stride_height in (1, 2)
        and operator.depth_multiplier == 1
        and operator.output_shape[2] <= MOST_CHANNELS
    )
