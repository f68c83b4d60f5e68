"""The comment at the top of edge_model.c: what the network is and takes, and which step computes which operator."""

from collections.abc import Iterable, Sequence

from edge_nas.codegen.descriptors import plain
from edge_nas.codegen.ends import NamedEnd
from edge_nas.codegen.plan import Plan
from edge_nas.int8.graph import Tensor

_CONVERSION = "(another layout)"
_WIDTH = 115  # of a line in the comment, which is indented by three


def overview(plan: Plan, ends: Sequence[NamedEnd], sha256: str) -> str:
    """Returns the comment's text.

    Args:
        plan: the network.
        ends: its inputs and outputs.
        sha256: of the .tflite file.
    """
    steps = plan.program.steps
    operators = {number for step in steps for number in step.numbers}
    codes = f"{ends[0].end.inside.dtype} codes"
    lines = [
        f"A network of {len(operators)} operators on {codes}, generated for {plan.optimize} from the .tflite file",
        f"with sha256 {sha256}.",
        "",
        *(f"  {end.name:8}  {_end(end.end.outside)}" for end in ends),
        f"  memory    {plan.arena.size_bytes} bytes of static RAM, in which all activations lie (edge_arena); no heap",
        "",
        "From top to bottom: the kernels, each a function that computes one row, or all, of a step's output (the",
        "comment above it says what the numbers in its name are); constants; where the rows of each activation lie",
        "(edge_image_N); what each step's kernel is called with, and which tensor it writes (edge_step_N); at the end",
        "edge_model_run, which calls them. Segments run one after the other: strip 1.0 is the first of segment 1. In",
        "a segment, strips take turns row by row, so that few rows of what they hand on are in memory; in a strip,",
        "each step hands its row straight to the next.",
        "",
        *_table(plan),
        "",
        "A row is flat, pixel by pixel as TFLite has it; planar, channel by channel with borders between; pixels,",
        "pixel by pixel with a border; or pairs, two channels of two pixels at a time: see EdgeImage in",
        "edge_intrinsics.h.",
    ]
    return "\n".join(f"   {line}".rstrip() for line in lines).strip()


def _end(tensor: Tensor) -> str:
    shape = " x ".join(map(str, tensor.shape))
    return f"{plain(tensor.name)}: {shape} {tensor.dtype}, {tensor.size_bytes} bytes"


def _table(plan: Plan) -> Iterable[str]:
    """Yields a line for each operator: where it runs, what it is, size and layout of its output, and its kernel."""
    head = ("strip", "step", "operators of the file", "rows x width x channels", "kernel")
    rows = [head, *_rows(plan)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    for *cells, kernel in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        if len(line) + 2 + len(kernel) <= _WIDTH:
            yield f"{line}  {kernel}"
        else:
            yield line
            yield kernel.rjust(_WIDTH)


def _rows(plan: Plan) -> Iterable[Sequence[str]]:
    for segment, (start, stop) in enumerate(plan.schedule.segments):
        for number, strip in enumerate(plan.schedule.strips[start:stop]):
            for step_number in range(strip.first, strip.last + 1):
                yield from _rows_of_step(plan, f"{segment}.{number}", step_number)


def _rows_of_step(plan: Plan, strip: str, step_number: int) -> Iterable[Sequence[str]]:
    """Yields a row for each operator of a step; only the first says where it runs, and by which kernel."""
    step = plan.program.steps[step_number]
    buffer = plan.program.buffers[step.write]
    kinds = step.name.partition(":")[0].split(" + ")
    # A step without operators converts, and its name has a kind all the same.
    operators = [f"{number} {kind}" for number, kind in zip(step.numbers, kinds, strict=False)]
    first, *others = operators or [_CONVERSION]
    shape = f"{buffer.rows} x {buffer.layout.width} x {buffer.layout.channels} {buffer.layout.kind}"
    yield strip, str(step_number), first, shape, step.kernel.function
    for operator in others:
        yield "", "", operator, "", ""
