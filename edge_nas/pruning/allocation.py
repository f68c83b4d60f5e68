"""How many channels each group keeps under a budget, found on the network itself (design note 11).

Which channels of a group go first is settled before, by a criterion; what is searched is how many. (A group is channels
that can only be removed together; those of a *free* group can be removed.) The search is greedy. Every free group is
made a little narrower on trial, and that narrowing is kept which takes the network least far from the original's
outputs for what it saves of the budget. What it saves is a fall of the excess: the share of itself by which each limit
is exceeded, summed over limits (`Budget.excess`).

    group     width   narrower   distance rises by   excess falls by   price
    stem         16         14               0.020              0.05    0.40
    encoder      32         27               0.004              0.04    0.10   <- narrowed to 27
    decoder      32         27               0.009              0.03    0.30

and so on with the network as it then is, until the budget is met. Each trial is made on the whole network, since the
errors of successive layers interact: curves of predicted error, one per group, do not add up, and allocations by them
are worse than uniform widths, which remove the same share of every group.

A trial repairs readers in one shot from statistics of the original network (`oneshot`). Far down, where little of that
network is left, it says little. So at the end three sets of widths stand against each other under the full repair:
those found, uniform ones of the same cost, and the geometric means of both, scaled to that cost again. The nearest to
the original's outputs wins.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from edge_nas.core.arrays import Inputs
from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph, ChannelGroup
from edge_nas.graph.surgery import narrow
from edge_nas.pruning.budget import Budget, budget_of
from edge_nas.pruning.distance import OutputDistance, outputs_of
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.oneshot import reader_moments
from edge_nas.pruning.repair import RepairSettings, repair
from edge_nas.pruning.trial import Trial
from edge_nas.pruning.widths import Widths, allowed_width, kept_indices, least_width, least_widths, uniform_widths
from edge_nas.runs.progress import Tick

Orders = Mapping[str, Elimination]
"""Per free group the order in which its channels go."""

# 1. Of the search.

# Share of a group's present width that one narrowing removes. A choice: with half of it the search needs twice as many
# narrowings to get as far, with twice as much it steps over widths that it would have stopped at.
_NARROWING = 0.15

# Narrowed channels are zeros (see `Trial`), which trials go on computing. They are cut out for real once the network's
# MACs have fallen to this share of those at the last cut: a cut takes as long as about seven trials of a U-Net of 489k
# parameters.
_CUT_AT = 0.85

# Trials compare outputs on so many images, all in one forward pass. Prices from 56 images are in the median 2 to 7 %
# off those from 101; from half as many images twice as far (design note 11).
_SEARCH_CHECK_IMAGES = 56

# One-shot repairs learn from so many positions per reader: 35 for each value of a row of a 3x3 kernel over 64 channels.
_SEARCH_SAMPLES = 20_000

# 2. Of the final comparison: three full repairs, not hundreds of trials.

# It can afford twice as many images as a trial.
_FINAL_CHECK_IMAGES = 2 * _SEARCH_CHECK_IMAGES

# Fewer positions than the chosen network is repaired from: they have to tell three apart, not to be good.
_FINAL_SAMPLES = 40_000

# Uniform widths are tried at ratios of 0, 1/400, 2/400, ...: up to 400 channels, every width of a group is among them.
_UNIFORM_RATIOS = 400

# The mean of two sets of widths that cost the same costs about the same, so the factor that makes it meet the budget is
# near 1. `_widest_between` tries so many from 1/2 to 2, which are 0.7 % apart.
_SCALE_FACTORS = 200

# 3. Of both: repairs learn from so many images, fewer than the chosen network is repaired from.
_REPAIR_IMAGES = 192


def allocate(evidence: Evidence, orders: Orders, spec: PruneSpec, limits: BudgetSpec, tick: Tick) -> dict[str, int]:
    """Returns how many channels each free group keeps so that a budget is met.

    Args:
        evidence: network, channel graph, calibration inputs; its check inputs are others, see `Evidence.searched`.
        orders: which channels go first.
        spec: which widths are allowed, and how readers are repaired.
        limits: `spec.budget`, which here is not None.
        tick: told (what, done, total) on the way.

    Raises:
        ConfigError: the budget is below what the least widths reach.
    """
    graph = evidence.graph
    budget = budget_of(evidence.model, graph, spec, limits)
    original_widths = {group.name: group.channels for group in graph.free}
    if budget.met(original_widths):
        return original_widths
    greedy = _Search(evidence, orders, spec, budget).run(tick)
    uniform = _widest_uniform(graph, spec, budget)
    candidates = [greedy, uniform, _widest_between(graph, greedy, uniform, spec, budget)]
    distances = []
    for number, widths in enumerate(candidates):
        tick("full repair of the widths found, uniform ones and those in between", number, len(candidates))
        distances.append(_repaired_distance(evidence, orders, spec, widths))
    return candidates[int(np.argmin(distances))]


@dataclass(frozen=True)
class _Narrowing:
    """One group a little narrower: how many channels it then keeps, and by how much the budget's excess falls."""

    group: str
    width: int
    saving: float


