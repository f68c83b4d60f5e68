"""A network whose groups are narrowed one after the other on trial: how far are its outputs from the original's then?

    trial = Trial(original, graph, orders, moments, images=images, ridge=1e-3)
    trial.distance_with("encoder", 12)      # were the group narrower; nothing changes
    trial.narrow("encoder", 12)             # it is now
    trial.distance                          # of the network as it is

A trial has to be cheap, since a search makes hundreds. So nothing is cut: a removed channel is rows of zeros in the
kernels of the two or three layers that read it, those layers are repaired in one shot from stored moments, and only
what comes after the first of them is computed anew. Once enough is zero, `cut` removes it for real, which makes every
trial after that cheaper.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Inputs
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.surgery import Kept, narrow
from edge_nas.graph.walk import Call, batchnorm_after, input_keys, layer_calls, output_keys
from edge_nas.layers import kind_of
from edge_nas.layers.patches import kernel_matrix, row_places, with_kernel
from edge_nas.pruning.distance import OutputDistance
from edge_nas.pruning.oneshot import ReaderMoments
from edge_nas.pruning.widths import Widths, kept_indices
from edge_nas.tasks.task import OutputKind


class Trial:
    """The network at its present widths.

    Attributes:
        widths: per free group the number of channels that it keeps at present.
        distance: of the outputs from the original's, see `OutputDistance`.

    Args:
        original: flat network with all channels.
        graph: its channel graph.
        orders: per free group the order in which channels go.
        moments: of the readers that can be repaired.
        images: (N, ...) float32 on which outputs are compared.
        ridge: of the one-shot repair.
        output_kind: of the outputs, see `OutputDistance`.
    """

    def __init__(
        self,
        original: tf_keras.Model,
        graph: ChannelGraph,
        orders: Mapping[str, Elimination],
        moments: Mapping[str, ReaderMoments],
        *,
        images: Inputs,
        ridge: float,
        output_kind: OutputKind | None = None,
    ) -> None:
        self._original = original
        self._graph = graph
        self._orders = orders
        self._moments = moments
        self._images = tf.constant(images)
        self._ridge = ridge
        self._readers = {group.name: group.reader_layers for group in graph.free}
        self._output_distance = OutputDistance(original, images, output_kind)
        self.cut({group.name: group.channels for group in graph.free})

    def cut(self, widths: Widths | None = None) -> None:
        """Makes `widths` the present ones, by surgery on the original; None: those that it has, whose zeros then go."""
        if widths is not None:
            self.widths = dict(widths)
        # What the network's tensors still hold; some of it is ignored (zeros) after `narrow`, until the next cut.
        self._present = kept_indices(self._graph, self._orders, self.widths)
        self._network = narrow(self._original, self._graph, self._present)
        self._calls = tuple(call for call in layer_calls(self._network) if call.inputs)
        for reader in self._moments:
            self._repair(reader, self._present)
        self._values = {input_keys(self._network)[0]: self._images}
        self.distance = self._compute(self._calls, self._values)

    def distance_with(self, group: str, width: int) -> float:
        """Returns the distance with one group narrower, all else as it is."""
        changed = []
        for reader in self._readers[group]:
            changed.append(self._network.get_layer(reader))
            batchnorm = self._batchnorm_behind(reader)
            if batchnorm is not None:
                changed.append(batchnorm)
        weights_before = [layer.get_weights() for layer in changed]
        self._narrow(group, {**self.widths, group: width})
        distance = self._compute(self._calls_from(group), dict(self._values))
        for layer, weights in zip(changed, weights_before, strict=True):
            layer.set_weights(weights)
        return distance

    def narrow(self, group: str, width: int) -> None:
        """Makes one group narrower."""
        self.widths[group] = width
        self._narrow(group, self.widths)
        self.distance = self._compute(self._calls_from(group), self._values)

    def _narrow(self, group: str, widths: Widths) -> None:
        """Has the readers of a group make do with the channels that some widths keep."""
        kept = kept_indices(self._graph, self._orders, widths)
        for reader in self._readers[group]:
            self._repair(reader, kept)

    def _repair(self, reader: str, kept: Kept) -> None:
        """Gives a reader the kernel for the kept channels, and zeros for the others that are still present."""
        layer, channels = self._network.get_layer(reader), self._graph.layers[reader]
        present_inputs = self._graph.kept_channels(channels.inputs[0], self._present)
        kept_inputs = self._graph.kept_channels(channels.inputs[0], kept)
        # Where the kept channels lie among the present ones; both ascend.
        places = np.searchsorted(present_inputs, kept_inputs)
        if reader not in self._moments:
            ignored = np.setdiff1d(np.arange(len(present_inputs)), places)
            layer.set_weights(kind_of(layer).channels.ignore(layer, ignored.tolist()))
            return
        present_outputs = self._graph.kept_channels(channels.output, self._present)
        solved, bias = self._moments[reader].solve(kept_inputs, self._ridge)
        kernel = np.zeros((len(kernel_matrix(layer)), len(present_outputs)))
        kernel[row_places(layer, len(present_inputs), places.tolist())] = solved[:, present_outputs]
        weights = with_kernel(layer, kernel)
        self._set_bias(reader, weights, bias[present_outputs], present_outputs)
        layer.set_weights(weights)

    def _set_bias(self, reader: str, weights: list[Any], added: Any, outputs: list[int]) -> None:
        """Adds to the original's bias, in a layer's new weights or in the BatchNorm behind a layer that has no bias."""
        original, batchnorm = self._original.get_layer(reader), self._batchnorm_behind(reader)
        if original.use_bias:
            weights[-1] = original.get_weights()[-1][outputs] + added
        elif batchnorm is not None:
            mean = np.asarray(self._original.get_layer(batchnorm.name).moving_mean)
            # What a BatchNorm subtracts less is bias.
            batchnorm.moving_mean.assign((mean[outputs] - added).astype(np.float32))

    def _batchnorm_behind(self, reader: str) -> Any | None:
        """Returns the BatchNorm into which a reader's bias goes, or None."""
        call = next(call for call in self._calls if call.layer.name == reader)
        # A reader of a kind of the user's need not have an activation.
        if not hasattr(call.layer, "activation"):
            return None
        return batchnorm_after(call, self._calls, output_keys(self._network))

    def _calls_from(self, group: str) -> tuple[Call, ...]:
        """Returns the calls from the first reader of a group on: all others compute what they did before."""
        names = [call.layer.name for call in self._calls]
        first = min(names.index(reader) for reader in self._readers[group])
        return self._calls[first:]

    def _compute(self, calls: tuple[Call, ...], values: dict[str, Any]) -> float:
        """Computes calls into `values`, tensors by key, and returns the distance of the network's outputs."""
        for call in calls:
            values.update(zip(call.outputs, call.run(values), strict=True))
        return self._output_distance.of([values[key] for key in output_keys(self._network)])
