"""The features that output decorrelation acts on."""

from typing import Any, NamedTuple

import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.walk import layer_calls, output_keys


class OutputFeatures(NamedTuple):
    """The symbolic tensor to decorrelate, the layer it comes from, and whether it only feeds the output layer."""

    tensor: Any
    layer: str
    feeds_output_layer: bool


def output_features(model: tf_keras.Model) -> OutputFeatures:
    """Returns the output of a flat network, or, where that has one channel, what its output layer reads.

    The covariance of one channel is 1x1 and has no off-diagonal part, so a penalty on it would be zero for ever.

    That is the nearest tensor before the output with more than one channel.

    Raises:
        GraphError: several tensors, or none with more than one channel, lead to the single output channel.
    """
    calls = {key: call for call in layer_calls(model) for key in call.outputs}
    call = calls[output_keys(model)[0]]
    if call.output_shapes[0][-1] != 1:
        return OutputFeatures(model.outputs[0], call.layer.name, False)
    while len(call.inputs) == 1:
        before = calls[call.inputs[0]]
        if call.node.keras_inputs[0].shape[-1] != 1:
            return OutputFeatures(call.node.keras_inputs[0], before.layer.name, True)
        call = before
    raise GraphError(
        f"output layer {call.layer.name!r} has {len(call.inputs)} inputs: with one output channel, DeCov needs "
        "one layer whose input features it can decorrelate; set decov_weight to 0"
    )
