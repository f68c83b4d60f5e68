"""A network whose groups are narrowed one after the other on trial: what would the next step cost in answers?

Every reader is repaired in one shot. Channels that go are rows of zeros, so that a trial is a change of two or three
kernels, and only what comes after them is computed anew. Once enough has gone, the network is really cut.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.surgery import Kept, narrow
from edge_nas.graph.walk import Call, batchnorm_after, input_keys, layer_calls, output_keys
from edge_nas.layers import kind_of
from edge_nas.layers.patches import kernel_matrix, row_places, with_kernel
from edge_nas.pruning.distance import Answers
from edge_nas.pruning.oneshot import Moments
from edge_nas.pruning.widths import kept_indices
from edge_nas.tasks.task import OutputKind

Widths = Mapping[str, int]


class Trial:
    """The network at its present widths.

    Args:
        model: flat network of full width.
        graph: its channel graph.
        orders: per free group the order in which channels go.
        moments: of the readers that can be repaired.
        images: (N, ...) float32 on which answers are compared.
        ridge: of the one-shot repair.
        output_kind: of the outputs, see `Answers`.
    """

    def __init__(
        self,
        model: tf_keras.Model,
        graph: ChannelGraph,
        orders: Mapping[str, Elimination],
        moments: Mapping[str, Moments],
        *,
        images: npt.NDArray[np.float32],
        ridge: float,
        output_kind: OutputKind | None = None,
    ) -> None:
        self._original = model
        self._graph = graph
        self._orders = orders
        self._moments = moments
        self._images = tf.constant(images)
        self._ridge = ridge
        self._readers = {group.name: group.reader_layers for group in graph.free}
        self._answers = Answers(model, images, output_kind)
        self.widths = {group.name: group.channels for group in graph.free}
        self.cut(self.widths)

    def cut(self, widths: Widths) -> None:
        """Makes `widths` the present ones, by surgery."""
        self.widths = dict(widths)
        self._built = kept_indices(self._graph, self._orders, self.widths)
        self._network = narrow(self._original, self._graph, self._built)
        self._calls = tuple(call for call in layer_calls(self._network) if call.inputs)
        for layer in self._moments:
            self._repair(layer, self._built)
        self._values = {input_keys(self._network)[0]: self._images}
        self.loss = self._run(self._calls, self._values)

    def loss_of(self, group: str, width: int) -> float:
        """Returns the loss with one group narrower, all else as it is."""
        before = [
            (layer, layer.get_weights())
            for name in self._readers[group]
            for layer in (self._network.get_layer(name), self._norm(name))
            if layer is not None
        ]
        self._narrow(group, {**self.widths, group: width})
        loss = self._run(self._after(group), dict(self._values))
        for layer, weights in before:
            layer.set_weights(weights)
        return loss

    def take(self, group: str, width: int) -> None:
        """Makes one group narrower, by rows of zeros."""
        self.widths[group] = width
        self._narrow(group, self.widths)
        self.loss = self._run(self._after(group), self._values)

    def _narrow(self, group: str, widths: Widths) -> None:
        kept = kept_indices(self._graph, self._orders, widths)
        for name in self._readers[group]:
            self._repair(name, kept)

    def _repair(self, name: str, kept: Kept) -> None:
        """Gives a reader the kernel for the kept channels, zeros for the others that are not cut yet."""
        layer, channels = self._network.get_layer(name), self._graph.layers[name]
        there = self._graph.kept_channels(channels.inputs[0], self._built)
        stays = self._graph.kept_channels(channels.inputs[0], kept)
        places = np.searchsorted(there, stays)
        if name not in self._moments:
            gone = np.setdiff1d(np.arange(len(there)), places)
            layer.set_weights(kind_of(layer).channels.ignore(layer, gone.tolist()))
            return
        outputs = self._graph.kept_channels(channels.output, self._built)
        solved, shift = self._moments[name].solve(stays, self._ridge)
        kernel = np.zeros((len(kernel_matrix(layer)), len(outputs)))
        kernel[row_places(layer, len(there), places.tolist())] = solved[:, outputs]
        weights = with_kernel(layer, kernel)
        original, norm = self._original.get_layer(name), self._norm(name)
        if layer.use_bias:
            weights[-1] = original.get_weights()[-1][outputs] + shift[outputs]
        elif norm is not None:
            mean = np.asarray(self._original.get_layer(norm.name).moving_mean)
            norm.moving_mean.assign((mean[outputs] - shift[outputs]).astype(np.float32))
        layer.set_weights(weights)

    def _norm(self, name: str) -> Any | None:
        """Returns the BatchNorm into which a reader's bias goes, or None."""
        call = next(call for call in self._calls if call.layer.name == name)
        if not hasattr(call.layer, "activation"):
            return None
        return batchnorm_after(call, self._calls, output_keys(self._network))

    def _after(self, group: str) -> tuple[Call, ...]:
        """Returns the calls from the first reader of a group on."""
        names = [call.layer.name for call in self._calls]
        return self._calls[min(names.index(reader) for reader in self._readers[group]) :]

    def _run(self, calls: tuple[Call, ...], values: dict[str, Any]) -> float:
        """Computes calls into `values` and returns the loss of the network's outputs."""
        for call in calls:
            values.update(zip(call.outputs, call.run(values), strict=True))
        return self._answers.loss([values[key] for key in output_keys(self._network)])
