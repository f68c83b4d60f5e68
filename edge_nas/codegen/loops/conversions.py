"""Conversions between layouts, and other kernels that copy."""

import math

from edge_nas.codegen.loops.counting import CountedStep, Loops, blocks, halved, loops
from edge_nas.codegen.loops.windows import axis

_TOGETHER = 3  # so many channels of four pixels are made planes at once


@loops("planar_from_flat")
def _planar_from_flat(step: CountedStep) -> Loops:
    layout = step.target
    channels, width = layout.channels, layout.width
    if step.instructions == "helium":
        return Loops({"planes": channels, "vectors": channels * blocks(width, 8)}).times(step.runs)
    counts = {"planes": channels}
    if step.instructions == "dsp":
        counts |= {"words": channels * (width // 4), "bytes": channels * (width % 4)}
    else:
        counts |= {"bytes": channels * width}
    # The distance between two pixels is a constant of the text: one takes an offset, a large one a register.
    variant = "one channel" if channels == 1 else "channels"
    if step.instructions == "dsp" and channels == _TOGETHER:
        counts["words"] = width // 4  # of all three planes
        variant = "three channels"
    return Loops(counts).of(variant).times(step.runs)


@loops("flat_from_planar")
def _flat_from_planar(step: CountedStep) -> Loops:
    return _gathered(step)


@loops("pixels_from_planar")
def _pixels_from_planar(step: CountedStep) -> Loops:
    return _gathered(step)


def _gathered(step: CountedStep) -> Loops:
    channels, width = step.source.channels, step.source.width
    pixels = blocks(width, 8) if step.instructions == "helium" else width
    return Loops({"planes": channels, "pixels": channels * pixels}).times(step.runs)


@loops("pairs_from_planar")
def _pairs_from_planar(step: CountedStep) -> Loops:
    channels, width = step.target.channels, step.target.width
    pairs = blocks(width, 8) if step.instructions == "helium" else halved(width)
    return Loops({"planes": channels, "pairs": channels * pairs}).times(step.runs)


@loops("pairs_from_flat")
def _pairs_from_flat(step: CountedStep) -> Loops:
    channels, width = step.target.channels, step.target.width
    if step.instructions == "helium":
        copies, each = (1, width * channels) if channels % 2 == 0 else (width, channels)
        counts = {"copies": copies, "vectors": copies * blocks(each, 16)}
        return Loops(counts).of("even" if channels % 2 == 0 else "odd").times(step.runs)
    # Four channels of two pixels at a time where there are instructions for it; then two, then a last one.
    pairs, four = halved(width), channels // 4 if step.instructions == "dsp" else 0
    counts = {
        "pairs": pairs,
        "four channels": pairs * four,
        "two channels": pairs * ((channels - 4 * four) // 2),
        "last channels": pairs * (channels % 2),
    }
    return Loops(counts).times(step.runs)


@loops("pixels_from_flat")
def _pixels_from_flat(step: CountedStep) -> Loops:
    codes = step.target.width * step.target.channels
    if step.instructions == "helium":
        return Loops({"vectors": blocks(codes, 16)}).times(step.runs)
    return Loops({"words": codes // 4, "bytes": codes % 4}).times(step.runs)


@loops("pairs_from_windows")
def _pairs_from_windows(step: CountedStep) -> Loops:
    source, codes = step.source, int(step.parameters["codes"])
    rows = axis(step, "y", step.runs, step.number("height"))
    # Portable C makes whole pairs of pixels; with DSP instructions the last one's partner is left as it is.
    width = step.target.width if step.instructions in ("dsp", "helium") else 2 * halved(step.target.width)
    covered, stride = step.number("columns"), step.number("stride_x")
    starts = [tap * step.number("dilation_x") - step.number("pad_left") for tap in range(step.number("window_width"))]
    begins = (start + pixel * stride for start in starts for pixel in range(width))
    inside = rows.inside * sum(0 <= begin <= source.width - covered for begin in begins)
    stretches = rows.outputs * rows.taps * len(starts)
    edges = stretches * width - inside
    vectors = {"vectors": inside * blocks(codes, 16), "edge vectors": edges * blocks(codes, 16)}
    words = {
        "four codes": (inside + edges) * (codes // 4),
        "two codes": (inside + edges) * (codes % 4 > 1),
        "last codes": (inside + edges) * (codes % 2),
    }
    counts = {
        "window rows": rows.outputs * rows.taps,
        "stretches": stretches,
        "inside": inside,
        "edges": edges,
        "edge codes": edges * codes,
    }
    return Loops(counts | (vectors if step.instructions == "helium" else words))


@loops("upsample")
def _upsample(step: CountedStep) -> Loops:
    channels, width, copies = step.target.channels, step.source.width, int(step.parameters["copies"])
    counts = {"planes": channels}
    if step.instructions == "helium":
        counts |= {"vectors": channels * blocks(width, 8), "vector copies": channels * blocks(width, 8) * copies}
    elif step.instructions == "dsp" and copies == 2:
        counts |= {"words": channels * (width // 2), "last pixels": channels * (width % 2)}
    else:
        counts |= {"pixels": channels * width, "copies": channels * width * copies}
    return Loops(counts).times(step.runs)


@loops("resize_nearest")
def _resize_nearest(step: CountedStep) -> Loops:
    pixels = step.number("columns")
    channels = step.number("channels")
    variant = "one channel" if channels == 1 else "channels"
    return Loops({"pixels": pixels, "codes": pixels * channels}).of(variant).times(step.runs)


@loops("data_movement")
def _data_movement(step: CountedStep) -> Loops:
    outer, rows, columns, codes = step.numbers("counts")
    counts = {
        "outer": outer,
        "rows": outer * rows,
        "columns": outer * rows * columns,
        "codes": math.prod((outer, rows, columns, codes)),
        "filled": step.number("filled") // 4,
    }
    return Loops(counts)


@loops("lookup")
def _lookup(step: CountedStep) -> Loops:
    return Loops({"codes": step.number("count")})
