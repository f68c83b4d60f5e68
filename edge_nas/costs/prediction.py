"""The cost of a network's generated C on a core."""

from collections.abc import Sequence
from pathlib import Path

from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.descriptors import constant_bytes
from edge_nas.codegen.loops import CountedStep, Loops, loops_of
from edge_nas.codegen.loops.codesize import code_parts
from edge_nas.codegen.loops.runloop import RUN, run_loops
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import InstructionSet, Step
from edge_nas.costs.coefficients import CoreCosts, CostUnknownError, costs_of_core, known_cores
from edge_nas.costs.paces import paces_of_core
from edge_nas.errors import EdgeNasError
from edge_nas.int8.intake import open_tflite, open_tflite_path
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.results.compile import CompiledModel
from edge_nas.results.costs import Pace, PredictedCost, StepCost


def predict_cost(
    network: bytes | Path, core: str, *, source: str = "the .tflite bytes", arena_limit: int | None = None
) -> PredictedCost:
    """Returns what the C of an int8 network costs on a core, compiled for speed.

    Args:
        network: a .tflite file, or its path; or a C source with one as an array.
        core: an emulated core's name, such as "cortex-m4".
        source: what to call bytes in messages; a path is its own name.
        arena_limit: see `edge_nas.codegen.compile_tflite`.

    Raises:
        ConfigError: nothing was counted on the core, or not one of the network's kernels.
        ArtifactError: see `edge_nas.codegen.compile_tflite`.
    """
    return cost_of_plan(_plan(network, source, arena_limit), core)


def predict_costs(
    network: bytes | Path, *, source: str = "the .tflite bytes", arena_limit: int | None = None
) -> dict[str, PredictedCost | CostUnknownError]:
    """Returns what the C of an int8 network costs on every core that is known, or why that is not known.

    Arguments and other errors are those of `predict_cost`.
    """
    plan = _plan(network, source, arena_limit)
    costs: dict[str, PredictedCost | CostUnknownError] = {}
    for core in known_cores():
        try:
            costs[core] = cost_of_plan(plan, core)
        except CostUnknownError as error:
            costs[core] = error
    return costs


def _plan(network: bytes | Path, source: str, arena_limit: int | None) -> Plan:
    if isinstance(network, Path):
        source = str(network)
        data = open_tflite_path(network).data
    else:
        data = open_tflite(network, source).data
    return plan_network(Int8Interpreter(read_tflite(data, source)), arena_limit=arena_limit).plan


def cost_of_plan(plan: Plan, core: str) -> PredictedCost:
    """Returns what a plan's C costs on a core.

    Raises:
        ConfigError: nothing was counted on the core, or not one of the plan's kernels, or only as made for speed.
    """
    costs = costs_of_core(core)
    if plan.optimize != "speed":
        raise CostUnknownError(f"what C made for {plan.optimize} costs on {core} was never counted")
    kernels = [
        (step.kernel.source, loops_of(counted_step(plan, step, costs.instruction_set))) for step in plan.program.steps
    ]
    kernels.append((RUN, run_loops(plan)))
    instructions = [costs.instructions_of(source, loops) for source, loops in kernels]
    constants = constant_bytes(plan, costs.instruction_set)
    code = costs.bytes_of(code_parts(plan, costs.instruction_set))
    return PredictedCost(
        core=core,
        instructions=round(sum(instructions)),
        flash_bytes=constants + round(code),
        ram_bytes=plan.arena.size_bytes,
        constant_bytes=constants,
        steps=tuple(
            StepCost(name=step.name, instructions=round(count))
            for step, count in zip(plan.program.steps, instructions, strict=False)  # behind them: edge_model_run
        ),
        pace=_pace(costs, kernels, sum(instructions)),
    )


def pace_of(data: bytes, compiled: CompiledModel, core: str) -> Pace | None:
    """Returns what an instruction of a network's C takes on a core; None: no timings of the core are published.

    Steps whose instructions were never counted, such as those of some kernels for size, are left out: the others stand
    for them, and where there are none, what all kernels take on the average.

    Args:
        data: the .tflite file.
        compiled: its C, for speed or for size.
        core: an emulated core's name.

    Raises:
        ArtifactError: see `edge_nas.codegen.compile_tflite`.
    """
    paces = paces_of_core(costs_of_core(core).counted_on) if core in known_cores() else None
    if paces is None:
        return None
    plan = plan_network(
        Int8Interpreter(read_tflite(data, "the .tflite file")),
        optimize=compiled.optimize,
        arena_limit=compiled.arena_limit,
        esp32s3_vectors=compiled.esp32s3_vectors,
    ).plan
    costs = costs_of_core(core)
    kernels, instructions = [], 0.0
    for step in plan.program.steps:
        source = step.kernel.source
        try:
            loops = loops_of(counted_step(plan, step, costs.instruction_set))
            instructions += costs.instructions_of(source, loops)
        except EdgeNasError:  # a kernel of the user's own need not even have said how often its loops run
            continue
        kernels.append((source, loops))
    if kernels:
        kernels.append((RUN, run_loops(plan)))
        instructions += costs.instructions_of(*kernels[-1])
    average = Pace(cycles_per_instruction=paces.average.cycles, flash_bytes_per_instruction=paces.average.flash_bytes)
    return _pace(costs, kernels, instructions) or average


def _pace(costs: CoreCosts, kernels: Sequence[tuple[str, Loops]], instructions: float) -> Pace | None:
    """Returns what an instruction takes on the average; None where no timings of the core are published."""
    paces = paces_of_core(costs.counted_on)
    if paces is None or not instructions:
        return None
    cycles = flash_bytes = 0.0
    for source, loops in kernels:
        own_cycles, own_bytes = paces.taken(source, loops.counts, costs.instructions.get(source, {}))
        cycles, flash_bytes = cycles + own_cycles, flash_bytes + own_bytes
    return Pace(cycles_per_instruction=cycles / instructions, flash_bytes_per_instruction=flash_bytes / instructions)


def counted_step(plan: Plan, step: Step, instructions: InstructionSet | None) -> CountedStep:
    """Returns a step as its loops are counted on cores with an instruction set; some of its kernel's texts may lack."""
    without = instructions in step.kernel.without
    is_only = step.kernel.function in plan.program.only_functions
    return CountedStep(step, plan.program.buffers, None if without else instructions, is_only)
