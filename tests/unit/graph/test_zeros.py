"""Zeros are counted in the kernels that can be pruned, inside of wrappers too."""

import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.graph.zeros import zero_share

L = tf_keras.layers


def test_depthwise_kernels_and_biases_do_not_count(randomized) -> None:
    inputs = L.Input((4, 4, 2))
    x = L.DepthwiseConv2D(3, name="depthwise")(L.Conv2D(3, 1, name="pointwise")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(L.Flatten()(x))))
    depthwise, pointwise = model.get_layer("depthwise"), model.get_layer("pointwise")
    depthwise.set_weights([np.zeros_like(weight) for weight in depthwise.get_weights()])
    assert zero_share(model) == 0.0
    kernel, bias = pointwise.get_weights()
    kernel[..., 0] = 0.0
    pointwise.set_weights([kernel, bias])
    assert zero_share(model) == 2 / (6 + 24)
    assert zero_share(tfmot.sparsity.keras.prune_low_magnitude(model)) == 2 / (6 + 24)
