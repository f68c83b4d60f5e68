"""Activations of any model by name.

extractor = ActivationExtractor(Nano_U(), "encoder_*_pointwise", input_shape=(48, 64, 3))
extractor(images)["encoder_0_pointwise"]           # (N, 48, 64, 16)
"""

from typing import Any

import tf_keras

from edge_nas.covariance.selectors import Selectors, activations, select
from edge_nas.graph.flatten import InputShape, mirror


class ActivationExtractor:
    """The chosen activations of a model in inference; `names` lists them.

    Args:
        model: any tf_keras model: subclassed, functional, sequential, nested.
        selectors: names, globs or regular expressions; see `edge_nas.covariance.selectors`.
        input_shape: (H, W, C), needed for a model that was never built.

    The extractor holds a copy of the model's weights; `refresh` takes the present ones, so that it can follow a model
    that is being trained.

    Raises:
        ConfigError: a selector matches nothing; the message names the nearest layers.
        GraphError: the model cannot be flattened.
    """

    def __init__(self, model: tf_keras.Model, selectors: Selectors, input_shape: InputShape | None = None) -> None:
        self._mirror = mirror(model, input_shape, watches=True)
        chosen = select(selectors, activations(self._mirror.flat, self._mirror.probed))
        self.names = tuple(chosen)
        self._network = tf_keras.Model(
            self._mirror.flat.input, {name: activation.tensor for name, activation in chosen.items()}
        )

    def __call__(self, inputs: Any) -> dict[str, Any]:
        """Returns the activations of a batch by name, as tensors, bit for bit those of the model's forward pass."""
        values = self._network(inputs, training=False)
        return {name: values[name] for name in self.names}

    def refresh(self) -> None:
        """Takes the model's present weights."""
        self._mirror.refresh()
