"""From a network and unlabelled images to a narrower network, without training."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.core.reports import FrozenGroup, GroupPlan, PruningPlan
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import mask, narrow
from edge_nas.pruning.choice import choose, reader_covariances, uniform
from edge_nas.pruning.repair import repair

Inputs = npt.NDArray[np.float32]


class Pruned(NamedTuple):
    """A narrower network: as cut, and repaired; the full one that ignores what was cut; and the plan."""

    narrowed: tf_keras.Model
    repaired: tf_keras.Model
    masked: tf_keras.Model
    plan: PruningPlan


def remove_channels(
    model: tf_keras.Model,
    inputs: Inputs,
    spec: PruneSpec,
    seed: int,
    step: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Pruned:
    """Returns the network with `spec.ratio` of each free group's channels removed and the readers repaired.

    Args:
        model: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32, no labels.
        spec: ratio, ridges, samples; fine-tuning is not done here.
        seed: of the positions that the repair looks at.
        step: told (what, done, total) on the way.

    Raises:
        GraphError: the model is not flat.
        DataError: the inputs give no statistics.
    """
    graph = channel_graph(model)
    keep = uniform(graph, spec.ratio)
    step("covariance of what each layer reads", 0, 3)
    covariances = reader_covariances(model, graph, inputs)
    step("choice of channels", 1, 3)
    chosen = choose(model, graph, covariances, keep, spec.choice_ridge)
    kept = {group.name: chosen[group.name].kept(group.channels) for group in graph.free}
    narrowed = narrow(model, graph, kept)
    step("least-squares repair", 2, 3)
    if any(elimination.removed for elimination in chosen.values()):
        repaired = repair(
            model, narrowed, graph, kept, inputs, ridge=spec.repair_ridge, samples=spec.repair_samples, seed=seed
        )
    else:
        repaired = narrowed
    plan = PruningPlan(
        criterion="covariance",
        ratio=spec.ratio,
        groups=_group_plans(graph, chosen, kept),
        frozen=_frozen_groups(graph),
        before=keras_cost(model),
        after=keras_cost(narrowed),
    )
    return Pruned(narrowed, repaired, mask(model, graph, kept), plan)


def _group_plans(
    graph: ChannelGraph, chosen: Mapping[str, Elimination], kept: Mapping[str, tuple[int, ...]]
) -> tuple[GroupPlan, ...]:
    return tuple(
        GroupPlan(
            name=group.name,
            members=group.members,
            readers=tuple(reader.layer for reader in group.readers),
            channels=group.channels,
            kept=kept[group.name],
            predicted_error=sum(chosen[group.name].losses),
        )
        for group in graph.free
    )


def _frozen_groups(graph: ChannelGraph) -> tuple[FrozenGroup, ...]:
    return tuple(
        FrozenGroup(name=group.name, members=group.members, channels=group.channels, reason=group.frozen)
        for group in graph.groups
        if group.frozen is not None
    )
