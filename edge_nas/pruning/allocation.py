"""How many channels each group keeps under a budget, found by ever dearer looks at ever fewer widths (design note 11).

Which channels of a group go first is settled before, by a criterion; what is searched is how many. (A group is channels
that can only be removed together; those of a *free* group can be removed.)

    widths     looked at by                                                             each takes
    900        the sum of what the criterion says that their removals lose              nothing
    72         the same, once they just meet the budget                                 some five costs
    24         the distance of outputs with readers repaired in one shot                a forward pass
    96         the same, of mutants of the nearest, at the same cost                    a forward pass
    4          the distance after the full repair                                       seconds
    1

The first are drawn around uniform widths (`draws`). What the criterion says of groups does not add up, since the errors
of successive layers interact: it throws out, and decides nothing. Uniform widths come to the last look whatever the
others say, so that nothing worse is chosen. Outputs are compared with the original's on images from which nothing is
learnt.

A residual block that a linear map recovers can go as a whole (`blockdrops`). The same looks then are for the network
without it, whose other widths the budget lets be wider.
"""

import fnmatch
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from edge_nas.core.arrays import Array
from edge_nas.core.config import BudgetSpec, PruneSpec, Scheme
from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.residuals import ResidualBlock, muted, residual_blocks, without_blocks
from edge_nas.graph.surgery import narrow
from edge_nas.pruning.blockdrops import unrecovered_shares
from edge_nas.pruning.budget import Budget, budget_of
from edge_nas.pruning.distance import OutputDistance, outputs_of
from edge_nas.pruning.draws import WidthDraws
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.oneshot import reader_moments
from edge_nas.pruning.repair import RepairSettings, repair
from edge_nas.pruning.trial import Trial
from edge_nas.pruning.widths import Widths, kept_indices
from edge_nas.runs.progress import Tick, no_tick

Orders = Mapping[str, Elimination]
"""Per free group the order in which its channels go."""

# How many come to each look, of widths without dropped blocks; with some, a third of them.
_DRAWN, _SCALED, _TRIED, _REPAIRED = 900, 72, 24, 4
_SHARE_WITH_DROPS = 3
# Then the nearest is changed so often, and the nearest of so many mutants takes its place.
_GENERATIONS, _MUTANTS = 12, 8

# A block of whose output a linear map leaves out more than half is not dropped; networks without up to three are tried.
_MOST_UNRECOVERED = 0.5
_MOST_DROPS = 3

# Trials compare outputs on so many images. Distances from 56 images are in the median 2 to 7 % off those from 101; from
# half as many images twice as far (design note 11).
_TRIAL_IMAGES = 56

# One-shot repairs learn from so many positions per reader: 35 for each value of a row of a 3x3 kernel over 64 channels.
_TRIAL_SAMPLES = 20_000

# The last look can afford twice as many images, and fewer positions than the chosen network is repaired from: they have
# to tell four apart, not to be good.
_FINAL_IMAGES = 2 * _TRIAL_IMAGES
_FINAL_SAMPLES = 40_000

# Both repairs learn from so many images, fewer than the chosen network is repaired from.
_REPAIR_IMAGES = 192


Blocks = tuple[ResidualBlock, ...]


class Allocation(NamedTuple):
    """What is to be kept: per free group so many channels, and every block but these."""

    widths: dict[str, int]
    dropped: Blocks = ()


class _Tried(NamedTuple):
    """An allocation, and how far its outputs are from the original's after a one-shot repair."""

    distance: float
    allocation: Allocation


