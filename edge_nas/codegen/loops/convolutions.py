"""Convolutions and dense layers."""

from collections import Counter
from collections.abc import Mapping

from edge_nas.codegen.loops.counting import CountedStep, Loops, blocks, halved, loops
from edge_nas.codegen.loops.windows import Axis, axis
from edge_nas.codegen.program import InstructionSet

# Of the unrolled loops in dsp/dense.c and dsp/edge_blocks.h.
_DENSE_UNROLLED, _BLOCK_INPUTS = 12, 512
_BLOCK = 4  # outputs that portable C sums at a time


@loops("pointwise")
def _pointwise(step: CountedStep) -> Loops:
    values = step.parameters
    pairs = int(values["pairs"])
    if step.instructions == "helium":
        counted = _pointwise_helium(step, pairs)
    elif step.instructions == "dsp" and values["weights"] == "lanes":
        counted = _pointwise_lanes(step, pairs)
    elif step.instructions == "dsp" and values["sums"] == "two_outputs":
        counted = _pointwise_two_outputs(step, pairs)
    elif step.instructions == "dsp":
        counted = _pointwise_rows(step, pairs)
    elif values["few"] == "yes":
        counted = _pointwise_few(step, pairs)
    else:
        counted = _pointwise_blocks(step, pairs)
    return counted.times(step.runs)


def _scaled(step: CountedStep, counts: Mapping[str, int], form: str) -> Loops:
    """Returns loops whose bodies make codes of sums, and store them: what either takes depends on other parameters.

    Args:
        step: what is counted.
        counts: outputs, and pixels of them.
        form: of the kernel.
    """
    values = step.parameters
    loops = Loops(counts)
    rounding = f"{form} {values['rounding']} {values.get('range', 'full')}"
    if step.instructions == "thumb":
        # Sums of bytes are multiplied once more; who knows the step's constants has them in other registers.
        called = "only" if step.is_only else "called"
        return loops.of(f"{rounding} {values['weights']}") | loops.of(f"{form} {step.target.kind} {called}")
    # Lanes' assembly takes the distance between pairs as an argument, whatever it is.
    stride = "" if form == "lanes" else f" {values['pair_stride_is']}"
    return loops.of(rounding) | loops.of(f"{form} {step.target.kind}{stride}")


