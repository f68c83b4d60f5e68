"""One training run: best weights stay, the same seed gives the same weights, and NaN is not trained on."""

import itertools

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec
from edge_nas.errors import ConfigError, DivergedError
from edge_nas.runs.progress import Silent
from edge_nas.training import fit
from edge_nas.training.fit import _BestWeights, _optimizer
from edge_nas.training.objective import Objective

L = tf_keras.layers
FLIP = AugmentationSpec(crop=0.0, brightness=0.0, contrast=0.0, colour=0.0)


def network(seed: int = 0):
    tf_keras.utils.set_random_seed(seed)
    inputs = L.Input((16, 16, 3), name="image")
    x = L.ReLU()(
        L.BatchNormalization(momentum=0.9)(L.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs))
    )
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))


SETTINGS = set(FitSpec.model_fields)


def run(net, dataset, **settings):
    """Trains with settings of FitSpec and arguments of fit alike."""
    spec = {"epochs": 2, "batch_size": 8, "learning_rate": 0.02, "decov_weight": 0.0}
    spec |= {name: settings.pop(name) for name in SETTINGS & set(settings)}
    return fit(net, FitSpec(**spec), dataset, FLIP, **{"seed": 3, "progress": Silent()} | settings)


def equal(first, second) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_training_learns_and_tells_every_epoch(easy_dataset, desk, tmp_path) -> None:
    net, place = network(), desk("01_train")
    records = run(
        net, easy_dataset, epochs=6, decov_weight=0.05, progress=place.progress, log_folder=tmp_path / "board"
    )
    assert [record.epoch for record in records] == [1, 2, 3, 4, 5, 6]
    assert set(records[0].values) >= {"loss", "cross_entropy", "decov", "val_miou", "val_cross_entropy"}
    assert records[-1].values["val_miou"] > 0.8
    assert records[-1].learning_rate < 0.02 * records[0].learning_rate
    assert [(done, total) for _, done, total in place.progress.ticks] == [(i, 6) for i in range(1, 7)]
    assert place.progress.ticks[-1][0].startswith("loss 0.")
    assert list((tmp_path / "board").rglob("events*"))


def test_the_same_seed_gives_the_same_weights(easy_dataset) -> None:
    first, second, other = network(), network(), network()
    run(first, easy_dataset, epochs=1, keep_best=False)
    run(second, easy_dataset, epochs=1, keep_best=False)
    run(other, easy_dataset, epochs=1, keep_best=False, seed=4)
    assert equal(first.get_weights(), second.get_weights())
    assert not equal(first.get_weights(), other.get_weights())


