"""Sums, products, pools, means and other operators without weights of many inputs."""

import math

from edge_nas.codegen.loops.counting import CountedStep, Loops, blocks, loops
from edge_nas.codegen.loops.windows import axis
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN

_GROUP = 4  # channels at a time, a word of them
_MOST_SUMMED = 255  # codes in 16 bits
_MOVED_AT_ONCE = (1, 2, 4)  # bytes
_LINES_TOGETHER = 2


@loops("addition_flat")
def _addition_flat(step: CountedStep) -> Loops:
    count = step.number("count")
    if step.instructions == "helium":
        return Loops({"codes": blocks(count, 4)})
    return Loops({"codes": count, "rest": count % 4}).of(_limits(step.number("sum.low"), step.number("sum.high"), 0))


@loops("addition_planar")
def _addition_planar(step: CountedStep) -> Loops:
    channels, width = step.target.channels, step.target.width
    if step.instructions == "helium":
        return Loops({"planes": channels, "codes": channels * blocks(width, 4)}).times(step.runs)
    # The loop over four pixels is unrolled.
    counts = {"planes": channels, "codes": channels * width, "rest": channels * (width % 4)}
    limits = _limits(step.number("sum.low"), step.number("sum.high"), 128)
    return Loops(counts).of(limits).times(step.runs)


def _limits(low: int, high: int, zero: int) -> str:
    """Returns the variant of a clip to two limits, of codes + `zero`: that to all codes is one instruction."""
    return "all codes" if (low, high) == (INT8_MIN + zero, INT8_MAX + zero) else "limited codes"


@loops("channel_lines")
def _channel_lines(step: CountedStep) -> Loops:
    pixels, channels = step.number("pixels"), step.number("channels")
    codes = blocks(channels, 4) if step.instructions == "helium" else channels
    # The loop over channels is written for two of them: of so few there is none.
    counts = {"pixels": pixels, "odd": pixels * (channels % 2), "codes": pixels * codes}
    return Loops(counts).of("few channels" if channels <= _LINES_TOGETHER else "channels")


@loops("addition")
def _addition(step: CountedStep) -> Loops:
    return _pair(step)


@loops("multiplication")
def _multiplication(step: CountedStep) -> Loops:
    return _pair(step)


@loops("squared_difference")
def _squared_difference(step: CountedStep) -> Loops:
    return _pair(step)


@loops("extremum")
def _extremum(step: CountedStep) -> Loops:
    return _pair(step)


@loops("prelu")
def _prelu(step: CountedStep) -> Loops:
    return _pair(step)


def _pair(step: CountedStep) -> Loops:
    shape = step.numbers("pair.shape")
    return Loops({"rows": math.prod(shape[:-1]), "codes": math.prod(shape)})


