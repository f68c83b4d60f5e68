"""with_decov keeps what Keras users have: compile, fit, callbacks, metrics, saving and loading."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.covariance.decorrelation import with_decov
from edge_nas.covariance.decov import covariance_redundancy
from edge_nas.errors import ConfigError, GraphError
from edge_nas.graph.flatten import flatten
from edge_nas.models import Nano_U

SHAPE = (8, 8, 3)
LOSS = tf_keras.losses.BinaryCrossentropy(from_logits=True)


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    images = np.random.default_rng(0).uniform(-1, 1, (8, *SHAPE)).astype(np.float32)
    return images, (images[..., :1] > 0).astype(np.float32)


def network():
    tf_keras.utils.set_random_seed(0)
    return Nano_U(widths=(3, 4, 4, 4, 4, 4))


def test_the_loss_is_the_models_own_plus_the_weighted_penalty(data) -> None:
    images, masks = data
    model = with_decov(network(), 2.0, input_shape=SHAPE)
    model.compile("sgd", LOSS, metrics=["accuracy"])
    seen = model.evaluate(images, masks, verbose=0, return_dict=True)
    assert set(seen) == {"loss", "accuracy", "decov"}
    features = tf_keras.Model(model.network.input, model.network.get_layer("decoder_1_pointwise_relu").output)
    assert seen["decov"] == pytest.approx(float(covariance_redundancy(features(images))), rel=1e-4)
    assert seen["loss"] == pytest.approx(float(LOSS(masks, model(images))) + 2.0 * seen["decov"], rel=1e-4)


def test_training_lowers_the_penalty_and_leaves_the_original_alone(data) -> None:
    original = network()
    before = with_decov(original, 1.0, input_shape=SHAPE)
    weights = original.get_weights()
    before.compile(tf_keras.optimizers.Adam(0.01), lambda truth, logits: 0.0 * tf.reduce_mean(logits))
    seen = before.fit(*data, batch_size=4, epochs=8, verbose=0).history["decov"]
    assert seen[-1] < 0.7 * seen[0]
    assert all(np.array_equal(a, b) for a, b in zip(weights, original.get_weights(), strict=True))


def test_weight_zero_trains_as_the_plain_network_does(data) -> None:
    flat = flatten(network(), SHAPE)
    model = with_decov(flat, 0.0)
    for trained in (flat, model):
        trained.compile("adam", LOSS)
        trained.fit(*data, batch_size=4, epochs=2, verbose=0, shuffle=False)
    for plain, ours in zip(flat.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("suffix", [".keras", pytest.param(".h5", marks=pytest.mark.endurance)])
@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5 file")
def test_files_hold_the_plain_network_and_the_optimizer(data, tmp_path: Path, suffix: str) -> None:
    model = with_decov(network(), 0.1, input_shape=SHAPE)
    model.compile("adam", LOSS, metrics=["accuracy"])
    path = tmp_path / f"net{suffix}"
    checkpoint = tf_keras.callbacks.ModelCheckpoint(str(path), monitor="val_loss", save_best_only=False)
    model.fit(*data, batch_size=4, epochs=2, validation_data=data, callbacks=[checkpoint], verbose=0)
    with tf_keras.utils.custom_object_scope({}):
        loaded = tf_keras.models.load_model(path)
    assert type(loaded).__module__.startswith("tf_keras.")
    assert {type(layer).__module__.split(".")[0] for layer in loaded.layers} == {"tf_keras"}
    assert np.array_equal(loaded.predict(data[0], verbose=0), model.predict(data[0], verbose=0))
    assert int(loaded.optimizer.iterations) == 4
    loaded.fit(*data, verbose=0)


def test_weights_go_to_a_file_and_back(data, tmp_path: Path) -> None:
    model = with_decov(network(), 0.1, input_shape=SHAPE)
    model.compile("adam", LOSS)
    model.fit(*data, verbose=0)
    model.save_weights(tmp_path / "net.weights.h5")
    for other in (with_decov(network(), 0.1, input_shape=SHAPE), flatten(network(), SHAPE)):
        other.load_weights(tmp_path / "net.weights.h5")
        assert np.array_equal(other.predict(data[0], verbose=0), model.predict(data[0], verbose=0))


def test_the_model_flattens_to_the_plain_network() -> None:
    model = with_decov(network(), 0.1, input_shape=SHAPE)
    flat = flatten(model)
    assert [layer.name for layer in flat.layers] == [layer.name for layer in flatten(network(), SHAPE).layers]
    again = with_decov(model, 0.2)
    assert again.penalised == {"decoder_1_pointwise_relu": 0.2}


def test_known_features_are_measured_on_any_kind_of_model(known) -> None:
    model = with_decov(known.model, 0.5, known.features)
    model.compile("sgd", "mse")
    truth = np.zeros((*known.images.shape[:3], 1), np.float32)
    seen = model.evaluate(known.images, truth, verbose=0, return_dict=True)["decov"]
    assert seen == pytest.approx(known.score / 2, abs=1e-3) if known.score is not None else 0.01 < seen < 0.49


def test_wrong_use_says_what_to_do() -> None:
    class Own(tf_keras.Model):
        def train_step(self, data):
            return {}

    with pytest.raises(ConfigError, match="weight is -1; allowed"):
        with_decov(network(), -1, input_shape=SHAPE)
    with pytest.raises(ConfigError, match="nearest: decoder_1_pointwise"):
        with_decov(network(), 0.1, "decoder_1_pontwise", SHAPE)
    with pytest.raises(GraphError, match=r"never been built.*input_shape"):
        with_decov(network(), 0.1)
    with pytest.raises(ConfigError, match="train_step of its own"):
        with_decov(Own(), 0.1, input_shape=SHAPE)
