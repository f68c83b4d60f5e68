"""Every rewrite gives an equal network of layers that TFMOT takes, and the names that readers know."""

import numpy as np
import pytest
import tf_keras

from edge_nas.quantization.layers import rewrite, simplify, unquantizable

L = tf_keras.layers


def chain(*layers, shape=(8, 8, 4)):
    image = x = L.Input(shape, name="image")
    for layer in layers:
        x = layer(x)
    return tf_keras.Model(image, x)


def average():
    image = L.Input((8, 8, 4), name="image")
    parts = [L.Conv2D(5, 1, name=f"part_{i}")(image) for i in range(3)]
    return tf_keras.Model(image, L.Conv2D(2, 1)(L.Average(name="mean")(parts)))


def joined(kind):
    image = L.Input((8, 8, 4), name="image")
    parts = [L.Conv2D(5, 1, name=f"part_{i}")(image) for i in range(4)]
    join = kind(name="join")
    return tf_keras.Model(image, L.Concatenate()([join(parts), join(parts[::-1])]))


def at_two_sizes(layer):
    image = L.Input((8, 8, 4), name="image")
    small = L.MaxPooling2D()(image)
    return tf_keras.Model(image, L.Concatenate()([layer(image), L.UpSampling2D()(layer(small))]))


def merged_at_two_sizes(kind):
    image = L.Input((8, 8, 4), name="image")
    small, merge, up = L.MaxPooling2D()(image), kind(name="it"), L.UpSampling2D()
    large = merge([image, L.ReLU()(image)])
    below = merge([small, up(L.MaxPooling2D()(small))])
    return tf_keras.Model(image, L.Concatenate()([large, up(below)]))


def one_dimensional_block():
    """A block with a shortcut, beside a Dense along the signal, which stays between reshapes."""
    signal = L.Input((12, 4), name="image")
    x = L.Conv1D(4, 3, padding="same", name="it")(signal)
    x = L.Add()([L.ReLU()(x), signal])
    x = L.Concatenate()([x, L.Dense(3)(x)])
    x = L.AveragePooling1D(2)(L.UpSampling1D(2)(x))
    return tf_keras.Model(signal, L.Dense(2)(L.GlobalMaxPooling1D()(L.Cropping1D(1)(x))))


