"""The text of the three C files: edge_model.c, edge_model.h and edge_intrinsics.h."""

from collections.abc import Sequence

from edge_nas.codegen import descriptors, ends, runloop
from edge_nas.codegen.ends import NamedEnd
from edge_nas.codegen.overview import overview
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.sources import KernelTexts, filled, resource
from edge_nas.codegen.tables import table
from edge_nas.int8.graph import State


def header(plan: Plan, named: Sequence[NamedEnd], states: Sequence[State], sha256: str) -> str:
    """Returns edge_model.h."""
    several = named[0].number is not None
    places = {
        "ends": "several" if several else "one",
        "state": int(bool(states)),
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


def source_file(plan: Plan, named: Sequence[NamedEnd], states: Sequence[State], sha256: str) -> str:
    """Returns edge_model.c."""
    texts = KernelTexts(plan.program.only_functions)
    kernels = [text for step in plan.program.steps for text in texts.texts_of(step.kernel)]
    kernels += ends.kernels(named)
    places = {
        "overview": overview(plan, named, sha256),
        "optimize": plan.optimize,
        "kernels": "\n".join(kernels),
        "constants": "\n".join(descriptors.constants(plan)),
        "images": "\n".join(descriptors.images(plan)),
        "descriptors": "\n".join(descriptors.descriptors(plan)),
        "step_functions": "\n".join(runloop.step_functions(plan)),
        "body": runloop.body(plan),
        "access": ends.definitions(named),
        "state": int(bool(states)),
        "first_values": "\n\n".join(_first_values(number, state) for number, state in enumerate(states)),
        "reset": "\n".join(_reset(plan, number, state) for number, state in enumerate(states)),
        "tables": ends.tables(named),
        "take": ends.take(named),
        "give": ends.give(named),
        "parameters": ends.parameters(named),
    }
    return filled(resource("edge_model.c"), places)


def _first_values(number: int, state: State) -> str:
    """Returns the table of what a state begins with; nothing where all its bytes are equal."""
    return "" if _single_byte(state) is not None else descriptors.constant(f"edge_state_{number}", table(state.initial))


def _reset(plan: Plan, number: int, state: State) -> str:
    """Returns the statement that gives a state its first values; `number` counts states."""
    place = f"edge_arena + {plan.offset(plan.program.states[number])}"
    byte = _single_byte(state)
    if byte is not None:
        return f"  memset({place}, {byte}, {state.initial.nbytes});"
    return f"  memcpy({place}, edge_state_{number}, {state.initial.nbytes});"


def _single_byte(state: State) -> int | None:
    """Returns the byte that all of a state's first values consist of; None where there are several."""
    data = set(state.initial.tobytes())
    return data.pop() if len(data) == 1 else None
