"""The text of the three C files: edge_model.c, edge_model.h and edge_intrinsics.h."""

from edge_nas.codegen import descriptors, runloop
from edge_nas.codegen.overview import overview
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.sources import KernelTexts, filled, resource
from edge_nas.results.artifacts import TensorSpec


def header(plan: Plan, source: TensorSpec, target: TensorSpec, sha256: str) -> str:
    """Returns edge_model.h."""
    program = plan.program
    places = {
        "input_bytes": program.buffers[program.inputs[0]].size_bytes,
        "output_bytes": program.buffers[program.outputs[0]].size_bytes,
        "arena_bytes": plan.arena.size_bytes,
        "input_shape": _shape(source),
        "output_shape": _shape(target),
        "input_scale": _float(source.scale),
        "output_scale": _float(target.scale),
        "input_zero_point": source.zero_point,
        "output_zero_point": target.zero_point,
        "sha256": sha256,
    }
    return filled(resource("edge_model.h"), places)


def intrinsics() -> str:
    """Returns edge_intrinsics.h."""
    return resource("edge_intrinsics.h")


def source_file(plan: Plan, source: TensorSpec, target: TensorSpec, sha256: str) -> str:
    """Returns edge_model.c."""
    program = plan.program
    texts = KernelTexts()
    kernels = [text for step in program.steps for text in texts.texts_of(step.kernel)]
    places = {
        "overview": overview(plan, source, target, sha256),
        "optimize": plan.optimize,
        "kernels": "\n".join(kernels),
        "constants": "\n".join(descriptors.constants(plan)),
        "images": "\n".join(descriptors.images(plan)),
        "descriptors": "\n".join(descriptors.descriptors(plan)),
        "body": runloop.body(plan),
        "input_offset": plan.offset(program.inputs[0]),
        "output_offset": plan.offset(program.outputs[0]),
    }
    return filled(resource("edge_model.c"), places)


def _shape(spec: TensorSpec) -> str:
    return "{" + ", ".join(map(str, spec.shape)) + "}"


def _float(value: float | None) -> str:
    return f"{value!r}f" if value is not None else "0"
