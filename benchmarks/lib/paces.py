"""Cycles per instruction of every kernel, by a core's published timings, and what MLPerf Tiny's rows say of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np

from benchmarks.lib.assorted import assorted_network, common_network, pointwise_network, repeated_network
from benchmarks.lib.costs import nonnegative_least_squares
from benchmarks.lib.counting import INSTRUCTION_SETS, PreparedNetwork, prepare
from benchmarks.lib.networks import random_network
from benchmarks.lib.rare import foreign_network, recurrent_network, short_network
from edge_nas.codegen.loops import loops_of
from edge_nas.codegen.loops.runloop import RUN, run_loops
from edge_nas.costs import cost_of_plan
from edge_nas.costs.paces import CorePaces, KernelPace
from edge_nas.costs.prediction import counted_step
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.emulation.profile import StepTime, timed_profile_on_core
from edge_nas.emulation.timing import TABLES
from edge_nas.emulation.tools import tool_version
from edge_nas.errors import GateError

# Those of seeds below are judged, as in benchmarks.costs.
_FIRST_CALIBRATED = 1000
_EVERY = 4
_COMMON, _REPEATED = 12, 4
_RARE_FAMILIES = ((foreign_network, 15), (short_network, 10), (recurrent_network, 9))
_DIGITS = 4  # of a coefficient behind the point
_SMALLNESS = 0.75


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


def calibrating(networks: int) -> Iterator[PreparedNetwork]:
    """Yields networks in which every kernel occurs, `networks` of them random ones."""
    for number in range(networks):
        seed = _FIRST_CALIBRATED + number
        yield prepare(random_network(seed))
        if number % _EVERY == 0:
            yield prepare(random_network(seed + networks), arena_limit=0)
            for family in (assorted_network, pointwise_network):
                yield prepare(family(seed))
    # Decoders of few channels, where depthwise layers enlarge what they read and pools make planes.
    for seed in range(_COMMON):
        yield prepare(common_network(_FIRST_CALIBRATED + seed))
    for seed in range(_REPEATED):
        yield prepare(repeated_network(seed))
    for family, number in _RARE_FAMILIES:
        for seed in range(number):
            yield prepare(family(seed))


def timed(core: EmulatedCore, prepared: PreparedNetwork) -> TimedNetwork:
    """Returns what a network takes on a core for one random frame."""
    codes = prepared.compiled.inputs[0].codes
    frame_bytes = int(np.prod(codes.shape)) * np.dtype(codes.dtype).itemsize
    frame = np.random.default_rng(prepared.network.seed).integers(-128, 128, frame_bytes, dtype=np.int8)
    profile = timed_profile_on_core(core, prepared.compiled, frame)
    plan, instruction_set = prepared.plan, INSTRUCTION_SETS[core.name]
    steps = [
        TimedStep(step.kernel.source, loops_of(counted_step(plan, step, instruction_set)).counts, time)
        for step, time in zip(plan.program.steps, profile.steps, strict=True)
    ]
    return TimedNetwork(prepared, (*steps, TimedStep(RUN, run_loops(plan).counts, profile.rest)))


def paces_of(core: EmulatedCore, networks: Sequence[TimedNetwork]) -> CorePaces:
    """Returns what the kernels of networks take: on the average of their instructions, and by loop."""
    steps: dict[str, list[TimedStep]] = defaultdict(list)
    for network in networks:
        for step in network.steps:
            # The first run of a network that keeps state gives it its first values.
            if step.time.instructions and not (step.source == RUN and network.prepared.compiled.keeps_state):
                steps[step.source].append(step)
    instructions, cycles, reads = np.sum([_taken(step) for own in steps.values() for step in own], axis=0)
    return CorePaces(
        core=core.name,
        document=TABLES[core.name].document,
        networks=len(networks),
        tools={tool.program: tool_version(tool) for tool in core.tools},
        average=KernelPace(
            cycles=round(float(cycles / instructions), _DIGITS),
            flash_bytes=round(float(reads / instructions), _DIGITS),
            loops={},
        ),
        kernels={source: kernel_pace(own) for source, own in sorted(steps.items())},
    )


def kernel_pace(steps: Sequence[TimedStep]) -> KernelPace:
    """Returns what the loops of a kernel take that come nearest to what steps took, none below 0."""
    names = sorted({name for step in steps for name, count in step.loops.items() if count})
    taken = np.array([_taken(step) for step in steps], np.float64)
    # As for instructions: small steps count for more than their share, and for less than large ones.
    weights = taken[:, 0] ** -_SMALLNESS
    matrix = np.array([[step.loops.get(name, 0) for name in names] for step in steps], np.float64)
    matrix = matrix.reshape(len(steps), len(names)) * weights[:, np.newaxis]
    sizes = np.maximum(matrix.max(axis=0, initial=0), np.finfo(np.float64).tiny)
    cycles, reads = (nonnegative_least_squares(matrix / sizes, taken[:, k] * weights) / sizes for k in (1, 2))
    instructions, all_cycles, all_reads = taken.sum(axis=0)
    return KernelPace(
        cycles=round(all_cycles / instructions, _DIGITS),
        flash_bytes=round(all_reads / instructions, _DIGITS),
        loops={
            name: (round(float(cycle), _DIGITS), round(float(read), _DIGITS))
            for name, cycle, read in zip(names, cycles, reads, strict=True)
        },
    )


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
