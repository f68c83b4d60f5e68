"""What can be refused from a network's structure alone, before time goes into its training."""

import tf_keras

from edge_nas.core.config import PruneSpec, Scheme
from edge_nas.core.extensions import CRITERIA
from edge_nas.errors import ConfigError, DataError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.budget import budget_of
from edge_nas.pruning.widths import least_width

_FEWEST_IMAGES = 2
"""Of a dense layer's input one image gives one row, and one row varies with nothing."""


def check_preconditions(model: tf_keras.Model, spec: PruneSpec, images: int, scheme: Scheme = "qat") -> None:
    """Refuses what `remove_channels` would refuse of a network of this structure, whatever its weights.

    Args:
        model: flat network, trained or not.
        spec: how it is to be pruned.
        images: how many calibration images there will be.
        scheme: how it is going to be quantized, for budgets of what its C takes.

    Raises:
        ConfigError: no such criterion or layer; a budget below what the least widths reach; widths that nothing allows.
        DataError: too few calibration images.
        GraphError: the model is not flat.
    """
    check_images(images)
    CRITERIA.get(spec.criterion)
    graph = channel_graph(model).leaving(spec.leave)
    if spec.budget is None:
        check_widths(graph, spec)
    else:
        budget_of(model, graph, spec, spec.budget, scheme)


def check_images(images: int) -> None:
    """Refuses fewer calibration images than statistics need.

    Raises:
        DataError: says how many there are.
    """
    if images < _FEWEST_IMAGES:
        raise DataError(
            f"{images} calibration image{'' if images == 1 else 's'}: how channels vary together cannot be told from "
            f"fewer than {_FEWEST_IMAGES}; give some hundred unlabelled images of the kind that the network will see"
        )


def check_widths(graph: ChannelGraph, spec: PruneSpec) -> None:
    """Refuses a ratio where no free group may lose a single channel.

    Raises:
        ConfigError: names the widest group.
    """
    widest = max(graph.free, key=lambda group: group.channels, default=None)
    if not spec.ratio or widest is None or widest.channels == 1:
        return
    if all(least_width(group, spec) == group.channels for group in graph.free):
        raise ConfigError(
            f"prune.ratio is {spec.ratio:g}, but with prune.min_channels {spec.min_channels} and prune.multiple "
            f"{spec.multiple} no channel may go: the widest free group, {widest.name!r}, has {widest.channels}. Lower "
            "prune.min_channels or prune.multiple, or set prune.ratio to 0"
        )
