"""The loss is the formula, term by term, and only the student learns."""

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.core.config import FitSpec
from edge_nas.errors import ConfigError
from edge_nas.tasks.binary_segmentation import cross_entropy, dice_loss
from edge_nas.training.objective import Objective

L = tf_keras.layers


def network(seed: int, outputs: int = 1):
    tf_keras.utils.set_random_seed(seed)
    inputs = L.Input((4, 4, 3))
    x = L.Conv2D(3, 3, padding="same", activation="relu", name="features")(inputs)
    return tf_keras.Model(inputs, L.Conv2D(outputs, 1, name="logit")(x))


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    images = generator.uniform(-1, 1, (5, 4, 4, 3)).astype(np.float32)
    return images, (generator.random((5, 4, 4, 1)) < 0.3).astype(np.float32)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x.astype(np.float64)))


def entropy(targets: np.ndarray, logits: np.ndarray) -> float:
    p = sigmoid(logits)
    return float(-np.mean(targets * np.log(p) + (1 - targets) * np.log(1 - p)))


def one_step(net, spec: FitSpec, data, teacher=None, rate: float = 0.0) -> dict[str, float]:
    objective = Objective(net, spec, teacher)
    objective.compile(optimizer=tf_keras.optimizers.SGD(rate))
    return objective.train_on_batch(*data, return_dict=True)


def terms(net, teacher, data) -> dict[str, float]:
    images, masks = data
    logits, soft = net(images).numpy(), sigmoid(teacher(images).numpy())
    p = sigmoid(logits)
    features = tf_keras.Model(net.inputs, net.get_layer("features").output)(images).numpy().reshape(-1, 3)
    correlation = np.corrcoef(features.T.astype(np.float64))
    return {
        "cross_entropy": entropy(masks, logits),
        "distillation": entropy(soft, logits),
        "dice": 1.0 - (2 * np.sum(masks * p) + 1) / (np.sum(masks) + np.sum(p) + 1),
        "decov": 0.5 * np.mean(correlation[~np.eye(3, dtype=bool)] ** 2),
    }


@pytest.mark.parametrize(
    ("distillation", "dice", "decov"), [(0, 0, 0), (0.3, 0, 0), (1, 0, 0), (0, 2, 0), (0, 0, 0.5), (0.25, 1.5, 0.75)]
)
def test_the_loss_is_the_documented_sum(data, distillation: float, dice: float, decov: float) -> None:
    net, teacher = network(1), network(2)
    spec = FitSpec(distillation_weight=distillation, dice_weight=dice, decov_weight=decov)
    expected = terms(net, teacher, data)
    logs = one_step(net, spec, data, teacher)
    total = (
        (1 - distillation) * expected["cross_entropy"]
        + distillation * expected["distillation"]
        + dice * expected["dice"]
        + decov * expected["decov"]
    )
    assert logs["loss"] == pytest.approx(total, rel=1e-4)
    weights = {"cross_entropy": 1, "distillation": distillation, "dice": dice, "decov": decov}
    shown = {name for name, weight in weights.items() if weight > 0}
    assert set(logs) == {"loss", *shown}
    for name in shown:
        assert logs[name] == pytest.approx(expected[name], rel=1e-4)


def test_miou_counts_pixels_of_both_classes(data) -> None:
    net = network(1)
    objective = Objective(net, FitSpec(), None)
    objective.compile(optimizer="sgd")
    logs = objective.test_on_batch(*data, return_dict=True)
    seen, truth = net(data[0]).numpy() > 0, data[1] > 0.5
    ious = [np.sum(seen & truth) / np.sum(seen | truth), np.sum(~seen & ~truth) / np.sum(~seen | ~truth)]
    assert logs["miou"] == pytest.approx(np.mean(ious), rel=1e-5)


