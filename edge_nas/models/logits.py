"""Networks that end in a sigmoid or a softmax, without it: everything here computes with logits.

Probabilities follow from them. Training takes the loss of logits, a mask is where a logit is above zero, the answer is
the class of the highest one, and int8 has no use for a table of sigmoids.
"""

from typing import Any

import tf_keras

from edge_nas.tasks.task import OutputKind

_ENDS = {"logit": (tf_keras.activations.sigmoid,), "logits": (tf_keras.activations.softmax,), "value": ()}


def as_logits(model: tf_keras.Model, output_kind: OutputKind = "logit") -> tf_keras.Model:
    """Returns a copy of the network that ends before its sigmoid or softmax, or the network itself where it has none.

    Looked for is the last layer of a functional or sequential network: `Conv2D(1, 1, activation="sigmoid")`,
    `Activation("softmax")`, `Softmax()`. A subclassed network is returned as it is.

    Args:
        model: any network.
        output_kind: what its outputs are to be: one logit (a sigmoid goes), logits (a softmax goes), values (nothing
            goes).
    """
    if not model._is_graph_network or len(model.outputs) != 1:
        return model
    last = model.outputs[0]._keras_history.layer
    is_softmax = output_kind == "logits" and isinstance(last, tf_keras.layers.Softmax)
    if not is_softmax and getattr(last, "activation", None) not in _ENDS[output_kind]:
        return model

    def copied(layer: Any) -> Any:
        if layer is not last:
            return type(layer).from_config(layer.get_config())
        if is_softmax:
            return tf_keras.layers.Activation("linear", name=layer.name)
        return type(layer).from_config(layer.get_config() | {"activation": "linear"})

    copy = tf_keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy
