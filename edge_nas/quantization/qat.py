"""A float network with TFMOT's fake quantization in it, ranges calibrated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.quantization.layers import advice_on, rewrite, scheme_for, scope, unquantizable
from edge_nas.quantization.ranges import calibrate

_quantization = tfmot.quantization.keras
_NAMED = 5  # layers in a message: enough to see what they have in common


def quantization_aware(
    model: tf_keras.Model, inputs: npt.NDArray[np.float32], input_range: tuple[float, float] | None = None
) -> tf_keras.Model:
    """Returns a network that computes in inference what the int8 file made from it will compute.

    Args:
        model: flat float network; not changed.
        inputs: calibration inputs (N, ...) float32.
        input_range: see `calibrate`.

    Raises:
        GraphError: a layer cannot be quantized; names and kinds are in the message, and what to use instead.
    """
    quantized = _fake_quantized(prepared(model))
    calibrate(quantized, inputs, input_range)
    return quantized


def prepared(model: tf_keras.Model) -> tf_keras.Model:
    """Returns an equal network (up to rounding, in inference) of layers that can all be quantized.

    Raises:
        GraphError: of a layer no such form is known.
    """
    # Code that a file or a function brought cannot be copied, so it is looked for before anything is.
    lambdas = tuple(layer for layer in model.layers if isinstance(layer, tf_keras.layers.Lambda))
    if lambdas:
        raise _refusal(model, lambdas)
    rewritten = rewrite(model)
    refused = unquantizable(rewritten)
    if refused:
        raise _refusal(model, refused)
    return rewritten


def _refusal(model: tf_keras.Model, layers: Sequence[tf_keras.layers.Layer]) -> GraphError:
    more = f"; and {len(layers) - _NAMED} more" if len(layers) > _NAMED else ""
    return GraphError(f"network {model.name!r} cannot be quantized to int8: {advice_on(layers, _NAMED)}{more}")


def _fake_quantized(model: tf_keras.Model) -> tf_keras.Model:
    """Returns a copy in which every layer is wrapped by TFMOT: with our scheme where we have one, else with its own."""

    def annotated(layer: Any) -> Any:
        scheme = scheme_for(layer)
        copy = type(layer).from_config(layer.get_config())
        if scheme is None:
            return copy
        return _quantization.quantize_annotate_layer(copy, scheme)

    with scope():
        copy = tf_keras.models.clone_model(model, clone_function=annotated)
        copy.set_weights(model.get_weights())
        return _quantization.quantize_apply(_quantization.quantize_annotate_model(copy))
