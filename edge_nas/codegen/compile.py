"""From a .tflite file to C, in five stages that each have a module.

operators  reader, int8.operators   what the file says
program    lowering                 steps, each a kernel at work, and the buffers between them
schedule   schedule                 which steps run row by row together, and how many rows are kept
arena      memory                   where the buffers lie
text       emission                 edge_model.c, edge_model.h, edge_intrinsics.h
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from edge_nas.codegen import descriptors, emission
from edge_nas.codegen.ends import named_ends
from edge_nas.codegen.kernels.wide_dot import take_wide_kernels
from edge_nas.codegen.lowering import lower_network
from edge_nas.codegen.memory import ALIGNMENT, Need, interpreter_arena_bytes, plan_arena
from edge_nas.codegen.operators import lowering_of
from edge_nas.codegen.padding import without_paddings
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import Program
from edge_nas.codegen.schedule import schedule
from edge_nas.core import atomic
from edge_nas.core.config import Optimize
from edge_nas.core.hashing import sha256_bytes
from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.int8.ends import End
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.intake import open_tflite, open_tflite_path
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.operands import ParsedOperator
from edge_nas.int8.reader import read_tflite
from edge_nas.int8.shapes import OperandShapes
from edge_nas.results.compile import ArenaBuffer, CompiledEnd, CompiledModel, CompiledStep, SlowedOperator, SourceFile

# Kernels count rows, columns and channels in 16 bits.
LARGEST_DIMENSION = 2**15 - 1


def compile_tflite(
    data: bytes | Path,
    *,
    source: str = "the .tflite bytes",
    optimize: Optimize = "speed",
    arena_limit: int | None = None,
    esp32s3_vectors: bool = False,
) -> CompiledModel:
    """Returns an int8 network as C99 that computes, byte for byte, what TFLite's reference kernels do.

    Args:
        data: a .tflite file, or its path; or a C source with one as an array (`int8.intake`).
        source: what to call bytes in messages; a path is its own name.
        optimize: "size" keeps the weights of wide pointwise layers in one byte each, makes one kernel do where speed
            wants several, and unrolls no loop, which takes more instructions.
        arena_limit: bytes that the arena may take if fast kernels want them; None for what the interpreter for
            microcontrollers needs. Operators do without fast kernels where they do not fit; the result lists them.
        esp32s3_vectors: kernels for the ESP32-S3's vector instructions, which no emulator runs (`kernels.wide_dot`).

    Raises:
        ArtifactError: the file is malformed, has no input or no output, or holds an operator, a dtype or a shape
            that is not supported; the message names it.
    """
    if isinstance(data, Path):
        source = str(data)
        data = open_tflite_path(data).data
    else:
        data = open_tflite(data, source).data
    network = Int8Interpreter(read_tflite(data, source))
    graph = network.graph
    choice = plan_network(network, optimize=optimize, arena_limit=arena_limit, esp32s3_vectors=esp32s3_vectors)
    plan = choice.plan
    sha256 = sha256_bytes(data)
    inputs, outputs = ([_end(end) for end in ends] for ends in (network.inputs, network.outputs))
    return CompiledModel(
        files=_source_files(plan, network, sha256),
        model_sha256=sha256,
        input=inputs[0].stored,
        output=outputs[0].stored,
        input_codes=inputs[0].codes,
        output_codes=outputs[0].codes,
        further_inputs=tuple(inputs[1:]),
        further_outputs=tuple(outputs[1:]),
        keeps_state=bool(graph.states),
        arena_bytes=plan.arena.size_bytes,
        arena=_arena(plan),
        steps=_steps(plan),
        constant_bytes=descriptors.constant_bytes(plan),
        arena_limit=choice.arena_limit,
        slowed=_slowed(graph, choice),
        fast_arena_bytes=choice.fast_arena_bytes,
    )


def _source_files(plan: Plan, network: Int8Interpreter, sha256: str) -> tuple[SourceFile, ...]:
    named = named_ends(plan, network.inputs, network.outputs)
    states = network.graph.states
    texts = {
        "edge_model.c": emission.source_file(plan, named, states, sha256),
        "edge_model.h": emission.header(plan, named, states, sha256),
        "edge_intrinsics.h": emission.intrinsics(),
    }
    return tuple(SourceFile(name=name, text=text, sha256=sha256_bytes(text.encode())) for name, text in texts.items())


def require_generated(compiled: CompiledModel, data: bytes, source: str) -> None:
    """Refuses C that is not what this version makes of a network (design note 32).

    C is compiled and run to verify it. A run may come from somebody else, and its C and its hashes with it.

    Args:
        compiled: the C, as a run holds it.
        data: the .tflite file that it is said to be made of.
        source: what to call the run, for messages.

    Raises:
        UnsafeError: it is something else, of another version or of somebody.
        ArtifactError: the file cannot be compiled.
    """
    made = (
        compile_tflite(data, optimize=how, arena_limit=compiled.arena_limit, esp32s3_vectors=wide)
        for wide in (False, True)
        for how in get_args(Optimize)
    )
    if compiled not in made:
        raise UnsafeError(
            f"{source}: the C in it is not what this version of edge-nas makes of its network, so that it is neither "
            "compiled nor run: another version made it, or somebody changed it. Build again with --from compile, or "
            "name the .tflite file in place of the run"
        )


def write_compiled(compiled: CompiledModel, folder: Path) -> tuple[Path, ...]:
    """Writes the C files into a folder and returns their paths: all of them, or none where the disk is full.

    Raises:
        ResourceError: the folder cannot be made or written.
    """
    atomic.make_folder(folder)
    with ExitStack() as places:
        # Each takes its place when all are written: a header of another network beside the C would compile.
        for file in compiled.files:
            places.enter_context(atomic.replacing(folder / file.name)).write_text(file.text, encoding="utf-8")
    return tuple(folder / file.name for file in compiled.files)


@dataclass(frozen=True)
class FittedPlan:
    """A network's plan within a limit of memory.

    Attributes:
        plan: steps, schedule and arena.
        flat: operators that do without their fast layouts in it.
        fast_arena_bytes: the arena of the plan in which none does.
        arena_limit: bytes that the arena was allowed to take.
    """

    plan: Plan
    flat: frozenset[int]
    fast_arena_bytes: int
    arena_limit: int


def plan_network(
    network: Int8Interpreter,
    *,
    optimize: Optimize = "speed",
    arena_limit: int | None = None,
    esp32s3_vectors: bool = False,
) -> FittedPlan:
    """Returns all that the C of a network is made of, without its text.

    Args:
        network: what is computed.
        optimize: see `compile_tflite`.
        arena_limit: see `compile_tflite`.
        esp32s3_vectors: see `compile_tflite`.

    Raises:
        ArtifactError: see `compile_tflite`.
    """
    graph = network.graph
    _check_ends(graph)
    _check_dimensions(graph)
    unpadded = without_paddings(graph, network.operators)
    lowerings = [lowering_of(graph, operator) for operator in unpadded.operators]
    if esp32s3_vectors:
        take_wide_kernels(lowerings)
    limit = interpreter_arena_bytes(graph) if arena_limit is None else arena_limit

    def planned(flat: frozenset[int]) -> Plan:
        return _plan(lower_network(graph, lowerings, flat, optimize, padding_of=unpadded.padding_of), optimize)

    return _fitting_plan(graph, unpadded.operators, planned, limit)


def _fitting_plan(
    graph: Int8Graph, operators: Sequence[ParsedOperator], planned: Callable[[frozenset[int]], Plan], limit: int
) -> FittedPlan:
    """Returns a plan whose arena is within a limit, as fast as that allows.

    Fast layouts take more bytes than flat ones. Where that shows, the operators of the largest segment go flat, until
    the arena is small enough; then those are made fast again that leave it so, the most multiplications first.
    """
    every_operator = {operator.index for operator in operators}
    flat: frozenset[int] = frozenset()
    plan = planned(flat)
    fast_arena_bytes = plan.arena.size_bytes
    while plan.arena.size_bytes > limit:
        # A largest segment that is flat already is large for what others keep alive beside it.
        slower = (_operators_of_largest_segment(plan) & every_operator) - flat or every_operator - flat
        if not slower:
            return FittedPlan(plan, flat, fast_arena_bytes, limit)
        flat |= slower
        plan = planned(flat)
    macs = {each.index: type(each).macs(OperandShapes(graph, graph.operators[each.index])) for each in operators}
    for index in sorted(flat, key=lambda index: -macs[index]):
        faster = planned(flat - {index})
        if faster.arena.size_bytes <= limit:
            plan, flat = faster, flat - {index}
    return FittedPlan(plan, flat, fast_arena_bytes, limit)


def _operators_of_largest_segment(plan: Plan) -> set[int]:
    """Returns the operators that are computed while most memory is in use."""
    start, stop = plan.schedule.segments[plan.schedule.largest]
    first, last = plan.schedule.strips[start].first, plan.schedule.strips[stop - 1].last
    return {index for step in plan.program.steps[first : last + 1] for index in step.operators}


def _plan(program: Program, optimize: Optimize) -> Plan:
    timetable = schedule(program)
    needs = []
    for index, (first, last) in timetable.spans.items():
        size_bytes = timetable.capacities[index] * program.buffers[index].layout.row_bytes
        needs.append(Need(index, size_bytes, first, last))
    alignment = max(ALIGNMENT, *(buffer.element_bytes for buffer in program.buffers))
    return Plan(program, timetable, plan_arena(needs, alignment), optimize)


def _check_ends(graph: Int8Graph) -> None:
    if not graph.inputs or not graph.outputs:
        raise ArtifactError(
            f"{graph.source}: {len(graph.inputs)} inputs and {len(graph.outputs)} outputs; "
            "at least one of each is expected"
        )
    if not graph.operators:
        raise ArtifactError(f"{graph.source}: no operators; there is nothing to compile")


def _check_dimensions(graph: Int8Graph) -> None:
    for operator in graph.operators:
        for index in (*operator.inputs, *operator.outputs):
            tensor = graph.tensors[max(index, 0)]
            if max(tensor.shape, default=0) > LARGEST_DIMENSION:
                raise ArtifactError(
                    f"{graph.source}: operator {operator.number} ({operator.kind}): tensor {tensor.name!r} has shape "
                    f"{tensor.shape}; dimensions up to {LARGEST_DIMENSION} are supported"
                )


def _end(end: End) -> CompiledEnd:
    return CompiledEnd(stored=end.outside.spec, codes=end.inside.spec)


def _arena(plan: Plan) -> tuple[ArenaBuffer, ...]:
    """Returns every buffer that has memory of its own."""
    timetable = plan.schedule
    arena = []
    for index, (first, last) in timetable.spans.items():
        buffer, rows = plan.program.buffers[index], timetable.capacities[index]
        arena.append(
            ArenaBuffer(
                name=buffer.name,
                layout=buffer.layout.kind,
                offset=plan.arena.offsets[index],
                size_bytes=rows * buffer.layout.row_bytes,
                rows=rows,
                row_bytes=buffer.layout.row_bytes,
                first_step=timetable.strips[first].first,
                last_step=timetable.strips[last].last,
            )
        )
    return tuple(arena)


def _slowed(graph: Int8Graph, choice: FittedPlan) -> tuple[SlowedOperator, ...]:
    """Returns the operators that memory keeps from their fast kernels."""
    slowed = []
    for index in sorted(choice.flat):
        operator = graph.operators[index]
        tensor = graph.tensors[operator.outputs[0]].name
        slowed.append(SlowedOperator(index=operator.number, kind=operator.kind, tensor=tensor))
    return tuple(slowed)


def _steps(plan: Plan) -> tuple[CompiledStep, ...]:
    """Returns the steps in execution order, which is that of the segments and of the strips in them."""
    steps, own = [], descriptors.own_constant_bytes(plan)
    for number, (start, stop) in enumerate(plan.schedule.segments):
        first, last = plan.schedule.strips[start].first, plan.schedule.strips[stop - 1].last
        for place in range(first, last + 1):
            step = plan.program.steps[place]
            compiled = CompiledStep(
                name=step.name,
                function=step.kernel.function,
                operators=step.numbers,
                segment=number,
                constant_bytes=own[place],
            )
            steps.append(compiled)
    return tuple(steps)
