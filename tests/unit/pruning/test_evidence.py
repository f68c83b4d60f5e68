"""What readers see is measured at all positions, what they weigh over all taps."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import ConfigError, DataError
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.evidence import Evidence

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (6, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def two_readers(randomized):
    """`first` is read by `left`, and behind a concatenation with `side` by `right`."""
    inputs = L.Input((8, 8, 3))
    first = L.Conv2D(4, 3, padding="same", name="first")(inputs)
    side = L.Conv2D(2, 1, name="side")(inputs)
    left = L.Conv2D(3, 3, padding="same", name="left")(first)
    right = L.Conv2D(3, 1, name="right")(L.Concatenate()([side, first]))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.Add()([left, right]))))


def output_of(model, name: str, images) -> np.ndarray:
    return tf_keras.Model(model.inputs, model.get_layer(name).output)(images).numpy().astype(np.float64)


@pytest.mark.parametrize("batch", [2, 100])
def test_covariances_are_those_of_what_the_readers_see_of_a_group(images, two_readers, batch: int) -> None:
    seen = Evidence(two_readers, channel_graph(two_readers), images, batch=batch).covariances
    assert {key for key in seen if key[0] in ("first", "side")} == {
        ("first", "left"),
        ("first", "right"),
        ("side", "right"),
    }
    expected = np.cov(output_of(two_readers, "first", images).reshape(-1, 4).T, ddof=0)
    for reader in ("left", "right"):
        np.testing.assert_allclose(seen["first", reader], expected, rtol=1e-5, atol=1e-7)
    side = np.cov(output_of(two_readers, "side", images).reshape(-1, 2).T, ddof=0)
    np.testing.assert_allclose(seen["side", "right"], side, rtol=1e-5, atol=1e-7)


def test_a_shared_reader_sees_both_of_its_inputs(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    shared = L.Conv2D(4, 1, name="shared")
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(shared(shared(L.Conv2D(4, 1, name="first")(inputs))))))
    seen = Evidence(model, channel_graph(model), images).covariances["first", "shared"]
    first = output_of(model, "first", images).astype(np.float32)
    rows = np.concatenate([first, model.get_layer("shared")(first)]).reshape(-1, 4).astype(np.float64)
    np.testing.assert_allclose(seen, np.cov(rows.T, ddof=0), rtol=1e-5, atol=1e-7)


def test_behind_flatten_all_positions_count_as_sights_of_one_group(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, name="first")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(L.Flatten()(x))))
    evidence = Evidence(model, channel_graph(model), images)
    group = evidence.graph.free[0]
    rows = output_of(model, "first", images).reshape(-1, 4)
    np.testing.assert_allclose(evidence.covariances["first", "dense"], np.cov(rows.T, ddof=0), rtol=1e-5, atol=1e-7)
    kernel = model.get_layer("dense").get_weights()[0].reshape(64, 4, 2).astype(np.float64)
    np.testing.assert_allclose(
        evidence.reading_weights(group, "dense"), np.einsum("pco,pdo->cd", kernel, kernel), rtol=1e-9
    )


@pytest.mark.parametrize(
    ("layer", "kernel"),
    [
        (L.Conv2D(3, 3, name="reader"), lambda w: w[0]),
        (L.Conv2DTranspose(3, 2, name="reader"), lambda w: np.swapaxes(w[0], -1, -2)),
        (L.SeparableConv2D(3, 3, name="reader"), lambda w: np.einsum("hwcm,xyco->hwco", w[0], w[1])),
    ],
    ids=["convolution", "transposed", "separable"],
)
def test_a_reader_weighs_a_group_by_its_kernel_over_all_taps(layer, kernel, images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(layer(L.Conv2D(4, 1, name="first")(inputs)))))
    evidence = Evidence(model, channel_graph(model), images)
    weights = kernel([w.astype(np.float64) for w in model.get_layer("reader").get_weights()])
    expected = np.einsum("hwco,hwdo->cd", weights, weights)
    np.testing.assert_allclose(evidence.reading_weights(evidence.graph.free[0], "reader"), expected, rtol=1e-6)


def test_the_filters_of_a_group_are_those_of_all_its_members(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    a, b = L.Conv2D(4, 1, name="a")(inputs), L.Conv2DTranspose(4, 1, name="b")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Add()([a, b]))))
    evidence = Evidence(model, channel_graph(model), images)
    made = {filters.tobytes(): filters.shape for filters in evidence.filters(evidence.graph.free[0])}
    kernels = [model.get_layer("a").get_weights()[0][0, 0].T, model.get_layer("b").get_weights()[0][0, 0]]
    assert made == {np.ascontiguousarray(k, np.float64).tobytes(): (4, 3) for k in kernels}


def test_a_network_with_nothing_to_remove_needs_no_statistics(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(2, 1)(inputs))
    assert Evidence(model, channel_graph(model), images).covariances == {}


def test_the_saliency_is_the_squared_change_of_a_loss_that_is_linear_in_the_channel(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    first = L.Conv2D(4, 1, name="first")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(first)))
    masks = (np.random.default_rng(1).random((6, 8, 8)) > 0.5).astype(np.uint8)
    evidence = Evidence(model, channel_graph(model), images, labels=masks, batch=4)
    seen = output_of(model, "first", images)
    logits = model(images).numpy()[..., 0].astype(np.float64)
    slope = (1 / (1 + np.exp(-logits)) - masks) / 64  # of the mean cross-entropy of an image
    kernel = model.get_layer("logit").get_weights()[0][0, 0, :, 0]
    expected = np.mean(np.einsum("nhw,nhwc->nc", slope, seen * kernel) ** 2, axis=0)
    np.testing.assert_allclose(evidence.saliencies["first"], expected, rtol=1e-4)


def test_classes_and_probabilities_give_a_saliency_too(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.GlobalAveragePooling2D()(L.Conv2D(4, 1, name="first")(inputs))
    logits = randomized(tf_keras.Model(inputs, L.Dense(3, name="dense")(x)))
    soft = tf_keras.Model(logits.inputs, L.Softmax()(logits.outputs[0]))
    classes = np.arange(6) % 3
    one, other = (Evidence(m, channel_graph(m), images, labels=classes).saliencies["first"] for m in (logits, soft))
    np.testing.assert_allclose(one, other, rtol=1e-3)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((5, 8, 8), np.uint8), r"labels have shape \(5, 8, 8\); allowed for 6 images .*: \(6, 8, 8\) or"),
        (np.full((6, 8, 8), 2, np.uint8), "labels are uint8 from 0 to 2; allowed: whole numbers from 0 to 1"),
        (np.zeros((6, 8, 8)), "labels are float64"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, message: str, images, two_readers) -> None:
    with pytest.raises(DataError, match=message):
        _ = Evidence(two_readers, channel_graph(two_readers), images, labels=labels).saliencies


def test_a_saliency_without_labels_is_refused(images, two_readers) -> None:
    with pytest.raises(ConfigError, match="criterion taylor needs labels"):
        _ = Evidence(two_readers, channel_graph(two_readers), images).saliencies


def test_values_give_the_saliency_of_their_squared_error(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.GlobalAveragePooling2D()(L.Conv2D(4, 1, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(x)))
    targets = np.random.default_rng(1).normal(size=(6, 2)).astype(np.float32)
    graph = channel_graph(model)
    evidence = Evidence(model, graph, images, labels=targets, output_kind="value", batch=4)
    pooled = output_of(model, "first", images).mean(axis=(1, 2))
    kernel = model.get_layer("dense").get_weights()[0]
    slope = model(images).numpy() - targets  # of the mean of two squared errors
    expected = np.mean((pooled * (slope @ kernel.T)) ** 2, axis=0)
    np.testing.assert_allclose(evidence.saliencies["first"], expected, rtol=1e-4)
    with pytest.raises(
        DataError, match=r"labels have shape \(6,\); allowed for this output and these images: \(6, 2\)"
    ):
        _ = Evidence(model, graph, images, labels=targets[:, 0], output_kind="value").saliencies


def test_a_search_is_judged_by_inputs_that_it_does_not_learn_from(images, two_readers) -> None:
    labels = np.arange(len(images))
    evidence = Evidence(two_readers, channel_graph(two_readers), images, labels=labels, seed=3)
    searched = evidence.searched(None, None)
    np.testing.assert_array_equal(searched.check_inputs, images[1::3])
    np.testing.assert_array_equal(searched.inputs, np.delete(images, np.s_[1::3], axis=0))
    np.testing.assert_array_equal(searched._labels, np.delete(labels, np.s_[1::3]))
    groups = ["night"] * (len(images) - 1) + ["day"]
    assert len(evidence.searched(None, groups).check_inputs) in (1, len(images) - 1)
    other = evidence.searched(images[:2] / 2, groups)
    np.testing.assert_array_equal(other.check_inputs, images[:2] / 2)
    np.testing.assert_array_equal(other.inputs, images)
