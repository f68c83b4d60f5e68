"""CONV_2D: any window, stride, dilation, padding and fused activation; int8 weights per tensor or per channel.

Fast, fastest for 1 x 1 taps with stride 1.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from edge_nas.codegen import lanes
from edge_nas.codegen.blocks import BLOCK_OUTPUTS, block_weights, weight_blocks
from edge_nas.codegen.layouts import stepping
from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators.rounded_channels import rounded_channels
from edge_nas.codegen.operators.window_fields import code_fields, weight_tables, window_fields
from edge_nas.codegen.program import MOST_CHANNELS, Kernel, Layout, Reading, Rows, RowWindow, Table
from edge_nas.codegen.scaling import (
    Scaled,
    clipped_shifts,
    linear_is_exact,
    rounded_is_exact,
    scale_clipped,
    scale_linear,
)
from edge_nas.core.config import Optimize
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN, Integers
from edge_nas.int8.operators.convolution import Convolution

# The kernel keeps a pointer to every stretch of the window.
_MOST_STRETCHES = 64
# From one pixel to the next in bytes: what a load's offset holds.
_MOST_DISTANCE = 4095
_MOST_PATCH_CODES = 1152  # of a window gathered on the stack: 3 x 3 of 128 channels
_MOST_WINDOW_STEPS = 255  # strides and border are counted in bytes
_WORD_BYTES = 4
_KNOWN = 256  # operators whose shifts are remembered: every step of planning asks again
_VECTOR_BYTES = 16
_FEW_PAIRS = 4  # whose weights a kernel holds in registers


@lru_cache(_KNOWN)
def shifts(operator: Convolution) -> tuple[int, ...]:
    """Returns the shifts with which a fast kernel is exact for outputs clipped at zero; empty where there is none."""
    if not _has_fast_window(operator) or not (_is_pointwise(operator) or _shares_lanes(operator)):
        return ()
    # Sums of the dense kernel are scaled after they are made, with the bias in them.
    return clipped_shifts(operator.weights, _taps(operator), fractions=_is_pointwise(operator))


def demands(operator: Convolution, _: frozenset[str]) -> Iterable[Demand]:
    """Yields the layout of the input."""
    if not _is_fast(operator):
        return
    if _is_pointwise(operator):
        yield Demand(operator.index, operator.input, "pairs")
        return
    window = operator.window
    height, width, channels = operator.input_shape
    rows, columns = operator.output_shape[:2]
    span_y, span_x = _spans(operator)
    bottom = (rows - 1) * window.stride_height - window.pad_top + span_y - height
    right = max((columns - 1) * window.stride_width - window.pad_left + span_x - width, 0)
    # Two outputs are computed together, the last perhaps outside the image; two codes of a stretch as well.
    last = Layout("pixels", columns, 1).even_width - 1
    read = (last * window.stride_width + span_x) * channels + _codes(operator) % 2
    yield Demand(
        operator.index,
        operator.input,
        "pixels",
        top=window.pad_top,
        bottom=max(bottom, 0),
        left=window.pad_left,
        right=right,
        reach=max(read - (window.pad_left + width + right) * channels, 0),
    )


def lower(lowering: Lowering, operator: Convolution) -> None:
    """Adds the steps of the operator."""
    if not _is_fast(operator):
        lower_flat(lowering, operator)
    elif _is_pointwise(operator):
        _lower_pointwise(lowering, operator)
    else:
        _lower_dense(lowering, operator)


def lower_flat(lowering: Lowering, operator: Convolution) -> None:
    """Adds the steps of the operator on flat tensors."""
    if _takes_patches(operator):
        _lower_patches(lowering, operator)
    else:
        _lower_any(lowering, operator)


def _takes_patches(operator: Convolution) -> bool:
    """Whether the kernel may be used that gathers each window and needs no memory in the arena."""
    window = operator.window
    steps = (window.width, window.stride_height, window.stride_width, window.dilation_height, window.dilation_width)
    return (
        max(window.height, *steps) <= _MOST_WINDOW_STEPS
        and _taps(operator).shape[1] <= _MOST_PATCH_CODES
        and lanes.fit(weight_blocks(operator.weights.weights))
        and rounded_is_exact(operator.weights, _taps(operator))
    )


def _lower_patches(lowering: Lowering, operator: Convolution) -> None:
    """Adds the step that gathers each window and computes four outputs at a time."""
    window, weights = operator.window, operator.weights
    source = lowering.read(operator.input)
    write = lowering.create(operator.output, "flat")
    lowering.step(
        [operator],
        Kernel("convolution_patches"),
        [
            Rows(source),
            Rows(write),
            block_weights(lowering, weight_blocks(weights.weights)),
            rounded_channels(lowering, weights, _taps(operator), _bias(operator)),
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
        [lowering.reading(source, RowWindow(window.stride_height, 1, -window.pad_top, _spans(operator)[0]))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _lower_any(lowering: Lowering, operator: Convolution) -> None:
    """Adds the step that computes one output after the other."""
    fields = [
        *weight_tables(lowering, operator.weights),
        *operator.input_shape,
        *operator.output_shape,
        *window_fields(operator.window, dilated=True),
        *code_fields(operator.weights),
    ]
    lowering.flat_step(operator, "convolution", fields, runs=operator.output_shape[0])


def _lower_pointwise(lowering: Lowering, operator: Convolution) -> None:
    taps = _taps(operator)
    scaled, rounding, shift = _scaled(lowering, operator)
    source = lowering.read(operator.input, "pairs")
    target = lowering.kind_for(operator.output, ("planar", "pairs", "flat"))
    write = lowering.create(operator.output, target)
    pairs = -(-taps.shape[1] // 2)
    if target == "flat" and rounding == "clipped":
        scaled = replace(scaled, roundings=scaled.roundings - (-INT8_MIN << shift))  # codes, not codes + 128
    small = _has_byte_weights(lowering.optimize, rounding, pairs)
    lowering.step(
        [operator],
        _pointwise_kernel(
            lowering.buffer(write).layout,
            pairs,
            rounding,
            shift,
            lowering.optimize,
            full_range=(operator.weights.activation_min, operator.weights.activation_max) == (INT8_MIN, INT8_MAX),
        ),
        [
            Rows(source),
            Rows(write),
            lowering.table(
                _headers(scaled, rounding, small=small), "int32", _helium_headers(lowering, operator, rounding)
            ),
            lowering.table(
                _interchanged(taps) if small else _even(scaled.weights),
                "int8" if small else "int16",
                _helium_weights(lowering, operator),
            ),
            operator.weights.activation_min - INT8_MIN,
            operator.weights.activation_max - INT8_MIN,
        ],
        [Reading(source)],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _pointwise_kernel(
    target: Layout, pairs: int, rounding: str, shift: int, optimize: Optimize, *, full_range: bool
) -> Kernel:
    """Returns the kernel for so many pairs of channels; `full_range`: no output is clipped but by its codes' limits."""
    small = _has_byte_weights(optimize, rounding, pairs)
    steps, derived = stepping(target, optimize)
    storage = (("storage", "bytes" if small else "words"),)
    linear = rounding == "linear"
    parameters = (
        ("pairs", str(pairs)),
        ("target", target.kind),
        ("rounding", rounding),
        ("shift", str(shift)),
        *steps,
        *(storage if small else ()),
        *(() if full_range else (("range", "limited"),)),
    )
    derived = (
        *derived,
        *(() if small else storage),
        ("few", "yes" if pairs <= _FEW_PAIRS else "no"),
        ("assembly", "no" if linear and not full_range else "yes"),
        ("constants", "4" if linear or small else "3"),
        ("helium_constants", "4" if linear else "3"),
        ("weight", "int8_t" if small else "int16_t"),
        ("taps", str(4 * -(-pairs // 2) if small else 2 * pairs)),
        *_pointwise_places(pairs, linear=linear, small=small),
    )
    return Kernel("pointwise", parameters, derived)


def _pointwise_places(pairs: int, *, linear: bool, small: bool) -> tuple[tuple[str, str], ...]:
    """Returns where the kernel's assembly keeps the constants of a channel.

    What registers have no room for is on the stack, the shift of linear outputs above the rest.
    """
    size = "small" if pairs <= _FEW_PAIRS // 2 else "medium" if pairs <= _FEW_PAIRS else "large"
    shift_at = {"small": 0, "medium": 8, "large": 16 if small else 12}[size]
    linear_bytes = _WORD_BYTES if linear else 0
    return (
        ("size", size),
        ("multiplier", "r7" if size == "small" else "r9"),
        ("rounded", "r8" if size == "small" else "r10"),
        ("shift_at", str(shift_at)),
        ("linear_bytes", str(linear_bytes)),
        ("pushed", str(shift_at + linear_bytes)),
        ("distance_at", str(40 + shift_at + linear_bytes)),
    )


def _has_byte_weights(optimize: Optimize, rounding: str, pairs: int) -> bool:
    """Whether a pointwise layer's weights are bytes, scaled after they are summed."""
    return optimize == "size" and rounding == "clipped" and pairs > _FEW_PAIRS


def _lower_dense(lowering: Lowering, operator: Convolution) -> None:
    window, weights = operator.window, operator.weights
    scaled, rounding, shift = _scaled(lowering, operator)
    source = lowering.read(operator.input, "pixels")
    target = lowering.kind_for(operator.output, ("planar", "flat"))
    write = lowering.create(operator.output, target)
    # Planes hold code + 128.
    zero = 0 if target == "planar" else -INT8_MIN
    parameters = (("target", target), ("rounding", rounding), ("shift", str(shift)))
    distance = 2 * window.stride_width * operator.input_shape[2]
    base = Kernel("dense", parameters).function
    kernel = Kernel("dense", (*parameters, ("distance", str(distance))), (("base", base),))
    per_row = 1 if window.dilation_width == 1 else window.width
    lowering.step(
        [operator],
        kernel,
        [
            Rows(source),
            Rows(write),
            _dense_channels(lowering, operator, scaled, zero),
            _dense_weights(lowering, operator),
            _codes(operator),
            window.height * per_row,
            per_row,
            window.stride_height,
            window.stride_width,
            window.dilation_height,
            window.dilation_width,
            window.pad_top,
            window.pad_left,
            weights.activation_min - INT8_MIN - zero,
            weights.activation_max - INT8_MIN - zero,
        ],
        [Reading(source, RowWindow(window.stride_height, 1, -window.pad_top, _spans(operator)[0]))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _dense_channels(lowering: Lowering, operator: Convolution, scaled: Scaled, zero: int) -> Table:
    """Returns the constants of all channels; `zero`: what is taken off a code + 128."""
    columns = (scaled.factors, scaled.multipliers, scaled.roundings - (zero << scaled.shifts), scaled.shifts)
    portable: Integers = np.column_stack([scaled.bias, *columns])
    signed: Integers = np.column_stack([_bias(operator) * scaled.factors, *columns])
    side_by_side = np.pad(signed, ((0, -len(signed) % BLOCK_OUTPUTS), (0, 0)))
    side_by_side[:, -1] *= -1  # Helium shifts by a vector to the left only
    return _channel_table(
        lowering,
        portable,
        dsp=_channel_table(lowering, signed),
        helium=_channel_table(lowering, side_by_side.reshape(-1, BLOCK_OUTPUTS, signed.shape[1]).transpose(0, 2, 1)),
    )


def _channel_table(
    lowering: Lowering, entries: Integers, *, dsp: Table | None = None, helium: Table | None = None
) -> Table:
    """Returns the constants as EdgeDenseChannels, one per row."""
    texts = [str(row.tolist()).replace("[", "{").replace("]", "}") for row in entries]
    table = lowering.struct_table("EdgeDenseChannels", texts, len(texts), 4 * entries.size)
    return lowering.with_others(table, dsp, helium)


def _spans(operator: Convolution) -> tuple[int, int]:
    """Returns how many rows and columns of the image a window covers."""
    window = operator.window
    return (window.height - 1) * window.dilation_height + 1, (window.width - 1) * window.dilation_width + 1


def _codes(operator: Convolution) -> int:
    """Returns the codes of a stretch: what lies together of a window in memory, a row of it or a tap."""
    channels = operator.input_shape[2]
    return channels if operator.window.dilation_width > 1 else operator.window.width * channels


def _blocks(operator: Convolution) -> Integers:
    """Returns the weights as (blocks of four outputs, 4, stretches, codes), zeros behind the last output."""
    blocks = weight_blocks(operator.weights.weights)
    return blocks.reshape(len(blocks), BLOCK_OUTPUTS, -1, _codes(operator))


def _dense_weights(lowering: Lowering, operator: Convolution) -> Table:
    """Returns the weights in the order in which each instruction set wants them; see the kernel."""
    blocks = _blocks(operator)
    first, second = blocks[:, 0::2], blocks[:, 1::2]
    both = np.pad(lanes.packed(first, second), ((0, 0), (0, 0), (0, 0), (0, blocks.shape[3] % 2)))
    words = lanes.words(both.reshape(*both.shape[:3], -1, 2))  # (block, pair of outputs, stretch, word)
    return lowering.table(
        blocks.transpose(0, 2, 3, 1),
        "int8",
        dsp=lowering.table(words.transpose(0, 2, 3, 1), "uint32"),
        helium=lowering.table(blocks, "int8"),
    )


def _scaled(lowering: Lowering, operator: Convolution) -> tuple[Scaled, str, int]:
    """Returns the integers of a fast kernel, the name of its rounding, and its shift."""
    if shifts(operator):
        shift = lowering.shift_in(shifts(operator))
        return scale_clipped(operator.weights, _taps(operator), shift), "clipped", shift
    return scale_linear(operator.weights, _taps(operator)), "linear", 0


def _headers(scaled: Scaled, rounding: str, *, small: bool) -> Integers:
    """Returns the constants of each output channel: (channels, constants)."""
    columns = [scaled.bias, scaled.multipliers, scaled.roundings, *([scaled.factors] if small else [])]
    if rounding == "linear":
        columns.append(scaled.shifts)
    return np.pad(np.stack(columns, axis=1), ((0, len(columns[0]) % 2), (0, 0)))


def _helium_headers(lowering: Lowering, operator: Convolution, rounding: str) -> Table:
    """Returns the constants of each output channel for sums of codes: bias, multiplier, shift to the left[, zero]."""
    weights = operator.weights
    columns: list[npt.ArrayLike] = [
        _bias(operator),
        [multiplier.value for multiplier in weights.multipliers],
        [multiplier.shift for multiplier in weights.multipliers],
    ]
    if rounding == "linear":
        columns.append([weights.output_zero_point - INT8_MIN] * len(weights.bias))
    return lowering.table(np.array(columns).T, "int32")


def _bias(operator: Convolution) -> Integers:
    """Returns the bias of sums over codes, where the border holds the zero point."""
    weights = operator.weights
    bias: Integers = weights.bias.astype(np.int64) - weights.input_zero_point * _taps(operator).sum(axis=1)
    return bias


def _helium_weights(lowering: Lowering, operator: Convolution) -> Table:
    """Returns the weights of each output channel, one per byte of a pixel, in whole vectors where one is not enough."""
    taps = _taps(operator)
    width = 2 * -(-taps.shape[1] // 2)
    if width > _VECTOR_BYTES:
        width = -(-width // _VECTOR_BYTES) * _VECTOR_BYTES
    return lowering.table(np.pad(taps, ((0, 0), (0, width - taps.shape[1]))), "int8")


def _interchanged(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) in whole words, the middle two bytes of each interchanged; even outputs.

    Every second byte of a word, each widened to 16 bits, then are the weights of two channels that follow each other.
    """
    words = np.pad(weights, ((0, weights.shape[0] % 2), (0, -weights.shape[1] % _WORD_BYTES)))
    return words.reshape(-1, _WORD_BYTES)[:, [0, 2, 1, 3]]


def _even(weights: Integers) -> Integers:
    """Returns weights (outputs, inputs) with zeros where either number is odd."""
    return np.pad(weights, ((0, weights.shape[0] % 2), (0, weights.shape[1] % 2)))


def _taps(operator: Convolution) -> Integers:
    """Returns the weights as (output channels, taps)."""
    weights = operator.weights.weights
    return weights.reshape(len(weights), -1).astype(np.int64)


@lru_cache(_KNOWN)
def _shares_lanes(operator: Convolution) -> bool:
    """Whether a dense kernel's weights can share lanes two by two."""
    pairs = _blocks(operator).reshape(-1, 2, _taps(operator).shape[1])
    return lanes.fit(pairs) and lanes.sums_fit(pairs[:, 1])


def _is_fast(operator: Convolution) -> bool:
    if not _is_pointwise(operator) and not _shares_lanes(operator):
        return False
    linear = _has_fast_window(operator) and linear_is_exact(operator.weights, _taps(operator))
    return linear or bool(shifts(operator))


def _has_fast_window(operator: Convolution) -> bool:
    window = operator.window
    narrow = max(operator.input_shape[2], operator.output_shape[2]) <= MOST_CHANNELS
    steps = (window.width, window.stride_height, window.stride_width, window.dilation_height, window.dilation_width)
    stretches = _taps(operator).shape[1] // _codes(operator)
    near = 2 * window.stride_width * operator.input_shape[2] <= _MOST_DISTANCE
    return narrow and near and max(steps) <= _MOST_WINDOW_STEPS and stretches <= _MOST_STRETCHES


def _is_pointwise(operator: Convolution) -> bool:
    window = operator.window
    return (window.height, window.width, window.stride_height, window.stride_width) == (1, 1, 1, 1)
