"""What criteria may look at: the network, the statistics of what each reader sees, and gradients where labels exist."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Array, Inputs, Places
from edge_nas.core.jointinputs import NetworkInputs, fed
from edge_nas.covariance.statistics import StreamingCovariance
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph, ChannelGroup
from edge_nas.graph.walk import layer_calls
from edge_nas.layers import kind_of
from edge_nas.pruning.evidencerows import CutLayout, rich_tensors
from edge_nas.pruning.holdout import hold_out
from edge_nas.pruning.saliency import channel_saliency
from edge_nas.tasks.task import OutputKind


class Evidence:
    """A network under one set of calibration inputs; statistics are taken when they are first asked for.

    Args:
        model: flat network.
        graph: its channel graph.
        inputs: (N, ...) float32 network inputs, or one such for each of the network's.
        labels: (N, ...) integer classes, {0, 1} masks or values of the inputs, or None.
        output_kind: what the network's one output is; None: as its last layer and its width say.
        check_inputs: (N, ...) float32 other inputs, on which candidates are compared; None: the same.
        ridge: of inverted covariances, relative to the mean variance.
        seed: of criteria that draw numbers.
        batch: images per forward pass.
    """

    def __init__(
        self,
        model: tf_keras.Model,
        graph: ChannelGraph,
        inputs: NetworkInputs,
        *,
        labels: npt.NDArray[Any] | None = None,
        output_kind: OutputKind | None = None,
        check_inputs: NetworkInputs | None = None,
        ridge: float = 1e-5,
        seed: int = 0,
        batch: int = 32,
    ) -> None:
        self.model = model
        self.graph = graph
        self.ridge = ridge
        self.seed = seed
        self.inputs = inputs
        self.output_kind = output_kind
        self.check_inputs = inputs if check_inputs is None else check_inputs
        self._labels = labels
        self._batch = batch

    def searched(self, check_inputs: NetworkInputs | None, groups: Sequence[str] | None) -> "Evidence":
        """Returns what a search may look at, apart from what it is judged by: `check_inputs`, or else held-out inputs.

        Args:
            check_inputs: (N, ...) float32 other inputs; None: a third of these.
            groups: one per input, see `hold_out`; None: unknown.
        """
        learnt, held_out = hold_out(len(self.inputs), groups, self.seed)
        is_other = check_inputs is not None
        labels = self._labels
        return Evidence(
            self.model,
            self.graph,
            self.inputs if is_other else self.inputs[learnt],
            labels=labels if is_other or labels is None else labels[learnt],
            output_kind=self.output_kind,
            check_inputs=check_inputs if is_other else self.inputs[held_out],
            ridge=self.ridge,
            seed=self.seed,
            batch=self._batch,
        )

    @cached_property
    def covariances(self) -> dict[tuple[str, str], Array]:
        """The covariance (channels, channels) of a group as one of its readers sees it, over all positions.

        By (group, reader). All of them come from one pass over the inputs. A reader that sees the group several
        times, such as a dense layer behind Flatten, gives one covariance over all sights. Behind a pooling that leaves
        too few positions it is that of the positions before (`edge_nas.pruning.evidencerows`).
        """
        return {key: statistic.covariance() for key, statistic in self._statistics.items()}

    def scarce(self, group: ChannelGroup) -> bool:
        """True where a reader sees a group at fewer places than it has channels: its covariance is of too low rank."""
        return any(self._statistics[group.name, reader].count < group.channels for reader in group.reader_layers)

    @cached_property
    def _statistics(self) -> dict[tuple[str, str], StreamingCovariance]:
        statistics: dict[tuple[str, str], StreamingCovariance] = {}
        groups_read: dict[str, list[ChannelGroup]] = {}
        for group in self.graph.free:
            for reader in group.reader_layers:
                statistics[group.name, reader] = StreamingCovariance(group.channels)
                groups_read.setdefault(reader, []).append(group)
        rich = rich_tensors(self.model, self.graph, len(self.inputs))
        calls = []
        for reader, tensor in read_tensors(self.model, set(groups_read)):
            richest = rich[reader].tensor if reader in rich else tensor
            key = str(id(richest))
            calls.append((reader, richest, self.graph.tensors[key]))
        if not calls:
            return {}
        extractor = tf_keras.Model(self.model.inputs, [tensor for _, tensor, _ in calls])
        for start in range(0, len(self.inputs), self._batch):
            # Keras gives no list where there is one output only.
            activations = tf.nest.flatten(extractor(fed(self.inputs[start : start + self._batch]), training=False))
            for (reader, _, layout), activation in zip(calls, activations, strict=True):
                for group in groups_read[reader]:
                    places, _ = CutLayout(self.graph, layout, {}).places(self.graph.groups.index(group))
                    statistics[group.name, reader].update(_take_channels(activation.numpy(), places))
        return statistics

    def reading_weights(self, group: ChannelGroup, reader: str) -> Array:
        """Returns Σ W Wᵀ over taps and sights (channels, channels): how a reader weighs a group's channels."""
        layer = self.model.get_layer(reader)
        kernel = np.asarray(kind_of(layer).channels.kernel(layer), np.float64)
        by_input_channel = np.moveaxis(kernel, -2, 0)
        sights = [by_input_channel[places].reshape(group.channels, -1) for places in group.places(reader)]
        rows = np.concatenate(sights, axis=1)
        weights: Array = rows @ rows.T
        return weights

    def filters(self, group: ChannelGroup) -> list[Array]:
        """Returns per layer that writes the group its filters, (channels, weights of the filters of one channel)."""
        filters = []
        for name in group.writers:
            layer = self.model.get_layer(name)
            kernel = np.asarray(kind_of(layer).channels.kernel(layer), np.float64)
            by_output_channel = np.moveaxis(kernel, -1, 0)
            layout = self.graph.layers[name].output
            places, _ = CutLayout(self.graph, layout, {}).places(self.graph.groups.index(group))
            filters.append(by_output_channel[places.T].reshape(group.channels, -1))
        return filters

    @cached_property
    def saliencies(self) -> dict[str, Array]:
        """Per group the Taylor saliency of its channels.

        Raises:
            ConfigError: no labels were given.
        """
        if self._labels is None:
            raise ConfigError(
                "criterion taylor needs labels, the masks or classes of the calibration images; none were given: pass "
                "labels=..., or choose a criterion that needs none, such as covariance"
            )
        return channel_saliency(
            self.model, self.graph, self.inputs, self._labels, self._batch, output_kind=self.output_kind
        )


def _take_channels(activation: Inputs, places: Places) -> Inputs:
    """Returns a group's channels as last axis; where they lie side by side, without a copy.

    Args:
        activation: (N, ..., channels of the tensor).
        places: where it holds the group, (sights of the group, channels of the group).
    """
    first, last = int(places[0, 0]), int(places[0, -1])
    if len(places) == 1 and last - first + 1 == places.shape[1]:
        return activation[..., first : last + 1]
    return activation[..., places]


def read_tensors(model: tf_keras.Model, layers: Sequence[str] | set[str]) -> list[tuple[str, Any]]:
    """Returns (layer, first input tensor) of every call of the layers, in the order of the forward pass."""
    return [(call.layer.name, call.node.keras_inputs[0]) for call in layer_calls(model) if call.layer.name in layers]
