"""The first stage: student, teacher, what the log says of DeCov, and the files."""

import dataclasses

import numpy as np
import pytest
import tf_keras
from stagecontexts import stage_context, written

from edge_nas.core.config import BudgetSpec, ModelSpec, MonitorSpec, PruneSpec, TrainSpec
from edge_nas.data.terrain import TerrainSource
from edge_nas.errors import ConfigError, DataError, DivergedError, GraphError
from edge_nas.models import load_model
from edge_nas.stages.train import train

SMALL = ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1})

SMALL = ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1})


@pytest.fixture(scope="module")
def built(easy_dataset, tmp_path_factory):
    """The output of the stage with a teacher, and what it was lent."""
    spec = TrainSpec(epochs=2, batch_size=8, distillation_weight=0.3, teacher=SMALL, teacher_epochs=1)
    context = stage_context("train", tmp_path_factory.mktemp("run"), dataset=easy_dataset, model=SMALL, train=spec)
    return train(context), context


def test_student_and_teacher_are_trained_evaluated_and_stored(built) -> None:
    output, context = built
    assert [record.epoch for record in output.history] == [1, 2]
    assert [record.epoch for record in output.teacher_history] == [1]
    assert set(output.history[0].values) >= {"loss", "distillation", "decov"}
    assert "decov" not in output.teacher_history[0].values
    assert output.model.path == "01_train/trained.npz"
    student = load_model(written(context, output.model))
    assert student.count_params() == output.cost.params
    assert load_model(written(context, output.teacher)).name == "fast_u"
    assert output.evaluation.val.metrics.miou is not None
    assert output.teacher_evaluation is not None
    assert output.baselines["mean_mask"].split == "val"
    assert list((context.folder / "tensorboard").rglob("events*"))


def test_the_student_is_watched_epoch_by_epoch(built) -> None:
    output, context = built
    assert [(record.epoch, record.layer) for record in output.monitored] == [
        (1, output.decov_layer),
        (2, output.decov_layer),
    ]
    assert all(0.0 <= record.score <= record.mean_abs_correlation <= 1.0 for record in output.monitored)
    assert all(1.0 <= record.effective_rank <= 4.0 for record in output.monitored)
    lines = (context.folder / "redundancy.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert list((context.folder / "tensorboard" / "redundancy").glob("events*"))


def test_the_log_says_where_decov_acts(built) -> None:
    output, context = built
    assert output.decov_layer == "decoder_0_pointwise_relu"
    assert context.progress.notes == [
        "one output channel has no correlations: DeCov acts on the features of decoder_0_pointwise_relu, "
        "which feed the output layer"
    ]


def test_the_artifact_says_what_goes_in_and_out(built) -> None:
    artifact = built[0].model
    assert artifact.inputs[0].shape == (1, 16, 16, 3)
    assert artifact.outputs[0].shape == (1, 16, 16, 1)
    assert (artifact.format, artifact.stage, artifact.parent) == ("keras", "train", None)
    assert np.dtype(artifact.inputs[0].dtype) == np.float32


def test_a_probe_is_penalised_by_its_label_and_is_not_in_the_file(easy_dataset, tmp_path, monkeypatch) -> None:
    from edge_nas.graph.probes import Probe
    from edge_nas.models.registry import MODELS

    layers = tf_keras.layers

    class Probed(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.probe = layers.Conv2D(4, 3, padding="same"), Probe("seen")
            self.relu, self.logit = layers.ReLU(), layers.Conv2D(1, 1)

        def call(self, x):
            return self.logit(self.relu(self.probe(self.conv(x))))

    monkeypatch.setitem(MODELS._loaded, "probed", Probed)
    spec = TrainSpec(
        epochs=1,
        batch_size=8,
        decov_weight=0.0,
        decov_layers={"seen": 0.3},
        monitor=MonitorSpec(layers=("seen", "conv")),
    )
    context = stage_context("train", tmp_path, dataset=easy_dataset, model=ModelSpec(name="probed"), train=spec)
    output = train(context)
    assert output.history[0].values["decov"] > 0.0
    assert [record.layer for record in output.monitored] == ["relu", "conv", "seen"]
    stored = load_model(written(context, output.model))
    assert [layer.name for layer in stored.layers] == ["image", "conv", "relu", "logit"]


@pytest.mark.endurance
def test_a_training_without_monitor_is_the_same_and_has_no_records(easy_dataset, tmp_path) -> None:
    outputs = []
    for every in (None, 1):
        spec = TrainSpec(epochs=1, batch_size=8, monitor=MonitorSpec(every_epochs=every))
        context = stage_context("train", tmp_path / str(every), dataset=easy_dataset, model=SMALL, train=spec)
        outputs.append(train(context))
    assert [len(output.monitored) for output in outputs] == [0, 1]
    assert outputs[0].history == outputs[1].history
    assert outputs[0].model.sha256 == outputs[1].model.sha256


def test_what_a_later_stage_refuses_is_refused_before_training(easy_dataset, tmp_path, monkeypatch) -> None:
    def refuse(network, *_) -> None:
        raise GraphError(f"{network.name} is refused")

    monkeypatch.setattr("edge_nas.pruning.preconditions.check_preconditions", refuse)
    context = stage_context("train", tmp_path, dataset=easy_dataset, model=SMALL, train=TrainSpec(epochs=10_000))
    with pytest.raises(GraphError, match="fast_u is refused"):
        train(context)
    assert list(context.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"prune": PruneSpec(leave=("nope",))}, ConfigError, "no layer or channel group 'nope'"),
        ({"prune": PruneSpec(budget=BudgetSpec(macs=0.0001))}, ConfigError, "prune.budget.macs is 0.0001"),
        ({"data": TerrainSource(calibration_images=1)}, DataError, "1 calibration image: "),
    ],
    ids=str,
)
def test_what_pruning_would_refuse_is_refused_before_training(easy_dataset, tmp_path, settings, kind, message) -> None:
    spec = TrainSpec(epochs=10_000)
    context = stage_context("train", tmp_path, dataset=easy_dataset, model=SMALL, train=spec, **settings)
    with pytest.raises(kind, match=message):
        train(context)
    assert list(context.folder.iterdir()) == []


def test_a_training_that_diverges_leaves_its_last_good_network(easy_dataset, tmp_path, monkeypatch) -> None:
    def diverge(*_, **__) -> None:
        raise DivergedError("the loss is nan in epoch 2, step 1")

    monkeypatch.setattr("edge_nas.training.fit", diverge)
    context = stage_context("train", tmp_path, dataset=easy_dataset, model=SMALL)
    with pytest.raises(DivergedError, match="epoch 2, step 1"):
        train(context)
    assert load_model(context.folder / "last_good.npz").name == "fast_u"


def test_a_split_without_one_of_the_classes_is_told(easy_dataset, tmp_path) -> None:
    empty = dataclasses.replace(easy_dataset.train, labels=np.zeros_like(easy_dataset.train.labels))
    dataset = dataclasses.replace(easy_dataset, train=empty)
    context = stage_context("train", tmp_path, dataset=dataset, model=ModelSpec(name="nope"))
    with pytest.raises(ConfigError, match="unknown model"):
        train(context)
    (warning,) = context.progress.warnings
    assert warning.startswith("No pixel of train is foreground")
