"""Which channels stay: the covariance of what each group's readers see, and second-order elimination."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.covariance.selection import Elimination, eliminate
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.graph.channels import ChannelGraph, ChannelGroup
from edge_nas.graph.walk import layer_calls

Array = npt.NDArray[np.float64]


def reader_covariances(
    model: tf_keras.Model, graph: ChannelGraph, inputs: npt.NDArray[np.float32], batch: int = 32
) -> dict[str, Array]:
    """Returns the covariance of every reader's input channels over all positions, in one pass over `inputs`.

    Args:
        model: flat network.
        graph: its channel graph; readers of free groups are measured.
        inputs: (N, ...) float32 network inputs, no labels.
        batch: images per forward pass.
    """
    names = sorted({reader.layer for group in graph.free for reader in group.readers})
    tensors = [
        (call.layer.name, call.node.keras_inputs[0]) for call in layer_calls(model) if call.layer.name in set(names)
    ]
    if not tensors:
        return {}
    extractor = tf_keras.Model(model.inputs, [tensor for _, tensor in tensors])
    statistics = {name: StreamingCovariance(int(tensor.shape[-1])) for name, tensor in tensors}
    for start in range(0, len(inputs), batch):
        values = extractor(inputs[start : start + batch], training=False)
        for (name, _), value in zip(tensors, values if len(tensors) > 1 else [values], strict=True):
            statistics[name].update(value.numpy())
    return {name: statistic.covariance() for name, statistic in statistics.items()}


def choose(
    model: tf_keras.Model, graph: ChannelGraph, covariances: Mapping[str, Array], keep: Mapping[str, int], ridge: float
) -> dict[str, Elimination]:
    """Returns per free group the elimination of channels down to `keep` of them."""
    result = {}
    for group in graph.free:
        seen = [_restricted(model, covariances, group, reader.layer, reader.offset) for reader in group.readers]
        result[group.name] = eliminate([c for c, _ in seen], [m for _, m in seen], keep[group.name], ridge)
    return result


def uniform(graph: ChannelGraph, ratio: float) -> dict[str, int]:
    """Returns how many channels each free group keeps: max(1, round(n (1 - ratio)))."""
    return {group.name: max(1, round(group.channels * (1 - ratio))) for group in graph.free}


def _restricted(
    model: tf_keras.Model, covariances: Mapping[str, Array], group: ChannelGroup, reader: str, offset: int
) -> tuple[Array, Array]:
    """Returns the reader's input covariance and Σ_taps W Wᵀ, both restricted to the group's channels."""
    mine = slice(offset, offset + group.channels)
    kernel = np.asarray(model.get_layer(reader).get_weights()[0], np.float64)
    rows = np.moveaxis(kernel, -2, 0)[mine].reshape(group.channels, -1)
    return covariances[reader][mine, mine], rows @ rows.T
