"""A float network with TFMOT's fake quantization in it, ranges calibrated."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import GraphError
from edge_nas.quantization.layers import instead_of, rewrite, scheme_for, scope, unquantizable
from edge_nas.quantization.ranges import calibrate

_quantization = tfmot.quantization.keras


def quantization_aware(
    model: tf_keras.Model, inputs: npt.NDArray[np.float32], preprocessing: Preprocessing | None = None
) -> tf_keras.Model:
    """Returns a network that computes in inference what the int8 file made from it will compute.

    Args:
        model: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32.
        preprocessing: see `calibrate`.

    Raises:
        GraphError: a layer cannot be quantized; names and kinds are in the message, and what to use instead.
    """
    quantized = _annotated(prepared(model))
    calibrate(quantized, inputs, preprocessing)
    return quantized


def prepared(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding, in inference) of layers that can all be quantized.

    Raises:
        GraphError: of a layer no such form is known.
    """
    rewritten = rewrite(model)
    left = unquantizable(rewritten)
    if left:
        told = "; ".join(_told(layer) for layer in left[:5])
        more = f"; and {len(left) - 5} more" if len(left) > 5 else ""
        raise GraphError(f"network {model.name!r} cannot be quantized to int8: {told}{more}")
    return rewritten


def _told(layer: tf_keras.layers.Layer) -> str:
    instead = instead_of(layer)
    return f"layer {layer.name!r} ({type(layer).__name__})" + (f", use {instead} instead" if instead else "")


def _annotated(model: tf_keras.Model) -> tf_keras.Model:
    def annotate(layer: Any) -> Any:
        scheme = scheme_for(layer)
        copy = type(layer).from_config(layer.get_config())
        return copy if scheme is None else _quantization.quantize_annotate_layer(copy, scheme)

    with scope():
        twin = tf_keras.models.clone_model(model, clone_function=annotate)
        twin.set_weights(model.get_weights())
        return _quantization.quantize_apply(_quantization.quantize_annotate_model(twin))