def test_the_student_learns_and_the_teacher_does_not(data) -> None:
    net, teacher = network(1), network(2)
    before, taught = net.get_weights(), teacher.get_weights()
    one_step(net, FitSpec(distillation_weight=0.5), data, teacher, rate=0.1)
    assert any(not np.array_equal(a, b) for a, b in zip(before, net.get_weights(), strict=True))
    for old, new in zip(taught, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_decov_alone_decorrelates_what_feeds_the_output_layer(data) -> None:
    net = network(1)
    head = net.get_layer("logit").get_weights()
    spec = FitSpec(distillation_weight=1.0, decov_weight=1.0)
    objective = Objective(net, spec, net_like(net))  # its own teacher: only decov has a slope
    objective.compile(optimizer=tf_keras.optimizers.SGD(1.0))
    values = [objective.train_on_batch(*data, return_dict=True, reset_metrics=True)["decov"] for _ in range(30)]
    assert values[-1] < 0.7 * values[0]
    for old, new in zip(head, net.get_layer("logit").get_weights(), strict=True):
        np.testing.assert_allclose(old, new, atol=0.2)


def net_like(net):
    twin = tf_keras.models.clone_model(net)
    twin.set_weights(net.get_weights())
    return twin


def test_several_output_channels_are_decorrelated_themselves() -> None:
    generator = np.random.default_rng(3)
    images = generator.uniform(-1, 1, (5, 4, 4, 3)).astype(np.float32)
    net = network(1, outputs=2)
    logs = one_step(net, FitSpec(decov_weight=0.5), (images, np.zeros((5, 4, 4, 2), np.float32)))
    correlation = np.corrcoef(net(images).numpy().reshape(-1, 2).T.astype(np.float64))
    assert logs["decov"] == pytest.approx(0.5 * correlation[0, 1] ** 2, rel=1e-3)


def test_validation_runs_in_inference_and_shows_miou_and_cross_entropy(data) -> None:
    inputs = L.Input((4, 4, 3))
    net = tf_keras.Model(inputs, L.Conv2D(1, 1)(L.BatchNormalization()(L.Dropout(0.5)(inputs))))
    objective = Objective(net, FitSpec(decov_weight=0.5), None)
    objective.compile(optimizer="sgd")
    before = net.get_weights()
    logs = objective.test_on_batch(*data, return_dict=True)
    assert set(logs) == {"cross_entropy", "miou"}
    assert logs["cross_entropy"] == pytest.approx(entropy(data[1], net(data[0]).numpy()), rel=1e-5)
    for old, new in zip(before, net.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_dice_of_a_perfect_and_of_a_wrong_mask() -> None:
    truth = tf.constant([[1.0, 1.0, 0.0, 0.0] * 25])
    assert float(dice_loss(truth, 100.0 * (2.0 * truth - 1.0))) == pytest.approx(0.0, abs=1e-6)
    assert float(dice_loss(truth, -100.0 * (2.0 * truth - 1.0))) == pytest.approx(1.0, abs=0.02)


def test_cross_entropy_of_large_logits_is_finite() -> None:
    assert float(cross_entropy(tf.constant([1.0, 0.0]), tf.constant([-1e4, 0.0]))) == pytest.approx(
        (1e4 + np.log(2)) / 2
    )


def test_layers_are_penalised_with_weights_of_their_own(data) -> None:
    net = network(0)
    spec = FitSpec(decov_weight=0.0, decov_layers={"feat*": 0.75}, dice_weight=0.0)
    same = FitSpec(decov_weight=0.75, dice_weight=0.0)
    assert one_step(net, spec, data) == pytest.approx(one_step(net, same, data))
    with pytest.raises(ConfigError, match="nearest: features"):
        Objective(net, FitSpec(decov_layers={"feature": 0.1}), None)


def test_decov_looks_at_every_so_many_positions(data) -> None:
    net = network(0)
    images = tf_keras.Model(net.inputs, net.get_layer("features").output)(data[0])[:, ::2, ::2].numpy()
    correlation = np.corrcoef(images.reshape(-1, 3).T.astype(np.float64))
    seen = one_step(net, FitSpec(decov_weight=0.5, decov_stride=2), data)["decov"]
    assert seen == pytest.approx(0.5 * np.mean(correlation[~np.eye(3, dtype=bool)] ** 2), rel=1e-3)
