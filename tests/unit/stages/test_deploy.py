"""The ninth stage: a bundle in the stage's folder, refused where it does not fit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stagecontexts import stage_context

from edge_nas.boards import Fact, load_board
from edge_nas.core import strictyaml
from edge_nas.core.config import DeploySpec
from edge_nas.deployment import vela
from edge_nas.errors import ConfigError, GateError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.stages.deploy import deploy, more_can_be_estimated


@pytest.fixture
def model(verified: Any, tmp_path: Path) -> ModelArtifact:
    (tmp_path / "model.tflite").write_bytes(verified.data)
    return ModelArtifact(
        path="model.tflite",
        format="tflite",
        sha256=verified.compiled.model_sha256,
        size_bytes=len(verified.data),
        inputs=(),
        outputs=(),
        stage="export",
    )


@pytest.fixture
def lent(
    verified: Any, model: ModelArtifact, sample_outputs: Any, easy_dataset: Any, tmp_path: Path
) -> Callable[[DeploySpec], Any]:
    exported = sample_outputs.export.model_copy(update={"artifacts": {"model.tflite": model}})
    outputs = (exported, verified.compiled, verified.report)
    return lambda spec: stage_context("deploy", tmp_path, *outputs, dataset=easy_dataset, deploy=spec)


def test_the_bundle_is_in_the_stages_folder(lent: Any) -> None:
    context = lent(DeploySpec())
    bundle = deploy(context)
    assert (bundle.board, bundle.folder) == ("stm32l4r5", "09_deploy/bundle")
    assert all((context.folder / "bundle" / file.path).is_file() for file in bundle.files)
    assert (context.folder / "bundle/src/edge_preprocess.c").is_file()
    assert DeploymentBundle.model_validate_json(bundle.model_dump_json(), strict=True) == bundle


def test_what_does_not_fit_is_written_and_then_refused(lent: Any, tmp_path: Path) -> None:
    small = load_board("stm32l4r5").model_copy(update={"flash_bytes": Fact(value=4000, source="a small one")})
    (tmp_path / "small.yaml").write_text(strictyaml.dump(small.to_data()))
    context = lent(DeploySpec(board=str(tmp_path / "small.yaml")))
    with pytest.raises(GateError, match="flash is over by 256 bytes"):
        deploy(context)
    assert "**over by 256**" in (context.folder / "bundle/README.md").read_text()


def test_an_unknown_board(lent: Any) -> None:
    with pytest.raises(ConfigError, match="unknown board 'stm'"):
        deploy(lent(DeploySpec(board="stm")))


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
