"""Fits what each loop of a kernel takes to what networks took on an emulated core, and tells how far that is off."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from benchmarks.lib.counting import INSTRUCTION_SETS, CountedNetwork
from edge_nas.codegen.descriptors import constant_bytes
from edge_nas.codegen.loops import Loops, loops_of
from edge_nas.codegen.loops.codesize import code_parts
from edge_nas.codegen.loops.runloop import RUN, run_loops
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import InstructionSet
from edge_nas.costs.coefficients import CoreCosts, CostUnknownError, kernel_hash
from edge_nas.costs.prediction import cost_of_plan, counted_step
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.emulation.tools import tool_version
from edge_nas.results.costs import PredictedCost

# Cores with the same instructions, for which the compiler makes nearly the same of C: they are counted once, and judged
# each for itself.
COUNTED_ON: Mapping[str, str] = {"cortex-m7": "cortex-m4", "cortex-m33": "cortex-m4"}
_DIGITS = 4  # of a coefficient behind the point
# Errors are divided by this power of the count: 1 makes all relative, of small steps as of large ones, 0 none.
_SMALLNESS = 0.75
# Off by more than that are no kernels but those whose loops are not told apart by what was counted; of small steps the
# compiler's choices alone make a third.
_FAR_PERCENT = 50.0
_TELLING = 1000
_Equations = dict[str, list[tuple[Mapping[str, int], float]]]


def fitted_costs(
    core: EmulatedCore,
    counted: Sequence[CountedNetwork],
    earlier: CoreCosts | None = None,
    again: frozenset[str] = frozenset(),
) -> CoreCosts:
    """Returns the costs that are nearest to what networks took on a core, or on the one that is counted for it.

    Args:
        core: the core.
        counted: networks.
        earlier: costs of before: kernels whose C is still the same keep theirs, and so do parts of the code.
        again: kernels that do not keep theirs, since their loops are counted in another way.
    """
    instruction_set = INSTRUCTION_SETS[core.name]
    equations: _Equations = defaultdict(list)
    code: _Equations = defaultdict(list)
    for network in counted:
        for source, loops, taken in _equations(network, instruction_set):
            equations[source].append((loops, taken))
        parts = code_parts(network.plan, instruction_set)
        constants = constant_bytes(network.plan, instruction_set)
        code["code"].append((parts, network.profile.sizes.flash_bytes - constants))
    hashes = {source: kernel_hash(source, instruction_set) for source in sorted(equations)}
    instructions = {source: _fit(rows) for source, rows in sorted(equations.items())}
    code_bytes = _fit(code["code"])
    if earlier is not None:
        same = {
            source: sha256
            for source, sha256 in earlier.kernels_sha256.items()
            if sha256 == kernel_hash(source, instruction_set) and source not in again
        }
        hashes |= same
        instructions |= {source: _completed(earlier.instructions[source], equations[source]) for source in same}
        code_bytes |= earlier.code_bytes
    return CoreCosts(
        core=core.name,
        counted_on=COUNTED_ON.get(core.name, core.name),
        instruction_set=instruction_set,
        kernels_sha256=dict(sorted(hashes.items())),
        networks=max(len(counted), earlier.networks if earlier is not None else 0),
        tools={tool.program: tool_version(tool) for tool in core.tools},
        instructions=dict(sorted(instructions.items())),
        code_bytes=dict(sorted(code_bytes.items())),
    )


def has_news(plan: Plan, core: EmulatedCore, earlier: CoreCosts, again: frozenset[str] = frozenset()) -> bool:
    """Returns whether a network tells something that `fitted_costs` does not keep of earlier costs.

    That is a kernel with other C since, one that is fitted again, or a loop that was never counted.
    """
    instruction_set = INSTRUCTION_SETS[core.name]
    for source, loops in _loops(plan, instruction_set):
        known = earlier.instructions.get(source, {})
        is_kept = earlier.kernels_sha256.get(source) == kernel_hash(source, instruction_set) and source not in again
        if not is_kept or any(count and name not in known for name, count in loops.items()):
            return True
    return False


def _loops(plan: Plan, instructions: InstructionSet | None) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Yields the kernel of each step, and edge_model_run at last, with how often the loops run."""
    for step in plan.program.steps:
        yield step.kernel.source, loops_of(counted_step(plan, step, instructions)).counts
    yield RUN, run_loops(plan).counts


def _equations(
    network: CountedNetwork, instructions: InstructionSet | None
) -> Iterator[tuple[str, Mapping[str, int], float]]:
    """Yields, for each step and edge_model_run, the kernel, how often its loops ran, and what it took."""
    *steps, run = _loops(network.plan, instructions)
    for (source, loops), taken in zip(steps, network.profile.steps, strict=True):
        yield source, loops, taken
    if not network.keeps_state:  # the first run of one that does gives its state the first values
        yield *run, network.profile.rest


