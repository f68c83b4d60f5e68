"""Convolutions of one pixel."""

from collections.abc import Mapping

from edge_nas.codegen.loops.counting import BLOCK, CountedStep, Loops, block_form, blocks, halved, loops


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
    if step.target.kind != "flat":
        return Loops(counts).of(f"{pairs} pairs") | _scaled(step, counts, "few")
    # Of rows that are known to be even nothing is asked.
    form = "few even" if step.is_only and width % 2 == 0 else "few"
    odd = {"odd rows": channels * (width % 2)}
    return Loops(counts).of(f"{pairs} pairs") | _scaled(step, counts | odd, form)


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
            # Of what is known to run once the compiler makes no loop; the pairs that are left it writes out.
            sums[f"{name}, once four pairs"] = channels * pixels * (pairs // 4 == 1)
            sums[f"{name}, pairs left"] = channels * pixels * (pairs % 4)
            sums[f"{name}, sums"] = channels * pixels
        elif step.is_only and channels < BLOCK:
            # Outputs that are known to be missing are not summed.
            sums[f"{name}, pairs of {channels}"] = pixels * pairs
        else:
            sums[f"{name}, pairs"] = four * pixels * pairs
            sums[f"{name}, two pairs"] = four * pixels * (pairs // 2)
    form = f"{block_form(step, channels)}blocks"
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
