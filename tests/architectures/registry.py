"""The architectures by name, and inputs for them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tf_keras


@dataclass(frozen=True)
class Architecture:
    """A network and what it stands for.

    `title`: as the table calls it. `make`: returns the network. `in_ci`: whether every test run takes it.
    """

    title: str
    make: Callable[[], tf_keras.Model]
    in_ci: bool = False

    def network(self) -> tf_keras.Model:
        """Returns the network with weights of the same seed each time, and BatchNorms as training would leave them."""
        tf_keras.utils.set_random_seed(1)
        model = self.make()
        generator = np.random.default_rng(2)
        norms = [layer for layer in model._flatten_layers() if isinstance(layer, tf_keras.layers.BatchNormalization)]
        for layer in norms:
            layer.set_weights([_drawn(weight, generator) for weight in layer.weights])
            layer.momentum = 0.0  # one batch in training gives the statistics of that batch
        if norms:
            model(inputs_of(model, _STATISTICS, 50), training=True)
        return model


_STATISTICS = 32
"""Inputs that BatchNorm's statistics are of."""

ARCHITECTURES: dict[str, Architecture] = {}


def architecture(title: str, *, in_ci: bool = False) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Returns a decorator that enters a function under its own name."""

    def enter(make: Callable[[], Any]) -> Callable[[], Any]:
        ARCHITECTURES[make.__name__] = Architecture(title, make, in_ci)
        return make

    return enter


def smooth(count: int, shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Returns random walks along each axis, (count, *shape) float32: neighbours resemble each other, as in pictures."""
    values = np.random.default_rng(seed).normal(size=(count, *shape))
    for axis in range(1, len(shape)):
        values = np.cumsum(values, axis=axis) / np.sqrt(shape[axis - 1])
    return np.asarray(values, np.float32)


def inputs_of(model: tf_keras.Model, count: int, seed: int) -> Any:
    """Returns inputs for a network: an array, or a list of arrays where it has several inputs."""
    drawn = [smooth(count, tuple(tensor.shape[1:]), seed + index) for index, tensor in enumerate(model.inputs)]
    return drawn[0] if len(drawn) == 1 else drawn


def _drawn(weight: Any, generator: np.random.Generator) -> np.ndarray:
    """Returns statistics, gains and shifts as training leaves them: variances and gains about 1, the others about 0."""
    about = 1.0 if weight.name.split("/")[-1].startswith(("gamma", "moving_variance")) else 0.0
    return np.asarray(generator.normal(about, 0.1, weight.shape), np.float32)