CASES = {
    "a sum at two sizes": lambda: merged_at_two_sizes(L.Add),
    "a concatenation at two sizes": lambda: merged_at_two_sizes(L.Concatenate),
    "a mean at two sizes": lambda: merged_at_two_sizes(L.Average),
    "sum of four, twice": lambda: joined(L.Add),
    "product of four, twice": lambda: joined(L.Multiply),
    "maximum of four, twice": lambda: joined(L.Maximum),
    "relu6": lambda: chain(L.Conv2D(5, 3, activation="relu6", name="it"), L.Conv2D(2, 1)),
    "leaky_relu": lambda: chain(L.DepthwiseConv2D(3, activation="leaky_relu", name="it"), L.Activation("leaky_relu")),
    "swish": lambda: chain(L.Flatten(), L.Dense(5, activation="swish", name="it"), L.Dense(2)),
    "transposed without bias": lambda: chain(
        L.Conv2DTranspose(3, 3, use_bias=False, activation="relu", name="it"), L.Conv2D(2, 1)
    ),
    "separable": lambda: chain(L.SeparableConv2D(6, 3, strides=2, depth_multiplier=2, activation="relu", name="it")),
    "separable, batchnorm": lambda: chain(
        L.SeparableConv2D(6, (3, 1), dilation_rate=2, use_bias=False, name="it"), L.BatchNormalization(), L.ReLU()
    ),
    "batchnorm on the image": lambda: chain(L.BatchNormalization(name="it"), L.Conv2D(2, 1)),
    "batchnorm after an activation": lambda: chain(L.ReLU(), L.BatchNormalization(scale=False, name="it")),
    "batchnorm on features": lambda: chain(
        L.Flatten(), L.Dense(5, activation="relu"), L.BatchNormalization(center=False, name="it"), L.Dense(2)
    ),
    "rescaling": lambda: chain(L.Rescaling(1 / 127.5, -1.0, name="it"), L.Conv2D(2, 1)),
    "rescaling per channel": lambda: chain(L.Rescaling([1.0, 2.0, 3.0, 4.0], offset=[0.0, 1.0, 0.0, 1.0], name="it")),
    "average": average,
    "transposed, batchnorm": lambda: chain(
        L.Conv2DTranspose(3, 3, strides=2, padding="same", name="it"), L.BatchNormalization(), L.ReLU()
    ),
    "1-D": lambda: chain(
        L.Conv1D(6, 3, strides=2, padding="same", activation="relu", name="it"), L.Conv1D(2, 1), shape=(9, 4)
    ),
    "1-D, batchnorm": lambda: chain(
        L.Conv1D(6, 3, name="it"),
        L.BatchNormalization(),
        L.ReLU(),
        L.MaxPooling1D(2),
        L.SeparableConv1D(5, 3, padding="same", depth_multiplier=2),
        L.BatchNormalization(),
        L.Activation("tanh"),
        L.DepthwiseConv1D(3, strides=2),
        L.GlobalAveragePooling1D(),
        L.Dense(2),
        shape=(16, 4),
    ),
    "1-D, causal": lambda: chain(
        L.Conv1D(6, 3, padding="causal", dilation_rate=2, name="it"), L.ZeroPadding1D((1, 2)), L.Flatten(), shape=(9, 4)
    ),
    "1-D, residual": one_dimensional_block,
    "pooling at two sizes": lambda: at_two_sizes(L.AveragePooling2D(1, name="it")),
    "batchnorm at two sizes": lambda: at_two_sizes(L.BatchNormalization(name="it")),
    "noise": lambda: chain(
        L.Conv2D(4, 1), L.GaussianNoise(0.5, name="it"), L.GaussianDropout(0.2), L.AlphaDropout(0.2)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_rewritten_network_is_equal_and_known_to_tfmot(name: str, randomized) -> None:
    model = randomized(CASES[name]())
    x = np.random.default_rng(1).normal(size=(3, *model.input_shape[1:])).astype(np.float32)
    before = model.get_weights()
    made = rewrite(model)
    expected = model(x, training=False).numpy()
    np.testing.assert_allclose(made(x, training=False), expected, rtol=0, atol=1e-5 * max(1.0, np.abs(expected).max()))
    assert unquantizable(made) == ()
    assert not [layer for layer in made.layers if isinstance(layer, L.BatchNormalization)]
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_last_link_bears_the_layers_name() -> None:
    made = rewrite(CASES["separable"]())
    assert [layer.name for layer in made.layers] == ["image", "it_depthwise", "it"]
    assert [layer.name for layer in rewrite(CASES["1-D"]()).layers][:3] == ["image", "image_row", "it"]


def test_signals_are_reshaped_once_and_batchnorms_between_are_folded(randomized) -> None:
    made = rewrite(randomized(CASES["1-D, batchnorm"]()))
    assert [type(layer).__name__ for layer in made.layers] == [
        *("InputLayer", "Reshape", "Conv2D", "ReLU", "MaxPooling2D", "DepthwiseConv2D", "Conv2D", "Activation"),
        *("DepthwiseConv2D", "GlobalAveragePooling2D", "Dense"),
    ]


def test_what_has_no_rewrite_stays() -> None:
    volumes = chain(L.Reshape((2, 4, 8, 4)), L.BatchNormalization(name="it"))
    assert [layer.name for layer in unquantizable(rewrite(volumes))] == ["it"]


def test_a_network_without_anything_to_rewrite_is_copied() -> None:
    model = chain(L.Conv2D(2, 3, name="convolution"))
    for made in (rewrite(model), simplify(model)):
        made.get_layer("convolution").kernel.assign(np.zeros((3, 3, 4, 2)))
        assert np.any(model.get_layer("convolution").kernel.numpy())
