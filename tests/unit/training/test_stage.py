"""The first stage: student, teacher, what the log says of DeCov, and the files."""

import numpy as np
import pytest

from edge_nas.core.config import AugmentationSpec, ModelSpec, TrainSpec
from edge_nas.models import load_model
from edge_nas.training import train


@pytest.fixture(scope="module")
def output_and_desk(easy_dataset, tmp_path_factory):
    from edge_nas.core.progress import Silent

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
    assert output.baselines.mean_mask.split == "val"
    assert list((desk.folder / "tensorboard").rglob("events*"))


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
        TrainSpec(epochs=1, batch_size=8, decov_weight=0.0, decov_layers={"seen": 0.3}),
        model=ModelSpec(name="probed"),
        augmentation=AugmentationSpec(),
        seed=0,
        dataset=easy_dataset,
        run=place,
    )
    assert output.history[0].values["decov"] > 0.0
    stored = load_model(place.root / output.model.path)
    assert [layer.name for layer in stored.layers] == ["image", "conv", "relu", "logit"]
