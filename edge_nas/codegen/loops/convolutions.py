"""Convolutions and dense layers."""

from collections import Counter

from edge_nas.codegen.loops.counting import (
    BLOCK,
    CountedStep,
    Loops,
    block_form,
    blocks,
    halved,
    known_block_form,
    loops,
)
from edge_nas.codegen.loops.windows import Axis, axis
from edge_nas.codegen.program import InstructionSet

# Of the unrolled loops in dsp/dense.c and dsp/edge_blocks.h.
_DENSE_UNROLLED, _INPUTS_AT_ONCE = 12, 512


@loops("dense")
def _dense(step: CountedStep) -> Loops:
    values = step.parameters
    width, channels = step.target.width, step.target.channels
    pixels, four = halved(width), blocks(channels, 4)
    codes, count = step.number("codes"), step.number("stretches")
    inner = pixels * four * count
    counts = {"window rows": count // step.number("window_width"), "stretches": count, "block stretches": inner}
    scaled = {"pixels": pixels, "blocks": pixels * four}
    scaled |= {"outputs": pixels * channels, "second outputs": width // 2 * channels}
    variant = f"{values['target']} {values['rounding']}"
    if step.instructions == "dsp":
        counts |= {"rounds": inner * blocks(codes, 2 * _DENSE_UNROLLED), "two codes": inner * halved(codes)}
        variant = f"{known_block_form(channels)}{variant}"
    elif step.instructions == "helium":
        counts["vectors"] = inner * blocks(codes, 16)
    else:
        fours, rest = divmod(codes, BLOCK)
        counts |= {"four codes": inner * fours, "stretches of fours": inner * (fours > 0)}
        counts |= {"codes": inner * rest, "stretches with a rest": inner * (rest > 0)}
        # One text for all steps, in which only what becomes of sums differs.
        counts |= {name: scaled.pop(name) for name in ("pixels", "second outputs")}
    return (Loops(counts) | Loops(scaled).of(variant)).times(step.runs)


@loops("depthwise3")
def _depthwise3(step: CountedStep) -> Loops:
    values = step.parameters
    return _planes(step, step.target.width, f"{values['stride']} {values['target']} {values['pair_stride_is']}")


@loops("depthwise3_up2")
def _depthwise3_up2(step: CountedStep) -> Loops:
    # Four outputs of every two small pixels.
    return _planes(step, step.source.width, f"{step.parameters['target']} {step.parameters['pair_stride_is']}")


def _planes(step: CountedStep, width: int, variant: str) -> Loops:
    channels = step.target.channels
    counts = {"planes": channels}
    if step.instructions == "helium":
        counts |= {"vectors": channels * blocks(width, 8), "half vectors": channels * blocks(width, 4)}
    else:
        counts |= {"pixels": channels * halved(width), "jumps": channels * halved(halved(width))}
    return Loops(counts).of(variant).times(step.runs)


@loops("depthwise_taps")
def _depthwise_taps(step: CountedStep) -> Loops:
    rows = axis(step, "y", step.runs, step.number("height"))
    columns = axis(step, "x", step.target.width, step.source.width)
    depth = step.source.channels
    groups, rest = depth // 4, depth % 4
    pixels, inside = rows.outputs * columns.outputs, rows.inside * columns.inside
    return Loops(
        {
            "window rows": rows.inside,
            "rows outside": rows.outside,
            "pixels": pixels,
            "columns outside": rows.outputs * columns.outside,
            "groups": pixels * groups,
            "group rows": rows.inside * columns.outputs * groups,
            "group taps": inside * groups,
            "rest": pixels * (rest > 0),
            "rest rows": rows.inside * columns.outputs * (rest > 0),
            "rest taps": inside * (rest > 0),
            "rest products": inside * rest,
            "outputs": pixels * depth,
        }
    )


@loops("convolution_patches")
def _convolution_patches(step: CountedStep) -> Loops:
    rows = axis(step, "y", step.runs, step.number("height"))
    columns = axis(step, "x", step.target.width, step.source.width)
    depth = step.source.channels
    pixels, inside = rows.outputs * columns.outputs, rows.inside * columns.inside
    four = pixels * blocks(step.target.channels, 4)
    outside = pixels * rows.taps * columns.taps - inside
    form = block_form(step, step.target.channels)
    aligned = _aligned_taps(rows, columns, depth)
    return Loops(
        {
            "pixels": pixels,
            "columns outside": rows.outputs * columns.outside,
            "patch rows": pixels * rows.taps,
            "patch rows inside": rows.inside * columns.outputs,
            # Without dilation, what lies inside of a row of the window is one copy.
            "copies": rows.inside * columns.outputs if columns.dilation == 1 else inside,
            # Where a code and its copy lie differently in their words, most cores copy byte by byte.
            "copied words": aligned * depth // 4,
            "copied bytes": (inside - aligned) * depth,
            "fills": rows.inside * columns.ends_outside + rows.outside * columns.outputs,
            "filled words": outside * depth // 4,
            **_block_sums(step.instructions, rows.taps * columns.taps * depth, four),
        }
    ) | Loops({f"{form}blocks": four, f"{form}outputs": pixels * step.target.channels})


def _aligned_taps(rows: Axis, columns: Axis, depth: int) -> int:
    """Returns how many taps of gathered windows lie in their words as their copies do, over all pixels."""
    width = columns.size
    # Codes from the first of the image, or of the window: rows (row, tap) and columns add up.
    row_shifts = Counter((place * width - tap * columns.taps) * depth % 4 for tap, place in rows.tap_places())
    column_shifts = Counter((place - tap) * depth % 4 for tap, place in columns.tap_places())
    return sum(count * column_shifts[-shift % 4] for shift, count in row_shifts.items())


@loops("convolution")
def _convolution(step: CountedStep) -> Loops:
    generic = _generic(step)
    return Loops({**generic, "products": generic["taps inside"] * step.number("depth")})


@loops("grouped_convolution")
def _grouped_convolution(step: CountedStep) -> Loops:
    generic = _generic(step)
    return Loops({**generic, "products": generic["taps inside"] * step.number("group_depth")})


@loops("short_convolution")
def _short_convolution(step: CountedStep) -> Loops:
    generic = _generic(step)
    if step.number("per_input"):
        return Loops(generic).of("depthwise")
    return Loops({**generic, "products": generic["taps inside"] * step.number("depth")}).of("dense")


@loops("short_fully_connected")
def _short_fully_connected(step: CountedStep) -> Loops:
    channels = step.number("channels")
    return Loops({"outputs": channels, "products": channels * step.number("depth")}).times(step.runs)


@loops("batch_matmul")
def _batch_matmul(step: CountedStep) -> Loops:
    rows, outputs = step.number("rows"), step.number("rows") * step.number("columns")
    return Loops({"rows": rows, "outputs": outputs, "products": outputs * step.number("inner")}).times(step.runs)


@loops("depthwise_convolution")
def _depthwise_convolution(step: CountedStep) -> Loops:
    return Loops(_generic(step))


def _generic(step: CountedStep) -> dict[str, int]:
    rows = axis(step, "y", step.runs, step.number("height"))
    columns = axis(step, "x", step.number("columns"), step.number("width"))
    channels = step.number("channels")
    pixels = rows.outputs * columns.outputs
    return {
        "pixels": pixels,
        "outputs": pixels * channels,
        "window rows": pixels * channels * rows.taps,
        "taps": pixels * channels * rows.taps * columns.taps,
        "taps of rows inside": rows.inside * columns.outputs * channels * columns.taps,
        "taps inside": rows.inside * columns.inside * channels,
    }


@loops("transpose_convolution")
def _transpose_convolution(step: CountedStep) -> Loops:
    rows = axis(step, "y", step.runs, step.number("height"))
    columns = axis(step, "x", step.number("columns"), step.number("width"))
    channels = step.number("channels")
    outputs = rows.outputs * columns.outputs * channels
    met = rows.met * columns.met * channels
    return Loops(
        {
            "outputs": outputs,
            "window rows": outputs * rows.taps,
            "taps of rows met": rows.met * columns.outputs * channels * columns.taps,
            "taps met": met,
            "products": met * step.number("depth"),
        }
    )


@loops("sequence_lstm")
def _sequence_lstm(step: CountedStep) -> Loops:
    units, inputs = step.number("units"), step.number("inputs")
    counts = {"units": units, **_clips(step), "products": 4 * units * (inputs + units)}
    return Loops(counts).times(step.runs)


@loops("sequence_lstm_blocks")
def _sequence_lstm_blocks(step: CountedStep) -> Loops:
    units, instructions = step.number("units"), step.instructions
    sums = _block_sums(instructions, step.number("inputs"), units)
    kept = _block_sums(instructions, units, units)
    # What the compiler knows of a single step gives the long body of a unit other registers.
    variant = f"{'alone ' if step.is_only else ''}{step.parameters['gates']} {step.parameters['cell_bits']}"
    counts = {name: sums.get(name, 0) + kept.get(name, 0) for name in {**sums, **kept}}
    counts |= _clips(step)
    return (Loops(counts) | Loops({"units": units}).of(variant)).times(step.runs)


def _clips(step: CountedStep) -> dict[str, int]:
    """Returns how many cells of a recurrent layer are clipped at each moment: all, or none.

    A step that alone calls its function is not asked, and has other registers with the clip than without.
    """
    name = "known clips" if step.is_only else "clips"
    return {name: step.number("units") if step.number("cell_clip") else 0}


@loops("svdf")
def _svdf(step: CountedStep) -> Loops:
    filters = step.number("units") * step.number("rank")
    results = filters * (step.number("memory") - 1)
    sums = {"units": step.number("units"), "filters": filters, "products": filters * step.number("inputs")}
    return Loops(sums) | Loops({"kept": results}).of(step.parameters["state"])


@loops("fully_connected")
def _fully_connected(step: CountedStep) -> Loops:
    channels, depth = step.number("channels"), step.number("depth")
    inputs = blocks(depth, 16) if step.instructions == "helium" else depth
    return Loops({"outputs": channels, "products": channels * inputs}).times(step.runs)


@loops("wide_dot")
def _wide_dot(step: CountedStep) -> Loops:
    """As it is compiled for the cores that are counted, without vectors."""
    outputs = step.number("channels") * step.number("pixels")
    return Loops({"outputs": outputs, "products": outputs * step.number("depth")}).times(step.runs)


@loops("fully_connected_blocks")
def _fully_connected_blocks(step: CountedStep) -> Loops:
    channels = step.number("channels")
    four = blocks(channels, 4)
    counts = _block_sums(step.instructions, step.number("depth"), four)
    variant = f"{block_form(step, channels)}{step.parameters['scales']} {step.parameters['range']}"
    scaled = {"outputs": channels, "blocks": four}
    return (Loops(counts) | Loops(scaled).of(variant)).times(step.runs)


def _block_sums(instructions: InstructionSet | None, depth: int, calls: int) -> dict[str, int]:
    """Returns the loops of `edge_block_sums`."""
    if instructions == "helium":
        return {"vectors": calls * blocks(depth, 16)}
    if instructions == "dsp":
        parts = blocks(depth, _INPUTS_AT_ONCE)
        last = depth - (parts - 1) * _INPUTS_AT_ONCE
        words = [_INPUTS_AT_ONCE // 4] * (parts - 1) + [last // 4] + [1] * (depth % 4 > 0)
        return {
            "parts": calls * len(words),
            "sixteen inputs": calls * sum(count // 4 for count in words),
            "four inputs": calls * sum(count % 4 for count in words),
            "looped": calls * sum(count % 4 > 0 for count in words),
            "rest": calls * (depth % 4),
        }
    return {"four inputs": calls * (depth // 4), "rest": calls * (depth % 4)}
