"""Networks that end in a sigmoid, without it: everything here computes with logits, from which probabilities follow.

Training takes the loss of logits, a mask is where a logit is above zero, and int8 has no use for a table of sigmoids.
"""

from typing import Any

import tf_keras


def as_logits(model: tf_keras.Model) -> tf_keras.Model:
    """Returns a copy of the network that ends before its sigmoid, or the network itself where it ends in none.

    Looked for is the activation of the last layer of a functional or sequential network: `Conv2D(1, 1,
    activation="sigmoid")` or `Activation("sigmoid")`. A subclassed network is returned as it is.
    """
    if not model._is_graph_network or len(model.outputs) != 1:
        return model
    last = model.outputs[0]._keras_history.layer
    if getattr(last, "activation", None) is not tf_keras.activations.sigmoid:
        return model

    def copied(layer: Any) -> Any:
        config = layer.get_config()
        return type(layer).from_config(config | {"activation": "linear"} if layer is last else config)

    copy = tf_keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy
