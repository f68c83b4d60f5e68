"""What a kind says about its weights holds of the layers themselves."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.layers import kind_of

L = tf_keras.layers
ONE_AXIS, TWO_AXES = (9, 3), (9, 8, 3)
CASES = [
    (L.Conv1D(4, 3), ONE_AXIS),
    (L.Conv2D(4, 3), TWO_AXES),
    (L.Conv1DTranspose(4, 3), ONE_AXIS),
    (L.Conv2DTranspose(4, 3), TWO_AXES),
    (L.DepthwiseConv1D(3), ONE_AXIS),
    (L.DepthwiseConv2D(3, depth_multiplier=2), TWO_AXES),
    (L.SeparableConv1D(4, 3), ONE_AXIS),
    (L.SeparableConv2D(4, 3, depth_multiplier=2), TWO_AXES),
    (L.Dense(4), (3,)),
]


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=lambda value: type(value).__name__)
def test_the_first_weights_are_kernels_and_a_bias_follows(layer, shape) -> None:
    inputs = L.Input(shape)
    model = tf_keras.Model(inputs, layer(inputs))
    in_file = kind_of(layer).in_file
    *kernels, bias = layer.get_weights()
    assert len(kernels) == len(in_file.kernels)
    assert bias.ndim == 1
    assert in_file.reshapes == (shape == ONE_AXIS)
    maps = layer.input_shape if in_file.at_inputs else layer.output_shape
    assert keras_cost(model).macs == np.prod(maps[1:-1], dtype=int) * sum(kernel.size for kernel in kernels)


@pytest.mark.parametrize("layer", [L.PReLU(), L.LayerNormalization(), L.Embedding(5, 3), L.ReLU()])
def test_layers_that_multiply_no_matrix_are_not_named_as_uncounted(layer) -> None:
    inputs = L.Input((4, 3) if not isinstance(layer, L.Embedding) else (4,))
    cost = keras_cost(tf_keras.Model(inputs, layer(inputs)))
    assert (cost.macs, cost.uncounted) == (0, ())


def test_a_subclass_that_overrides_call_costs_what_its_base_does() -> None:
    class Doubled(L.Conv2D):
        def call(self, x):
            return 2.0 * super().call(x)

    inputs = L.Input(TWO_AXES)
    costs = [keras_cost(tf_keras.Model(inputs, kind(4, 3)(inputs))) for kind in (L.Conv2D, Doubled)]
    assert costs[0].macs == costs[1].macs > 0
