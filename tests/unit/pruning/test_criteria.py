"""Each criterion finds what it is made to find."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.extensions import CRITERIA
from edge_nas.errors import ConfigError
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.criteria import eliminations, in_order_of
from edge_nas.pruning.evidence import Evidence

L = tf_keras.layers


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (6, 8, 8, 3)).astype(np.float32)


@pytest.fixture
def network(randomized):
    inputs = L.Input((8, 8, 3))
    x = L.BatchNormalization(name="bn")(L.Conv2D(5, 3, padding="same", use_bias=False, name="first")(inputs))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 3, name="logit")(L.ReLU()(x))))


def order_of(name: str, model, images, **settings):
    evidence = Evidence(model, channel_graph(model), images, **settings)
    return CRITERIA.get(name)(evidence, evidence.graph.free[0])


def test_an_order_goes_from_the_least_important_up() -> None:
    order = in_order_of(np.array([3.0, 1.0, 4.0, 2.0]))
    assert order.removed == (1, 3, 0)
    assert order.losses == pytest.approx((0.1, 0.2, 0.3))
    assert in_order_of(np.zeros(3)).removed == (0, 1)


def test_duplicates_and_unread_channels_go_first_by_covariance(network, images) -> None:
    kernel = network.get_layer("first").get_weights()[0]
    kernel[..., 3] = kernel[..., 1]
    network.get_layer("first").set_weights([kernel])
    norm = [w.copy() for w in network.get_layer("bn").get_weights()]
    for weight in norm:
        weight[3] = weight[1]
    network.get_layer("bn").set_weights(norm)
    reads, bias = network.get_layer("logit").get_weights()
    reads[:, :, 0] = 0.0
    network.get_layer("logit").set_weights([reads, bias])
    order = order_of("covariance", network, images)
    assert order.removed[0] == 0
    assert order.removed[1] in (1, 3)
    assert sum(order.losses[:2]) < 1e-4 < order.losses[2]
    by_r2 = order_of("r2", network, images)  # does not ask who reads what
    assert by_r2.removed[0] in (1, 3)
    assert by_r2.losses[0] < 1e-4 < by_r2.losses[1]


@pytest.mark.parametrize(("name", "measure"), [("l1", lambda w: np.abs(w).sum(0)), ("l2", lambda w: (w**2).sum(0))])
def test_small_filters_go_first(name: str, measure, network, images) -> None:
    sizes = measure(network.get_layer("first").get_weights()[0].reshape(-1, 5))
    assert order_of(name, network, images).removed == tuple(np.argsort(sizes)[:4].tolist())


def test_members_count_alike_whatever_their_scale(randomized, images) -> None:
    inputs = L.Input((8, 8, 3))
    a, b = L.Conv2D(4, 1, use_bias=False, name="a")(inputs), L.Conv2D(4, 1, use_bias=False, name="b")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Add()([a, b]))))
    model.get_layer("a").set_weights([np.array([1.0, 2.0, 3.0, 4.0]) * np.ones((1, 1, 3, 4))])
    model.get_layer("b").set_weights([100.0 * np.array([4.0, 3.0, 2.0, 0.5]) * np.ones((1, 1, 3, 4))])
    assert order_of("l1", model, images).removed[0] == 3


def test_the_filter_between_the_others_goes_first_by_geometric_median(network, images) -> None:
    corners = np.zeros((27, 5))
    corners[0, :4], corners[1, :4] = (9, 9, -9, -9), (9, -9, 9, -9)
    network.get_layer("first").set_weights([corners.reshape(3, 3, 3, 5)])
    assert order_of("geometric_median", network, images).removed[0] == 4


def test_small_gains_go_first_by_batchnorm_scale(network, images) -> None:
    norm = network.get_layer("bn")
    norm.gamma.assign([0.5, -0.1, 2.0, -1.0, 0.3])
    assert order_of("batchnorm_scale", network, images).removed == (1, 4, 0, 3)


def test_gains_of_channels_that_go_together_count_together(randomized, images) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.BatchNormalization(name="bn")(L.Conv2D(6, 1, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Conv2D(6, 1, groups=3)(x))))
    model.get_layer("bn").gamma.assign([1.0, 0.0, -2.0, 2.0, 0.1, -0.3])
    assert order_of("batchnorm_scale", model, images).removed == (2, 0)


def test_a_group_without_batchnorm_is_refused_by_batchnorm_scale(randomized, images) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.BatchNormalization(scale=False)(L.Conv2D(4, 1, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))
    with pytest.raises(ConfigError, match=r"carries group 'first'; leave the group alone \(prune.leave: \[first\]\)"):
        order_of("batchnorm_scale", model, images)


def test_what_the_loss_does_not_depend_on_goes_first_by_taylor(network, images) -> None:
    reads, bias = network.get_layer("logit").get_weights()
    reads[:, :, 2] = 0.0
    network.get_layer("logit").set_weights([reads, bias])
    masks = np.random.default_rng(1).integers(0, 2, (6, 6, 6)).astype(np.uint8)
    order = order_of("taylor", network, images, labels=masks)
    assert order.removed[0] == 2
    assert order.losses[0] == 0.0


def test_random_follows_from_its_seed(network, images) -> None:
    orders = [order_of("random", network, images, seed=seed).removed for seed in (0, 0, 1, 2)]
    assert orders[0] == orders[1]
    assert len(set(orders)) > 1


def test_every_free_group_has_an_order_down_to_one_channel(randomized, images) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, name="four")(L.Conv2D(5, 1, name="five")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))
    orders = eliminations(Evidence(model, channel_graph(model), images), "covariance")
    assert {name: len(order.removed) for name, order in orders.items()} == {"five": 4, "four": 3}
