"""Running a flat network one call at a time over a whole set of images, so that layers can change on the way."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import tensorflow as tf
import tf_keras

from edge_nas.core.arrays import Inputs
from edge_nas.core.jointinputs import NetworkInputs, arrays_of
from edge_nas.errors import GraphError
from edge_nas.graph.walk import Call, input_keys, layer_calls, output_keys


class Stepper:
    """The activations of a network while it is computed call by call.

    Memory is that of the tensors still needed, for all images at once: float32, largest live set of the network.

    Args:
        model: flat network.
        inputs: (N, ...) float32, or one such for each input.
        batch: images per call of a layer: a choice, which bounds what a layer holds besides its output.
        held: keys of tensors that are kept to the end.

    Raises:
        GraphError: the model is not flat, or has another number of inputs.
    """

    def __init__(
        self, model: tf_keras.Model, inputs: NetworkInputs, batch: int = 32, *, held: Iterable[str] = ()
    ) -> None:
        arrays = arrays_of(inputs)
        if len(model.inputs) != len(arrays):
            raise GraphError(f"model {model.name!r} has {len(model.inputs)} inputs; given are {len(arrays)}")
        self.calls = tuple(call for call in layer_calls(model) if call.inputs)
        self._values: dict[str, Inputs] = dict(zip(input_keys(model), arrays, strict=True))
        self._uses = Counter(key for call in self.calls for key in call.inputs)
        self._uses.update(output_keys(model))
        self._uses.update(held)
        self._batch = batch

    def input_of(self, call: Call) -> Inputs:
        """Returns the first input of a call whose turn has come, (N, ...) float32."""
        return self._values[call.inputs[0]]

    def value(self, key: str) -> Inputs:
        """Returns a tensor that is held or still needed, (N, ...) float32."""
        return self._values[key]

    def run(self, call: Call) -> None:
        """Computes a call over all images and forgets the tensors that nobody needs any more."""
        count = len(self._values[call.inputs[0]])
        batches: dict[str, list[Inputs]] = {key: [] for key in call.outputs}
        for start in range(0, count, self._batch):
            batch = slice(start, start + self._batch)
            inputs = {key: tf.constant(self._values[key][batch]) for key in call.inputs}
            for key, tensor in zip(call.outputs, call.run(inputs), strict=True):
                batches[key].append(tensor.numpy())
        for key, values in batches.items():
            self._values[key] = np.concatenate(values)
        for key in call.inputs:
            self._uses[key] -= 1
            if not self._uses[key]:
                del self._values[key]
