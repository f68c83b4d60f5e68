"""What the callback records is known, on any model, and the training is the same bits with and without it."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.covariance.decov import covariance_redundancy
from edge_nas.covariance.extractor import ActivationExtractor
from edge_nas.covariance.monitor import NASMonitorCallback
from edge_nas.errors import ConfigError
from edge_nas.graph.probes import Probe
from edge_nas.models import DepthwiseSepConv

L = tf_keras.layers
SHAPE = (8, 8, 3)


class Net(tf_keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.flip, self.block, self.probe = L.RandomFlip(), DepthwiseSepConv(4), Probe("seen")
        self.drop, self.logit = L.Dropout(0.3), L.Conv2D(1, 1)

    def call(self, x):
        return self.logit(self.drop(self.probe(self.block(self.flip(x)))))


def functional():
    inputs = L.Input(SHAPE)
    return tf_keras.Model(inputs, L.Conv2D(1, 1)(L.Conv2D(4, 3, padding="same", name="features")(inputs)))


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    images = np.random.default_rng(0).uniform(-1, 1, (20, *SHAPE)).astype(np.float32)
    return images, (images[..., :1] > 0).astype(np.float32)


def train(make, data, callbacks, epochs: int = 3, **compile_options):
    tf_keras.utils.set_random_seed(3)
    model = make()
    model.compile("adam", tf_keras.losses.BinaryCrossentropy(from_logits=True), **compile_options)
    model.fit(*data, batch_size=8, epochs=epochs, verbose=0, callbacks=callbacks)
    return model


@pytest.mark.parametrize("make", [Net, functional])
def test_training_is_the_same_bits_with_and_without(make, data) -> None:
    plain = train(make, data, [])
    after = tf.random.uniform((3,))
    watched = train(make, data, [NASMonitorCallback(layers="*", every_batches=2)])
    for a, b in zip(plain.get_weights(), watched.get_weights(), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(after, tf.random.uniform((3,)))
    assert "train_step" not in watched.__dict__


def test_records_come_when_they_are_due(data) -> None:
    monitor = NASMonitorCallback(log_frequency=2)
    train(functional, data, [monitor], epochs=5)
    assert [(record.epoch, record.batch, record.layer) for record in monitor.records] == [
        (2, 6, "features"),
        (4, 12, "features"),
    ]
    assert monitor.redundancy_scores == [record.score for record in monitor.records]
    often = NASMonitorCallback(log_frequency=1, every_batches=2)
    train(functional, data, [often], epochs=2)
    assert [record.batch for record in often.records] == [2, 3, 4, 6]
    fast = NASMonitorCallback(every_batches=2)
    train(functional, data, [fast], epochs=1, steps_per_execution=3)
    assert [record.batch for record in fast.records] == [3]


def test_the_last_training_batch_is_measured_with_the_present_weights(data) -> None:
    monitor = NASMonitorCallback(layers="features", covariance_weight=0.5)
    tf_keras.utils.set_random_seed(0)
    model = functional()
    model.compile("adam", "mse")
    model.fit(*data, batch_size=8, epochs=2, shuffle=False, verbose=0, callbacks=[monitor])
    features = ActivationExtractor(model, "features")(data[0][16:])["features"]
    record = monitor.records[-1]
    rows = features.numpy().reshape(-1, 4).astype(np.float64)
    off = np.corrcoef(rows.T)[~np.eye(4, dtype=bool)]
    assert record.score == pytest.approx(np.mean(off**2))
    assert record.mean_abs_correlation == pytest.approx(np.mean(np.abs(off)))
    assert record.max_abs_correlation == pytest.approx(np.max(np.abs(off)))
    covariance = np.cov(rows.T, ddof=0)
    assert record.trace == pytest.approx(np.trace(covariance))
    assert record.condition_number == pytest.approx(np.linalg.cond(covariance))
    assert record.weighted_penalty == pytest.approx(0.5 * float(covariance_redundancy(features)), rel=1e-3)


def test_known_features_have_known_measures(known) -> None:
    monitor = NASMonitorCallback(layers=known.features, images=known.images)
    known.model.compile(tf_keras.optimizers.SGD(0.0), "mse", run_eagerly=True)
    truth = np.zeros((*known.images.shape[:3], 1), np.float32)
    known.model.fit(known.images, truth, verbose=0, callbacks=[monitor])
    (record,) = monitor.records
    assert record.layer == known.features
    assert record.effective_rank <= known.rank + 0.01
    if known.answer == "identical":
        assert record.max_abs_correlation == pytest.approx(1.0, abs=1e-4)
    if known.answer == "orthogonal":
        assert record.effective_rank == pytest.approx(4.0, abs=0.01)
        assert record.condition_number == pytest.approx(1.0, abs=0.05)
    else:
        assert record.condition_number > 1e4
    if known.score is not None:
        assert record.score == pytest.approx(known.score, abs=1e-3)


def test_layers_probes_and_the_output(data) -> None:
    monitor = NASMonitorCallback(layers=["block_*wise", "seen"])
    train(Net, data, [monitor], epochs=1)
    assert [record.layer for record in monitor.records] == ["drop", "block_depthwise", "block_pointwise", "seen"]
    assert len(monitor.redundancy_scores) == 1


def test_a_network_inside_of_what_is_trained(data) -> None:
    inner = functional()
    outer = tf_keras.Sequential([inner, L.Activation("sigmoid")])
    outer.compile("adam", "mse")
    monitor = NASMonitorCallback(network=inner)
    outer.fit(*data, verbose=0, callbacks=[monitor])
    assert monitor.records[0].layer == "features"


def test_files(data, tmp_path: Path) -> None:
    path = tmp_path / "new" / "redundancy.csv"
    for _ in range(2):  # the second begins anew
        monitor = NASMonitorCallback(csv=path, tensorboard=tmp_path / "board")
        train(functional, data, [monitor], epochs=2)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == [1, 2]
    assert [float(row["score"]) for row in rows] == monitor.redundancy_scores
    assert all(math.isfinite(float(row["condition_number"])) for row in rows)
    events = b"".join(file.read_bytes() for file in (tmp_path / "board").iterdir())
    assert b"redundancy/effective_rank/features" in events


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"covariance_weight": -1}, "covariance_weight is -1; allowed: a number from 0"),
        ({"log_frequency": 0}, "log_frequency is 0; allowed: a whole number from 1"),
        ({"every_batches": 1.5}, "every_batches is 1.5"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        NASMonitorCallback(**arguments)
    assert message in str(caught.value)


def test_an_unknown_layer_is_told_at_the_first_batch(data) -> None:
    monitor = NASMonitorCallback(layers="featurs")
    with pytest.raises(ConfigError, match="layers: 'featurs' matches no layer or probe; nearest: features"):
        train(functional, data, [monitor])
    assert monitor.records == []