class _Search:
    """The greedy search: the narrowing of the least price, again and again, until the budget is met."""

    def __init__(self, evidence: Evidence, orders: Orders, spec: PruneSpec, budget: Budget) -> None:
        moments = reader_moments(
            evidence.model,
            evidence.graph,
            inputs=_spread(evidence.inputs, _REPAIR_IMAGES),
            samples=_SEARCH_SAMPLES,
            seed=evidence.seed,
        )
        self._trial = Trial(
            evidence.model,
            evidence.graph,
            orders,
            moments,
            # Other ones than repairs learn from, which would look nearer than they are (see `Evidence.searched`).
            images=_spread(evidence.check_inputs, _SEARCH_CHECK_IMAGES),
            ridge=spec.repair_ridge,
            output_kind=evidence.output_kind,
        )
        self._groups = evidence.graph.free
        self._spec = spec
        self._budget = budget

    def run(self, tick: Tick) -> dict[str, int]:
        """Returns the widths found."""
        trial, budget = self._trial, self._budget
        excess = first_excess = budget.excess(trial.widths)
        macs_at_cut = budget.costs.cost(trial.widths).macs
        last_rises: dict[str, float] = {}
        while excess > 0:
            # Ticks count in whole numbers: thousandths of excess, of which there is `first_excess` to take off.
            tick("widths under the budget", round(1000 * (first_excess - excess)), round(1000 * first_excess))
            narrowing = _cheapest(self._narrowings(excess), self._rise, last_rises)  # fills last_rises
            trial.narrow(narrowing.group, narrowing.width)
            # Its next narrowing is another one, which nobody has tried.
            last_rises.pop(narrowing.group, None)
            excess = budget.excess(trial.widths)
            macs = budget.costs.cost(trial.widths).macs
            if macs < _CUT_AT * macs_at_cut:
                trial.cut()  # last_rises of before the cut stay: each is tried again before it is believed
                macs_at_cut = macs
        return dict(trial.widths)

    def _narrowings(self, excess: float) -> dict[str, _Narrowing]:
        """Returns the next narrowing of every group that can be narrowed and saves something of the budget by it.

        Never empty while the budget is exceeded: the least widths meet it (`budget_of` refuses a lower one), and what
        exceeds it falls with every width on which it depends. (Of peak RAM, too: every operator above the limit
        counts, see `Budget.excess`.)
        """
        widths = self._trial.widths
        narrowings = {}
        for group in self._groups:
            width = _next_width(group, widths[group.name], self._spec)
            if width < widths[group.name]:
                saving = excess - self._budget.excess({**widths, group.name: width})
                if saving > 0:
                    narrowings[group.name] = _Narrowing(group.name, width, saving)
        return narrowings

    def _rise(self, narrowing: _Narrowing) -> float:
        """Returns how much farther from the original's outputs a narrowing takes the network, from 0 up."""
        distance = self._trial.distance_with(narrowing.group, narrowing.width)
        # A little nearer, by chance, is worth no more than nothing lost.
        return max(0.0, distance - self._trial.distance)


