"""Keras models, compiled with tf.function: batches of any size, inference mode."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.errors import ArtifactError

_BATCH = 32  # images; outputs do not depend on it, memory does


class KerasRuntime:
    """A tf_keras model with one input and one output; its threads are TensorFlow's, set once for the process."""

    name = "keras"
    version = tf_keras.__version__

    def __init__(self, model: Any) -> None:
        """Wraps a model whose input shape is known (functional, or built).

        Raises:
            ArtifactError: several inputs, or a dimension other than the batch is unknown.
        """
        shape = model.input_shape
        if not isinstance(shape, tuple) or any(size is None for size in shape[1:]):
            raise ArtifactError(f"model {model.name!r}: input shape {shape}; one input of known shape is expected")
        self._shape = tuple(int(size) for size in shape[1:])
        self._output_shape = tuple(model.output_shape[1:])
        self._fixed_input = np.random.default_rng(0).uniform(-1.0, 1.0, (1, *self._shape)).astype(np.float32)
        self._name = model.name

        def infer(inputs: Any) -> Any:
            return model(inputs, training=False)

        # One signature for all batches: a function of fixed size would be traced anew for the last, smaller batch. The
        # timed call has its own, in which TensorFlow knows that the batch is 1.
        self._call = tf.function(infer, input_signature=[tf.TensorSpec((None, *self._shape), tf.float32)])
        self._call_one = tf.function(infer, input_signature=[tf.TensorSpec((1, *self._shape), tf.float32)])

    def run(self, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Returns the outputs (N, ...) float32 for network inputs (N, ...) float32.

        Raises:
            ArtifactError: the inputs' shape is not the model's.
        """
        if inputs.shape[1:] != self._shape:
            raise ArtifactError(f"model {self._name!r}: inputs have shape {inputs.shape}, it takes (N, {self._shape})")
        if not len(inputs):  # oneDNN's depthwise convolution refuses an empty batch
            return np.zeros((0, *self._output_shape), np.float32)
        outputs = []
        for start in range(0, len(inputs), _BATCH):
            batch = inputs[start : start + _BATCH].astype(np.float32)
            outputs.append(self._call(batch).numpy())
        return np.concatenate(outputs)

    def invoke_once(self) -> None:
        """Runs one batch-1 inference on a fixed input, numpy array in, numpy array out."""
        self._call_one(self._fixed_input).numpy()
