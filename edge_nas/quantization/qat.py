"""A float network with TFMOT's fake quantization in it, ranges calibrated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.surgery import copy
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


def without_fake_quantization(model: tf_keras.Model, fake_quantized: tf_keras.Model) -> tf_keras.Model | None:
    """Returns the float network of the weights that training with fake quantization has ended with.

    Args:
        model: what `quantization_aware` was given; not changed.
        fake_quantized: what it returned, trained.

    Returns:
        None where a weight has another name in there: TFMOT may take layers apart that we do not know.
    """
    trained = {weight.name: weight.numpy() for weight in fake_quantized.weights}
    network = copy(prepared(model))
    if not all(weight.name in trained and trained[weight.name].shape == weight.shape for weight in network.weights):
        return None
    network.set_weights([trained[weight.name] for weight in network.weights])
    return network


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
        another = type(layer).from_config(layer.get_config())
        if scheme is None:
            return another
        return _quantization.quantize_annotate_layer(another, scheme)

    with scope():
        network = tf_keras.models.clone_model(model, clone_function=annotated)
        network.set_weights(model.get_weights())
        return _quantization.quantize_apply(_quantization.quantize_annotate_model(network))
