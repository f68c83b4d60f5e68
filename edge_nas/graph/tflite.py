"""From a Keras network to a .tflite file (the one place that calls TensorFlow's converter, TF 2.21)."""

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.core.chatter import quiet_converter
from edge_nas.core.config import Activations
from edge_nas.core.jointinputs import NetworkInputs, arrays_of
from edge_nas.errors import GraphError
from edge_nas.graph.tensornames import shorten_names


def to_tflite(
    model: tf_keras.Model, int8: bool, calibration: NetworkInputs | None = None, activations: Activations = "int8"
) -> bytes:
    """Returns the bytes of a .tflite file for batch 1.

    The converter is given a concrete function of fixed batch: with a free batch it leaves SHAPE, STRIDED_SLICE, PACK
    and, for dilated convolutions, float operators in the file.

    Tensors that are computed are called as the network's layers, constants by their numbers.

    Args:
        model: functional network of fixed sizes.
        int8: input, output and all between become int8: of a network with fake-quantization nodes, or, with
            `calibration`, of a float network.
        calibration: network inputs (N, ...) float32 from which the converter takes the ranges of a float network (PTQ).
        activations: int16 for activations, inputs and outputs of 16 bits; weights are int8 all the same.

    Raises:
        GraphError: the converter refuses the network.
    """
    named = zip(model.inputs, model.input_names, strict=True)
    signature = [tf.TensorSpec((1, *tensor.shape[1:]), tensor.dtype, name) for tensor, name in named]

    def infer(*inputs: Any) -> Any:
        outputs = model(inputs[0] if len(inputs) == 1 else list(inputs), training=False)
        return outputs if len(model.outputs) == 1 else tf.nest.flatten(outputs)

    function = tf.function(infer).get_concrete_function(*signature)
    # In place of the network, which the converter would store as a SavedModel with a trace of every layer: the same
    # bytes in a third of the time.
    variables = tf.Module()
    variables.of_network = model.variables
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], variables)
    if int8:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.inference_input_type = tf.dtypes.as_dtype(activations)
        converter.inference_output_type = tf.dtypes.as_dtype(activations)
    if calibration is not None:
        operators = tf.lite.OpsSet.TFLITE_BUILTINS_INT8
        if activations == "int16":
            operators = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        converter.target_spec.supported_ops = [operators]
        converter.representative_dataset = lambda: _one_by_one(calibration, model.input_names)
    try:
        with quiet_converter():
            data = bytes(converter.convert())
    except MemoryError:
        raise
    except Exception as error:  # the converter raises a type of its own for every pass
        raise GraphError(f"network {model.name!r} cannot be converted to TFLite: {error}") from error
    layers = {layer.name.removeprefix("quant_") for layer in model.layers}
    outputs = [name.removeprefix("quant_") for name in model.output_names]
    return shorten_names(data, model.input_names, outputs, layers)


def _one_by_one(calibration: NetworkInputs, names: Sequence[str]) -> Iterator[Any]:
    """Yields each sample as the converter wants it: several inputs by name, since it has an order of its own."""
    for index in range(len(calibration)):
        arrays = arrays_of(calibration[index : index + 1])
        yield list(arrays) if len(arrays) == 1 else dict(zip(names, arrays, strict=True))
