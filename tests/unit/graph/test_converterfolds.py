"""What is left of paddings, gains and shifts, on networks whose answers are known; beside files: test_sketching.py."""

import pytest
import tf_keras

from edge_nas.core.choices import Scheme
from edge_nas.graph.converterfolds import Affine, ConverterFolds
from edge_nas.graph.walk import Call, layer_calls, output_keys

L = tf_keras.layers


def _folds(model: tf_keras.Model, scheme: Scheme = "ptq") -> tuple[ConverterFolds, dict[str, Call]]:
    calls = layer_calls(model)
    return ConverterFolds(calls, output_keys(model), scheme), {call.layer.name: call for call in calls}


def _taken_in(model: tf_keras.Model, scheme: Scheme) -> list[str]:
    """Returns the layers whose calls go into the one before, once for each such call."""
    taken_in = _folds(model, scheme)[0].taken_in
    return [call.layer.name for call in layer_calls(model) if call.outputs[0] in taken_in]


@pytest.mark.parametrize(
    ("size", "kernel", "strides", "padding", "is_same"),
    [
        (8, 3, 1, 1, True),
        (8, 3, 2, ((0, 1), (0, 1)), True),
        (9, 3, 2, 1, True),
        (8, 3, 2, 1, False),  # of an even size there is nothing before the first column
        (8, 5, 1, 1, False),
        (8, 1, 2, 0, False),
    ],
)
def test_a_padding_goes_where_same_would_add_as_many_zeros(
    size: int, kernel: int, strides: int, padding: object, is_same: bool
) -> None:
    inputs = L.Input((size, size, 2))
    x = L.Conv2D(3, kernel, strides, name="convolution")(L.ZeroPadding2D(padding, name="padding")(inputs))
    folds, calls = _folds(tf_keras.Model(inputs, x))
    assert (folds.padding_before(calls["convolution"]) is calls["padding"]) == is_same
    assert folds.is_gone(calls["padding"]) == is_same


def test_a_padding_with_another_reader_stays_for_that() -> None:
    inputs = L.Input((8, 8, 2))
    x = L.ZeroPadding2D(1, name="padding")(inputs)
    model = tf_keras.Model(inputs, [L.Conv2D(3, 3, name="convolution")(x), L.MaxPooling2D()(x)])
    folds, calls = _folds(model)
    assert folds.padding_before(calls["convolution"]) is calls["padding"]
    assert not folds.is_gone(calls["padding"])


def test_what_a_network_hands_on_stays() -> None:
    inputs = L.Input((8, 8, 2))
    x = L.ZeroPadding2D(1, name="padding")(L.Rescaling(0.5, name="rescaling")(inputs))
    model = tf_keras.Model(inputs, [L.Conv2D(3, 3)(x), x, L.Dense(2)(L.BatchNormalization(name="norm")(inputs))])
    folds, calls = _folds(model)
    assert not folds.is_gone(calls["padding"])
    assert folds.affine_left(calls["rescaling"], 2) == Affine((), None)
    assert folds.affine_left(calls["norm"], 2) == Affine(None, None)


def test_one_channel_has_one_gain() -> None:
    inputs = L.Input((8, 8, 4))
    x = L.BatchNormalization(name="norm")(L.MaxPooling2D()(inputs))
    folds, calls = _folds(tf_keras.Model(inputs, L.Conv2D(3, 3)(x)))
    assert folds.affine_left(calls["norm"], 4) == Affine((4,), (4,))
    assert folds.affine_left(calls["norm"], 1) == Affine(None, None)


def test_only_without_fake_quantization_a_layer_takes_in_more_than_a_batchnorm() -> None:
    inputs = L.Input((8, 8, 2))
    x = L.BatchNormalization(name="norm")(L.Conv2D(3, 1)(inputs))
    model = tf_keras.Model(inputs, L.Rescaling(0.5, name="rescaling")(x))
    assert _taken_in(model, "qat") == ["norm"]
    assert _taken_in(model, "ptq") == ["norm", "rescaling"]


def test_each_call_of_a_batchnorm_goes_into_the_layer_before_it() -> None:
    inputs, norm, twice = L.Input((8, 8, 2)), L.BatchNormalization(name="norm"), L.Conv2D(2, 1)
    x = norm(L.MaxPooling2D()(norm(twice(norm(twice(inputs))))))
    model = tf_keras.Model(inputs, x)
    assert _taken_in(model, "ptq") == ["norm", "norm"]
    assert _taken_in(model, "qat") == []
