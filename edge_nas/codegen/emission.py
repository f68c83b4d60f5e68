"""The text of the three C files: edge_model.c, edge_model.h and edge_intrinsics.h."""

from collections.abc import Sequence

from edge_nas.codegen import descriptors, ends, runloop
from edge_nas.codegen.ends import NamedEnd
from edge_nas.codegen.overview import overview
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.sources import KernelTexts, filled, resource


def header(plan: Plan, named: Sequence[NamedEnd], sha256: str) -> str:
    """Returns edge_model.h."""
    several = named[0].number is not None
    places = {
        "ends": "several" if several else "one",
        "defines": "\n".join(ends.defines(end) for end in named),
        "totals": ends.totals(named),
        "inputs": ends.declarations(ends.of_side(named, "input")),
        "outputs": ends.declarations(ends.of_side(named, "output")),
        "parameters": ends.parameters(named),
        "arena_bytes": plan.arena.size_bytes,
        "converts": int(any(end.end.converts for end in named)),
        "sha256": sha256,
    }
    return filled(resource("edge_model.h"), places)


def intrinsics() -> str:
    """Returns edge_intrinsics.h."""
    return resource("edge_intrinsics.h")


def source_file(plan: Plan, named: Sequence[NamedEnd], sha256: str) -> str:
    """Returns edge_model.c."""
    texts = KernelTexts()
    kernels = [text for step in plan.program.steps for text in texts.texts_of(step.kernel)]
    kernels += ends.kernels(named)
    places = {
        "overview": overview(plan, named, sha256),
        "optimize": plan.optimize,
        "kernels": "\n".join(kernels),
        "constants": "\n".join(descriptors.constants(plan)),
        "images": "\n".join(descriptors.images(plan)),
        "descriptors": "\n".join(descriptors.descriptors(plan)),
        "body": runloop.body(plan),
        "access": ends.definitions(named),
        "tables": ends.tables(named),
        "take": ends.take(named),
        "give": ends.give(named),
        "parameters": ends.parameters(named),
    }
    return filled(resource("edge_model.c"), places)