def _pointwise_rows(step: CountedStep, pairs: int) -> Loops:
    """dsp/pointwise_rows.inc: an output channel at a time, two pixels of it."""
    channels, width = step.target.channels, step.target.width
    calls = channels
    if step.target.kind == "flat" and step.parameters["flat_distance"] == "any":
        calls = channels * ((width > 1) + width % 2)
    pixels = channels * halved(width)
    sums = {
        "calls": calls,
        "pixels": pixels,
        "jumps": channels * halved(halved(width)),
        "four pairs": pixels * (pairs // 4),
        "two pairs": pixels * (pairs % 4 // 2),
        "single pairs": pixels * (pairs % 2),
    }
    scaled = {"outputs": channels, "calls": calls, "pixels": pixels}
    form = "rows" if step.parameters["flat_distance"] == "any" else "one row"
    return Loops(sums).of(step.parameters["sums"]) | _scaled(step, scaled, form)


def _pointwise_two_outputs(step: CountedStep, pairs: int) -> Loops:
    """dsp/pointwise_two_outputs.inc: two output channels at a time, two pixels of both."""
    outputs, width = halved(step.target.channels), step.target.width
    calls = outputs * ((width > 1) + width % 2 if step.target.kind == "flat" else 1)
    pixels = outputs * halved(width)
    sums = {"two pairs": pixels * (pairs // 2), "single pairs": pixels * (pairs % 2)}
    scaled = {"outputs": outputs, "calls": calls, "pixels": pixels}
    return Loops(sums).of("two_outputs") | _scaled(step, scaled, "two_outputs")


def _pointwise_lanes(step: CountedStep, pairs: int) -> Loops:
    """dsp/pointwise_lanes.inc: two output channels at a time, two pixels of both; then the last pixel of an odd row."""
    values = step.parameters
    outputs, rounds = halved(step.target.channels), int(values["rounds"])
    sums: dict[str, int] = {}
    scaled = {"outputs": outputs, "single outputs": step.target.channels % 2}
    for name, pixels in (("pixels", step.target.width // 2), ("last pixels", step.target.width % 2)):
        scaled[name] = outputs * pixels
        sums |= {
            f"{name}, rounds": outputs * pixels * rounds,
            f"{name}, looped": outputs * pixels * (rounds > 0),
            f"{name}, four pairs": outputs * pixels * (pairs // 4),
            f"{name}, pairs": outputs * pixels * (pairs % 4),
        }
    return Loops(sums).of("lanes") | _scaled(step, scaled, "lanes")


def _pointwise_few(step: CountedStep, pairs: int) -> Loops:
    """pointwise_few.inc: an output channel at a time, whose pairs the compiler writes out."""
    channels, width = step.target.channels, step.target.width
    counts = {"outputs": channels, "pixels": channels * halved(width)}
    odd = {"odd rows": channels * (width % 2) * (step.target.kind == "flat")}
    return Loops(counts).of(f"{pairs} pairs") | _scaled(step, counts | odd, "few")


def _pointwise_blocks(step: CountedStep, pairs: int) -> Loops:
    """pointwise_many.inc: four output channels at a time, two pixels of them."""
    channels, width = step.target.channels, step.target.width
    four = blocks(channels, 4)
    scaled = {"blocks": four}
    sums: dict[str, int] = {}
    for name, pixels in (("pixels", width // 2), ("last pixels", width % 2)):
        scaled |= {name: four * pixels, f"{name}, outputs": channels * pixels}
        if step.instructions == "thumb":  # one output after the other
            sums[f"{name}, four pairs"] = channels * pixels * (pairs // 4)
            # Of what is known to run once, and of the pairs that are left, the compiler makes no loop, or another one.
            sums[f"{name}, once four pairs"] = channels * pixels * (pairs // 4 == 1)
            sums[f"{name}, {pairs % 4} pairs left"] = channels * pixels
        elif step.is_only and channels < _BLOCK:
            # Outputs that are known to be missing are not summed.
            sums[f"{name}, pairs of {channels}"] = pixels * pairs
        else:
            sums[f"{name}, pairs"] = four * pixels * pairs
            sums[f"{name}, two pairs"] = four * pixels * (pairs // 2)
    form = "few blocks" if step.is_only and channels < _BLOCK else "blocks"
    return Loops(sums).of(step.parameters["weights"]) | _scaled(step, scaled, form)


def _pointwise_helium(step: CountedStep, pairs: int) -> Loops:
    """helium/pointwise.c: an output channel at a time; eight pixels with up to 16 bytes each, else four."""
    channels, width = step.target.channels, step.target.width
    if step.parameters["helium_sums"] == "narrow":
        counts = {"outputs": channels, "pixels": channels * blocks(width, 8)}
        return Loops(counts).of(f"narrow {step.parameters['pixels_per_load']}") | _scaled(step, counts, "narrow")
    form, vectors = step.parameters["helium_sums"], blocks(pairs, 8)
    few = int(width % 4 in (1, 2))
    whole = blocks(width, 4) - few
    sums = {"vectors": channels * whole * vectors, "few vectors": channels * few * vectors}
    scaled = {"outputs": channels, "pixels": channels * whole, "few pixels": channels * few}
    return Loops(sums).of(form) | _scaled(step, scaled, form)


@loops("dense")
def _dense(step: CountedStep) -> Loops:
    values = step.parameters
    width, channels = step.target.width, step.target.channels
    pixels, four = halved(width), blocks(channels, 4)
    codes, count = step.number("codes"), step.number("stretches")
    scaled = {
        "pixels": pixels,
        "blocks": pixels * four,
        "outputs": pixels * channels,
        "second outputs": width // 2 * channels,
    }
    counts = {"window rows": count // step.number("window_width"), "stretches": count}
    inner = pixels * four * count
    counts["block stretches"] = inner
    if step.instructions == "dsp":
        counts |= {"rounds": inner * blocks(codes, 2 * _DENSE_UNROLLED), "two codes": inner * halved(codes)}
    elif step.instructions == "helium":
        counts["vectors"] = inner * blocks(codes, 16)
    else:
        counts |= {"four codes": inner * (codes // 4), "codes": inner * (codes % 4)}
    variant = f"{values['target']} {values['rounding']}"
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
            "blocks": four,
            "outputs": pixels * step.target.channels,
            **_block_sums(step.instructions, rows.taps * columns.taps * depth, four),
        }
    )


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
    return Loops({"units": units, "products": 4 * units * (inputs + units)}).times(step.runs)


@loops("sequence_lstm_blocks")
def _sequence_lstm_blocks(step: CountedStep) -> Loops:
    units, instructions = step.number("units"), step.instructions
    sums = _block_sums(instructions, step.number("inputs"), units)
    kept = _block_sums(instructions, units, units)
    variant = f"{step.parameters['gates']} {step.parameters['cell_bits']}"
    counts = {name: sums.get(name, 0) + kept.get(name, 0) for name in {**sums, **kept}}
    return (Loops(counts) | Loops({"units": units}).of(variant)).times(step.runs)


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
    variant = f"{step.parameters['scales']} {step.parameters['range']}"
    scaled = {"outputs": channels, "blocks": four}
    return (Loops(counts) | Loops(scaled).of(variant)).times(step.runs)


def _block_sums(instructions: InstructionSet | None, depth: int, calls: int) -> dict[str, int]:
    """Returns the loops of `edge_block_sums`."""
    if instructions == "helium":
        return {"vectors": calls * blocks(depth, 16)}
    if instructions == "dsp":
        parts = blocks(depth, _BLOCK_INPUTS)
        last = depth - (parts - 1) * _BLOCK_INPUTS
        words = [_BLOCK_INPUTS // 4] * (parts - 1) + [last // 4] + [1] * (depth % 4 > 0)
        return {
            "parts": calls * len(words),
            "sixteen inputs": calls * sum(count // 4 for count in words),
            "four inputs": calls * sum(count % 4 for count in words),
            "looped": calls * sum(count % 4 > 0 for count in words),
            "rest": calls * (depth % 4),
        }
    return {"four inputs": calls * (depth // 4), "rest": calls * (depth % 4)}