@loops("max_pool2_planar")
def _max_pool2_planar(step: CountedStep) -> Loops:
    channels, width, height = step.target.channels, step.target.width, int(step.parameters["height"])
    counts = {"planes": channels, "window rows": height}
    if step.instructions == "helium":
        counts |= {"vectors": channels * blocks(width, 8), "vector rows": channels * blocks(width, 8) * height}
        return Loops(counts).times(step.runs)
    words, single = (width // 4, width % 4) if step.instructions == "dsp" else (0, width)
    counts |= {"words": channels * words, "word rows": channels * words * height}
    counts |= {"outputs": channels * single, "output rows": channels * single * height}
    return Loops(counts).times(step.runs)


@loops("max_pool_planar")
def _max_pool_planar(step: CountedStep) -> Loops:
    height, width = step.number("height"), step.number("width")
    planes = height * step.target.channels
    pixels = planes * step.target.width
    counts = {"window rows": height, "planes": planes, "pixels": pixels, "taps": pixels * (width - 1)}
    counts["rows met"] = pixels - pixels // height
    return Loops(counts).times(step.runs)


@loops("max_pool")
def _max_pool(step: CountedStep) -> Loops:
    # The largest of some codes needs no clip where that would be to all codes.
    limits = _limits(step.number("low"), step.number("high"), 0)
    return _pool(step).of(f"{_columns_of_a_pool(step)}{limits}")


@loops("average_pool")
def _average_pool(step: CountedStep) -> Loops:
    form = _columns_of_a_pool(step)
    return _pool(step).of(form.strip()) if form else _pool(step)


def _columns_of_a_pool(step: CountedStep) -> str:
    """Returns what goes before the variant of a window's columns: of one or two, always inside, there is no loop."""
    columns, few = axis(step, "x", step.number("columns"), step.number("width")), ("one column ", "two columns ")
    return few[columns.taps - 1] if columns.taps <= len(few) and not columns.outside else ""


def _pool(step: CountedStep, group: int = _GROUP) -> Loops:
    """Windows on flat images, `group` channels at a time, then one by one."""
    rows = axis(step, "y", step.runs, step.number("height"))
    columns = axis(step, "x", step.number("columns"), step.number("width"))
    groups, rest = divmod(step.number("channels"), group)
    pixels, lines, taps = rows.outputs * columns.outputs, rows.inside * columns.outputs, rows.inside * columns.inside
    return Loops(
        {
            "pixels": pixels,
            "groups": pixels * groups,
            "group rows": lines * groups,
            "group taps": taps * groups,
            "rest": pixels * rest,
            "rest rows": lines * rest,
            "rest taps": taps * rest,
        }
    )


@loops("mean")
def _mean(step: CountedStep) -> Loops:
    kept, averaged = step.numbers("kept"), step.numbers("averaged")
    rows, lines, codes = kept[0] * kept[1], averaged[0] * averaged[1], averaged[2]
    four, single = divmod(kept[2], _GROUP) if step.numbers("kept_strides")[2] == 1 else (0, kept[2])
    counts = {"rows": rows}
    for name, outputs in (("four", rows * four), ("single", rows * single)):
        counts |= {
            f"{name} outputs": outputs,
            f"{name} lines": outputs * lines,
            f"{name} codes": outputs * lines * codes,
        }
    if step.instructions in ("dsp", "helium"):
        counts["parts"] = rows * four * lines * blocks(codes, _MOST_SUMMED)
    return Loops(counts)


@loops("short_requantization")
def _short_requantization(step: CountedStep) -> Loops:
    # Shifts are constants of the text: to the left, or of 64 bits to the right.
    return Loops({"codes": step.number("count")}).of("larger" if step.number("shift") > 0 else "smaller")


@loops("short_mean")
def _short_mean(step: CountedStep) -> Loops:
    return _reduced(step)


@loops("reduced_extremum")
def _reduced_extremum(step: CountedStep) -> Loops:
    return _reduced(step)


def _reduced(step: CountedStep) -> Loops:
    kept, reduced = step.numbers("kept"), step.numbers("reduced")
    outputs = math.prod(kept)
    # Of one round the compiler makes no loop, and for each of the innermost it has other registers.
    lines = outputs * reduced[0] * reduced[1]
    return Loops(
        {
            "outer": kept[0] * (kept[0] > 1),
            "rows": kept[0] * kept[1] * (kept[1] > 1),
            "outputs": outputs,
            "planes": outputs * reduced[0] * (reduced[0] > 1),
            "lines": lines * (reduced[1] > 1),
            "loops of codes": lines * (reduced[2] > 1),
            "codes": lines * reduced[2],
        }
    )


@loops("resize_bilinear")
def _resize_bilinear(step: CountedStep) -> Loops:
    pixels, channels = step.number("output_width"), step.number("channels")
    variant = "one channel" if channels == 1 else "channels"
    return Loops({"pixels": pixels, "codes": pixels * channels}).of(variant).times(step.runs)


@loops("short_resize_bilinear")
def _short_resize_bilinear(step: CountedStep) -> Loops:
    pixels = step.number("output_width")
    return Loops({"pixels": pixels, "codes": pixels * step.number("channels")}).times(step.runs)


@loops("softmax")
def _softmax(step: CountedStep) -> Loops:
    classes = step.number("classes")
    counts = {"classes": classes}
    if step.instructions in ("dsp", "helium"):  # the largest of four at a time
        counts |= {"four classes": classes // _GROUP, "single classes": classes % _GROUP}
    return Loops(counts).times(step.runs)


@loops("log_softmax")
def _log_softmax(step: CountedStep) -> Loops:
    return Loops({"classes": step.number("classes")}).times(step.runs)


@loops("l2_normalization")
def _l2_normalization(step: CountedStep) -> Loops:
    return Loops({"codes": step.number("depth")}).times(step.runs)


@loops("arg_extremum")
def _arg_extremum(step: CountedStep) -> Loops:
    outputs = step.number("outer") * step.number("inner")
    counts = {"outer": step.number("outer"), "outputs": outputs, "codes": outputs * (step.number("count") - 1)}
    return Loops(counts).of(step.parameters["places"]).times(step.runs)


@loops("selection")
def _selection(step: CountedStep) -> Loops:
    first, second, third = step.numbers("counts")
    copies = first * second * third
    inner = step.number("inner")
    # So few bytes are copied by an instruction or two, others by a function of the C library, which moves words where
    # both lie alike.
    if inner in _MOVED_AT_ONCE:
        size = "few"
    else:
        size = "many" if any(number % _GROUP for number in (inner, *step.numbers("strides"))) else "words"
    moved = Loops({"copies": copies, "bytes": copies * inner}).of(size)
    # Of one round the compiler makes no loop.
    loops = {"outer": first * (first > 1), "rows": first * second * (second > 1)}
    return (Loops(loops) | moved).times(step.runs)


@loops("short_addition")
def _short_addition(step: CountedStep) -> Loops:
    return _pair(step)


@loops("short_multiplication")
def _short_multiplication(step: CountedStep) -> Loops:
    return _pair(step)


@loops("short_pool")
def _short_pool(step: CountedStep) -> Loops:
    return _pool(step, 1).of("largest" if step.number("largest") else "average")


@loops("short_function")
def _short_function(step: CountedStep) -> Loops:
    return Loops({"codes": step.number("count")}).of(step.parameters["name"])


@loops("short_softmax")
def _short_softmax(step: CountedStep) -> Loops:
    return Loops({"classes": step.number("classes")}).times(step.runs)
