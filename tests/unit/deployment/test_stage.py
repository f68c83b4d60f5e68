from pathlib import Path
from typing import Any

import pytest

from edge_nas.boards import Fact, load_board
from edge_nas.core import strictyaml
from edge_nas.core.config import DeploySpec
from edge_nas.deployment.stage import deploy
from edge_nas.errors import ConfigError, GateError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.deploy import DeploymentBundle


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


def test_the_bundle_is_in_the_stages_folder(verified: Any, model: ModelArtifact, desk: Any) -> None:
    run = desk("09_deploy")
    made = deploy(DeploySpec(), model=model, compiled=verified.compiled, verified=verified.report, run=run)
    assert (made.board, made.folder) == ("stm32l4r5", "09_deploy/bundle")
    assert all((run.folder / "bundle" / file.path).is_file() for file in made.files)
    assert (run.folder / "bundle/src/edge_preprocess.c").is_file()
    assert DeploymentBundle.model_validate_json(made.model_dump_json(), strict=True) == made


def test_what_does_not_fit_is_written_and_then_refused(
    verified: Any, model: ModelArtifact, desk: Any, tmp_path: Path
) -> None:
    small = load_board("stm32l4r5").model_copy(update={"flash_bytes": Fact(value=4000, source="a small one")})
    (tmp_path / "small.yaml").write_text(strictyaml.dump(small.to_data()))
    run = desk("09_deploy")
    spec = DeploySpec(board=str(tmp_path / "small.yaml"))
    with pytest.raises(GateError, match="flash is over by 256 bytes"):
        deploy(spec, model=model, compiled=verified.compiled, verified=verified.report, run=run)
    assert "**over by 256**" in (run.folder / "bundle/README.md").read_text()


def test_an_unknown_board(verified: Any, model: ModelArtifact, desk: Any) -> None:
    with pytest.raises(ConfigError, match="unknown board 'stm'"):
        deploy(
            DeploySpec(board="stm"),
            model=model,
            compiled=verified.compiled,
            verified=verified.report,
            run=desk("09_deploy"),
        )
