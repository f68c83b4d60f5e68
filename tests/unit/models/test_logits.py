"""Networks that end in a sigmoid or a softmax, without it."""

import numpy as np
import pytest
import tf_keras

from edge_nas.models import Nano_U
from edge_nas.models.logits import as_logits

L = tf_keras.layers
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)


def functional(*ends: L.Layer) -> tf_keras.Model:
    x = inputs = L.Input((8, 8, 3))
    for layer in (L.Conv2D(4, 3, activation="sigmoid", name="gate"), *ends):
        x = layer(x)
    return tf_keras.Model(inputs, x)


@pytest.mark.parametrize(
    "model",
    [
        functional(L.Conv2D(1, 1, activation="sigmoid", name="mask")),
        functional(L.Conv2D(1, 1), L.Activation("sigmoid")),
        tf_keras.Sequential([L.Input((8, 8, 3)), L.Conv2D(1, 3, activation="sigmoid")]),
    ],
    ids=["setting", "layer", "sequential"],
)
def test_the_last_sigmoid_is_taken_off(model: tf_keras.Model) -> None:
    logits = as_logits(model)
    assert logits is not model
    assert [layer.name for layer in logits.layers] == [layer.name for layer in model.layers]
    np.testing.assert_allclose(1 / (1 + np.exp(-logits(IMAGES).numpy())), model(IMAGES).numpy(), rtol=1e-5)


@pytest.mark.parametrize(
    "model",
    [functional(L.Conv2D(1, 1)), functional(L.Conv2D(3, 1), L.Softmax()), Nano_U()],
    ids=["logits", "softmax", "subclassed"],
)
def test_others_stay_as_they_are(model: tf_keras.Model) -> None:
    assert as_logits(model) is model


@pytest.mark.parametrize(
    "ends",
    [(L.Conv2D(3, 1, activation="softmax"),), (L.Conv2D(3, 1), L.Activation("softmax")), (L.Conv2D(3, 1), L.Softmax())],
    ids=["setting", "activation", "layer"],
)
def test_the_last_softmax_is_taken_off_where_logits_are_wanted(ends: tuple[L.Layer, ...]) -> None:
    model = functional(*ends)
    logits = as_logits(model, "logits")
    assert [layer.name for layer in logits.layers] == [layer.name for layer in model.layers]
    powers = np.exp(logits(IMAGES).numpy())
    np.testing.assert_allclose(powers / powers.sum(axis=-1, keepdims=True), model(IMAGES).numpy(), rtol=1e-4)
    assert as_logits(model) is model


def test_a_sigmoid_is_part_of_a_network_that_gives_values() -> None:
    model = functional(L.Conv2D(1, 1, activation="sigmoid"))
    assert as_logits(model, "value") is model
    assert as_logits(model, "logits") is model
