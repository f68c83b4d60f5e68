"""Cycles per instruction of every kernel, by a core's published timings, and what MLPerf Tiny's rows say of them."""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, TypedDict

import numpy as np

from benchmarks.lib.calibration import calibration_networks, covering
from benchmarks.lib.costs import nonnegative_least_squares
from benchmarks.lib.counting import INSTRUCTION_SETS, PreparedNetwork, prepare
from benchmarks.lib.networks import FAMILIES, RandomNetwork
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.loops import loops_of
from edge_nas.codegen.loops.runloop import RUN, run_loops
from edge_nas.codegen.plan import Plan
from edge_nas.costs import cost_of_plan
from edge_nas.costs.coefficients import costs_of_core, kernel_hash
from edge_nas.costs.paces import CorePaces, KernelPace, paces_of_core, stale_kernels
from edge_nas.costs.prediction import counted_step
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.emulation.profile import StepTime, timed_profile_on_core
from edge_nas.emulation.timing import TABLES
from edge_nas.emulation.tools import tool_version
from edge_nas.errors import GateError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite

_CHOSEN_FROM = 80  # of the common families, and what `calibration_networks` yields beside
_OFTEN = 3  # a loop is in so many networks, or in all that have it
_DIGITS = 4  # of a coefficient behind the point
_SMALLNESS = 0.75
# How much a loop's usual pace, that of its instructions, counts beside steps whose largest share of it counts 1.
_PULL = 0.1


class TimedStep(NamedTuple):
    """A step, or edge_model_run beside them: the kernel's source, how often its loops run, and what it took."""

    source: str
    loops: Mapping[str, int]
    time: StepTime


@dataclass(frozen=True)
class TimedNetwork:
    """A network, and what its first frame took on a core."""

    prepared: PreparedNetwork
    steps: tuple[TimedStep, ...]


def calibrating(networks: int, core: EmulatedCore, known: Container[str] = ()) -> Iterator[PreparedNetwork]:
    """Yields some of the networks that costs are fitted to.

    Of the common families so many, whose steps are as long as those of real networks; of the others few, so that every
    loop of the core's kernels runs in some.

    Args:
        networks: how many of the common families, those without a loop that counts left out.
        core: whose loops count.
        known: kernels whose loops do not.
    """
    seen = list(calibration_networks(max(networks, _CHOSEN_FROM)))
    held = [_loops_in(network, arena_limit, core, known) for network, arena_limit in seen]
    common = [
        number
        for number, (network, arena_limit) in enumerate(seen)
        if network.family in FAMILIES and arena_limit is None
    ]
    for number in covering(held, _OFTEN, [number for number in common[:networks] if held[number]]):
        yield prepare(*seen[number])


def _loops_in(
    network: RandomNetwork, arena_limit: int | None, core: EmulatedCore, known: Container[str]
) -> frozenset[tuple[str, str]]:
    """Returns kernel and name of every loop that runs in a network, without those of kernels that are known."""
    graph = read_tflite(network.data, network.family)
    plan = plan_network(Int8Interpreter(graph), arena_limit=arena_limit).plan
    return frozenset(
        (source, name)
        for source, loops in _looped(plan, core)
        if source not in known
        for name, count in loops.items()
        if count
    )


def _looped(plan: Plan, core: EmulatedCore) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Yields how often the loops of each step's kernel run on a core, and at last those of edge_model_run."""
    for step in plan.program.steps:
        yield step.kernel.source, loops_of(counted_step(plan, step, INSTRUCTION_SETS[core.name])).counts
    yield RUN, run_loops(plan).counts


def kept_paces(core: EmulatedCore) -> CorePaces | None:
    """Returns what is known of kernels whose C is still the same; None: nothing, or by other timings of the manual."""
    paces = paces_of_core(core.name)
    if paces is None or paces.timings != timings_of(core):
        return None
    stale = stale_kernels(paces, costs_of_core(core.name))
    kernels = {source: pace for source, pace in paces.kernels.items() if source not in stale}
    hashes = {source: sha256 for source, sha256 in paces.kernels_sha256.items() if source in kernels}
    return paces.model_copy(update={"kernels": kernels, "kernels_sha256": hashes})


def timings_of(core: EmulatedCore) -> dict[str, int]:
    """Returns what the core's manual says of its instructions, in cycles, as `TimingTable` names it."""
    return {name: value for name, value in asdict(TABLES[core.name]).items() if name != "document"}


def timed(core: EmulatedCore, prepared: PreparedNetwork) -> TimedNetwork:
    """Returns what a network takes on a core for one random frame."""
    codes = prepared.compiled.inputs[0].codes
    frame_bytes = int(np.prod(codes.shape)) * np.dtype(codes.dtype).itemsize
    frame = np.random.default_rng(prepared.network.seed).integers(-128, 128, frame_bytes, dtype=np.int8)
    profile = timed_profile_on_core(core, prepared.compiled, frame)
    steps = [
        TimedStep(source, loops, time)
        for (source, loops), time in zip(_looped(prepared.plan, core), (*profile.steps, profile.rest), strict=True)
    ]
    return TimedNetwork(prepared, tuple(steps))


