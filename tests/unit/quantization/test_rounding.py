"""Rounded networks: the converter stores the codes that were chosen, and the output comes closer to float."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GateError
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization.ptq import post_training
from edge_nas.quantization.rounding import check_codes, round_weights

L = tf_keras.layers


def network(randomized) -> tf_keras.Model:
    """A layer of every kind that has blocks, a BatchNorm to fold, a layer without a bias, and kernels in groups."""
    inputs = L.Input((12, 12, 3), name="image")
    x = L.Conv2D(8, 3, strides=2, padding="same", use_bias=False, name="stem")(inputs)
    x = L.ReLU(name="stem_relu")(L.BatchNormalization(name="stem_bn")(x))
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    x = L.SeparableConv2D(8, 3, padding="same", activation="relu", name="separable")(x)
    x = L.Conv2D(8, 3, padding="same", groups=2, activation="relu", name="grouped")(x)
    x = L.Conv2DTranspose(6, 3, strides=2, padding="same", name="up")(x)
    x = L.Dense(4, activation="relu", name="mix")(x)
    return randomized(tf_keras.Model(inputs, L.Dense(3, name="head")(L.GlobalAveragePooling2D(name="mean")(x))))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Neighbouring pixels are alike, as in photographs."""
    coarse = np.random.default_rng(0).uniform(-1, 1, (24, 4, 4, 3)).astype(np.float32)
    return np.repeat(np.repeat(coarse, 3, axis=1), 3, axis=2)


@pytest.fixture(scope="module")
def float_network(randomized) -> tf_keras.Model:
    return network(randomized)


@pytest.mark.parametrize("rounding", ["nearest", "covariance"])
@pytest.mark.parametrize("bias_correction", [False, True])
def test_the_converter_stores_the_codes_that_were_chosen(float_network, images, rounding, bias_correction) -> None:
    rounded = round_weights(float_network, images, rounding=rounding, bias_correction=bias_correction)
    kinds = ["stem", "depthwise", "separable_depthwise", "separable", "grouped", "up", "mix", "head"]
    assert list(rounded.codes) == kinds
    data = post_training(float_network, images, rounding=rounding, bias_correction=bias_correction)
    check_codes(rounded.codes, read_tflite(data, "model.tflite"))


def output_error(float_network, images, **settings) -> np.ndarray:
    """Returns what the rounded network's output is off by, weights rounded and nothing else, (N, 3)."""
    rounded = round_weights(float_network, images, **settings).network
    return (rounded(images) - float_network(images)).numpy()


def test_each_option_does_what_it_is_for(float_network, images) -> None:
    nearest = output_error(float_network, images, rounding="nearest", bias_correction=False)
    shifted = output_error(float_network, images, rounding="nearest", bias_correction=True)
    covariance = output_error(float_network, images, rounding="covariance", bias_correction=False)
    both = output_error(float_network, images, rounding="covariance", bias_correction=True)
    assert np.abs(shifted.mean(axis=0)).max() < 0.05 * np.abs(nearest.mean(axis=0)).max()
    assert np.square(covariance).mean() < 0.5 * np.square(nearest).mean()
    assert np.square(both).mean() < 0.5 * np.square(nearest).mean()


def test_the_float_network_is_not_changed(float_network, images) -> None:
    before = float_network.get_weights()
    round_weights(float_network, images, rounding="covariance", bias_correction=True)
    for was, now in zip(before, float_network.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)


def test_rows_longer_than_a_piece_are_rounded_piece_by_piece(float_network, images, monkeypatch) -> None:
    monkeypatch.setattr("edge_nas.quantization.rounding._LONGEST_ROWS", 10)
    error = output_error(float_network, images, rounding="covariance", bias_correction=True)
    nearest = output_error(float_network, images, rounding="nearest", bias_correction=True)
    assert np.square(error).mean() < np.square(nearest).mean()


def test_a_file_with_other_weights_is_held_back(float_network, images) -> None:
    chosen = round_weights(float_network, images, rounding="covariance", bias_correction=False).codes
    other = post_training(float_network, images)
    with pytest.raises(GateError, match=r"holds other weights than were chosen, in layers stem"):
        check_codes(chosen, read_tflite(other, "model.tflite"))