def _fit(equations: Sequence[tuple[Mapping[str, int], float]]) -> dict[str, float]:
    """Returns coefficients that are not negative and make the sum of squares of weighted errors least.

    Every name that had a count gets one, be it 0: only what was never counted is unknown.
    """
    names = sorted({name for counts, _ in equations for name, number in counts.items() if number})
    matrix = np.array([[counts.get(name, 0) for name in names] for counts, _ in equations], np.float64)
    weights = np.maximum([taken for _, taken in equations], 1.0) ** -_SMALLNESS
    matrix *= weights[:, np.newaxis]
    # Columns of one size: coefficients of loops that run a million times count as much as those of single calls.
    sizes = np.maximum(matrix.max(axis=0), np.finfo(np.float64).tiny)
    target = np.array([taken for _, taken in equations]) * weights
    solution = nonnegative_least_squares(matrix / sizes, target) / sizes
    return {name: round(float(value), _DIGITS) for name, value in zip(names, solution, strict=True)}


def _completed(known: Mapping[str, float], equations: Sequence[tuple[Mapping[str, int], float]]) -> dict[str, float]:
    """Returns coefficients that are known, and of loops that were never met before those that fit to them."""
    rest: list[tuple[Mapping[str, int], float]] = []
    for counts, taken in equations:
        new = {name: number for name, number in counts.items() if number and name not in known}
        if new:
            rest.append((new, taken - sum(known[name] * number for name, number in counts.items() if name in known)))
    return dict(sorted({**known, **(_fit(rest) if rest else {})}.items()))


def nonnegative_least_squares(
    matrix: npt.NDArray[np.float64], target: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Returns x >= 0 that makes |matrix x - target| least (Lawson and Hanson 1974, chapter 23, algorithm NNLS)."""
    count = matrix.shape[1]
    gram, moments = matrix.T @ matrix, matrix.T @ target
    x, free = np.zeros(count), np.zeros(count, bool)
    tolerance = 1e-10 * max(1.0, float(np.abs(moments).max(initial=0.0)))
    for _ in range(10 * count + 10):
        slopes = np.where(free, -np.inf, moments - gram @ x)
        if free.all() or slopes.max() <= tolerance:
            break
        free[int(slopes.argmax())] = True
        while True:
            step = np.zeros(count)
            # Loops that always run together have no one solution: the least one of them is as good as any.
            step[free] = np.linalg.lstsq(gram[np.ix_(free, free)], moments[free], rcond=1e-12)[0]
            if (step[free] > 0).all():
                x = step
                break
            back = free & (step <= 0)
            share = float(np.min(x[back] / np.maximum(x[back] - step[back], np.finfo(np.float64).tiny)))
            x += share * (step - x)
            free &= x > tolerance
            x[~free] = 0.0
            if not free.any():
                break
    return x


def misfits(costs: CoreCosts, counted: Iterable[CountedNetwork]) -> dict[str, float]:
    """Returns the kernels with a step that is predicted far off, and by how many percent at worst.

    Of too few steps a loop may get what belongs to another: that shows as soon as other steps are counted.
    """
    errors: dict[str, float] = {}
    for network in counted:
        for source, loops, taken in _equations(network, costs.instruction_set):
            if taken >= _TELLING:
                error = 100 * abs(costs.instructions_of(source, Loops(loops)) / taken - 1)
                errors[source] = max(error, errors.get(source, 0.0))
    return {source: error for source, error in sorted(errors.items()) if error > _FAR_PERCENT}


class Errors(TypedDict):
    """How far predictions are from counts on one core, in percent of the count.

    core: its name. networks: how many were judged. unknown: of how many the cost was not known, which are left out.
    median, worst: of instructions. flash_median, flash_worst: of flash bytes. macs_median, macs_worst: of MACs times
    `per_mac` as a prediction of instructions. per_mac: instructions per MAC, the geometric mean.
    """

    core: str
    networks: int
    unknown: int
    median: float
    worst: float
    flash_median: float
    flash_worst: float
    macs_median: float
    macs_worst: float
    per_mac: float


def errors_of(core: EmulatedCore, counted: Iterable[CountedNetwork]) -> Errors:
    """Returns how far the predictions of networks are from what was counted."""
    predicted: list[tuple[PredictedCost, CountedNetwork]] = []
    unknown = 0
    for network in counted:
        try:
            predicted.append((cost_of_plan(network.plan, core.name), network))
        except CostUnknownError as error:
            print(f"{core.name}, seed {network.network.seed}: {error}", file=sys.stderr, flush=True)
            unknown += 1
    counts = np.array([network.profile.instructions for _, network in predicted], np.float64)
    instructions = _percent(np.array([cost.instructions for cost, _ in predicted]), counts)
    flash = np.array([network.profile.sizes.flash_bytes for _, network in predicted])
    flash_errors = _percent(np.array([cost.flash_bytes for cost, _ in predicted]), flash)
    macs = np.array([network.macs for _, network in predicted], np.float64)
    per_mac = float(np.exp(np.mean(np.log(counts / macs))))
    mac_errors = _percent(per_mac * macs, counts)
    return Errors(
        core=core.name,
        networks=len(predicted) + unknown,
        unknown=unknown,
        median=float(np.median(instructions)),
        worst=float(instructions.max()),
        flash_median=float(np.median(flash_errors)),
        flash_worst=float(flash_errors.max()),
        macs_median=float(np.median(mac_errors)),
        macs_worst=float(mac_errors.max()),
        per_mac=per_mac,
    )


def _percent(predicted: npt.NDArray[Any], counted: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    errors: npt.NDArray[np.float64] = 100 * np.abs(predicted / counted - 1)
    return errors