def _cheapest(
    narrowings: Mapping[str, _Narrowing], rise_of: Callable[[_Narrowing], float], last_rises: dict[str, float]
) -> _Narrowing:
    """Returns the narrowing of the least price, with as few trials as can be.

    A price is rise / saving. The saving is known for the network as it is; the rise is remembered from the last trial,
    perhaps of a wider network.

    Lazy greedy evaluation (Minoux 1978): narrowings get dearer as the network gets narrower, so what one cost when it
    was last tried is less than it costs now. The cheapest by its last price is tried anew; if it is still the cheapest
    then, none of the others needs to be tried at all. (Prices are sure to rise for the submodular functions of that
    paper; here they nearly always do.) To a quarter of the MACs of a U-Net with 14 groups it takes 149 trials for 66
    narrowings, where trying everything would take some 900.

    Args:
        narrowings: by group, at least one.
        rise_of: tries a narrowing.
        last_rises: by group, what the last trial came to; brought up to date on the way.
    """
    tried_now: set[str] = set()
    while True:
        untried = [group for group in narrowings if group not in last_rises]
        group = untried[0] if untried else min(narrowings, key=lambda name: last_rises[name] / narrowings[name].saving)
        if group in tried_now:
            return narrowings[group]
        last_rises[group] = rise_of(narrowings[group])
        tried_now.add(group)


def _next_width(group: ChannelGroup, width: int, spec: PruneSpec) -> int:
    """Returns the width after one narrowing: at least one multiple less, not below the least."""
    narrower = allowed_width(group, width * (1 - _NARROWING), spec)
    if narrower >= width:  # rounded to a multiple it may be the same width again
        narrower = (width - 1) // spec.multiple * spec.multiple
    return max(narrower, least_width(group, spec))


def _widest_uniform(graph: ChannelGraph, spec: PruneSpec, budget: Budget) -> dict[str, int]:
    """Returns the uniform widths that remove the smallest share and meet the budget; the least ones where none do."""
    for number in range(_UNIFORM_RATIOS):
        widths = uniform_widths(graph, spec, ratio=number / _UNIFORM_RATIOS)
        if budget.met(widths):
            return widths
    return least_widths(graph, spec)


def _widest_between(
    graph: ChannelGraph, greedy: Widths, uniform: Widths, spec: PruneSpec, budget: Budget
) -> dict[str, int]:
    """Returns the geometric means of greedy and uniform widths, scaled as wide as the budget lets them.

    Where no scale meets it, uniform.
    """
    widest = dict(uniform)
    for factor in np.geomspace(0.5, 2.0, _SCALE_FACTORS):  # ascending: the last that meets the budget is the widest
        widths = {}
        for group in graph.free:
            mean = np.sqrt(greedy[group.name] * uniform[group.name])
            widths[group.name] = allowed_width(group, factor * mean, spec)
        if budget.met(widths):
            widest = widths
    return widest


def _repaired_distance(evidence: Evidence, orders: Orders, spec: PruneSpec, widths: Widths) -> float:
    """Returns how far the network of these widths is from the original's outputs after the full repair."""
    original, graph = evidence.model, evidence.graph
    kept = kept_indices(graph, orders, widths)
    settings = RepairSettings(
        ridge=spec.repair_ridge,
        samples=min(spec.repair_samples, _FINAL_SAMPLES),
        passes=spec.repair_passes,
        seed=evidence.seed,
    )
    inputs = _spread(evidence.inputs, _REPAIR_IMAGES)
    repaired = repair(original, narrow(original, graph, kept), graph, kept, inputs, settings=settings)
    check_images = _spread(evidence.check_inputs, _FINAL_CHECK_IMAGES)
    return OutputDistance(original, check_images, evidence.output_kind).of(outputs_of(repaired, check_images))


def _spread(inputs: Inputs, count: int) -> Inputs:
    """Returns up to `count` inputs, evenly spread."""
    count = min(count, len(inputs))
    return inputs[np.arange(count) * len(inputs) // count]
