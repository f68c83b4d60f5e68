"""What readers see is measured at all positions; redundant channels go first."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.choice import choose, reader_covariances, uniform

L = tf_keras.layers


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (6, 8, 8, 3)).astype(np.float32)


def two_readers():
    """`first` is read by `left`, and behind a concatenation with `side` by `right`."""
    inputs = L.Input((8, 8, 3))
    first = L.Conv2D(4, 3, padding="same", name="first")(inputs)
    side = L.Conv2D(2, 1, name="side")(inputs)
    left = L.Conv2D(3, 3, padding="same", name="left")(first)
    right = L.Conv2D(3, 1, name="right")(L.Concatenate()([side, first]))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.Add()([left, right])))


@pytest.mark.parametrize("batch", [2, 100])
def test_covariances_are_those_of_the_readers_inputs(images, randomized, batch: int) -> None:
    model = randomized(two_readers())
    seen = reader_covariances(model, channel_graph(model), images, batch)
    assert set(seen) == {"left", "right", "logit"}
    first, side = (tf_keras.Model(model.inputs, model.get_layer(name).output)(images) for name in ("first", "side"))
    rows = np.concatenate([side, first], axis=-1).reshape(-1, 6).astype(np.float64)
    np.testing.assert_allclose(seen["right"], np.cov(rows.T, ddof=0), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(seen["left"], np.cov(rows[:, 2:].T, ddof=0), rtol=1e-5, atol=1e-7)


def test_a_shared_reader_sees_both_of_its_inputs(images, randomized) -> None:
    inputs = L.Input((8, 8, 3))
    shared = L.Conv2D(4, 1, name="shared")
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(shared(shared(L.Conv2D(4, 1, name="first")(inputs))))))
    seen = reader_covariances(model, channel_graph(model), images)["shared"]
    first = tf_keras.Model(model.inputs, model.get_layer("first").output)(images)
    rows = np.concatenate([first, shared_of(model)(first)]).reshape(-1, 4).astype(np.float64)
    np.testing.assert_allclose(seen, np.cov(rows.T, ddof=0), rtol=1e-5, atol=1e-7)


def shared_of(model):
    return model.get_layer("shared")


def test_a_network_with_nothing_to_remove_needs_no_statistics(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(2, 1)(inputs))
    graph = channel_graph(model)
    assert reader_covariances(model, graph, images) == {}
    assert choose(model, graph, {}, uniform(graph, 0.5), 1e-5) == {}


def test_duplicates_and_unread_channels_go_first(images, randomized) -> None:
    model = randomized(two_readers())
    kernel, bias = model.get_layer("first").get_weights()
    kernel[..., 3], bias[3] = -2.0 * kernel[..., 1], 0.5  # channel 3 follows from channel 1
    model.get_layer("first").set_weights([kernel, bias])
    for reader, offset in (("left", 0), ("right", 2)):  # nobody reads channel 0
        weights, rest = model.get_layer(reader).get_weights()
        weights[:, :, offset] = 0.0
        model.get_layer(reader).set_weights([weights, rest])
    graph = channel_graph(model)
    keep = {group.name: 2 if group.name == "first" else group.channels for group in graph.free}
    chosen = choose(model, graph, reader_covariances(model, graph, images), keep, 1e-8)["first"]
    assert chosen.removed[0] == 0
    assert chosen.removed[1] in (1, 3)
    assert sum(chosen.losses) < 1e-5


@pytest.mark.parametrize(
    ("ratio", "kept"), [(0.0, [5, 4]), (0.25, [4, 3]), (0.5, [2, 2]), (0.75, [1, 1]), (0.99, [1, 1])]
)
def test_uniform_keeps_the_rounded_share_and_at_least_one(ratio: float, kept: list[int]) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, name="four")(L.Conv2D(5, 1, name="five")(inputs))
    graph = channel_graph(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))
    assert uniform(graph, ratio) == dict(zip(("five", "four"), kept, strict=True))
