"""From a network and unlabelled images to a narrower network, without training.

graph        which layers share channels, and who reads them       edge_nas.graph.groups
orders       per group, which channels go first                    criteria
widths       per group, how many channels are kept                 widths, or allocation under a budget (holdout)
narrowed     the network without the others                        edge_nas.graph.surgery
repaired     its readers solved anew by least squares              repair
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy.typing as npt
import tf_keras

from edge_nas.core.blasthreads import blas_threads_for
from edge_nas.core.config import PruneSpec, Scheme
from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.residuals import ResidualBlock, muted, without_blocks
from edge_nas.graph.surgery import Kept, mask, narrow
from edge_nas.layers.patches import longest_row
from edge_nas.pruning.allocation import Allocation, allocate
from edge_nas.pruning.criteria import eliminations
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.preconditions import check_images, check_widths
from edge_nas.pruning.repair import RepairSettings, repair, unrepaired_readers
from edge_nas.pruning.widths import Widths, kept_indices, uniform_widths
from edge_nas.results.prune import FrozenGroup, GroupPlan, PruningPlan, ReaderRepair
from edge_nas.runs.progress import Tick, no_tick
from edge_nas.tasks.task import OutputKind


class Removal(NamedTuple):
    """What removing channels from a network came to.

    `narrowed`: as cut. `repaired`: the same with its readers repaired. `masked`: the original that ignores the removed
    channels, which `narrowed` must equal. `plan`: what went.
    """

    narrowed: tf_keras.Model
    repaired: tf_keras.Model
    masked: tf_keras.Model
    plan: PruningPlan


def remove_channels(
    original: tf_keras.Model,
    inputs: NetworkInputs,
    spec: PruneSpec,
    seed: int,
    tick: Tick = no_tick,
    *,
    labels: npt.NDArray[Any] | None = None,
    output_kind: OutputKind | None = None,
    groups: Sequence[str] | None = None,
    check_inputs: NetworkInputs | None = None,
    widths: Widths | None = None,
    scheme: Scheme = "qat",
) -> Removal:
    """Returns the network with channels removed as `spec` says and the readers repaired.

    Args:
        original: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32.
        spec: ratio, criterion, ridges, samples; fine-tuning is not done here.
        seed: of the positions that the repair looks at.
        tick: told (what, done, total) on the way.
        labels: masks, classes or values of the inputs, for criteria that need them.
        output_kind: what the network's one output is; None: as its last layer and its width say.
        groups: one per input, of those that resemble each other (one drive, one photograph), where they are known.
        check_inputs: other inputs, on which the search for widths compares outputs with the original's; None: a third
            of the calibration inputs, by groups, from which the search then learns nothing.
        widths: how many channels each free group keeps; None: as the spec's ratio or budget says.
        scheme: how the network is going to be quantized, for budgets of what its C takes.

    Raises:
        GraphError: the model is not flat.
        ConfigError: no such criterion or layer; a budget or widths that cannot be.
        DataError: the inputs give no statistics.
    """
    check_images(len(inputs))
    graph = channel_graph(original).leaving(spec.leave)
    if widths is None and spec.budget is None:
        check_widths(graph, spec)
    with blas_threads_for(longest_row(original)):
        tick("which channels repeat others", 0, 3)
        evidence = Evidence(
            original, graph, inputs, labels=labels, output_kind=output_kind, ridge=spec.choice_ridge, seed=seed
        )
        if widths is None:
            widths, dropped = _allocation(evidence, spec, tick, groups, check_inputs, scheme=scheme)
        else:
            dropped = ()
        tick("removal", 1, 3)
        orders = eliminations(evidence, spec.criterion)
        kept = kept_indices(graph, orders, widths)
        # Blocks that go add nothing until everything else is done: both networks have the same layers so long.
        narrowed = narrow(muted(original, dropped), graph, kept)
        tick("least-squares repair", 2, 3)
        repaired, repairs = narrowed, list[ReaderRepair]()
        # Where nothing went there is nothing to repair: the network stays the same to the last bit.
        if dropped or any(widths[group.name] < group.channels for group in graph.free):
            settings = RepairSettings.of(spec, seed)
            repaired = repair(original, narrowed, graph, kept, inputs, settings=settings, tell=repairs.append)
    masked = mask(muted(original, dropped), graph, kept)
    narrowed, repaired = (without_blocks(network, dropped) for network in (narrowed, repaired))
    plan = _plan(spec, original, narrowed, graph, orders=orders, kept=kept, repairs=repairs, dropped=dropped)
    return Removal(narrowed, repaired, masked, plan)


def _plan(
    spec: PruneSpec,
    original: tf_keras.Model,
    narrowed: tf_keras.Model,
    graph: ChannelGraph,
    *,
    orders: Mapping[str, Elimination],
    kept: Kept,
    repairs: Sequence[ReaderRepair],
    dropped: Sequence[ResidualBlock],
) -> PruningPlan:
    """Returns what was removed and why, what each network costs, and how readers were repaired."""
    widths = {group: len(channels) for group, channels in kept.items()}
    gone = {layer for block in dropped for layer in block.layers}
    return PruningPlan(
        criterion=spec.criterion,
        ratio=spec.ratio if spec.budget is None else _removed_share(graph, widths),
        # Groups inside of a block went with it.
        groups=tuple(group for group in _group_plans(graph, orders, kept) if not set(group.members) <= gone),
        blocks=tuple(block.name for block in dropped),
        frozen=_frozen_groups(graph),
        before=keras_cost(original),
        after=keras_cost(narrowed),
        repaired=tuple(repair for repair in repairs if repair.name not in gone),
        unrepaired=unrepaired_readers(original, graph, kept),
    )


def _allocation(
    evidence: Evidence,
    spec: PruneSpec,
    tick: Tick,
    groups: Sequence[str] | None,
    check_inputs: NetworkInputs | None,
    *,
    scheme: Scheme,
) -> Allocation:
    """Returns how many channels each free group keeps, by the spec's ratio or searched under its budget."""
    if spec.budget is None:
        return Allocation(uniform_widths(evidence.graph, spec))
    searched = evidence.searched(check_inputs, groups)
    return allocate(searched, eliminations(searched, spec.criterion), spec, spec.budget, tick, scheme=scheme)


def _removed_share(graph: ChannelGraph, widths: Widths) -> float:
    """Returns the share of all channels of free groups that go."""
    channels = sum(group.channels for group in graph.free)
    return 1.0 - sum(widths.values()) / max(1, channels)


def _group_plans(graph: ChannelGraph, orders: Mapping[str, Elimination], kept: Kept) -> tuple[GroupPlan, ...]:
    plans = []
    for group in graph.free:
        removed = orders[group.name].first(group.channels - len(kept[group.name]))
        plans.append(
            GroupPlan(
                name=group.name,
                members=group.writers,
                readers=group.reader_layers,
                channels=group.channels,
                kept=tuple(kept[group.name]),
                predicted_error=sum(removed.losses),
            )
        )
    return tuple(plans)


def _frozen_groups(graph: ChannelGraph) -> tuple[FrozenGroup, ...]:
    return tuple(
        FrozenGroup(name=group.name, members=group.writers, channels=group.channels, reason=group.frozen)
        for group in graph.groups
        if group.frozen is not None
    )
