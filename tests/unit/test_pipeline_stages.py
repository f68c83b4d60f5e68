"""The real table's declarations: which setting runs which stages again."""

from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from stagelines import FakeDataset, Told

from edge_nas import pipeline
from edge_nas.audit import audit
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.pipeline import STAGES, Pipeline
from edge_nas.stages.contract import StageContext


class Rebuilt:
    """The stages of a build as they are declared; their work is replaced by outputs that are there."""

    def __init__(self, path: Path, outputs: Any) -> None:
        self.path = path
        self.table = tuple(replace(stage, function=self._stub(outputs, stage.name)) for stage in STAGES)

    def _stub(self, outputs: Any, name: str) -> Callable[[StageContext], Frozen]:
        def function(context: StageContext) -> Frozen:
            (context.folder / "file").write_text(name)
            output: Frozen = getattr(outputs, name)
            return output

        return function

    def build(self, *overrides: str, **options: Any) -> list[str]:
        told = Told()
        config = load_config(None, overrides)
        Pipeline(self.table, lambda *_: FakeDataset()).build(config, self.path, progress=told, **options)  # type: ignore[arg-type, return-value]
        return told.ran()


@pytest.fixture
def rebuilt(tmp_path: Path, sample_outputs: Any, monkeypatch: pytest.MonkeyPatch) -> Rebuilt:
    monkeypatch.setattr("edge_nas.pipeline.atomic.sync_file", lambda _: None)
    return Rebuilt(tmp_path / "run", sample_outputs)


def test_every_setting_is_read_by_a_stage_before_the_report() -> None:
    # Where the data lies, what the terrain is made of and how samples are scaled enter as the hash of the data, beside
    # which the task stands.
    places = (
        "source",
        "root",
        "function",
        "arguments",
        "classes",
        "input_shape",
        "scale",
        "sensor_range",
        "holdout_group",
        "class_weights",
    )
    by_hash = {f"data.{key}" for key in places} | {"task"}
    # The gates of a whole build are the pipeline's, behind the last stage.
    free = {"name", "schema_version", "gates.trivial"}
    settings = pipeline.flat_settings(BuildConfig().to_data())
    read = {key for key in settings if any(stage.declares(key) for stage in STAGES[:-1])}
    # A build looks at none of the settings of a search.
    elsewhere = ("data.terrain.", "search.")
    missing = {key for key in settings if not key.startswith(elsewhere)} - read - by_hash - free
    assert missing == set()


def test_another_width_error_runs_analyze_and_report_only(rebuilt: Rebuilt) -> None:
    assert rebuilt.build() == [stage.name for stage in STAGES]
    before = {path: path.read_bytes() for path in rebuilt.path.rglob("*") if path.is_file()}
    assert rebuilt.build("analyze.width_error=0.05") == ["analyze", "report"]
    after = {path: path.read_bytes() for path in rebuilt.path.rglob("*") if path.is_file()}
    changed = {str(path.relative_to(rebuilt.path)) for path in after if after[path] != before.get(path)}
    # result.json tells seconds, which may come out the same.
    changed -= {"result.json"}
    assert changed == {"config.yaml", "manifest.json", "02_analyze/stage.json", "10_report/stage.json"}


@pytest.mark.parametrize(
    ("setting", "first"),
    [
        ("export.onnx_batch=dynamic", "export"),
        ("quantize.max_drop=0.5", "quantize"),
        ("deploy.board=esp32c3", "deploy"),
    ],
)
def test_a_setting_runs_its_stage_and_those_that_need_it(rebuilt: Rebuilt, setting: str, first: str) -> None:
    rebuilt.build()
    assert rebuilt.build(setting)[0] == first


def test_a_run_with_one_stage_run_again_is_what_was_written(rebuilt: Rebuilt) -> None:
    """Benchmark, which comes after verify and does not need it, stays finished: both files name stages in order."""
    rebuilt.build()
    assert rebuilt.build(from_stage="verify", until_stage="verify") == ["verify"]
    assert audit(rebuilt.path) > 0


def test_a_board_that_was_edited_is_deployed_for_again(rebuilt: Rebuilt, tmp_path: Path) -> None:
    board = tmp_path / "mine.yaml"
    text = resources.files("edge_nas.boards.data").joinpath("stm32l4r5.yaml").read_text(encoding="utf-8")
    board.write_text(text, encoding="utf-8")
    rebuilt.build(f"deploy.board={board}")
    assert rebuilt.build(f"deploy.board={board}") == []
    board.write_text(f"{text}\n# the same board, said at more length\n", encoding="utf-8")
    assert rebuilt.build(f"deploy.board={board}") == ["deploy", "report"]
