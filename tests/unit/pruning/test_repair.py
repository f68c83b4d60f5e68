"""Least-squares repair: what follows from the kept channels is restored to float precision."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.layers import Mixing
from edge_nas.pruning.repair import RepairSettings, repair, unrepaired_readers

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (12, 8, 8, 3)).astype(np.float32)


def make_dependent(model, channel: int, on: dict[int, float], constant: float) -> None:
    """Makes a channel of `first` an exact combination of others, and of a constant."""
    kernel, bias = model.get_layer("first").get_weights()
    kernel[..., channel] = sum(factor * kernel[..., other] for other, factor in on.items())
    bias[channel] = sum(factor * bias[other] for other, factor in on.items()) + constant
    model.get_layer("first").set_weights([kernel, bias])


def restored(model, kept, images, **settings):
    graph = channel_graph(model)
    narrowed = narrow(model, graph, kept)
    options = RepairSettings(**({"ridge": 1e-12, "samples": 10**6} | settings))
    repaired = repair(model, narrowed, graph, kept, images, settings=options)
    expected = model(images).numpy()
    return tuple(float(np.abs(net(images) - expected).max() / np.abs(expected).max()) for net in (narrowed, repaired))


def network(reader, tail=lambda x: x):
    inputs = L.Input((8, 8, 3))
    x = reader(L.Conv2D(4, 3, name="first")(inputs))  # without padding, so that a constant is one everywhere
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(tail(x)))


READERS = {
    "with bias": L.Conv2D(5, 3, name="reader"),
    "with bias and activation": L.Conv2D(5, 3, activation="relu", name="reader"),
    "with batchnorm": lambda x: L.ReLU()(L.BatchNormalization()(L.Conv2D(5, 3, use_bias=False, name="reader")(x))),
    "with both": lambda x: L.BatchNormalization()(L.Conv2D(5, 3, name="reader")(x)),
    "strided": L.Conv2D(5, 3, strides=2, name="reader"),
    "dilated": L.Conv2D(5, 2, dilation_rate=2, name="reader"),
    "dense": L.Dense(5, name="reader"),
    "separable": L.SeparableConv2D(5, 1, depth_multiplier=2, activation="relu", name="reader"),
    "depthwise of multiplier 2 before": lambda x: L.Conv2D(5, 1, name="reader")(
        L.DepthwiseConv2D(1, depth_multiplier=2)(x)
    ),
    "depthwise before": lambda x: L.Conv2D(5, 1, name="reader")(L.BatchNormalization()(L.DepthwiseConv2D(1)(x))),
    "behind a concatenation": lambda x: L.Conv2D(5, 1, name="reader")(L.Concatenate()([L.Conv2D(2, 1)(x), x])),
}


@pytest.mark.parametrize("case", READERS)
def test_a_channel_that_follows_from_the_others_is_not_missed(case: str, randomized, images) -> None:
    model = randomized(network(READERS[case]))
    make_dependent(model, 2, {0: 1.5, 3: -0.5}, constant=0.7)
    cut, repaired = restored(model, {"first": [0, 1, 3]}, images)
    assert cut > 0.01
    assert repaired < 1e-4


@pytest.mark.parametrize(
    "reader",
    [
        L.Conv2DTranspose(5, 3, strides=2, name="reader"),
        lambda x: L.ReLU(6.0)(L.BatchNormalization()(L.Conv2DTranspose(5, 2, 2, use_bias=False, name="reader")(x))),
        lambda x: L.Dense(5, name="reader")(L.Flatten()(x)),
    ],
    ids=["transposed", "transposed with batchnorm", "dense behind flatten"],
)
def test_where_taps_or_positions_differ_all_but_a_constant_is_restored(reader, randomized, images) -> None:
    """A constant in a removed channel adds something else at every position; one bias cannot make up for that."""
    inputs = L.Input((8, 8, 3))
    model = randomized(tf_keras.Model(inputs, L.Dense(2)(reader(L.Conv2D(4, 3, name="first")(inputs)))))
    make_dependent(model, 2, {0: 1.5, 3: -0.5}, constant=0.0)
    cut, repaired = restored(model, {"first": [0, 1, 3]}, images, ridge=1e-9)
    assert cut > 0.01
    assert repaired < 1e-3


def test_without_bias_and_batchnorm_the_constant_cannot_be_restored_but_the_rest_is(randomized, images) -> None:
    model = randomized(network(L.Conv2D(5, 3, use_bias=False, name="reader")))
    make_dependent(model, 2, {0: 1.5, 3: -0.5}, constant=0.0)
    cut, repaired = restored(model, {"first": [0, 1, 3]}, images)
    assert cut > 0.01
    assert repaired < 1e-4


def test_the_bias_does_not_go_into_a_batchnorm_that_reads_more_than_this_layer(randomized, images) -> None:
    norm = L.BatchNormalization(name="norm")

    def reader(x):
        x = norm(L.Conv2D(4, 1, use_bias=False, name="reader")(x))
        return norm(L.Conv2D(4, 1, use_bias=False, name="second")(x))

    model = randomized(network(reader))
    graph = channel_graph(model)
    kept = {"first": [0, 1, 3]}
    repaired = repair(model, narrow(model, graph, kept), graph, kept, images, settings=RepairSettings(samples=500))
    np.testing.assert_array_equal(repaired.get_layer("norm").moving_mean, model.get_layer("norm").moving_mean)


def test_repair_works_on_what_the_narrowed_network_itself_sees(randomized, images) -> None:
    """Two cuts in a row: the second reader is solved on inputs that the first repair has already changed."""

    def reader(x):
        x = L.ReLU()(L.Conv2D(6, 1, name="middle")(L.ReLU()(x)))
        return L.Conv2D(5, 1, name="reader")(x)

    model = randomized(network(reader))
    graph = channel_graph(model)
    kept = {"first": [0, 1, 3], "middle": [0, 2, 4, 5]}
    cut, repaired = restored(model, kept, images, ridge=1e-3)
    assert repaired < 0.5 * cut
    narrowed = narrow(model, graph, kept)
    solved = repair(model, narrowed, graph, kept, images, settings=RepairSettings(1e-9, 10**6, passes=0))
    # The normal equations hold for the repaired network's own input: its error is orthogonal to it.
    seen = tf_keras.Model(solved.inputs, solved.get_layer("reader").input)(images).numpy().reshape(-1, 4)
    target, result = (
        tf_keras.Model(net.inputs, net.get_layer("reader").output)(images).numpy().reshape(-1, 5)
        for net in (model, solved)
    )
    error = (result - target).astype(np.float64)
    assert np.abs(error.mean(axis=0)).max() < 1e-4
    assert np.abs(seen.T @ error / len(seen)).max() < 1e-4 * np.abs(target).max()


def test_keeping_all_restores_the_same_network(randomized, images) -> None:
    model = randomized(network(READERS["with batchnorm"]))
    _, repaired = restored(model, {}, images, ridge=1e-3)
    assert repaired < 1e-5


def test_repair_follows_from_its_seed_and_leaves_its_inputs_alone(randomized, images) -> None:
    model = randomized(network(READERS["with batchnorm"]))
    graph = channel_graph(model)
    kept = {"first": [0, 1]}
    narrowed = narrow(model, graph, kept)
    before = [model.get_weights(), narrowed.get_weights()]
    one, again, other = (
        repair(model, narrowed, graph, kept, images, settings=RepairSettings(samples=60, seed=seed)).get_weights()
        for seed in (0, 0, 1)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    for old, new in zip(before, (model.get_weights(), narrowed.get_weights()), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def test_a_layer_that_nothing_reaches_keeps_its_kernel(randomized, images) -> None:
    model = randomized(network(lambda x: L.Conv2D(5, 1, name="reader")(L.ReLU()(x))))
    kernel, bias = model.get_layer("first").get_weights()
    model.get_layer("first").set_weights([kernel, bias - 1000.0])  # every ReLU is shut
    graph = channel_graph(model)
    kept = {"first": [0, 1, 3]}
    repaired = repair(model, narrow(model, graph, kept), graph, kept, images, settings=RepairSettings(samples=500))
    np.testing.assert_array_equal(
        repaired.get_layer("reader").get_weights()[0], model.get_layer("reader").get_weights()[0][:, :, [0, 1, 3]]
    )


@pytest.mark.parametrize("norm", [False, True], ids=["plain", "batchnorm"])
def test_where_the_relu_is_shut_the_repair_is_free_and_so_comes_closer(norm: bool, randomized, images) -> None:
    def reader(x):
        x = L.Conv2D(8, 3, use_bias=not norm, name="reader")(x)
        return L.ReLU(name="relu")(L.BatchNormalization()(x) if norm else x)

    model = randomized(network(reader))
    if norm:
        layer = next(layer for layer in model.layers if type(layer) is L.BatchNormalization)
        layer.gamma.assign([1.0, -1.0] * 4)  # a negative gain turns the shut side around
    seen = tf_keras.Model(model.inputs, model.get_layer("relu").input)(images).numpy()
    shift = layer.beta if norm else model.get_layer("reader").bias
    shift.assign_sub(seen.mean(axis=(0, 1, 2)))  # about half of all values are below zero
    graph = channel_graph(model)
    kept = {"first": [0, 2]}
    narrowed = narrow(model, graph, kept)

    def error(passes: int) -> float:
        repaired = repair(model, narrowed, graph, kept, images, settings=RepairSettings(1e-6, 10**6, passes))
        one, other = (tf_keras.Model(net.inputs, net.get_layer("relu").output)(images) for net in (model, repaired))
        assert 0.2 < float(np.mean(one == 0)) < 0.8
        return float(np.mean((one - other) ** 2))

    errors = [error(passes) for passes in (0, 1, 4)]
    assert errors[1] < 0.99 * errors[0]
    assert errors[2] < 0.99 * errors[1]


def test_a_reader_with_a_rule_of_its_own_is_cut_but_not_repaired_and_named(randomized, images) -> None:
    class Twice(L.Conv2D):
        channel_rule = Mixing("filters")

        def call(self, x):
            return 2.0 * super().call(x)

    model = randomized(network(Twice(5, 3, name="reader")))
    graph = channel_graph(model)
    kept = {"first": [0, 1, 3]}
    narrowed = narrow(model, graph, kept)
    repaired = repair(model, narrowed, graph, kept, images, settings=RepairSettings(samples=500))
    for old, new in zip(
        narrowed.get_layer("reader").get_weights(), repaired.get_layer("reader").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(old, new)
    assert not np.array_equal(
        narrowed.get_layer("logit").get_weights()[0], repaired.get_layer("logit").get_weights()[0]
    )
    (unrepaired,) = unrepaired_readers(model, graph, kept)
    assert unrepaired.name == "reader"
    assert unrepaired.reason.startswith("(Twice) computes in a way of its own")
    assert unrepaired_readers(model, graph, {"first": [0, 1, 2, 3]}) == ()


def test_a_reader_that_only_says_how_channels_pass_is_repaired_like_its_base(randomized, images) -> None:
    class Named(L.Conv2D):
        channel_rule = Mixing("filters")

    kernels = []
    for kind in (Named, L.Conv2D):
        model = randomized(network(kind(5, 3, name="reader")))
        graph, kept = channel_graph(model), {"first": [0, 1, 3]}
        assert unrepaired_readers(model, graph, kept) == ()
        narrowed = narrow(model, graph, kept)
        repaired = repair(model, narrowed, graph, kept, images, settings=RepairSettings(samples=500))
        kernels.append(repaired.get_layer("reader").get_weights()[0])
    np.testing.assert_array_equal(*kernels)


def test_rows_longer_than_the_calibration_set_are_held_and_solved(randomized, monkeypatch, images) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Flatten()(L.Conv2D(4, 1, name="first")(inputs))
    model = randomized(tf_keras.Model(inputs, L.Dense(2, name="dense")(x)))
    graph = channel_graph(model)
    kept = {"first": [0, 1, 3]}
    narrowed = narrow(model, graph, kept)
    streamed = repair(model, narrowed, graph, kept, images, settings=RepairSettings())
    monkeypatch.setattr("edge_nas.pruning.repair.LONGEST_ROW", 100)
    held = repair(model, narrowed, graph, kept, images, settings=RepairSettings())
    for one, other in zip(streamed.get_weights(), held.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    cut, repaired = (np.abs(net(images) - model(images)).mean() for net in (narrowed, held))
    assert repaired < 0.1 * cut


@pytest.mark.parametrize("first", ["varied", "even"])
def test_a_shared_layer_is_solved_for_all_of_its_calls(first: str, randomized) -> None:
    """One half of the image varies, the other hardly does: whichever comes first, the varied half is restored."""
    random = np.random.default_rng(3)
    halves = {
        "varied": random.uniform(-1, 1, (24, 8, 8, 3)),
        "even": np.broadcast_to(random.uniform(-0.95, -0.85, (24, 1, 1, 3)), (24, 8, 8, 3)),
    }
    second = next(name for name in halves if name != first)
    images = np.concatenate([halves[first], halves[second]], axis=2).astype(np.float32)
    image = L.Input((8, 16, 3))
    parts = [L.Cropping2D(((0, 0), sides))(image) for sides in ((0, 8), (8, 0))]
    for layer in (L.Conv2D(16, 3, activation="relu", name="first"), L.Conv2D(4, 3, name="shared")):
        parts = [layer(part) for part in parts]
    model = randomized(tf_keras.Model(image, L.Concatenate(axis=2)(parts)))
    graph, kept = channel_graph(model), {"first": tuple(range(8))}
    narrowed = narrow(model, graph, kept)
    repaired = repair(model, narrowed, graph, kept, images, settings=RepairSettings())

    def error(net) -> float:
        half = np.s_[:, :, :4] if first == "varied" else np.s_[:, :, 4:]
        wanted, found = model(images).numpy()[half], net(images).numpy()[half]
        return float(np.mean((found - wanted) ** 2) / np.var(wanted))

    assert error(repaired) < 0.05 * error(narrowed)
