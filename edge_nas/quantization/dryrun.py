"""Whether an untrained network comes to int8 as a whole: the conversion, tried before time is spent on training."""

from collections.abc import Sequence

import numpy as np
import tf_keras

from edge_nas.core.config import Activations, Scheme
from edge_nas.errors import EdgeNasError, GraphError
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.layers import advice_on
from edge_nas.quantization.layers.one_row import over_rows
from edge_nas.quantization.ptq import layers_of, require_convertible
from edge_nas.quantization.qat import prepared, quantization_aware

L = tf_keras.layers

_PROVEN = (
    *(L.InputLayer, L.Conv2D, L.DepthwiseConv2D, L.Dense, L.BatchNormalization, L.ReLU, L.Softmax),
    *(L.MaxPooling2D, L.AveragePooling2D, L.GlobalAveragePooling2D, L.UpSampling2D, L.ZeroPadding2D),
    *(L.Concatenate, L.Add, L.Flatten, L.Reshape, L.Dropout, L.Activation),
)
"""Layers that need no dry run: with a plain activation they convert in every network, so it costs most nothing."""
_PLAIN = (tf_keras.activations.linear, tf_keras.activations.relu, tf_keras.activations.softmax)
_INPUTS = 2  # random ones; a range needs two different values, and more change no operator


def dry_run(network: tf_keras.Model, scheme: Scheme, activations: Activations = "int8") -> bytes | None:
    """Returns the int8 file of an untrained network, from ranges of a few random inputs; None: none is needed.

    The file is worth nothing but to see whether what follows could take its operators.

    Args:
        network: flat; not changed.
        scheme: how it is going to be quantized.
        activations: int16 with ptq alone; no layer is known to come to it in every network.

    Raises:
        GraphError: it cannot be quantized so; layers are named, and what to use instead.
    """
    try:
        if scheme == "qat":
            prepared(network)
        if activations == "int8" and not unproven(network):
            return None
        return _converted(network, scheme, activations)
    except GraphError as error:
        advice = _advice_to_skip_training(network) if scheme == "qat" else ""
        raise GraphError(f"{error}{advice}") from error


def unproven(network: tf_keras.Model) -> tuple[tf_keras.layers.Layer, ...]:
    """Returns the layers that do not come to int8 in every network, as far as is known."""
    return tuple(layer for layer in network.layers if not _is_proven(layer))


def _is_proven(layer: tf_keras.layers.Layer) -> bool:
    # A subclass may compute anything.
    if type(layer) not in _PROVEN:
        return False
    activation = getattr(layer, "activation", None)
    if isinstance(layer, L.ReLU) and layer.max_value is not None and _is_behind_activation(layer):
        return False
    groups = getattr(layer, "groups", 1)
    interpolation = getattr(layer, "interpolation", "nearest")
    return (activation is None or activation in _PLAIN) and groups == 1 and interpolation == "nearest"


def _is_behind_activation(layer: tf_keras.layers.Layer) -> bool:
    """Whether the layer right before has an activation inside: of it and a ReLU6, TFMOT leaves one in float."""
    source = layer.input._keras_history.layer
    return getattr(source, "activation", tf_keras.activations.linear) is not tf_keras.activations.linear


def _converted(network: tf_keras.Model, scheme: Scheme, activations: Activations = "int8") -> bytes:
    """Returns the int8 file; raises GraphError where there is none, or where a part of it is float."""
    shape = (_INPUTS, *network.inputs[0].shape[1:])
    inputs = np.random.default_rng(0).uniform(-1.0, 1.0, shape).astype(np.float32)
    try:
        if scheme == "qat":
            data = to_tflite(quantization_aware(network, inputs), int8=True)
        else:
            require_convertible(network)
            data = to_tflite(over_rows(network), int8=True, calibration=inputs, activations=activations)
    except EdgeNasError:
        raise
    except (ValueError, TypeError, RuntimeError, NotImplementedError, AttributeError) as error:
        # TFMOT says what it cannot do in errors of many types that do not name the layer.
        raise _refusal(network, unproven(network), f"TFMOT stops: {error}") from error
    floats = float_tensors(read_tflite(data, network.name))
    if floats:
        layers = layers_of(network, floats) or unproven(network)
        raise _refusal(network, layers, f"{len(floats)} tensors would stay in float: {', '.join(floats[:3])}")
    return data


def _refusal(network: tf_keras.Model, layers: Sequence[tf_keras.layers.Layer], reason: str) -> GraphError:
    return GraphError(f"network {network.name!r} cannot be quantized to int8: {advice_on(layers)} ({reason})")


def _advice_to_skip_training(network: tf_keras.Model) -> str:
    """Returns the advice to quantize without training, where a dry run of that goes well."""
    try:
        _converted(network, "ptq")
    except EdgeNasError:
        return ""
    return ". quantize.scheme=ptq takes it as it is"
