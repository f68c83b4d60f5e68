"""The channel merge: networks whose odd channels repeat the even ones lose nothing, from as few as 32 inputs."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.graph.groups import channel_graph
from edge_nas.layers.patches import kernel_matrix, row_places
from edge_nas.pruning.evidencerows import CutLayout
from edge_nas.pruning.merge import ChannelPairs, merged_kernel
from edge_nas.pruning.removal import remove_channels

L = tf_keras.layers


def twinned(model):
    """Makes each odd channel of every free group a copy of the even one before it."""
    for group in channel_graph(model).free:
        for name in (*group.writers, *group.carriers):
            layer = model.get_layer(name)
            weights = []
            for weight in layer.get_weights():
                axis = -2 if isinstance(layer, L.DepthwiseConv2D) and weight.ndim == 4 else -1
                weights.append(np.take(weight, np.arange(weight.shape[axis]) // 2 * 2, axis=axis))
            layer.set_weights(weights)
    return model


def stack(shape, *layers):
    image = x = L.Input(shape)
    for layer in layers:
        x = layer(x)
    return tf_keras.Model(image, x)


def conv(filters: int):
    return L.Conv2D(filters, 3, strides=2, activation="relu")


def inverted(x, filters: int, strides: int):
    """A block of MobileNetV2: expansion, depthwise convolution, projection, and a residual where shapes allow."""
    y = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(x.shape[-1] * 4, 1, use_bias=False)(x)))
    y = L.ReLU(6.0)(L.BatchNormalization()(L.DepthwiseConv2D(3, strides, padding="same", use_bias=False)(y)))
    y = L.BatchNormalization()(L.Conv2D(filters, 1, use_bias=False)(y))
    return L.Add()([x, y]) if strides == 1 else y


def mobile() -> tf_keras.Model:
    image = L.Input((32, 32, 3))
    x = L.Conv2D(8, 3, strides=2, activation="relu")(image)
    x = inverted(inverted(inverted(x, 12, 2), 12, 1), 16, 2)
    x = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(256, 1, use_bias=False)(x)))
    return tf_keras.Model(image, L.Dense(10)(L.GlobalAveragePooling2D()(x)))


NETWORKS = {
    "inverted residuals and a wide head": mobile,
    "1-D behind flatten": lambda: stack(
        (128, 3),
        L.Conv1D(16, 5, strides=2, activation="relu"),
        L.Conv1D(32, 5, strides=2, activation="relu"),
        *(L.Flatten(), L.Dense(6)),
    ),
    "behind flatten": lambda: stack((32, 32, 3), conv(16), conv(32), L.Flatten(), L.Dense(10)),
    "wide behind global pooling": lambda: stack(
        (32, 32, 3), conv(16), conv(64), L.GlobalAveragePooling2D(), L.Dense(256, "relu"), L.Dense(10)
    ),
    "256 channels into global pooling": lambda: stack(
        (32, 32, 3), conv(16), conv(256), L.GlobalMaxPooling2D(keepdims=True), L.Flatten(), L.Dense(10)
    ),
}


def smooth(count: int, shape, seed: int) -> np.ndarray:
    """Random walks along each axis: neighbours resemble each other, as in pictures and signals."""
    values = np.random.default_rng(seed).normal(size=(count, *shape))
    for axis in range(1, len(shape)):
        values = np.cumsum(values, axis=axis) / np.sqrt(shape[axis - 1])
    return values.astype(np.float32)


def loss_of(model, calibration, test) -> tuple[float, tuple]:
    """Returns RMS error / RMS of what varies between inputs at ratio 0.5, and how the readers were repaired."""
    removal = remove_channels(model, calibration, PruneSpec(ratio=0.5), seed=0)
    expected, outputs = model.predict(test, verbose=0), removal.repaired.predict(test, verbose=0)
    error, spread = np.mean((outputs - expected) ** 2), np.mean((expected - expected.mean(axis=0)) ** 2)
    return float(np.sqrt(error / spread)), removal.plan.repaired


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_there_twice_is_not_missed_from_32_inputs(name: str) -> None:
    tf_keras.utils.set_random_seed(1)
    model = twinned(NETWORKS[name]())
    shape = model.input_shape[1:]
    loss, repairs = loss_of(model, smooth(32, shape, 0), smooth(100, shape, 1))
    assert loss < 0.02
    assert repairs[-1].rows == 32
    assert repairs[-1].start in ("merge", "nearest")


@pytest.mark.parametrize(("prepare", "start"), [(twinned, "merge"), (lambda model: model, "cut")])
def test_rows_enough_keep_the_ridge_that_was_asked_for(prepare, start: str) -> None:
    """The merge takes the place of the kernel as it was cut only where it explains all but nothing."""
    tf_keras.utils.set_random_seed(1)
    model = prepare(stack((16, 16, 3), L.Conv2D(6, 3), L.ReLU(), L.Conv2D(4, 1), L.ReLU(), L.Conv2D(2, 1)))
    _, repairs = loss_of(model, smooth(32, (16, 16, 3), 0), smooth(8, (16, 16, 3), 1))
    assert [repair.ridge for repair in repairs] == [1e-3] * 3
    assert [repair.start for repair in repairs[1:]] == [start] * 2
    assert [repair.rows for repair in repairs] == [32 * 14 * 14] * 3


def test_a_dense_autoencoder_is_halved_from_64_inputs() -> None:
    tf_keras.utils.set_random_seed(1)
    model = twinned(stack((640,), *(L.Dense(units, "relu") for units in (128, 128, 8, 128, 128)), L.Dense(640)))
    mixing = np.random.default_rng(2).normal(size=(16, 640)) * 0.4
    latent, noise = (np.random.default_rng(seed).normal(size=(164, size)) for seed, size in ((3, 16), (4, 640)))
    inputs = (np.tanh(latent @ mixing) + 0.05 * noise).astype(np.float32)
    loss, _ = loss_of(model, inputs[:64], inputs[64:])
    assert loss < 0.05


def test_a_merge_is_the_regression_on_all_and_the_nearest_one_on_the_best() -> None:
    kept = np.random.default_rng(0).normal(size=(200, 3, 2)).astype(np.float32)
    combination = kept @ [[0.5], [2.0]] + 7.0
    pairs = ChannelPairs(kept, np.concatenate([kept[..., :1], combination, kept[..., 1:]], axis=-1), [0, 2])
    np.testing.assert_allclose(pairs.merge("merge"), [[1, 0.5, 0], [0, 2, 1]], atol=1e-4)
    nearest = pairs.merge("nearest")
    assert nearest[0, 1] == 0
    assert nearest[1, 1] == pytest.approx(2.0, abs=0.1)
    np.testing.assert_array_equal(pairs.merge("cut"), [[1, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize(
    "reader",
    [
        L.Conv2D(5, 3, name="reader"),
        L.Conv2DTranspose(5, 3, name="reader"),
        L.SeparableConv2D(5, 1, depth_multiplier=2, depthwise_initializer="ones", name="reader"),
        L.Dense(5, name="reader"),
    ],
)
def test_the_merged_kernel_takes_from_the_kept_channel_what_its_copy_brought(reader) -> None:
    model = stack((4, 4, 4), L.Conv2D(4, 1, name="first"), reader)
    graph = channel_graph(model)
    cut = CutLayout(graph, graph.layers["reader"].inputs[0], {"first": [0, 2, 3]})
    merge = np.array([[1.0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])  # channel 1 is a copy of channel 0
    kernel = kernel_matrix(reader)
    merged = merged_kernel(reader, cut, {cut.spaces[0]: merge}, kernel)
    places = [row_places(reader, 4, [channel]) for channel in range(4)]
    expected = kernel.copy()
    expected[places[0]] += kernel[places[1]]
    np.testing.assert_allclose(merged, np.delete(expected, places[1], axis=0), rtol=1e-6)