def test_a_step_is_traced_once(easy_dataset, monkeypatch) -> None:
    traced, step = [], Objective.train_step

    def told(objective, data):
        traced.append(data[0].shape)
        return step(objective, data)

    monkeypatch.setattr(Objective, "train_step", told)
    run(network(), easy_dataset, batch_size=len(easy_dataset.train) // 2)
    assert len(traced) == 1


def test_no_epochs_change_nothing(easy_dataset) -> None:
    net = network()
    before = net.get_weights()
    assert run(net, easy_dataset, epochs=0, distillation_weight=0.5) == ()
    assert equal(before, net.get_weights())


class Spoil(tf_keras.callbacks.Callback):
    """Makes the network worse after the first epoch, whatever training does."""

    def __init__(self, net) -> None:
        super().__init__()
        self.net, self.good = net, None

    def on_epoch_begin(self, epoch, logs=None) -> None:
        if epoch == 1:
            self.good = self.net.get_weights()
            kernel, _ = self.net.get_layer("logit").get_weights()
            self.net.get_layer("logit").set_weights([kernel * 0.0, np.full(1, 50.0)])


@pytest.mark.parametrize("keep_best", [True, False])
def test_the_best_weights_stay_unless_told_otherwise(easy_dataset, keep_best: bool) -> None:
    net = network()
    spoil = Spoil(net)
    records = run(net, easy_dataset, epochs=2, callbacks=[spoil], keep_best=keep_best)
    best = max(records, key=lambda record: record.values["val_miou"])
    assert best.epoch == 1
    assert equal(spoil.good, net.get_weights()) == keep_best


@pytest.mark.parametrize(("patience", "scored"), [(None, [4, 5]), (4, [1, 2, 3, 4, 5])])
def test_the_last_epochs_alone_are_scored_where_asked(easy_dataset, patience, scored) -> None:
    records = run(network(), easy_dataset, epochs=5, scored_share=0.4, patience=patience)
    assert [record.epoch for record in records if "val_miou" in record.values] == scored
    assert all("loss" in record.values for record in records)


def detector():
    """A network that is good before any training: a pixel is foreground where its three colours are bright."""
    net = network()
    kernel = np.zeros((3, 3, 3, 4), np.float32)
    kernel[1, 1] = 1.0
    net.get_layer("stem").set_weights([kernel])
    net.get_layer("logit").set_weights([np.full((1, 1, 4, 1), 1.0), np.full(1, -1.0)])
    return net


class Ruin(tf_keras.callbacks.Callback):
    """Makes every pixel foreground after each step."""

    def __init__(self, net) -> None:
        super().__init__()
        self.logit = net.get_layer("logit")

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.logit.set_weights([self.logit.get_weights()[0] * 0.0, np.full(1, 9.0)])


def test_a_run_that_makes_nothing_better_ends_early_and_changes_nothing(easy_dataset) -> None:
    net = detector()
    before = net.get_weights()
    records = run(net, easy_dataset, epochs=9, patience=2, callbacks=[Ruin(net)])
    assert len(records) == 2
    assert records[0].values["val_miou"] < 0.3
    assert equal(before, net.get_weights())


def test_patience_counts_epochs_since_the_best() -> None:
    class Model:
        stop_training = False

    best = _BestWeights(network(), "miou", patience=2)
    best.model = Model()
    stops = []
    for epoch, miou in enumerate([0.5, 0.4, 0.6, 0.6, 0.5]):
        best.on_epoch_end(epoch, {"val_miou": miou})
        stops.append(best.model.stop_training)
    assert stops == [False, False, False, False, True]


def test_an_infinite_loss_ends_the_run_and_names_the_step(easy_dataset) -> None:
    net = network()

    class Break(tf_keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None) -> None:
            if batch == 1 and self.epoch == 1:
                net.get_layer("logit").bias.assign([np.nan])

        def on_epoch_begin(self, epoch, logs=None) -> None:
            self.epoch = epoch

    with pytest.raises(DivergedError, match=r"the loss is nan in epoch 2, step 2; lower learning_rate"):
        run(net, easy_dataset, epochs=3, callbacks=[Break()])
    assert all(np.isfinite(weight).all() for weight in net.get_weights())  # the best of before are back


def test_zeros_stay_zero_where_asked(easy_dataset) -> None:
    for keep, moved in ((True, False), (False, True)):
        net = network()
        kernel = net.get_layer("stem").get_weights()[0]
        kernel[0] = 0.0
        net.get_layer("stem").set_weights([kernel])
        run(net, easy_dataset, keep_zeros=keep, keep_best=False)
        after = net.get_layer("stem").get_weights()[0]
        assert bool(np.any(after[0])) == moved
        assert np.all(after[1:] != 0)


def test_distillation_needs_a_teacher(easy_dataset) -> None:
    with pytest.raises(ConfigError, match="distillation_weight is above 0 but no teacher was given"):
        run(network(), easy_dataset, distillation_weight=0.5)


def test_distillation_pulls_the_student_towards_the_teacher(easy_dataset) -> None:
    net, teacher = network(0), network(5)
    records = run(net, easy_dataset, epochs=4, distillation_weight=1.0, teacher=teacher, keep_best=False)
    losses = [record.values["distillation"] for record in records]
    assert losses[-1] < losses[0]


def test_the_learning_rate_warms_up_and_falls_to_zero() -> None:
    rate = _optimizer(
        FitSpec(epochs=10, learning_rate=0.01), steps_per_epoch=10
    ).learning_rate  # the schedule at step 0
    schedule = _optimizer(FitSpec(epochs=10, learning_rate=0.01), steps_per_epoch=10)._learning_rate
    values = [float(schedule(step)) for step in range(101)]
    assert float(rate) == values[0] == 0.0
    assert max(values) == pytest.approx(0.01)
    assert values.index(max(values)) == 5
    assert values[100] == pytest.approx(0.0, abs=1e-9)
    assert all(a > b for a, b in itertools.pairwise(values[5:]))
