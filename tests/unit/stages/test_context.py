"""What a stage is given."""

from pathlib import Path
from typing import Any

import pytest

from edge_nas.core.configfile import load_config
from edge_nas.errors import EdgeNasError
from edge_nas.results.result import Result
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.progress import Silent
from edge_nas.stages.context import LazyDataset, StageContext


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
