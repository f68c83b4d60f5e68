"""Layers that only add noise while training: in a network that is being quantized they are the identity.

TFMOT 0.8.1 knows Dropout and refuses its relatives.
"""

from collections.abc import Sequence

import tf_keras

from edge_nas.graph.substitute import Link

L = tf_keras.layers
_NOISE = (L.GaussianNoise, L.GaussianDropout, L.AlphaDropout, L.ActivityRegularization)


def chain(layer: tf_keras.layers.Layer) -> Sequence[Link] | None:
    """Returns a Dropout that drops nothing, which no operator is made from."""
    return [Link(L.Dropout(0.0, name=layer.name))] if type(layer) in _NOISE else None
