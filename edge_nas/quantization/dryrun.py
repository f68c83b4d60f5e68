"""Whether an untrained network comes to int8 as a whole: the conversion, tried before time is spent on training."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import tf_keras

from edge_nas.errors import EdgeNasError, GraphError
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.layers import told
from edge_nas.quantization.ptq import layers_of, require_convertible
from edge_nas.quantization.qat import prepared, quantization_aware

L = tf_keras.layers
_PROVEN = (
    *(L.InputLayer, L.Conv2D, L.DepthwiseConv2D, L.Dense, L.BatchNormalization, L.ReLU, L.Softmax),
    *(L.MaxPooling2D, L.AveragePooling2D, L.GlobalAveragePooling2D, L.UpSampling2D, L.ZeroPadding2D),
    *(L.Concatenate, L.Add, L.Flatten, L.Reshape, L.Dropout, L.Activation),
)
"""Layers that need no trial: with a plain activation they convert in every network, so it costs most nothing."""
_PLAIN = (tf_keras.activations.linear, tf_keras.activations.relu, tf_keras.activations.softmax)
_TRIAL_INPUTS = 2


def dry_run(network: tf_keras.Model, scheme: Literal["qat", "ptq"]) -> bytes | None:
    """Returns the int8 file of an untrained network, from ranges of a few random inputs; None: no trial is needed.

    The file is worth nothing but to see whether what follows could take its operators.

    Args:
        network: flat; not changed.
        scheme: how it is going to be quantized.

    Raises:
        GraphError: it cannot be quantized so; layers are named, and what to use instead.
    """
    if scheme == "qat":
        try:
            prepared(network)
        except GraphError as error:
            raise GraphError(f"{error}{_other_way(network)}") from error
    if not doubtful(network):
        return None
    return _tried(network, scheme)


def doubtful(network: tf_keras.Model) -> tuple[tf_keras.layers.Layer, ...]:
    """Returns the layers that not every network of ours has been converted with."""
    return tuple(
        layer
        for layer in network.layers
        if type(layer) not in _PROVEN
        or getattr(layer, "activation", None) not in (None, *_PLAIN)
        or getattr(layer, "groups", 1) != 1
        or getattr(layer, "interpolation", "nearest") != "nearest"
    )


def _tried(network: tf_keras.Model, scheme: Literal["qat", "ptq"]) -> bytes:
    inputs = np.random.default_rng(0).uniform(-1.0, 1.0, (_TRIAL_INPUTS, *network.inputs[0].shape[1:]))
    images = inputs.astype(np.float32)
    try:
        if scheme == "qat":
            data = to_tflite(quantization_aware(network, images), int8=True)
        else:
            require_convertible(network)
            data = to_tflite(network, int8=True, calibration=images)
    except EdgeNasError:
        raise
    except (ValueError, TypeError, RuntimeError, NotImplementedError, AttributeError) as error:
        # TFMOT says what it cannot do in errors of many types that do not name the layer.
        raise GraphError(_message(network, doubtful(network), f"TFMOT stops: {error}")) from error
    left = float_tensors(read_tflite(data, network.name))
    if left:
        guilty = layers_of(network, left) or doubtful(network)
        raise GraphError(_message(network, guilty, f"{len(left)} tensors would stay in float: {', '.join(left[:3])}"))
    return data


def _message(network: tf_keras.Model, layers: Sequence[tf_keras.layers.Layer], why: str) -> str:
    named = "; ".join(told(layer) for layer in layers[:5])
    return f"network {network.name!r} cannot be quantized to int8: {named} ({why})"


def _other_way(network: tf_keras.Model) -> str:
    """Returns the advice to quantize without training, where a trial of that goes well."""
    try:
        _tried(network, "ptq")
    except EdgeNasError:
        return ""
    return ". quantize.scheme=ptq takes it as it is"