def allocate(
    evidence: Evidence, orders: Orders, spec: PruneSpec, limits: BudgetSpec, tick: Tick, *, scheme: Scheme = "qat"
) -> Allocation:
    """Returns how many channels each free group keeps so that a budget is met, and which blocks go.

    Args:
        evidence: network, channel graph, calibration inputs; its check inputs are others, see `Evidence.searched`.
        orders: which channels go first.
        spec: which widths are allowed, whether blocks may go, and how readers are repaired.
        limits: `spec.budget`, which here is not None.
        tick: told (what, done, total) on the way.
        scheme: how the network is going to be quantized.

    Raises:
        ConfigError: the budget is below what the least widths reach.
    """
    graph = evidence.graph
    budget = budget_of(evidence.model, graph, spec, limits, scheme)
    whole = Allocation({group.name: group.channels for group in graph.free})
    if budget.met(whole.widths):
        return whole
    worth, draws = _drawn(evidence, orders, spec, budget, tick)
    trial = _trial(evidence, orders, spec)
    tried = _ranked(trial, worth, tick)
    evolved = _evolved(trial, draws[tried[0].allocation.dropped], tried[0], evidence.seed, tick)
    uniform = Allocation(draws[()].uniform)
    # A line that came to nothing better ends where it began.
    nearest = [evolved, *(each for each in tried if each.allocation != evolved.allocation)]
    others = [each.allocation for each in nearest if each.allocation != uniform]
    finalists = [*others[: _REPAIRED - 1], uniform]
    distances = []
    for number, allocation in enumerate(finalists):
        tick("full repair of the nearest widths and of uniform ones", number, len(finalists))
        distances.append(_repaired_distance(evidence, orders, spec, allocation))
    return finalists[int(np.argmin(distances))]


def _drawn(
    evidence: Evidence, orders: Orders, spec: PruneSpec, budget: Budget, tick: Tick
) -> tuple[list[Allocation], dict[Blocks, WidthDraws]]:
    """Returns what is worth a trial, and what draws widths of the network without some blocks, or none."""
    curves = {group.name: _curve(orders[group.name], group.channels) for group in evidence.graph.free}
    generator = np.random.default_rng(evidence.seed)
    tick("widths under the budget", 0, 1)
    draws: dict[Blocks, WidthDraws] = {(): WidthDraws(evidence.graph, spec, budget)}
    worth = [Allocation(widths) for widths in _least_lost(draws[()], curves, generator, share=1)]
    sets = _dropped_sets(evidence, spec)
    for number, blocks in enumerate(sets):
        tick("widths under the budget without some blocks", number, len(sets))
        smaller = _without(evidence, spec, budget, blocks)
        if smaller is not None:
            widths_of_all = {group.name: group.channels for group in evidence.graph.free}
            draws[blocks] = smaller
            least_lost = _least_lost(smaller, curves, generator, share=_SHARE_WITH_DROPS)
            worth += [Allocation(widths_of_all | widths, blocks) for widths in least_lost]
    return worth, draws


