"""Layers that a flat network holds as a simpler one."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.flatten import flatten, mirror
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
    [("abc,bd->adc", (7, 6), None), ("abc,cde->abde", (5, 7, 2), "e"), ("abc,cd->abd", (5, 7), "bd")],
)
def test_other_einsums_stay_what_they_are(equation: str, output_shape, bias, randomized) -> None:
    flat = flatten(of_einsum(randomized, equation, output_shape, bias_axes=bias))
    assert type(flat.get_layer("einsum")) is L.EinsumDense


def test_an_einsum_of_several_axes_is_a_dense_layer_between_reshapes(randomized) -> None:
    inputs = L.Input((5, 4))
    heads = L.EinsumDense("abc,cde->abde", (5, 3, 2), bias_axes="de", activation="relu", name="makes")(inputs)
    model = randomized(tf_keras.Model(inputs, L.EinsumDense("...cd,cde->...e", 6, name="reads")(heads)))
    flat = flatten(model)
    kinds = [(type(layer), layer.name) for layer in flat.layers[1:]]
    assert [kind for kind, _ in kinds] == [L.Dense, L.Reshape, L.Reshape, L.Dense]
    for name, shape in (("makes", (4, 6)), ("reads", (6, 6))):
        kernel, *bias = model.get_layer(name).get_weights()
        np.testing.assert_array_equal(flat.get_layer(name).get_weights()[0], kernel.reshape(shape))
        assert len(bias) == len(flat.get_layer(name).get_weights()) - 1
    rows = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)
    np.testing.assert_allclose(flat(rows), model(rows), rtol=1e-5, atol=1e-6)


def attended(randomized, **called) -> tf_keras.Model:
    inputs = L.Input((5, 8))
    x = L.Dense(8, name="before")(inputs)
    made = L.MultiHeadAttention(4, 3, value_dim=2, name="attention")(x, x, **called)
    return randomized(tf_keras.Model(inputs, made))


def test_attention_is_its_layers_and_the_products_between_them(randomized) -> None:
    model = attended(randomized)
    copy = mirror(model)
    layers = {layer.name: type(layer).__name__ for layer in copy.flat.layers}
    dense = {name for name, kind in layers.items() if kind == "Dense"}
    assert dense == {"before", *(f"attention_{name}" for name in ("query", "key", "value", "attention_output"))}
    assert list(layers.values()).count("TFOpLambda") == 3  # the scaling and two products
    rows = np.random.default_rng(0).normal(size=(2, 5, 8)).astype(np.float32)
    np.testing.assert_allclose(copy.flat(rows), model(rows), rtol=1e-5, atol=1e-6)
    model.set_weights([2.0 * weight for weight in model.get_weights()])
    copy.refresh()
    np.testing.assert_allclose(copy.flat(rows), model(rows), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("called", [{"use_causal_mask": True}, {"return_attention_scores": True}])
def test_attention_that_is_told_more_stays_one_layer(called: dict, randomized) -> None:
    flat = flatten(attended(randomized, **called))
    assert type(flat.get_layer("attention")) is L.MultiHeadAttention
