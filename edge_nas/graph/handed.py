"""A model and samples in a user's hands, as a flat network and its inputs.

flat, inputs = flat_with_inputs(model, images, None)                      # one input
flat, inputs = flat_with_inputs(model, [images, numbers], None)           # several, in their order or by name
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy.typing as npt
import tf_keras

from edge_nas.core.jointinputs import JointInputs, NetworkInputs
from edge_nas.data.inputs import input_rank, network_inputs
from edge_nas.errors import DataError
from edge_nas.graph.flatten import InputShape, Mirror, mirror
from edge_nas.graph.ownscaling import warn_if_scaled_twice


class Handed(NamedTuple):
    """The flat network, its inputs, and the labels that came with them, or None; `seen` with the model's probes."""

    seen: Mirror
    inputs: NetworkInputs
    labels: npt.NDArray[Any] | None

    @property
    def flat(self) -> tf_keras.Model:
        """The flat network."""
        return self.seen.flat


def flat_with_inputs(
    model: tf_keras.Model, images: Any, input_shape: InputShape | None
) -> tuple[tf_keras.Model, NetworkInputs]:
    """Returns the flat network of a model and what samples are to it; arguments and errors as of `handed`."""
    taken = handed(model, images, input_shape)
    return taken.flat, taken.inputs


def handed(model: tf_keras.Model, images: Any, input_shape: InputShape | None) -> Handed:
    """Returns what a model and samples for it come to.

    Warns (`ModelWarning`) where uint8 pixels were scaled for a network that scales them itself.

    Args:
        model: of tf_keras.
        images: (N, ...) samples or a tf.data.Dataset of them; for several inputs a list of arrays in the order of the
            inputs, or a dictionary of arrays by their names.
        input_shape: of a model that was never built; None: as the samples say.

    Raises:
        GraphError: the model cannot be flattened.
        DataError: samples that the network does not take.
    """
    if not isinstance(images, list | tuple | Mapping) and len(getattr(model, "inputs", None) or [None]) == 1:
        taken = network_inputs(images, input_rank(model, input_shape))
        seen = mirror(model, tuple(taken.images.shape[1:]) if input_shape is None else input_shape)
        warn_if_scaled_twice(seen.flat, are_scaled=taken.are_scaled)
        return Handed(seen, taken.images, taken.labels)
    if not isinstance(images, list | tuple | Mapping):
        images = [images]
    seen = mirror(model, input_shape if input_shape is not None or _is_known(model) else _shapes(images))
    return Handed(seen, _joint(seen.flat, images), None)


def inputs_of(flat: tf_keras.Model, images: Any) -> NetworkInputs:
    """Returns further samples for a flat network as its inputs; as `handed` takes them."""
    if isinstance(images, list | tuple | Mapping):
        return _joint(flat, images)
    return network_inputs(images, len(flat.inputs[0].shape)).images


def _is_known(model: tf_keras.Model) -> bool:
    return bool(getattr(model, "inputs", None))


def _shapes(images: Sequence[Any] | Mapping[str, Any]) -> InputShape:
    if isinstance(images, Mapping):
        return {name: tuple(array.shape[1:]) for name, array in images.items()}
    return [tuple(array.shape[1:]) for array in images]


def _joint(flat: tf_keras.Model, images: Sequence[Any] | Mapping[str, Any]) -> NetworkInputs:
    """Returns one array for each input of a flat network."""
    names = list(flat.input_names)
    by_name = dict(images) if isinstance(images, Mapping) else dict(zip(names, images, strict=False))
    if by_name.keys() != set(names) or len(images) != len(names):
        given = ", ".join(map(str, by_name)) if isinstance(images, Mapping) else f"{len(images)} arrays"
        raise DataError(f"network {flat.name!r} has the inputs {', '.join(names)}; given are {given}")
    taken = [network_inputs(by_name[name], len(tensor.shape)) for name, tensor in zip(names, flat.inputs, strict=True)]
    if len(taken) == 1:
        return taken[0].images
    return JointInputs([one.images for one in taken])
