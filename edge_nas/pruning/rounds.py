"""Removal in several rounds: remove channels, distil a little from the original, remove more.

    original ── remove, repair ── distil ── remove, repair ── distil ── remove, repair
                     round 1                     round 2                     round 3

What was lost in one round is learned back before the next, and each choice looks at the network as it then is.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec, Scheme
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.budget import budget_of
from edge_nas.pruning.checkpoint import Checkpoint, FinishedRounds
from edge_nas.pruning.gate import Gate
from edge_nas.pruning.widths import Widths, uniform_widths
from edge_nas.results.prune import GroupPlan, PruningPlan
from edge_nas.results.train import EpochRecord


class Round(NamedTuple):
    """One removal: the repaired network, the plan of what went, and how well surgery did."""

    network: tf_keras.Model
    plan: PruningPlan
    gate: Gate


class RoundAim(NamedTuple):
    """What one round is to reach: settings with its budget, or the widths it is to leave (None under a budget)."""

    spec: PruneSpec
    widths: Widths | None


Remove = Callable[[tf_keras.Model, RoundAim], Round]
Tune = Callable[[tf_keras.Model], tuple[EpochRecord, ...]]


def remove_in_rounds(
    original: tf_keras.Model,
    spec: PruneSpec,
    remove: Remove,
    tune: Tune,
    checkpoint: Checkpoint | None = None,
    *,
    scheme: Scheme = "qat",
) -> FinishedRounds:
    """Returns what comes of `spec.rounds` removals with a tuning in between, none after the last.

    Args:
        original: flat network; not changed.
        spec: what to reach, in how many rounds.
        remove: makes a network narrower; does not change it.
        tune: trains a network in place.
        checkpoint: where every finished round is kept; a round that is there already is not done again.
        scheme: how the network is going to be quantized, for budgets of what its C takes.
    """
    graph = channel_graph(original).leaving(spec.leave)
    original_figures = {} if spec.budget is None else budget_of(original, graph, spec, spec.budget, scheme).figures({})
    finished = checkpoint.load() if checkpoint else None
    while finished is None or finished.rounds < spec.rounds:
        network, number = (original, 1) if finished is None else (finished.network, finished.rounds + 1)
        aim = _aim(spec, graph, original_figures, number / spec.rounds)
        this_round = remove(network, aim)
        history = tune(this_round.network) if number < spec.rounds else ()
        finished = _with_round(finished, this_round, history)
        if checkpoint:
            checkpoint.save(finished)
    if spec.budget is None:
        # The ratio that was asked for; that of the channels counted differs, since widths are rounded.
        return finished._replace(plan=finished.plan.model_copy(update={"ratio": spec.ratio}))
    return finished


def _aim(spec: PruneSpec, graph: ChannelGraph, original: Mapping[str, int], progress: float) -> RoundAim:
    """Returns what is to be reached after some share of the rounds, `progress` from above 0 to 1.

    Every round takes the same share of what the one before left: after round i of n, (1 − ratio)^(i/n) of the channels
    are kept, or budget^(i/n) of each cost.
    """
    if spec.budget is not None:
        return RoundAim(spec.model_copy(update={"budget": _budget(spec.budget, original, progress)}), None)
    # The last round takes the ratio itself: a power of it could be rounded to another width.
    ratio = spec.ratio if progress == 1 else 1.0 - (1.0 - spec.ratio) ** progress
    return RoundAim(spec, uniform_widths(graph, spec, ratio))


def _budget(budget: BudgetSpec, original_figures: Mapping[str, int], progress: float) -> BudgetSpec:
    """Returns the limits after some share of the rounds, in absolute numbers.

    They are absolute because a share would be one of the network that the round before left.
    """
    limits: dict[str, float] = {}
    for name, limit in budget.limits.items():
        original = float(original_figures[name])
        final = limit * original if limit <= 1 else limit
        # A limit above what the original costs is no limit in any round.
        limits[name] = original * (final / original) ** progress if final < original else final
    return BudgetSpec(core=budget.core, **limits)


def _with_round(before: FinishedRounds | None, this_round: Round, history: tuple[EpochRecord, ...]) -> FinishedRounds:
    """Returns the finished rounds with one more."""
    if before is None:
        return FinishedRounds(1, this_round.network, this_round.plan, history, this_round.gate)
    return FinishedRounds(
        rounds=before.rounds + 1,
        network=this_round.network,
        plan=_one_plan(before.plan, this_round.plan),
        history=before.history + history,
        gate=max(before.gate, this_round.gate, key=lambda gate: gate.difference / gate.allowed),
    )


def _one_plan(first: PruningPlan, second: PruningPlan) -> PruningPlan:
    """Returns one plan for two successive removals, in the channel indices of the network before the first."""
    second_groups = {group.name: group for group in second.groups}
    groups = tuple(_one_group_plan(group, second_groups[group.name]) for group in first.groups)
    kept = sum(len(group.kept) for group in groups)
    channels = sum(group.channels for group in groups)
    unrepaired = {reader.name: reader for reader in (*first.unrepaired, *second.unrepaired)}
    return first.model_copy(
        update={
            "groups": groups,
            "ratio": 1 - kept / max(1, channels),
            "after": second.after,
            "unrepaired": tuple(unrepaired.values()),
            "repaired": second.repaired,  # on what the first left, so that these are the kernels that stay
        }
    )


def _one_group_plan(first: GroupPlan, second: GroupPlan) -> GroupPlan:
    # The second removal counts the channels that the first one kept: kept (0, 2, 5), then (0, 2), are (0, 5).
    kept = tuple(first.kept[index] for index in second.kept)
    return first.model_copy(update={"kept": kept, "predicted_error": first.predicted_error + second.predicted_error})
