"""Layers that a flat network holds as a simpler one."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph

L = tf_keras.layers


def of_einsum(randomized, equation: str, output_shape, **settings) -> tf_keras.Model:
    inputs = L.Input((5, 4))
    x = L.EinsumDense(equation, output_shape, name="einsum", **settings)(L.Dense(6, name="before")(inputs))
    return randomized(tf_keras.Model(inputs, L.Dense(2)(x)))


@pytest.mark.parametrize("equation", ["abc,cd->abd", "...x,xy->...y"])
@pytest.mark.parametrize("settings", [{}, {"bias_axes": "last", "activation": "relu"}])
def test_an_einsum_over_the_last_axis_is_a_dense_layer(equation: str, settings: dict, randomized) -> None:
    settings = {**settings, "bias_axes": equation[-1]} if settings else {}
    model = of_einsum(randomized, equation, (None, 7) if equation[0] == "a" else (7,), **settings)
    flat = flatten(model)
    dense, einsum = flat.get_layer("einsum"), model.get_layer("einsum")
    assert (type(dense), dense.units, dense.use_bias) == (L.Dense, 7, bool(settings))
    assert dense.activation is einsum.activation
    np.testing.assert_array_equal(dense.get_weights()[0], einsum.get_weights()[0])
    assert [group.name for group in channel_graph(flat).free] == ["before", "einsum"]


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias"),
    [("abc,bd->adc", (7, 6), None), ("abc,cde->abde", (5, 7, 2), None), ("abc,cd->abd", (5, 7), "bd")],
)
def test_other_einsums_stay_what_they_are(equation: str, output_shape, bias, randomized) -> None:
    flat = flatten(of_einsum(randomized, equation, output_shape, bias_axes=bias))
    assert type(flat.get_layer("einsum")) is L.EinsumDense
