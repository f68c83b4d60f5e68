"""What a model holds for its training alone has no part in a flat network."""

import warnings

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

from edge_nas.errors import ModelWarning
from edge_nas.graph.flatten import flatten
from edge_nas.graph.training_only import in_float32

L = tf_keras.layers
SHAPE = (8, 8, 3)


def sample() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(2, *SHAPE)).astype(np.float32)


class Guided(tf_keras.Model):
    """With a train_step of its own and a metric in it, as every guide of Keras shows."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = L.Conv2D(2, 3)
        self.loss_tracker = tf_keras.metrics.Mean(name="loss")

    def call(self, x):
        return self.conv(x)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x, training=True) - y) ** 2)
        self.optimizer.apply_gradients(
            zip(tape.gradient(loss, self.trainable_weights), self.trainable_weights, strict=True)
        )
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    @property
    def metrics(self):
        return [self.loss_tracker]


def test_the_variables_of_metrics_belong_to_no_output() -> None:
    model = Guided()
    model.compile("sgd")
    model.fit(sample(), np.zeros((2, 6, 6, 2), np.float32), verbose=0)
    flat = flatten(model)
    np.testing.assert_array_equal(flat(sample()), model(sample()))
    assert [weight.shape.rank for weight in flat.weights] == [4, 1]


def test_augmentation_is_left_out_and_named() -> None:
    layers = (L.RandomFlip(), L.RandomRotation(0.1), L.RandomHeight(0.2), L.Conv2D(2, 3), L.GlobalMaxPooling2D())
    model = tf_keras.Sequential([L.Input(SHAPE), *layers])
    with pytest.warns(ModelWarning, match=r"random_flip\w* \(RandomFlip\), random_rotation.*RandomHeight"):
        flat = flatten(model)
    assert [type(layer).__name__ for layer in flat.layers] == ["InputLayer", "Conv2D", "GlobalMaxPooling2D"]
    np.testing.assert_array_equal(flat(sample()), model(sample(), training=False))


def test_a_wrapper_that_prunes_weights_is_the_layer_inside() -> None:
    inner = tf_keras.Sequential([L.Input(SHAPE), L.Conv2D(4, 3, name="stem"), L.ReLU(), L.Conv2D(2, 1)])
    wrapped = tfmot.sparsity.keras.prune_low_magnitude(inner)
    flat = flatten(wrapped)
    assert flat.get_layer("stem").count_params() == 4 * 28
    np.testing.assert_array_equal(flat(sample()), inner(sample()))


def layers_of(policy: str) -> tf_keras.Model:
    image = L.Input(SHAPE)
    settings = {"dtype": policy}
    x = L.Conv2D(4, 3, padding="same", **settings)(image)
    x = L.ReLU(**settings)(L.BatchNormalization(**settings)(x))
    x = L.Add(**settings)([x, L.Conv2D(4, 1, **settings)(x)])
    return tf_keras.Model(image, L.Dense(2, **settings)(L.GlobalAveragePooling2D(**settings)(x)))


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float16"])
def test_half_precision_is_made_anew_in_float32(policy: str) -> None:
    model = layers_of(policy)
    flat = flatten(model)
    assert (
        {layer.compute_dtype for layer in flat.layers} == {"float32"} == {weight.dtype.name for weight in flat.weights}
    )
    same = layers_of("float32")
    same.set_weights(model.get_weights())
    np.testing.assert_array_equal(flat(sample()), same(sample()))


def test_layers_inside_of_layers_come_to_float32_too() -> None:
    config = L.TimeDistributed(L.Dense(2, dtype="mixed_float16"), dtype="float16").get_config()
    wrapper = L.TimeDistributed.from_config(in_float32(config))
    assert wrapper.compute_dtype == wrapper.layer.compute_dtype == "float32"


def test_a_network_without_any_of_them_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flatten(tf_keras.Sequential([L.Input(SHAPE), L.Conv2D(2, 3)]))
