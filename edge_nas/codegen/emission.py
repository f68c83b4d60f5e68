"""The text of the three C files: edge_model.c, edge_model.h and edge_intrinsics.h."""

from edge_nas.codegen import descriptors, ends, runloop
from edge_nas.codegen.overview import overview
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.sources import KernelTexts, filled, resource
from edge_nas.int8.ends import End


def header(plan: Plan, source: End, target: End, sha256: str) -> str:
    """Returns edge_model.h."""
    places = {
        **_end_places("input", source),
        **_end_places("output", target),
        "arena_bytes": plan.arena.size_bytes,
        "converts": int(source.converts or target.converts),
        "sha256": sha256,
    }
    return filled(resource("edge_model.h"), places)


def intrinsics() -> str:
    """Returns edge_intrinsics.h."""
    return resource("edge_intrinsics.h")


def source_file(plan: Plan, source: End, target: End, sha256: str) -> str:
    """Returns edge_model.c."""
    program = plan.program
    texts = KernelTexts()
    kernels = [text for step in program.steps for text in texts.texts_of(step.kernel)]
    kernels += ends.kernels(source)
    places = {
        "overview": overview(plan, source.outside, target.outside, sha256),
        "optimize": plan.optimize,
        "kernels": "\n".join(kernels),
        "constants": "\n".join(descriptors.constants(plan)),
        "images": "\n".join(descriptors.images(plan)),
        "descriptors": "\n".join(descriptors.descriptors(plan)),
        "body": runloop.body(plan),
        "ends": ends.tables(source, target),
        "take": ends.take(source),
        "give": ends.give(target),
        "input_offset": plan.offset(program.inputs[0]),
        "output_offset": plan.offset(program.outputs[0]),
    }
    return filled(resource("edge_model.c"), places)


def _end_places(side: str, end: End) -> dict[str, object]:
    """Returns what the header says of an input or output."""
    return {
        f"{side}_type": ends.C_TYPES[end.outside.dtype],
        f"{side}_bytes": end.outside.size_bytes,
        f"{side}_codes": end.inside.elements,
        f"{side}_shape": f"{{{', '.join(map(str, end.outside.shape))}}}",
        f"{side}_scale": f"{end.inside.scales[0]!r}f",
        f"{side}_zero_point": end.inside.zero_points[0],
    }
