"""Post-training quantization: an int8 file from a float network and images, without training and without labels.

data = quantize_model(model, images)                 # uint8 pixels (N, H, W, 3), or float network inputs
Path("model.tflite").write_bytes(data)
"""

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

import tf_keras

from edge_nas.core.blasthreads import blas_threads_for
from edge_nas.core.config import Activations, Rounding
from edge_nas.core.jointinputs import NetworkInputs, are_finite
from edge_nas.errors import ArtifactError, ConfigError, DataError, GateError, GraphError, ModelWarning
from edge_nas.graph.flatten import InputShape
from edge_nas.graph.handed import flat_with_inputs
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.graph import Int8Graph, float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.layers.patches import longest_row
from edge_nas.models.outside import as_tf_keras
from edge_nas.quantization.fidelity import output_fidelity, warn_if_far
from edge_nas.quantization.layers import advice_on
from edge_nas.quantization.layers.one_row import over_rows
from edge_nas.quantization.layers.refusals import is_plain_lstm
from edge_nas.quantization.rounding import check_codes, round_weights
from edge_nas.results.fidelity import Int8Fidelity

# Recurrent layers: at most of them the process ends inside of the converter, without an exception (design note 4).
_RECURRENT = (tf_keras.layers.RNN, tf_keras.layers.Bidirectional)

# TFMOT calls the wrapper of layer "stem" "quant_stem".
_OF_TFMOT = "quant_"


def quantize_model(
    model: tf_keras.Model,
    images: Any,
    *,
    rounding: Rounding = "nearest",
    bias_correction: bool = False,
    activations: Activations = "int8",
    input_shape: InputShape | None = None,
    tell: Callable[[Int8Fidelity], None] = lambda _: None,
) -> bytes:
    """Returns the bytes of a .tflite file whose tensors are all int8 (biases int32), input and output included.

    Warns (`ModelWarning`) where its outputs are far from those of the float network, and says where that begins.

    Args:
        model: any model, of tf_keras or Keras 3; not changed.
        images: calibration images that look like those of later use, some hundred: an array or a tf.data.Dataset, uint8
            pixels or float network inputs; a list or a dictionary of arrays for a model of several inputs.
        rounding: "nearest"; or "covariance", where weights make up for the rounding errors of others.
        bias_correction: whether biases take up the mean error that rounded weights make.
        activations: "int16" for activations of 16 bits, biases of 64, and weights of int8 rounded to the nearest.
        input_shape: (H, W, C) of a model that was never built; that of the images where left out.
        tell: told how near its outputs are to the float network's; not where the reference kernels do not take it.

    Raises:
        ConfigError: no such rounding or activations, or another rounding than the nearest with int16.
        DataError: no images, or such that no ranges follow from.
        GraphError: the model cannot be flattened or converted.
        GateError: an operator would stay in float; names its tensors. Or weights are not those that were chosen.
    """
    if rounding not in get_args(Rounding):
        raise ConfigError(f"rounding is {rounding!r}; allowed: {', '.join(get_args(Rounding))}")
    if activations not in get_args(Activations):
        raise ConfigError(f"activations is {activations!r}; allowed: {', '.join(get_args(Activations))}")
    if activations == "int16" and (rounding != "nearest" or bias_correction):
        raise ConfigError(
            f"activations of int16 go with the nearest rounding and without bias correction; seen: rounding {rounding}"
            f"{' with bias correction' if bias_correction else ''}"
        )
    flat, inputs = flat_with_inputs(as_tf_keras(model, several=True), images, input_shape)
    data = post_training(flat, inputs, rounding=rounding, bias_correction=bias_correction, activations=activations)
    int8_graph(data, "model.tflite", flat)
    _compare(flat, data, inputs, tell)
    return data


def _compare(network: tf_keras.Model, data: bytes, inputs: NetworkInputs, tell: Callable[[Int8Fidelity], None]) -> None:
    """Tells how near a file is to its network, and warns where it is far from it or cannot be compared."""
    try:
        fidelity = output_fidelity(network, data, inputs)
    except ArtifactError as error:
        warnings.warn(f"int8 was not compared with float: {error}", ModelWarning, stacklevel=3)
        return
    tell(fidelity)
    warn_if_far(network, data, inputs, fidelity)


def post_training(
    network: tf_keras.Model,
    inputs: NetworkInputs,
    *,
    rounding: Rounding = "nearest",
    bias_correction: bool = False,
    activations: Activations = "int8",
    seed: int = 0,
) -> bytes:
    """Returns an int8 file of a flat float network with the converter's ranges over all inputs (N, ...) float32.

    `seed` is of the positions that statistics for rounding and bias correction are taken at.

    Raises:
        DataError: no inputs, or some that are not finite.
        GraphError: the converter refuses the network.
        GateError: the converter changed weights that were chosen.
    """
    if not len(inputs):
        raise DataError("calibration needs at least one image; seen none")
    if not are_finite(inputs):
        raise DataError("calibration: the images hold NaN or infinity")
    require_convertible(network)
    if rounding == "nearest" and not bias_correction:
        # The converter makes of a convolution along time one over a row, between two reshapes each.
        return to_tflite(over_rows(network), int8=True, calibration=inputs, activations=activations)
    with blas_threads_for(longest_row(network)):
        rounded = round_weights(network, inputs, rounding=rounding, bias_correction=bias_correction, seed=seed)
    data = to_tflite(rounded.network, int8=True, calibration=inputs)
    check_codes(rounded.codes, read_tflite(data, network.name))
    return data


def require_convertible(network: tf_keras.Model) -> None:
    """Raises GraphError for layers at which the converter (TensorFlow 2.21) does not stop with an error but crashes."""
    crashing = [layer for layer in network.layers if isinstance(layer, _RECURRENT) and not is_plain_lstm(layer)]
    if crashing:
        raise GraphError(f"network {network.name!r} cannot be quantized to int8: {advice_on(crashing)}")


def int8_graph(data: bytes, source: str, network: tf_keras.Model) -> Int8Graph:
    """Returns what the file made of a network holds.

    Raises:
        GateError: some of it is float; names the layers, where tensors bear their names, and what to use instead.
    """
    graph = read_tflite(data, source)
    floats = float_tensors(graph)
    if floats:
        layers = layers_of(network, floats) or layers_of(network, _beside(graph, floats))
        origin = f"; of {advice_on(layers)}" if layers else ""
        raise GateError(
            f"quantize: {len(floats)} float tensors are left in the int8 file: {', '.join(floats[:5])}{origin}"
        )
    return graph


def _beside(graph: Int8Graph, floats: Sequence[str]) -> set[str]:
    """Returns what is made of float tensors: those that the converter made for itself bear no layer's name."""
    names = set()
    for operator in graph.operators:
        if any(index >= 0 and graph.tensors[index].name in floats for index in operator.inputs):
            names |= {graph.tensors[index].name for index in operator.outputs}
    return names


def layers_of(network: tf_keras.Model, tensors: Iterable[str]) -> tuple[tf_keras.layers.Layer, ...]:
    """Returns the layers of a network whose names are parts of tensors' names in a .tflite file."""
    parts: set[str] = set()
    for name in tensors:
        parts |= {part.removeprefix(_OF_TFMOT) for part in re.split(r"[/;]", name)}
    return tuple(layer for layer in network.layers if layer.name in parts)