def paces_of(core: EmulatedCore, networks: Sequence[TimedNetwork], kept: CorePaces | None = None) -> CorePaces:
    """Returns what the kernels of networks take: on the average of their instructions, and by loop.

    Args:
        core: the core.
        networks: those that were executed.
        kept: paces of before: its kernels keep theirs, and so does the average of all.
    """
    steps: dict[str, list[TimedStep]] = defaultdict(list)
    for network in networks:
        for step in network.steps:
            # The first run of a network that keeps state gives it its first values.
            if step.time.instructions and not (step.source == RUN and network.prepared.compiled.keeps_state):
                steps[step.source].append(step)
    instruction_set = INSTRUCTION_SETS[core.name]
    hashes = {source: kernel_hash(source, instruction_set) for source in steps}
    instructions = costs_of_core(core.name).instructions
    kernels = {source: kernel_pace(own, instructions.get(source, {})) for source, own in steps.items()}
    if kept is not None:
        hashes |= kept.kernels_sha256
        kernels |= kept.kernels
    everything = [step for own in steps.values() for step in own]
    return CorePaces(
        core=core.name,
        document=TABLES[core.name].document,
        timings=timings_of(core),
        kernels_sha256=dict(sorted(hashes.items())),
        networks=max(len(networks), kept.networks if kept is not None else 0),
        tools={tool.program: tool_version(tool) for tool in core.tools},
        average=_average(everything) if kept is None else kept.average,
        kernels=dict(sorted(kernels.items())),
    )


def _average(steps: Sequence[TimedStep]) -> KernelPace:
    """Returns what an instruction of steps takes on the average."""
    instructions, cycles, reads = np.sum([_taken(step) for step in steps], axis=0)
    return KernelPace(
        cycles=round(float(cycles / instructions), _DIGITS),
        flash_bytes=round(float(reads / instructions), _DIGITS),
        loops={},
    )


def kernel_pace(steps: Sequence[TimedStep], instructions: Mapping[str, float]) -> KernelPace:
    """Returns what the loops of a kernel take that come nearest to what steps took, none below 0.

    Loops that nearly always run alike have no one solution: what steps leave open is shared by instructions.

    Args:
        steps: of the kernel.
        instructions: of one round of each loop, see `CoreCosts.instructions`.
    """
    names = sorted({name for step in steps for name, count in step.loops.items() if count})
    taken = np.array([_taken(step) for step in steps], np.float64)
    # As for instructions: small steps count for more than their share, and for less than large ones.
    weights = taken[:, 0] ** -_SMALLNESS
    matrix = np.array([[step.loops.get(name, 0) for name in names] for step in steps], np.float64)
    matrix = matrix.reshape(len(steps), len(names)) * weights[:, np.newaxis]
    sizes = np.maximum(matrix.max(axis=0, initial=0), np.finfo(np.float64).tiny)
    equations = np.vstack([matrix / sizes, _PULL * np.eye(len(names))])
    usual = np.array([instructions.get(name, 0.0) for name in names]) * sizes
    average = _average(steps)
    cycles, reads = (
        nonnegative_least_squares(equations, np.concatenate([taken[:, column] * weights, _PULL * each * usual])) / sizes
        for column, each in ((1, average.cycles), (2, average.flash_bytes))
    )
    loops = {
        name: (round(float(cycle), _DIGITS), round(float(read), _DIGITS))
        for name, cycle, read in zip(names, cycles, reads, strict=True)
    }
    return average.model_copy(update={"loops": loops})


def _taken(step: TimedStep) -> tuple[int, int, int]:
    return step.time.instructions, step.time.cycles, step.time.flash_reads


class PaceErrors(TypedDict):
    """How far predicted cycles of networks are from those of every executed instruction, in percent.

    core: its name. networks: how many were judged. cycles_median, cycles_worst: of cycles without wait states.
    reads_median, reads_worst: of bytes from flash, in percent of the cycles. one_median, one_worst: of cycles, were
    every instruction given the same. lowest, highest: cycles per instruction of the networks.
    """

    core: str
    networks: int
    cycles_median: float
    cycles_worst: float
    reads_median: float
    reads_worst: float
    one_median: float
    one_worst: float
    lowest: float
    highest: float


def errors_of(core: EmulatedCore, networks: Sequence[TimedNetwork]) -> PaceErrors:
    """Returns how far the predictions of networks are from what was executed, with instructions as predicted."""
    cycles: list[float] = []
    reads: list[float] = []
    rates: list[float] = []
    for network in networks:
        instructions, taken, read = (
            sum(getattr(step.time, name) for step in network.steps)
            for name in ("instructions", "cycles", "flash_reads")
        )
        cost = cost_of_plan(network.prepared.plan, core.name)
        if cost.pace is None:
            raise GateError(f"{core.name}: its paces are not known; run --calibrate first")
        cycles.append(100 * abs(cost.instructions * cost.pace.cycles_per_instruction / taken - 1))
        reads.append(100 * abs(cost.instructions * cost.pace.flash_bytes_per_instruction - read) / taken)
        rates.append(taken / instructions)
    mean = float(np.exp(np.mean(np.log(rates))))
    one = [100 * abs(mean / rate - 1) for rate in rates]
    return PaceErrors(
        core=core.name,
        networks=len(networks),
        cycles_median=float(np.median(cycles)),
        cycles_worst=max(cycles),
        reads_median=float(np.median(reads)),
        reads_worst=max(reads),
        one_median=float(np.median(one)),
        one_worst=max(one),
        lowest=min(rates),
        highest=max(rates),
    )
