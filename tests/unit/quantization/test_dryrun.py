"""Networks that cannot be quantized are refused before training, with layers and what to use instead."""

import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.int8.graph import float_tensors
from edge_nas.int8.reader import read_tflite
from edge_nas.quantization import dry_run
from edge_nas.quantization.dryrun import unproven

L = tf_keras.layers


def network(*layers):
    image = x = L.Input((8, 8, 3))
    for layer in layers:
        x = layer(x)
    return tf_keras.Model(image, L.Conv2D(1, 1)(x))


def test_a_network_of_plain_layers_needs_no_trial() -> None:
    model = network(L.Conv2D(4, 3, use_bias=False), L.BatchNormalization(), L.ReLU(), L.MaxPooling2D())
    assert dry_run(model, "qat") is None
    assert dry_run(model, "ptq") is None


@pytest.mark.parametrize("scheme", ["qat", "ptq"])
def test_an_unproven_network_is_converted(scheme) -> None:
    model = network(L.Conv2D(4, 3, activation="tanh", name="unproven"))
    assert [layer.name for layer in unproven(model)] == ["unproven"]
    data = dry_run(model, scheme)
    assert data is not None
    assert float_tensors(read_tflite(data, "trial")) == ()


def test_what_qat_cannot_do_is_named_with_the_way_that_can() -> None:
    model = network(L.Lambda(lambda x: 2.0 * x, name="doubled"))
    with pytest.raises(GraphError, match=r"layer 'doubled' \(Lambda\), use a layer of Keras.*scheme=ptq takes it"):
        dry_run(model, "qat")
    assert dry_run(model, "ptq") is not None


@pytest.mark.parametrize("scheme", ["qat", "ptq"])
def test_what_neither_can_do_has_no_such_advice(scheme) -> None:
    with pytest.raises(GraphError, match=r"layer 'it' \(Conv2D\), use one of the activations .* for 'elu'") as caught:
        dry_run(network(L.Conv2D(4, 3, activation="elu", name="it")), scheme)
    assert "scheme=ptq" not in str(caught.value)


def test_what_stays_in_float_after_training_alone_has_that_advice_too() -> None:
    """TFMOT keeps a ReLU6 right behind a fused ReLU in float."""
    model = network(L.Conv2D(4, 3, activation="relu"), L.ReLU(6.0))
    with pytest.raises(GraphError, match=r"would stay in float.*quantize\.scheme=ptq takes it as it is"):
        dry_run(model, "qat")


def test_layers_at_which_the_converter_crashes_are_refused_before_it_runs() -> None:
    model = network(L.Reshape((24, 8)), L.GRU(8, return_sequences=True, name="memory"), L.Reshape((8, 8, 3)))
    with pytest.raises(
        GraphError, match=r"layer 'memory' \(GRU\), use an LSTM, the one recurrent layer with an int8 operator"
    ):
        dry_run(model, "ptq")
