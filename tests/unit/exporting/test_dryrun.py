"""What an ONNX file cannot hold is seen before training."""

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.exporting import dry_run
from edge_nas.exporting.files import files_of
from edge_nas.quantization import dry_run as dry_run_int8

L = tf_keras.layers


def network(activation):
    image = L.Input((8, 8, 3))
    return tf_keras.Model(image, L.Conv2D(1, 1)(L.Conv2D(4, 3, activation=activation)(image)))


def test_a_network_that_has_a_place_passes() -> None:
    model = network("tanh")
    dry_run(model, dry_run_int8(model, "ptq"))


def test_activations_of_sixteen_bits_need_a_place_in_the_float_file_alone() -> None:
    model = network("tanh")
    dry_run(model, dry_run_int8(model, "ptq", "int16"))


def test_an_lstm_needs_a_place_in_the_float_file_alone() -> None:
    """tf2onnx has no handler for TFLite's operator: there is no QDQ file."""
    signal = L.Input((6, 3))
    model = tf_keras.Model(signal, L.Dense(2)(L.LSTM(4)(signal)))
    int8 = dry_run_int8(model, "ptq")
    assert files_of(int8) == ("model.tflite", "model_float.tflite", "model.onnx")
    dry_run(model, int8)


def test_an_operator_without_a_place_is_refused() -> None:
    with pytest.raises(GraphError, match="Lgamma"):
        dry_run(network(tf.math.lgamma), dry_run_int8(network("tanh"), "ptq"))
