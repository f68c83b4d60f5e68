"""Removal in several steps: prune, distil a little from the unpruned network, prune again.

What was lost in one step is learned back before the next, and each choice looks at the network as it then is.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning.checkpoint import Checkpoint, Reached
from edge_nas.pruning.gate import Gate
from edge_nas.pruning.widths import uniform_widths
from edge_nas.results.artifacts import Cost
from edge_nas.results.prune import GroupPlan, PruningPlan
from edge_nas.results.train import EpochRecord


class Removed(NamedTuple):
    """One removal: the repaired network, the plan of what went, and how well surgery did."""

    network: tf_keras.Model
    plan: PruningPlan
    gate: Gate


Remove = Callable[[tf_keras.Model, PruneSpec, Mapping[str, int] | None], Removed]
Tune = Callable[[tf_keras.Model], tuple[EpochRecord, ...]]


def remove_in_steps(
    model: tf_keras.Model, spec: PruneSpec, remove: Remove, tune: Tune, checkpoint: Checkpoint | None = None
) -> Reached:
    """Returns what comes of `spec.rounds` removals with a tuning in between, none after the last.

    Every step takes the same share of what is left: after step i of n, (1 − ratio)^(i/n) of the channels stay, or
    budget^(i/n) of each cost.

    Args:
        model: flat network; not changed.
        spec: what to reach, in how many steps.
        remove: (network, spec of the step, widths or None under a budget) to the narrower network.
        tune: trains a network in place.
        checkpoint: where every finished step is kept; a step that is there already is not done again.
    """
    graph = channel_graph(model).leaving(spec.leave)
    whole = WidthCost(model, graph).cost({})
    reached = checkpoint.load() if checkpoint else None
    while reached is None or reached.steps < spec.rounds:
        number = reached.steps + 1 if reached else 1
        removed = remove(reached.network if reached else model, *_step(spec, graph, whole, number / spec.rounds))
        history = tune(removed.network) if number < spec.rounds else ()
        reached = _after(reached, removed, history)
        if checkpoint:
            checkpoint.save(reached)
    if spec.budget is None:
        return reached._replace(plan=reached.plan.model_copy(update={"ratio": spec.ratio}))
    return reached


def _after(before: Reached | None, removed: Removed, history: tuple[EpochRecord, ...]) -> Reached:
    """Returns what is reached with one removal more."""
    if before is None:
        return Reached(1, removed.network, removed.plan, history, removed.gate)
    return Reached(
        steps=before.steps + 1,
        network=removed.network,
        plan=_joined(before.plan, removed.plan),
        history=before.history + history,
        gate=max(before.gate, removed.gate, key=lambda gate: gate.difference / gate.allowed),
    )


def _step(
    spec: PruneSpec, graph: ChannelGraph, whole: Cost, share: float
) -> tuple[PruneSpec, Mapping[str, int] | None]:
    if spec.budget is None:
        ratio = spec.ratio if share == 1 else 1.0 - (1.0 - spec.ratio) ** share
        return spec, uniform_widths(graph, spec.model_copy(update={"ratio": ratio}))
    limits: dict[str, Any] = {}
    for name, limit in spec.budget.to_data().items():
        if limit is not None:
            total = float(getattr(whole, name))
            aim = limit * total if limit <= 1 else limit
            limits[name] = total * (aim / total) ** share if aim < total else aim
    return spec.model_copy(update={"budget": BudgetSpec(**limits)}), None


def _joined(first: PruningPlan, then: PruningPlan) -> PruningPlan:
    """Returns one plan for two removals, in the first network's indices."""
    later = {group.name: group for group in then.groups}
    groups = tuple(_joined_group(group, later[group.name]) for group in first.groups)
    kept, channels = sum(len(group.kept) for group in groups), sum(group.channels for group in groups)
    return first.model_copy(update={"groups": groups, "ratio": 1 - kept / max(1, channels), "after": then.after})


def _joined_group(first: GroupPlan, then: GroupPlan) -> GroupPlan:
    kept = tuple(first.kept[index] for index in then.kept)
    return first.model_copy(update={"kept": kept, "predicted_error": first.predicted_error + then.predicted_error})
