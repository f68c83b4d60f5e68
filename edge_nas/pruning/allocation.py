"""How many channels each group keeps under a budget, found on the network itself.

Per-group curves of predicted error do not add up: errors of successive layers interact. So groups are narrowed a
little at a time, and each time that group goes on whose step costs the least in answers per share of the budget, as
measured on the network with its readers repaired in one shot. Far down that says little: so at the end the result
stands against uniform widths of the same cost, and widths half way between, all under the full repair, and the best
one wins.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph, ChannelGroup
from edge_nas.graph.surgery import narrow
from edge_nas.pruning.budget import Budget, budget_of
from edge_nas.pruning.distance import Answers, answers_of
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.oneshot import reader_moments
from edge_nas.pruning.repair import RepairSettings, repair
from edge_nas.pruning.trial import Trial
from edge_nas.pruning.widths import allowed_width, kept_indices, least_width, uniform_widths
from edge_nas.runs.progress import Tick

_STRIDE = 0.15
"""Share of a group's present width that one step removes."""
_RECUT = 0.85
"""The network is cut anew once its MACs have fallen to this share of those at the last cut."""
_CHECK_IMAGES = 56
_STATISTIC_IMAGES = 192
_STATISTIC_SAMPLES = 20_000
_DUEL_SAMPLES = 40_000
_RATIOS = 400
_FACTORS = 200


def allocate(
    evidence: Evidence, orders: Mapping[str, Elimination], spec: PruneSpec, limits: BudgetSpec, tick: Tick
) -> dict[str, int]:
    """Returns how many channels each free group keeps so that a budget is met.

    Args:
        evidence: network, channel graph, calibration inputs.
        orders: per free group the order in which its channels go.
        spec: which widths are allowed, and how readers are repaired.
        limits: the budget.
        tick: told (what, done, total) on the way.

    Raises:
        ConfigError: the budget is below what the least widths reach.
    """
    graph = evidence.graph
    budget = budget_of(evidence.model, graph, spec, limits)
    whole = {group.name: group.channels for group in graph.free}
    if budget.met(whole):
        return whole
    found = _descend(evidence, orders, spec, budget, tick)
    even = _widest_uniform(evidence, spec, budget)
    rivals = [found, even, _between(graph, found, even, spec, budget)]
    losses = []
    for number, widths in enumerate(rivals):
        tick("full repair of the widths found, uniform ones and those in between", number, len(rivals))
        losses.append(_repaired_loss(evidence, orders, spec, widths))
    return rivals[int(np.argmin(losses))]


def _descend(
    evidence: Evidence, orders: Mapping[str, Elimination], spec: PruneSpec, budget: Budget, tick: Tick
) -> dict[str, int]:
    """Narrows the group that gives most of the budget for least, again and again, until the budget is met."""
    moments = reader_moments(
        evidence.model, evidence.graph, _spread(evidence.inputs, _STATISTIC_IMAGES), _STATISTIC_SAMPLES, evidence.seed
    )
    images = _spread(evidence.check_inputs, _CHECK_IMAGES)
    trial = Trial(
        evidence.model,
        evidence.graph,
        orders,
        moments,
        images=images,
        ridge=spec.repair_ridge,
        output_kind=evidence.output_kind,
    )
    groups = {group.name: group for group in evidence.graph.free}
    first = excess = budget.excess(trial.widths)
    built = budget.costs.cost(trial.widths).macs
    stale: dict[str, float] = {}  # what a group's next step cost in answers when it was last tried
    while excess > 0:
        tick("widths under the budget", round(1000 * (first - excess)), round(1000 * first))
        name, width = _cheapest(trial, groups, spec, budget, excess=excess, stale=stale)
        trial.take(name, width)
        stale.pop(name, None)
        excess = budget.excess(trial.widths)
        macs = budget.costs.cost(trial.widths).macs
        if macs < _RECUT * built:
            trial.cut(trial.widths)
            built = macs
    return dict(trial.widths)


def _cheapest(
    trial: Trial,
    groups: Mapping[str, ChannelGroup],
    spec: PruneSpec,
    budget: Budget,
    *,
    excess: float,
    stale: dict[str, float],
) -> tuple[str, int]:
    """Returns the group whose next step costs least per share of the budget, and its width after it.

    A step costs more the narrower the network is. So groups are tried in the order of what they cost last time, and
    the first that is still cheaper than all others were then is taken; `stale` is brought up to date on the way.
    """
    options: dict[str, tuple[int, float]] = {}
    for name, group in groups.items():
        width = _next_width(group, trial.widths[name], spec)
        if width < trial.widths[name]:
            saved = excess - budget.excess({**trial.widths, name: width})
            if saved > 0:
                options[name] = width, saved
    fresh: set[str] = set()
    while True:
        unknown = [name for name in options if name not in stale]
        best = unknown[0] if unknown else min(options, key=lambda name: stale[name] / options[name][1])
        if best in fresh:
            return best, options[best][0]
        stale[best] = max(0.0, trial.loss_of(best, options[best][0]) - trial.loss)
        fresh.add(best)


def _next_width(group: ChannelGroup, width: int, spec: PruneSpec) -> int:
    """Returns the width after one step: a stride less, at least one multiple, not below the least."""
    down = allowed_width(group, width * (1 - _STRIDE), spec)
    if down >= width:
        down = (width - 1) // spec.multiple * spec.multiple
    return max(down, least_width(group, spec))


def _widest_uniform(evidence: Evidence, spec: PruneSpec, budget: Budget) -> dict[str, int]:
    """Returns the uniform widths of the smallest ratio that meets the budget."""
    for count in range(_RATIOS):
        widths = uniform_widths(evidence.graph, spec.model_copy(update={"ratio": count / _RATIOS}))
        if budget.met(widths):
            return widths
    return {group.name: least_width(group, spec) for group in evidence.graph.free}


def _between(
    graph: ChannelGraph, one: Mapping[str, int], other: Mapping[str, int], spec: PruneSpec, budget: Budget
) -> dict[str, int]:
    """Returns the geometric means of two sets of widths, all scaled by as much as the budget lets them."""
    best = dict(other)
    for factor in np.geomspace(0.5, 2.0, _FACTORS):
        wanted = {name: factor * np.sqrt(one[name] * other[name]) for name in one}
        widths = {group.name: allowed_width(group, wanted[group.name], spec) for group in graph.free}
        if budget.met(widths):
            best = widths
    return best


def _repaired_loss(
    evidence: Evidence, orders: Mapping[str, Elimination], spec: PruneSpec, widths: Mapping[str, int]
) -> float:
    graph, inputs = evidence.graph, _spread(evidence.inputs, _STATISTIC_IMAGES)
    kept = kept_indices(graph, orders, widths)
    settings = RepairSettings(
        spec.repair_ridge, min(spec.repair_samples, _DUEL_SAMPLES), spec.repair_passes, evidence.seed
    )
    repaired = repair(evidence.model, narrow(evidence.model, graph, kept), graph, kept, inputs, settings=settings)
    images = _spread(evidence.check_inputs, 2 * _CHECK_IMAGES)
    return Answers(evidence.model, images, evidence.output_kind).loss(answers_of(repaired, images))


def _spread(inputs: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.float32]:
    """Returns up to `count` inputs, evenly spread."""
    count = min(count, len(inputs))
    return inputs[np.arange(count) * len(inputs) // count]
