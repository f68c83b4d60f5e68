"""The comment at the top of edge_model.c: what the network is and takes, and which step computes which operator."""

from collections.abc import Iterable, Sequence

from edge_nas.codegen.descriptors import plain
from edge_nas.codegen.plan import Plan
from edge_nas.int8.graph import Tensor

_CONVERSION = "(another layout)"


def overview(plan: Plan, source: Tensor, target: Tensor, sha256: str) -> str:
    """Returns the comment's text.

    Args:
        plan: the network.
        source: its input.
        target: its output.
        sha256: of the .tflite file.
    """
    steps = plan.program.steps
    operators = {index for step in steps for index in step.operators}
    lines = [
        f"A network of {len(operators)} operators on int8 codes, generated for {plan.optimize} from the .tflite file",
        f"with sha256 {sha256}.",
        "",
        f"  input   {_end(source)}",
        f"  output  {_end(target)}",
        f"  memory  {plan.arena.size_bytes} bytes of static RAM, in which all activations lie (edge_arena); no heap",
        "",
        "From top to bottom: the kernels, each a function that computes one row, or all, of a step's output;",
        "constants; where the rows of each activation lie (edge_image_N); what each step's kernel is called with",
        "(edge_step_N); and edge_model_run, which calls them. Segments run one after the other. In a segment, strips",
        "take turns row by row, so that few rows of what they hand on are in memory; in a strip, each step hands its",
        "row straight to the next.",
        "",
        *_table(plan),
    ]
    return "\n".join(f"   {line}".rstrip() for line in lines).strip()


def _end(tensor: Tensor) -> str:
    shape = " x ".join(map(str, tensor.shape))
    return f"{plain(tensor.name)}: {shape} {tensor.dtype}, {tensor.size_bytes} bytes"


def _table(plan: Plan) -> Iterable[str]:
    """Yields a line for each step: where it runs, what it computes, what it writes, and by which kernel."""
    head = ("segment", "strip", "step", "operators of the file", "output", "rows x width x channels", "kernel")
    rows = [head, *_rows(plan)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])


def _rows(plan: Plan) -> Iterable[Sequence[str]]:
    for segment, (start, stop) in enumerate(plan.schedule.segments):
        for number, strip in enumerate(plan.schedule.strips[start:stop]):
            for step_number in range(strip.first, strip.last + 1):
                step = plan.program.steps[step_number]
                buffer = plan.program.buffers[step.write]
                kinds = step.name.partition(":")[0]
                numbers = "+".join(map(str, step.operators))
                yield (
                    str(segment),
                    str(number),
                    str(step_number),
                    f"{numbers} {kinds}" if step.operators else _CONVERSION,
                    plain(buffer.name)[:40],
                    f"{buffer.rows} x {buffer.layout.width} x {buffer.layout.channels} {buffer.layout.kind}",
                    step.kernel.function,
                )
