"""Layers that act while training only."""

from typing import Any

import tf_keras

from edge_nas.layers.infile import InFile
from edge_nas.layers.kind import LayerKind
from edge_nas.layers.registry import register
from edge_nas.layers.rules import Elementwise
from edge_nas.layers.spaces import Rows

L = tf_keras.layers


class TrainingRule(Elementwise):
    """In inference such a layer returns what it is given, whatever its axes are."""

    def takes_rows(self, layer: Any, rows: Rows) -> bool:  # noqa: ARG002 - the protocol
        """True, whatever they are."""
        return True


register(
    LayerKind(channels=TrainingRule(), in_file=InFile(becomes="nothing")),
    *(L.Dropout, L.SpatialDropout1D, L.SpatialDropout2D, L.GaussianNoise, L.GaussianDropout),
    *(L.AlphaDropout, L.ActivityRegularization),
)
