"""What a plan's code is made of, functions and kernels inside edge_model_run: bytes follow by a table."""

from collections import Counter
from collections.abc import Iterator, Mapping

from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import InstructionSet, Kernel


def code_parts(plan: Plan, instructions: InstructionSet | None) -> Mapping[str, int]:
    """Returns how often each part of the code of a plan is written, on cores with an instruction set."""
    parts: Counter[str] = Counter({"network": 1})
    for start, stop in plan.schedule.segments:
        parts["segments"] += 1
        parts["strips that take turns"] += stop - start if stop - start > 1 else 0
    kernels = {step.kernel.function: step.kernel for step in plan.program.steps}
    for kernel in kernels.values():
        for part, count in _parts_of(kernel, instructions):
            parts[part] += count
    for step in plan.program.steps:
        parts[f"{step.kernel.source} steps"] += 1
    layouts = {plan.program.buffers[step.write].layout.kind for step in plan.program.steps}
    for kind in layouts & {"planar", "pixels"}:
        parts[f"border of {kind}"] = 1
    return parts


def _parts_of(kernel: Kernel, instructions: InstructionSet | None) -> Iterator[tuple[str, int]]:
    """Yields the parts of one function."""
    yield f"{kernel.source} functions", 1
    values = {**kernel.places, **kernel.parameters}
    if kernel.source != "pointwise":
        return
    pairs = int(values["pairs"])
    if values["few"] == "yes":
        yield f"pointwise functions of {pairs} pairs", 1
    elif instructions == "dsp" and values["weights"] == "lanes":
        # Groups of four pairs are written out, those of one round of the loop among them.
        groups = int(values["groups"]) + 8 * (int(values["rounds"]) > 0)
        yield "pointwise functions of lanes", 1
        yield "pointwise groups of lanes", groups * (2 if values["rows"] == "odd" else 1)
    elif instructions == "dsp" and values["sums"] == "two_outputs":
        yield "pointwise pairs of two outputs", pairs
    elif instructions in ("dsp", "helium"):
        yield f"pointwise pairs, {values['weights']}", pairs
