"""What cannot be int8 is named, with what to use instead."""

import pytest
import tensorflow as tf
import tf_keras

from edge_nas.quantization.layers.refusals import replacement_for, unquantizable

L = tf_keras.layers


@pytest.mark.parametrize(
    ("layer", "instead"),
    [
        (L.LayerNormalization(), "BatchNormalization"),
        (L.ELU(), "LeakyReLU or PReLU"),
        (L.Activation("hard_sigmoid"), "activation 'sigmoid': hard_sigmoid would stay in float"),
        (L.Conv2D(2, 1, activation="hard_sigmoid"), "activation 'sigmoid': hard_sigmoid would stay in float"),
        (L.Lambda(lambda x: x), "a layer of Keras, or a Python function of Keras layers"),
        (L.ThresholdedReLU(), "ReLU"),
        (
            L.Conv2D(2, 1, activation="elu"),
            "one of the activations gelu, leaky_relu, linear, relu, relu6, sigmoid, softmax, swish, tanh for 'elu'",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_layer_without_int8_form(layer, instead: str) -> None:
    image = L.Input((8, 8, 4))
    model = tf_keras.Model(image, L.Conv2D(2, 1)(layer(image)))
    assert [found.name for found in unquantizable(model)] == [layer.name]
    assert replacement_for(layer) == instead


def test_sums_of_more_than_two_have_no_int8_form() -> None:
    image = L.Input((8, 8, 4))
    both, three = L.Add(name="both")([image, image]), L.Add(name="three")([image, image, image])
    (found,) = unquantizable(tf_keras.Model(image, L.Conv2D(2, 1)(L.Concatenate()([both, three]))))
    assert found.name == "three"
    assert replacement_for(found) == "Add layers of two inputs, one behind the other,"


def test_a_product_of_two_tensors_has_no_int8_form_in_training() -> None:
    rows = L.Input((8, 4))
    (found,) = unquantizable(tf_keras.Model(rows, tf.matmul(rows, L.Dense(4)(rows), transpose_b=True)))
    assert replacement_for(found) == (
        "a convolution, or no training for int8 (quantize.scheme=ptq), which knows products,"
    )


def test_layers_that_tfmot_knows_pass() -> None:
    image = L.Input((8, 8, 4))
    x = L.MaxPooling2D()(L.ReLU(6.0)(L.Conv2D(4, 3)(image)))
    assert unquantizable(tf_keras.Model(image, L.Dense(2, activation="softmax")(L.Flatten()(x)))) == ()
