"""Probes: named places inside a model that others look at and that are not there in what is exported.

    class MyNet(tf_keras.Model):
        def __init__(self):
            super().__init__()
            self.encoder, self.probe, self.logit = DepthwiseSepConv(16), Probe("encoded"), Conv2D(1, 1)

        def call(self, x):
            return self.logit(self.probe(self.encoder(x)))

A probe returns what it is given. A flat graph has no probes: `flatten` leaves them out, `mirror` tells which tensor
each of them saw.
"""

from typing import Any, NamedTuple

import tf_keras

from edge_nas.errors import ConfigError


@tf_keras.utils.register_keras_serializable(package="edge_nas")
class Probe(tf_keras.layers.Layer):
    """Identity; gives a tensor a name by which extractors, penalties and reports find it.

    Args:
        label: the name, such as "bottleneck". A block that is used several times may give all its probes one label.
    """

    def __init__(self, label: str, **kwargs: Any) -> None:
        if not isinstance(label, str) or not label:
            raise ConfigError(f'Probe: label is {label!r}; allowed: a name that is not empty, such as Probe("encoded")')
        super().__init__(**{"name": label, **kwargs})
        self.label = label

    def call(self, x: Any) -> Any:
        """Returns `x`."""
        return x

    def get_config(self) -> dict[str, Any]:
        """Returns what the constructor needs."""
        return {**super().get_config(), "label": self.label}


class ProbedTensor(NamedTuple):
    """What a probe saw: its label, the place of the layer or model that holds it ("" for the model), the tensor."""

    label: str
    place: str
    tensor: Any
