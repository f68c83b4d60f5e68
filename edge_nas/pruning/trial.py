"""How far a network of other widths is from the original, told without cutting it.

    trial = Trial(original, graph, orders, moments, images=images, ridge=1e-3)
    trial.distance({"encoder": 12, "decoder": 8})

A trial has to be cheap, since a search makes a hundred. So nothing is cut: a removed channel is rows of zeros in the
kernels of those that read it, which are repaired in one shot from stored moments. All of a network's state that a trial
changes is set anew by the next.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.jointinputs import NetworkInputs
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.residuals import ResidualBlock
from edge_nas.graph.surgery import Kept, copy
from edge_nas.graph.walk import batchnorm_after, layer_calls, output_keys
from edge_nas.layers import kind_of
from edge_nas.layers.patches import row_places, with_kernel
from edge_nas.layers.spaces import width
from edge_nas.pruning.distance import OutputDistance, outputs_of
from edge_nas.pruning.oneshot import ReaderMoments
from edge_nas.pruning.widths import Widths, kept_indices
from edge_nas.tasks.task import OutputKind


class Trial:
    """The original with all its channels, made to compute what it would with fewer.

    Args:
        original: flat network; not changed.
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
        images: NetworkInputs,
        ridge: float,
        output_kind: OutputKind | None = None,
    ) -> None:
        self._original = original
        self._graph = graph
        self._orders = orders
        self._moments = moments
        self._images = images
        self._ridge = ridge
        self._readers = tuple(dict.fromkeys(reader for group in graph.free for reader in group.reader_layers))
        self._output_distance = OutputDistance(original, images, output_kind)
        self._network = copy(original)
        self._batchnorms = {reader: self._batchnorm_behind(reader) for reader in self._readers}
        self._muted: tuple[ResidualBlock, ...] = ()

    def distance(self, widths: Widths, muted: Collection[ResidualBlock] = ()) -> float:
        """Returns how far the outputs are from the original's, see `OutputDistance`.

        Args:
            widths: per free group how many channels it keeps.
            muted: blocks whose branch adds nothing.
        """
        kept = kept_indices(self._graph, self._orders, widths)
        for block in self._muted:
            self._network.get_layer(block.end).set_weights(self._original.get_layer(block.end).get_weights())
        for reader in self._readers:
            self._repair(reader, kept)
        # Behind the repair, which gives a bias to the BatchNorms at the end of branches.
        self._muted = tuple(muted)
        for block in self._muted:
            block.mute(self._network)
        return self._output_distance.of(outputs_of(self._network, self._images))

    def _repair(self, reader: str, kept: Kept) -> None:
        """Gives a reader the kernel for the kept channels, and zeros for the others."""
        layer, layout = self._network.get_layer(reader), self._graph.layers[reader].inputs[0]
        kept_inputs = self._graph.kept_channels(layout, kept)
        original = self._original.get_layer(reader)
        if reader not in self._moments:
            removed = np.setdiff1d(np.arange(width(layout)), kept_inputs)
            layer.set_weights(kind_of(original).channels.ignore(original, removed.tolist()))
            return
        moments = self._moments[reader]
        solved, added_bias = moments.solve(kept_inputs, self._ridge)
        kernel = np.zeros(moments.kernel.shape)
        kernel[row_places(layer, width(layout), kept_inputs)] = solved
        weights = with_kernel(original, kernel)
        batchnorm = self._batchnorms[reader]
        if original.use_bias:
            weights[-1] = weights[-1] + added_bias
        elif batchnorm is not None:
            mean = np.asarray(self._original.get_layer(batchnorm).moving_mean)
            # What a BatchNorm subtracts less is bias.
            self._network.get_layer(batchnorm).moving_mean.assign((mean - added_bias).astype(np.float32))
        layer.set_weights(weights)

    def _batchnorm_behind(self, reader: str) -> str | None:
        """Returns the BatchNorm into which a reader's bias goes, or None."""
        calls = layer_calls(self._original)
        call = next(call for call in calls if call.layer.name == reader)
        # A reader of a kind of the user's need not have an activation.
        if not hasattr(call.layer, "activation"):
            return None
        batchnorm: Any = batchnorm_after(call, calls, output_keys(self._original))
        return None if batchnorm is None else str(batchnorm.name)
