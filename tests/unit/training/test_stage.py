"""The first stage: student, teacher, what the log says of DeCov, and the files."""

from dataclasses import replace

import numpy as np
import pytest

from edge_nas.core.config import AugmentationSpec, ModelSpec, MonitorSpec, TrainSpec
from edge_nas.data.dataset import Dataset
from edge_nas.errors import ConfigError, GraphError
from edge_nas.models import load_model
from edge_nas.tasks import Classification, Segmentation
from edge_nas.training import train


@pytest.fixture(scope="module")
def output_and_desk(easy_dataset, tmp_path_factory):
    from edge_nas.runs.progress import Silent

    class Desk:
        root = tmp_path_factory.mktemp("run")
        folder = root / "01_train"
        notes: tuple[str, ...] = ()

        class Notes(Silent):
            messages: list[str] = []

            def note(self, message: str) -> None:
                self.messages.append(message)

        progress = Notes()

        def in_run(self, name: str) -> str:
            return f"01_train/{name}"

    desk = Desk()
    desk.folder.mkdir()
    output = train(
        TrainSpec(
            epochs=2, batch_size=8, distillation_weight=0.3,
            teacher=ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1}), teacher_epochs=1,
        ),
        model=ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1}),
        augmentation=AugmentationSpec(),
        seed=0,
        dataset=easy_dataset,
        run=desk,
    )  # fmt: skip
    return output, desk


def test_student_and_teacher_are_trained_judged_and_stored(output_and_desk) -> None:
    output, desk = output_and_desk
    assert [record.epoch for record in output.history] == [1, 2]
    assert [record.epoch for record in output.teacher_history] == [1]
    assert set(output.history[0].values) >= {"loss", "distillation", "decov"}
    assert "decov" not in output.teacher_history[0].values
    assert output.model.path == "01_train/trained.npz"
    student = load_model(desk.root / output.model.path)
    assert student.count_params() == output.cost.params
    assert load_model(desk.root / output.teacher.path).name == "fast_u"
    assert output.evaluation.val.metrics.miou is not None
    assert output.teacher_evaluation is not None
    assert output.baselines["mean_mask"].split == "val"
    assert list((desk.folder / "tensorboard").rglob("events*"))


def test_the_student_is_watched_epoch_by_epoch(output_and_desk) -> None:
    output, desk = output_and_desk
    assert [(record.epoch, record.layer) for record in output.monitored] == [
        (1, output.decov_layer),
        (2, output.decov_layer),
    ]
    assert all(0.0 <= record.score <= record.mean_abs_correlation <= 1.0 for record in output.monitored)
    assert all(1.0 <= record.effective_rank <= 4.0 for record in output.monitored)
    lines = (desk.folder / "redundancy.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert list((desk.folder / "tensorboard" / "redundancy").glob("events*"))


def test_the_log_says_where_decov_acts(output_and_desk) -> None:
    output, desk = output_and_desk
    assert output.decov_layer == "decoder_0_pointwise_relu"
    assert desk.progress.messages == [
        "one output channel has no correlations: DeCov acts on the features of decoder_0_pointwise_relu, "
        "which feed the output layer"
    ]


def test_the_artifact_says_what_goes_in_and_out(output_and_desk) -> None:
    artifact = output_and_desk[0].model
    assert artifact.inputs[0].shape == (1, 16, 16, 3)
    assert artifact.outputs[0].shape == (1, 16, 16, 1)
    assert (artifact.format, artifact.stage, artifact.parent) == ("keras", "train", None)
    assert np.dtype(artifact.inputs[0].dtype) == np.float32


def test_a_probe_is_penalised_by_its_label_and_is_not_in_the_file(easy_dataset, desk, monkeypatch) -> None:
    import tf_keras

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

    monkeypatch.setitem(MODELS._known, "probed", Probed)
    place = desk("01_train")
    output = train(
        TrainSpec(
            epochs=1,
            batch_size=8,
            decov_weight=0.0,
            decov_layers={"seen": 0.3},
            monitor=MonitorSpec(layers=("seen", "conv")),
        ),
        model=ModelSpec(name="probed"),
        augmentation=AugmentationSpec(),
        seed=0,
        dataset=easy_dataset,
        run=place,
    )
    assert output.history[0].values["decov"] > 0.0
    assert [record.layer for record in output.monitored] == ["relu", "conv", "seen"]
    stored = load_model(place.root / output.model.path)
    assert [layer.name for layer in stored.layers] == ["image", "conv", "relu", "logit"]


def test_a_training_without_monitor_is_the_same_and_has_no_records(easy_dataset, desk) -> None:
    outputs = [
        train(
            TrainSpec(epochs=1, batch_size=8, monitor=MonitorSpec(every_epochs=every)),
            model=ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1}),
            augmentation=AugmentationSpec(),
            seed=0,
            dataset=easy_dataset,
            run=desk(f"0{index}_train"),
        )
        for index, every in enumerate((None, 1))
    ]
    assert [len(output.monitored) for output in outputs] == [0, 1]
    assert outputs[0].history == outputs[1].history
    assert outputs[0].model.sha256 == outputs[1].model.sha256


def test_what_a_later_stage_refuses_is_refused_before_training(easy_dataset, desk) -> None:
    def check(network) -> None:
        raise GraphError(f"{network.name} is refused")

    place = desk("01_train")
    with pytest.raises(GraphError, match="fast_u is refused"):
        train(
            TrainSpec(epochs=10_000),
            model=ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1}),
            augmentation=AugmentationSpec(),
            seed=0,
            dataset=easy_dataset,
            run=place,
            check=check,
        )
    assert list(place.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("task", "arguments", "message"),
    [
        (Segmentation(("a", "b", "c")), {"outputs": 2}, r"needs \(16, 16, 3\)\. Give .* such as Conv2D\(3, 1\)"),
        (
            Classification(("a", "b", "c")),
            {},
            r"model 'fast_u': for an image \(16, 16, 3\) the output has shape \(16, 16, 3\); task 'classification' "
            r"needs \(3,\)\. The registered models answer for every pixel\. Give .* such as Dense\(3\)",
        ),
    ],
)
def test_a_wrong_number_of_outputs_is_refused_before_training(easy_dataset, desk, task, arguments, message) -> None:
    labels = {True: lambda split: split.labels, False: lambda split: np.zeros(len(split), np.int32)}[task.has_masks]
    data = Dataset(
        *(replace(split, labels=labels(split), task=task) for split in (easy_dataset.train, easy_dataset.val))
    )
    with pytest.raises(ConfigError, match=message):
        train(
            TrainSpec(epochs=10_000),
            model=ModelSpec(name="fast_u", arguments={"widths": [4, 4], "depth": 1, **arguments}),
            augmentation=AugmentationSpec(),
            seed=0,
            dataset=data,
            run=desk("01_train"),
        )