def _least_lost(
    draws: WidthDraws, curves: Mapping[str, Array], generator: np.random.Generator, share: int
) -> list[dict[str, int]]:
    """Returns the drawn widths of which the criterion says that least is lost, each once; 1 / `share` of the usual."""

    def lost(widths: Widths) -> float:
        return sum(float(curves[name][width]) for name, width in widths.items())

    shapes = draws.shapes(_DRAWN // share, generator)
    nearly = [lost(widths) for widths in draws.nearly(shapes)]
    best = np.argsort(nearly, kind="stable")[: _SCALED // share]
    scaled = {tuple(widths.items()): lost(widths) for widths in (draws.widest(shapes[place]) for place in best)}
    return [dict(widths) for widths in sorted(scaled, key=scaled.__getitem__)[: _TRIED // share]]


def _curve(order: Elimination, channels: int) -> Array:
    """Returns what is lost with so many channels kept, (channels + 1,); without any, everything."""
    losses = np.cumsum(order.first(channels - 1).losses)
    return np.concatenate([[np.inf], losses[::-1], [0.0]])


def _dropped_sets(evidence: Evidence, spec: PruneSpec) -> list[tuple[ResidualBlock, ...]]:
    """Returns the block that a linear map recovers best, that and the next, and so on."""
    if not spec.drop_blocks or spec.rounds > 1:  # rounds speak of the groups that the first one had
        return []
    blocks = [
        block
        for block in residual_blocks(evidence.model)
        if not any(fnmatch.filter(block.layers, pattern) for pattern in spec.leave)
    ]
    shares = unrecovered_shares(evidence.model, blocks, _spread(evidence.inputs, _TRIAL_IMAGES))
    fit = sorted((block for block in blocks if shares[block.name] <= _MOST_UNRECOVERED), key=lambda b: shares[b.name])
    return [tuple(fit[:count]) for count in range(1, min(len(fit), _MOST_DROPS) + 1)]


def _without(evidence: Evidence, spec: PruneSpec, budget: Budget, blocks: Sequence[ResidualBlock]) -> WidthDraws | None:
    """Returns draws for the network without some blocks; None where its groups are called otherwise."""
    smaller = without_blocks(evidence.model, blocks)
    graph = channel_graph(smaller)
    known = {group.name: group for group in evidence.graph.groups}
    if any(group.name not in known or group.channels != known[group.name].channels for group in graph.groups):
        return None
    left_alone = [group.name for group in graph.free if known[group.name].frozen is not None]
    graph = graph.leaving(left_alone)
    absolute = BudgetSpec(core=budget.core, **budget.limits)
    return WidthDraws(graph, spec, budget_of(smaller, graph, spec, absolute, budget.scheme))


def _trial(evidence: Evidence, orders: Orders, spec: PruneSpec) -> Trial:
    """Returns what tells how far allocations are from the original after a one-shot repair."""
    moments = reader_moments(
        evidence.model,
        evidence.graph,
        inputs=_spread(evidence.inputs, _REPAIR_IMAGES),
        samples=_TRIAL_SAMPLES,
        seed=evidence.seed,
    )
    return Trial(
        evidence.model,
        evidence.graph,
        orders,
        moments,
        # Other ones than repairs learn from, which would look nearer than they are (see `Evidence.searched`).
        images=_spread(evidence.check_inputs, _TRIAL_IMAGES),
        ridge=spec.repair_ridge,
        output_kind=evidence.output_kind,
    )


def _ranked(trial: Trial, worth: Sequence[Allocation], tick: Tick) -> list[_Tried]:
    """Returns allocations with their distances, the nearest first."""
    tried = []
    for number, allocation in enumerate(worth):
        tick("widths on trial", number, len(worth))
        tried.append(_Tried(trial.distance(allocation.widths, allocation.dropped), allocation))
    return sorted(tried, key=lambda each: each.distance)


def _evolved(trial: Trial, draws: WidthDraws, start: _Tried, seed: int, tick: Tick) -> _Tried:
    """Returns the nearest of a line of mutants of an allocation, each of which just meets the budget: (1 + λ).

    Some groups are far from uniform, where one draw in ten thousand would be (EvoPress, Sieberling et al. 2024, arXiv
    2410.14649, changes two at a time at one cost).
    """
    generator = np.random.default_rng([seed, 1])
    best = start
    for generation in range(_GENERATIONS):
        tick("widths that change", generation, _GENERATIONS)
        shape = draws.shape_of(best.allocation.widths)
        mutants = []
        for _ in range(_MUTANTS):
            widths = draws.widest(draws.mutated(shape, generator))
            mutants.append(Allocation(best.allocation.widths | widths, best.allocation.dropped))
        best = min([best, *_ranked(trial, mutants, no_tick)], key=lambda each: each.distance)
    return best


def _repaired_distance(evidence: Evidence, orders: Orders, spec: PruneSpec, allocation: Allocation) -> float:
    """Returns how far the network of an allocation is from the original's outputs after the full repair."""
    original, graph = evidence.model, evidence.graph
    kept = kept_indices(graph, orders, allocation.widths)
    settings = RepairSettings(
        ridge=spec.repair_ridge,
        samples=min(spec.repair_samples, _FINAL_SAMPLES),
        passes=spec.repair_passes,
        seed=evidence.seed,
    )
    inputs = _spread(evidence.inputs, _REPAIR_IMAGES)
    narrowed = narrow(muted(original, allocation.dropped), graph, kept)
    repaired = repair(original, narrowed, graph, kept, inputs, settings=settings)
    check_images = _spread(evidence.check_inputs, _FINAL_IMAGES)
    return OutputDistance(original, check_images, evidence.output_kind).of(outputs_of(repaired, check_images))


def _spread(inputs: NetworkInputs, count: int) -> NetworkInputs:
    """Returns up to `count` inputs, evenly spread."""
    count = min(count, len(inputs))
    return inputs[np.arange(count) * len(inputs) // count]
