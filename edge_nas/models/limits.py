"""Weights are made only as far as a file has numbers for them: a few bytes of configuration can ask for any shape.

with weights_within(elements):
    model = tf_keras.Model.from_config(config)
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tf_keras

from edge_nas.errors import ArtifactError

_SLACK = 65_536  # numbers: layers keep counters and seeds that not every file holds
MAX_ACTIVATIONS = 2**28
"""Numbers in one layer's output for one image: 1 GiB of float32, far beyond any microcontroller."""


@contextmanager
def weights_within(elements: int, *bases: Any) -> Iterator[None]:
    """Lets layers make weights of `elements` numbers in all, twice that and a few more for counters, and no more.

    Args:
        elements: numbers that the file holds.
        bases: the class of all layers, whose `add_weight` is watched; tf_keras' where none is given.

    Raises:
        ArtifactError: from the layer that asks for more.
    """
    # Twice, a choice: what a hostile file asks for is larger by orders of magnitude.
    allowance = 2 * elements + _SLACK
    watched = [(base, base.add_weight) for base in bases or (tf_keras.layers.Layer,)]

    def limited(original: Any) -> Any:
        def add_weight(layer: Any, *args: Any, **kwargs: Any) -> Any:
            nonlocal allowance
            shape = _shape_of_weight(args, kwargs)
            allowance -= math.prod(shape)
            if allowance < 0:
                raise ArtifactError(
                    f"layer {layer.name!r} needs a weight of shape {shape}, but the file holds only {elements} numbers"
                )
            return original(layer, *args, **kwargs)

        return add_weight

    try:
        for base, original in watched:
            base.add_weight = limited(original)
        yield
    finally:
        for base, original in watched:
            base.add_weight = original


def check_activations(shapes: Iterator[tuple[str, Any]]) -> None:
    """Refuses a network whose layers' outputs, (name, shape with batch) each, could not be computed here.

    Raises:
        ArtifactError: an output has more than `MAX_ACTIVATIONS` numbers.
    """
    for name, shape in shapes:
        size = math.prod(_sizes(shape[1:]))
        if size > MAX_ACTIVATIONS:
            raise ArtifactError(
                f"layer {name!r}: an output of shape {tuple(shape)} has {size} numbers; allowed: {MAX_ACTIVATIONS}"
            )


def _shape_of_weight(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[int, ...]:
    """Returns the shape among the arguments of `add_weight`; without its name it comes before or after the weight's."""
    if "shape" in kwargs:
        return _sizes(kwargs["shape"])
    without_name = [value for value in args if not isinstance(value, str)]
    return _sizes(without_name[0]) if without_name else ()


def _sizes(shape: Any) -> tuple[int, ...]:
    """Returns a shape as Keras takes it (None, a number, a list, a TensorShape) as numbers; unknown lengths are 1."""
    if shape is None:
        return ()
    if isinstance(shape, int):
        return (shape or 1,)
    return tuple(int(size or 1) for size in shape)
