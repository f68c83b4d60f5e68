"""Pruning in a user's hands: a model and images, nothing else."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

import edge_nas
from edge_nas import layers
from edge_nas.errors import ConfigError, DataError, GraphError
from edge_nas.models import Nano_U
from edge_nas.pruning.model import prune_model

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8)


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((16, 16, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", name="stem")(inputs)))
    x = L.Conv2D(4, 1, activation="relu", name="middle")(L.MaxPooling2D()(x))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))


def test_half_of_the_channels_go_and_the_model_stays_as_it_was(network, images) -> None:
    before = [w.copy() for w in network.get_weights()]
    smaller, plan = edge_nas.prune_model(network, images, ratio=0.5)
    assert [smaller.get_layer(name).filters for name in ("stem", "middle", "logit")] == [3, 2, 1]
    assert plan.after.params == smaller.count_params() < plan.before.params == network.count_params()
    for old, new in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_arrays_and_datasets_give_the_same(network, images) -> None:
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(3)
    one, other = (prune_model(network, given, 0.5)[0] for given in (images, dataset))
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_that_was_never_built_takes_the_shape_of_the_images() -> None:
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 32, 3)).astype(np.float32)
    smaller, plan = prune_model(Nano_U(), images, 0.5)
    assert smaller.input_shape == (None, 16, 32, 3)
    assert plan.after.macs < 0.5 * plan.before.macs


def test_settings_of_the_configuration_are_taken(network, images) -> None:
    masks = np.zeros((8, 8, 8), np.uint8)
    _, plan = prune_model(network, images, 0.5, criterion="taylor", labels=masks, leave=["middle"], multiple=2)
    assert plan.criterion == "taylor"
    assert {group.name: len(group.kept) for group in plan.groups} == {"stem": 4}
    pairs = tf.data.Dataset.from_tensor_slices((images, masks)).batch(4)
    assert prune_model(network, pairs, 0.5, criterion="taylor")[1].criterion == "taylor"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"ratio": 1.0}, "ratio is 1.0; allowed: a number >= 0 and < 1"),
        ({"ratio": -0.1}, "ratio is -0.1"),
        ({"ratoi": 0.5}, "unknown key 'ratoi'.*did you mean 'ratio'"),
        ({"criterion": "covar"}, "unknown criterion 'covar'; known: .*did you mean 'covariance'"),
        ({"leave": ["stm"]}, "no layer or channel group 'stm' to leave alone; did you mean 'stem'"),
        ({"criterion": "taylor"}, "criterion taylor needs labels"),
        ({"fine_tune": {}}, "prune_model does not train, so it takes no fine_tune"),
    ],
)
def test_mistakes_are_named(settings, message: str, network, images) -> None:
    with pytest.raises(ConfigError, match=message):
        prune_model(network, images, **settings)


def test_images_that_do_not_do_are_refused(network, images) -> None:
    with pytest.raises(DataError, match="1 calibration image: how channels vary together"):
        prune_model(network, images[:1])
    with pytest.raises(DataError, match="NaN or infinite"):
        prune_model(network, np.full((4, 16, 16, 3), np.nan, np.float32))
    with pytest.raises(GraphError, match="cannot be called on inputs of shape"):
        prune_model(network, images[..., :1])


def test_a_model_with_two_outputs_is_pruned_and_keeps_both(images, randomized) -> None:
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(6, 3, padding="same", activation="relu", name="stem")(inputs)
    mask, kind = L.Conv2D(1, 1, name="mask")(x), L.Dense(4, name="kind")(L.GlobalAveragePooling2D()(x))
    model = randomized(tf_keras.Model(inputs, [mask, kind]))
    smaller, plan = prune_model(model, images, budget={"macs": 0.6}, check_images=images[:3])
    assert [tuple(output.shape) for output in smaller.outputs] == [(None, 16, 16, 1), (None, 4)]
    assert plan.after.macs <= 0.6 * plan.before.macs
    assert set(next(group for group in plan.groups if group.name == "stem").readers) == {"mask", "kind"}


@pytest.fixture
def of_two_inputs(randomized):
    image, numbers = L.Input((16, 16, 3), name="image"), L.Input((5,), name="numbers")
    x = L.GlobalAveragePooling2D()(L.Conv2D(6, 3, activation="relu", name="stem")(image))
    x = L.Concatenate()([x, L.Dense(4, "relu", name="side")(numbers)])
    return randomized(tf_keras.Model([image, numbers], L.Dense(2)(x)))


def test_a_model_with_two_inputs_takes_them_in_order_or_by_name(of_two_inputs, images) -> None:
    numbers = np.random.default_rng(1).normal(size=(8, 5)).astype(np.float32)
    smaller, plan = prune_model(of_two_inputs, [images, numbers], budget={"macs": 0.7})
    assert plan.after.macs <= 0.7 * plan.before.macs
    by_name, _ = prune_model(of_two_inputs, {"numbers": numbers, "image": images}, budget={"macs": 0.7})
    for one, other in zip(smaller.get_weights(), by_name.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_inputs_than_the_models_are_refused(of_two_inputs, images) -> None:
    with pytest.raises(DataError, match="has the inputs image, numbers; given are 1 arrays"):
        prune_model(of_two_inputs, images)
    with pytest.raises(DataError, match="has the inputs image, numbers; given are image, number"):
        prune_model(of_two_inputs, {"image": images, "number": images})
    with pytest.raises(DataError, match=r"hold \[3, 8\] samples; give as many of each"):
        prune_model(of_two_inputs, [images, np.zeros((3, 5), np.float32)])


class Mixing(L.Layer):
    def build(self, shape):
        self.matrix = self.add_weight("matrix", (shape[-1], shape[-1]))

    def call(self, x):
        return x @ self.matrix


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(L.GRU(4, return_sequences=True, name="odd"), marks=pytest.mark.endurance, id="GRU"),
        pytest.param(
            L.Bidirectional(L.LSTM(3, return_sequences=True), name="odd"),
            marks=pytest.mark.endurance,
            id="Bidirectional",
        ),
        Mixing(name="odd"),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_without_a_rule_freezes_its_groups_and_is_not_counted(layer) -> None:
    signals = np.random.default_rng(0).normal(size=(8, 12, 3)).astype(np.float32)
    inputs = L.Input((12, 3))
    x = L.Conv1D(4, 3, name="last")(L.Conv1D(6, 3, name="first")(inputs))
    network = tf_keras.Model(inputs, L.Dense(2, name="answer")(layer(x)))
    smaller, plan = prune_model(network, signals, 0.5)
    assert [group.name for group in plan.groups] == ["first"]
    assert f"no channel rule for {type(layer).__name__} 'odd'" in {group.reason for group in plan.frozen}
    assert plan.after.uncounted == ("odd",)
    assert smaller.get_layer("first").filters == 3
    with pytest.raises(ConfigError, match=r"those of odd cannot be counted.*Set prune.ratio, or a budget of params"):
        prune_model(network, signals, budget={"macs": 0.5})
    assert prune_model(network, signals, budget={"params": 0.9})[1].after.params <= 0.9 * plan.before.params


def test_values_that_repeat_others_in_every_head_can_go_from_attention(randomized) -> None:
    rows = np.random.default_rng(0).normal(size=(32, 6, 5)).astype(np.float32)
    inputs = L.Input((6, 5))
    network = randomized(tf_keras.Model(inputs, L.MultiHeadAttention(3, 4, name="attention")(inputs, inputs)))
    attention = network.get_layer("attention")
    kernel, bias = attention._value_dense.get_weights()
    kernel[..., 1::2], bias[..., 1::2] = kernel[..., ::2], bias[..., ::2]
    attention._value_dense.set_weights([kernel, bias])
    smaller, plan = prune_model(network, rows, 0.5)
    assert [(group.name, len(group.kept)) for group in plan.groups] == [("attention_value", 2)]
    assert plan.unrepaired == ()
    expected, found = network(rows).numpy(), smaller(rows).numpy()
    assert np.sqrt(np.mean((found - expected) ** 2) / expected.var()) < 0.01


def test_attention_between_maps_freezes_its_groups(images) -> None:
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(4, 3, name="last")(L.Conv2D(6, 3, name="first")(inputs))
    x = L.MultiHeadAttention(2, 2, name="attention")(x, x)
    _, plan = prune_model(tf_keras.Model(inputs, L.Dense(1, name="answer")(x)), images, 0.5)
    assert [group.name for group in plan.groups] == ["first"]
    assert plan.after.uncounted == ("attention",)


def test_a_lambda_of_the_model_in_hand_keeps_its_function(images) -> None:
    factor = 3.0
    inputs = L.Input((16, 16, 3))
    x = L.Lambda(lambda t: t * factor)(L.Conv2D(4, 3)(L.Conv2D(6, 3, name="first")(inputs)))
    network = tf_keras.Model(inputs, L.Conv2D(1, 1)(x))
    whole = prune_model(network, images, 0.0)[0]
    given = np.random.default_rng(1).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    np.testing.assert_array_equal(whole(given), network(given))
    assert prune_model(network, images, 0.5)[0].get_layer("first").filters == 3


class Halved(L.Conv2D):
    channel_rule = layers.Mixing("filters")

    def call(self, x):
        return 0.5 * super().call(x)


def test_readers_that_are_not_repaired_are_named_with_a_warning(images, randomized) -> None:
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(6, 3, name="first")(inputs)
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="last")(Halved(4, 3, name="halved")(x))))
    with pytest.warns(
        UserWarning, match=r"pruned without repair.*layer 'halved' \(Halved\) computes in a way of its own"
    ):
        _, plan = prune_model(model, images, 0.5)
    assert [reader.name for reader in plan.unrepaired] == ["halved"]
    _, plan = prune_model(model, images, 0.5, leave=["first"])
    assert plan.unrepaired == ()
    assert plan.warning is None
