"""Layers exchanged for chains: the readers, the calls and the weights of all other layers stay."""

import numpy as np
import tf_keras

from edge_nas.graph.substitute import Link, substitute

L = tf_keras.layers


def twice(layer):
    """y = 6 x as two gains, 2 and 3, for every layer called "six"."""
    if not layer.name.startswith("six"):
        return None
    channels = layer.output_shape[-1] if isinstance(layer.output_shape, tuple) else layer.output_shape[0][-1]
    gains = [np.full((1, 1, channels, 1), gain, np.float32) for gain in (2.0, 3.0)]
    return [
        Link(L.DepthwiseConv2D(1, use_bias=False, name=f"{layer.name}_two"), [gains[0]]),
        Link(L.ReLU(name=f"{layer.name}_relu")),
        Link(L.DepthwiseConv2D(1, use_bias=False, name=layer.name), [gains[1]]),
    ]


def test_a_chain_stands_where_the_layer_stood(randomized) -> None:
    image = L.Input((4, 4, 3), name="image")
    six = L.ReLU(name="six")
    a = six(L.Conv2D(2, 1, name="a")(image))
    b = six(L.Conv2D(2, 1, name="b")(image))
    model = randomized(tf_keras.Model(image, [L.Add(name="sum")([a, b]), a]))
    made = substitute(model, twice)
    assert [layer.name for layer in made.layers if layer.name.startswith("six")] == ["six_two", "six_relu", "six"]
    x = np.random.default_rng(0).normal(size=(2, 4, 4, 3)).astype(np.float32)
    for ours, theirs in zip(made(x), model(x), strict=True):
        np.testing.assert_allclose(ours, 6.0 * theirs, rtol=1e-5, atol=1e-6)
    assert made.get_layer("a") is not model.get_layer("a")


def test_without_answers_it_is_the_same() -> None:
    image = L.Input((4, 4, 3))
    model = tf_keras.Model(image, L.Conv2D(2, 3)(image))
    assert substitute(model, lambda _layer: None) is model
