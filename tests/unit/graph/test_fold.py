"""BatchNorm folded into the layer before it: the same outputs with fewer layers; where it may not fold, it stays."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.fold import fold_batchnorm

L = tf_keras.layers


def images(shape=(4, 8, 8, 3)) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def assert_folds(model, batchnorms_left: int, x=None) -> tf_keras.Model:
    x = images() if x is None else x
    before = model.get_weights()
    folded = fold_batchnorm(model)
    expected = model(x).numpy()
    np.testing.assert_allclose(folded(x).numpy(), expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))
    left = [layer for layer in folded.layers if isinstance(layer, L.BatchNormalization)]
    assert len(left) == batchnorms_left
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    return folded


@pytest.mark.parametrize(
    "linear",
    [
        lambda: L.Conv2D(4, 3, use_bias=False),
        lambda: L.Conv2D(4, 3, strides=2, padding="same"),
        lambda: L.DepthwiseConv2D(3, use_bias=False),
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2),
        lambda: L.Dense(5),
        lambda: L.Dense(5, use_bias=False),
    ],
    ids=["conv", "conv with bias", "depthwise", "depthwise with bias, twice", "dense", "dense without bias"],
)
@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"center": False}], ids=str)
def test_a_batchnorm_after_a_linear_layer_becomes_part_of_it(linear, settings, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.ReLU()(L.BatchNormalization(epsilon=0.01, **settings)(linear()(inputs)))
    folded = assert_folds(randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x))), batchnorms_left=0)
    assert folded.layers[1].use_bias


def test_a_whole_block_folds_and_keeps_the_names_of_its_layers(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = inputs
    for i in range(2):
        x = L.BatchNormalization(name=f"bn_a{i}")(L.DepthwiseConv2D(3, name=f"depthwise{i}")(x))
        x = L.BatchNormalization(name=f"bn_b{i}")(L.Conv2D(4, 1, use_bias=False, name=f"pointwise{i}")(L.ReLU()(x)))
    folded = assert_folds(randomized(tf_keras.Model(inputs, x)), batchnorms_left=0)
    names = [layer.name for layer in folded.layers]
    assert names[1] == "depthwise0"
    assert names[-1] == "pointwise1"


def test_a_one_dimensional_convolution_folds(randomized) -> None:
    inputs = L.Input((10, 3))
    model = tf_keras.Model(inputs, L.BatchNormalization()(L.Conv1D(4, 3, use_bias=False)(inputs)))
    assert_folds(randomized(model), 0, images((4, 10, 3)))


@pytest.mark.parametrize(("dimensions", "padding"), [(1, "same"), (2, "valid")])
def test_a_transposed_convolution_folds(dimensions: int, padding: str, randomized) -> None:
    transposed = {1: L.Conv1DTranspose, 2: L.Conv2DTranspose}[dimensions](4, 3, strides=2, padding=padding)
    inputs = L.Input((10, 8, 3)[-dimensions - 1 :])
    model = tf_keras.Model(inputs, L.BatchNormalization()(transposed(inputs)))
    assert_folds(randomized(model), 0, images((4, *inputs.shape[1:])))


def test_a_subclass_that_computes_something_else_does_not_fold(randomized) -> None:
    class Doubled(L.Conv2D):
        def call(self, x):
            return 2.0 * super().call(x)

    inputs = L.Input((8, 8, 3))
    assert_folds(randomized(tf_keras.Model(inputs, L.BatchNormalization()(Doubled(4, 3)(inputs)))), 1)


def test_a_layer_name_that_is_also_a_setting_is_not_mistaken_for_one(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.BatchNormalization(name="relu")(L.Conv2D(4, 3, name="conv")(inputs))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1, activation="relu")(x))
    assert_folds(randomized(model), 0)


STAYS = {
    "after an activation": lambda x: L.BatchNormalization()(L.ReLU()(L.Conv2D(4, 1)(x))),
    "after a convolution with activation": lambda x: L.BatchNormalization()(L.Conv2D(4, 1, activation="relu")(x)),
    "first of all": L.BatchNormalization(),
    "over rows": lambda x: L.BatchNormalization(axis=1)(L.Conv2D(4, 1)(x)),
    "after a concatenation": lambda x: L.BatchNormalization()(L.Concatenate()([L.Conv2D(2, 1)(x), L.Conv2D(2, 1)(x)])),
}


@pytest.mark.parametrize("case", STAYS)
def test_a_batchnorm_stays_where_folding_would_change_something(case: str, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    assert_folds(randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(STAYS[case](inputs)))), batchnorms_left=1)


def test_a_batchnorm_stays_where_another_layer_reads_the_same_convolution(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1)(inputs)
    model = tf_keras.Model(inputs, L.Add()([x, L.BatchNormalization()(x)]))
    assert_folds(randomized(model), batchnorms_left=1)


def test_a_batchnorm_stays_where_the_convolution_is_an_output_too(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1)(inputs)
    folded = fold_batchnorm(randomized(tf_keras.Model(inputs, [x, L.BatchNormalization()(x)])))
    assert len(folded.layers) == 3


def test_layers_called_twice_do_not_fold(randomized) -> None:
    inputs = L.Input((8, 8, 3))
    conv, norm = L.Conv2D(3, 1), L.BatchNormalization()
    assert_folds(randomized(tf_keras.Model(inputs, norm(conv(conv(inputs))))), batchnorms_left=1)
    x = norm(L.Conv2D(3, 1)(norm(L.Conv2D(3, 1)(inputs))))
    assert_folds(randomized(tf_keras.Model(inputs, x)), batchnorms_left=1)
