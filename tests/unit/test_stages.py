"""What a stage is given."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import tf_keras

from edge_nas import stages
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.deployment import vela
from edge_nas.errors import ConfigError, DataError, EdgeNasError
from edge_nas.results.result import Result
from edge_nas.results.verify import CoreReport, Rung, VerificationReport
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.progress import Silent
from edge_nas.runtimes import tflm
from edge_nas.stages import LazyDataset, StageContext, more_can_be_estimated, more_can_be_verified


@pytest.fixture
def context(tmp_path: Path, sample_outputs: Any) -> StageContext:
    return StageContext(
        config=load_config(),
        folder=tmp_path / ".03_prune.new",
        name="03_prune",
        key="0" * 64,
        run=RunFolder(tmp_path),
        progress=Silent(),
        data=LazyDataset(object),
        outputs={"train": sample_outputs.train},
        so_far=Result(status="ok"),
        published={},
    )


def test_outputs_are_found_by_type(context: StageContext, sample_outputs: Any) -> None:
    assert context.output(type(sample_outputs.train)) is sample_outputs.train
    with pytest.raises(EdgeNasError, match="03_prune: PruneOutput is read but not named"):
        context.output(type(sample_outputs.prune))


def test_paths(context: StageContext, sample_outputs: Any, tmp_path: Path) -> None:
    assert context.path_of(sample_outputs.train.model) == tmp_path / "01_train" / "model.npz"
    assert context.in_run("model.npz") == "03_prune/model.npz"
    assert context.publish("model.npz", "artifacts/model.npz") == "artifacts/model.npz"
    assert context.published == {"model.npz": "artifacts/model.npz"}


def test_what_an_interrupted_stage_goes_on_from(context: StageContext, tmp_path: Path) -> None:
    (context.interim() / "step.json").write_text("{}")
    assert context.interim() == tmp_path / ".03_prune.interim"
    assert (context.interim() / "step.json").is_file()


def test_the_data_set_is_made_once(context: StageContext) -> None:
    assert context.dataset is context.dataset


def test_a_verification_can_come_to_more_once_a_missing_tool_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def skipped(*missing: str) -> CoreReport:
        return CoreReport(bytes_equal=None, inputs=0, skipped="for some reason", missing=missing)

    cores = {"cortex-m4": skipped("gcc-for-arm", "qemu-for-arm"), "cortex-m3": skipped()}
    rungs = (Rung(name="interpreter", inputs=0, skipped="not installed", missing=(tflm.PACKAGE,)),)
    report = VerificationReport(model_sha256="0", rungs=rungs, cores=cores)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tflm, "installed", lambda: False)
    assert more_can_be_verified(report) is None
    (tmp_path / "gcc-for-arm").touch(mode=0o755)
    assert more_can_be_verified(report) is None
    (tmp_path / "qemu-for-arm").touch(mode=0o755)
    assert more_can_be_verified(report) == "cortex-m4 had to be skipped, and can run now"
    monkeypatch.setattr(tflm, "installed", lambda: True)
    assert more_can_be_verified(report) == "interpreter, cortex-m4 had to be skipped, and can run now"
    done = report.model_copy(update={"rungs": (Rung(name="interpreter", inputs=1),), "cores": {}})
    assert more_can_be_verified(done) is None


def test_a_bundle_can_come_to_more_once_the_npus_compiler_is_there(
    monkeypatch: pytest.MonkeyPatch, sample_outputs: Any
) -> None:
    bundle = sample_outputs.deploy
    lacking = bundle.model_copy(update={"npu_skipped": vela.NOT_INSTALLED})
    monkeypatch.setattr(vela, "installed", lambda: False)
    assert more_can_be_estimated(lacking) is None
    monkeypatch.setattr(vela, "installed", lambda: True)
    assert more_can_be_estimated(lacking) == "ethos-u-vela was missing, and is installed now"
    assert more_can_be_estimated(bundle) is None
    assert more_can_be_estimated(bundle.model_copy(update={"npu_skipped": "it failed"})) is None


def test_what_only_compile_refuses_is_a_warning_before_training() -> None:
    """A build that ends with the .tflite files has no need of C."""
    image = tf_keras.layers.Input((8, 8, 3))
    tallest = tf_keras.layers.GlobalMaxPooling2D()(tf_keras.layers.Conv2D(4, 3)(image))
    network = tf_keras.Model(image, tf_keras.layers.Dense(2)(tallest))
    warnings: list[str] = []
    context = SimpleNamespace(config=BuildConfig(), progress=SimpleNamespace(warning=warnings.append))
    stages._dry_run(context, network)  # type: ignore[arg-type]
    (warning,) = warnings
    assert "stage compile will not take this network" in warning
    assert "REDUCE_MAX" in warning


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"prune": {"leave": ["nope"]}}, ConfigError, "no layer or channel group 'nope'"),
        ({"prune": {"budget": {"macs": 0.0001}}}, ConfigError, "prune.budget.macs is 0.0001"),
        ({"data": {"calibration_images": 1}}, DataError, "1 calibration image: "),
    ],
    ids=str,
)
def test_what_pruning_would_refuse_is_refused_before_training(
    changes: Any, kind: type[EdgeNasError], message: str, context: StageContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tf_keras

    from edge_nas import training

    layers = tf_keras.layers
    inputs = layers.Input((8, 8, 3))
    network = tf_keras.Model(inputs, layers.Conv2D(1, 1)(layers.Conv2D(4, 3)(inputs)))
    monkeypatch.setattr(training, "train", lambda *_, check, **__: check(network))
    data = LazyDataset(lambda: SimpleNamespace(calibration=lambda limit, _seed: range(limit or 4)))
    stages.train(replace(context, data=data))
    config = type(context.config).model_validate(
        {
            name: {**section, **changes[name]} if name in changes else section
            for name, section in context.config.to_data().items()
        }
    )
    with pytest.raises(kind, match=message):
        stages.train(replace(context, config=config, data=data))
