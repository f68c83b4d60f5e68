"""What an ONNX file cannot hold is seen before training."""

import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.exporting import dry_run
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


def test_an_operator_without_a_place_is_refused() -> None:
    model = network("gelu")
    with pytest.raises(GraphError, match="Erfc"):
        dry_run(model, dry_run_int8(model, "ptq"))
