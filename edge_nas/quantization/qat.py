"""A float network with TFMOT's fake quantization in it, ranges calibrated."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.core.preprocessing import Preprocessing
from edge_nas.errors import GraphError
from edge_nas.quantization.layers import rewrite, scheme_for, scope, told, unquantizable
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
    # Code that a file or a function brought cannot be copied, so it is looked for before anything is.
    lambdas = tuple(layer for layer in model.layers if isinstance(layer, tf_keras.layers.Lambda))
    rewritten = model if lambdas else rewrite(model)
    left = lambdas or unquantizable(rewritten)
    if left:
        named = "; ".join(told(layer) for layer in left[:5])
        more = f"; and {len(left) - 5} more" if len(left) > 5 else ""
        raise GraphError(f"network {model.name!r} cannot be quantized to int8: {named}{more}")
    return rewritten


def _annotated(model: tf_keras.Model) -> tf_keras.Model:
    def annotate(layer: Any) -> Any:
        scheme = scheme_for(layer)
        copy = type(layer).from_config(layer.get_config())
        return copy if scheme is None else _quantization.quantize_annotate_layer(copy, scheme)

    with scope():
        twin = tf_keras.models.clone_model(model, clone_function=annotate)
        twin.set_weights(model.get_weights())
        return _quantization.quantize_apply(_quantization.quantize_annotate_model(twin))
