"""A network that scales pixels itself is found, and told where images were scaled before it."""

import warnings

import numpy as np
import pytest
import tf_keras

import edge_nas
from edge_nas.errors import ModelWarning
from edge_nas.graph.flatten import flatten
from edge_nas.graph.ownscaling import scaling_layer

L = tf_keras.layers
SCALING = {
    "rescaling": L.Rescaling(1 / 255, name="first"),
    "to both sides": L.Rescaling(1 / 127.5, offset=-1, name="first"),
    "normalization": L.Normalization(mean=[120.0, 110.0, 100.0], variance=[3000.0] * 3, name="first"),
    "divided": lambda x: x / 255.0,
    "multiplied": lambda x: x * (1 / 255),
}
PLAIN = {
    "convolution": L.Conv2D(3, 1, padding="same"),
    "a small shift": L.Rescaling(2.0, offset=-1),
    "of inputs about zero": L.Normalization(mean=0.1, variance=2.0),
    "doubled": lambda x: x * 2.0,
}


def network(first) -> tf_keras.Model:
    image = L.Input((8, 8, 3))
    return tf_keras.Model(image, L.Conv2D(2, 3)(L.Conv2D(4, 3)(first(image))))


@pytest.mark.parametrize("case", SCALING)
def test_what_scales_bytes_is_found(case: str) -> None:
    assert scaling_layer(flatten(network(SCALING[case]))) is not None


@pytest.mark.parametrize("case", PLAIN)
def test_what_does_not_is_not(case: str) -> None:
    assert scaling_layer(flatten(network(PLAIN[case]))) is None


def test_bytes_are_told_to_be_scaled_twice_and_floats_are_not() -> None:
    model = network(L.Rescaling(1 / 255, name="scale"))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3), np.uint8)
    with pytest.warns(ModelWarning, match=r"scales pixels itself \(layer 'scale'\).*images.astype"):
        edge_nas.prune_model(model, pixels)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ModelWarning)
        edge_nas.prune_model(model, pixels.astype(np.float32))
