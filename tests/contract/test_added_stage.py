"""A stage added as CONTRIBUTING says: one file, which the table finds, and which a build runs in its place."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_nas import stages
from edge_nas.core.configfile import load_config
from edge_nas.errors import EdgeNasError
from edge_nas.pipeline import Pipeline
from edge_nas.runs.progress import Silent
from edge_nas.stages.table import declared_stages

FILE = '''
"""Stage 11: how many bytes are shipped."""

from edge_nas.core.frozen import Frozen
from edge_nas.results.export import ExportOutput
from edge_nas.stages.contract import Stage, StageContext


class WeighOutput(Frozen):
    """The bytes of all shipped files, and the seed."""

    size_bytes: int
    seed: int


def weigh(context: StageContext) -> WeighOutput:
    """Returns the bytes of all shipped files."""
    sizes = [artifact.size_bytes for artifact in context.output(ExportOutput).artifacts.values()]
    return WeighOutput(size_bytes=sum(sizes), seed=context.config.seed)


STAGE = Stage(name="weigh", number=11, function=weigh, output=WeighOutput, reads=(READS), needs=("export",))
'''


class Data:
    sha256 = "d" * 64


def _build(folder: Path, outputs: Any, reads: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Builds with the stage in a folder beside ours; the work of ours is replaced by outputs that are there."""
    (folder / "added").mkdir()
    module = f"weigh_{'_'.join(filter(str.isalnum, reads))}"  # Python keeps a module that it has imported.
    (folder / "added" / f"{module}.py").write_text(FILE.replace("READS", reads))
    monkeypatch.setattr(stages, "__path__", [*stages.__path__, str(folder / "added")])
    table = [
        stage if stage.name == "weigh" else replace(stage, function=lambda _, name=stage.name: getattr(outputs, name))
        for stage in declared_stages()
    ]
    assert [stage.folder for stage in table][-2:] == ["10_report", "11_weigh"]
    Pipeline(table, lambda *_: Data()).build(load_config(), folder / "run", progress=Silent())  # type: ignore[arg-type, return-value]
    return folder / "run"


def test_a_stage_is_one_file(sample_outputs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _build(tmp_path, sample_outputs, '"seed",', monkeypatch)
    output = json.loads((run / "11_weigh" / "stage.json").read_text())["output"]
    shipped = sample_outputs.export.artifacts.values()
    assert output == {"size_bytes": sum(artifact.size_bytes for artifact in shipped), "seed": 0}


def test_what_its_file_does_not_declare_ends_the_build(
    sample_outputs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(
        EdgeNasError, match="stage weigh uses the setting seed, but its declaration lacks it: add it to"
    ):
        _build(tmp_path, sample_outputs, "", monkeypatch)
