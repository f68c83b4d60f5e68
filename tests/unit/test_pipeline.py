"""The way through the table: skip, resume, cut, and what stands on the disk after each."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from stagelines import FakeDataset, Line

from edge_nas import pipeline
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.errors import ConfigError
from edge_nas.pipeline import Pipeline
from edge_nas.runs import changes
from edge_nas.runs.progress import Silent


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "run")


def test_all_stages_run_once(line: Line) -> None:
    assert line.build() == ["train", "prune", "report"]
    assert line.told.events[:3] == [("started", "train", "1/3"), ("done", "train"), ("started", "prune", "2/3")]
    assert {entry.name for entry in line.path.iterdir() if entry.is_dir()} == {
        "01_train",
        "03_prune",
        "10_report",
        "artifacts",
    }
    assert line.result()["status"] == "ok"
    assert set(line.result()["stages"]) == {"train", "prune", "report"}
    manifest = json.loads((line.path / "manifest.json").read_text())
    assert manifest["dataset_sha256"] == "data 1"
    assert set(manifest["artifacts"]) == {"artifacts/file"}
    assert set(manifest["stages"]) == {"train", "prune", "report"}


def test_the_same_command_resumes(line: Line) -> None:
    line.build()
    before = {path: path.read_bytes() for path in line.path.rglob("*") if path.is_file()}
    assert line.build() == []
    assert [what for what, *_ in line.told.events] == ["resumed"] * 3
    assert line.told.notes == []
    assert {path: path.read_bytes() for path in line.path.rglob("*") if path.is_file()} == before


YEAR_S = 365 * 24 * 3600


@pytest.mark.parametrize("jump", [-YEAR_S, YEAR_S])
def test_a_clock_that_jumps_and_the_times_of_files_do_not_count(
    line: Line, jump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    # In the middle of a stage: its seconds are of a clock that nobody sets.
    line.instead["prune"] = lambda _: monkeypatch.setattr(time, "time", lambda: now + jump)
    assert line.build() == ["train", "prune", "report"]
    assert 0 <= line.result()["stages"]["prune"]["seconds"] < 60
    for path in line.path.rglob("*"):
        os.utime(path, (now - jump, now - jump))
    assert line.build() == []


def test_a_change_runs_the_stages_that_depend_on_it(line: Line) -> None:
    line.build()
    assert line.build("prune.ratio=0.25") == ["prune", "report"]
    assert line.told.notes == [
        "settings changed since the last build: prune.ratio 0.5 -> 0.25; stages to run: prune, report"
    ]
    assert line.build("prune.ratio=0.25", "benchmark.runs=5") == ["report"]
    assert line.build("prune.ratio=0.25", "benchmark.runs=5", "quantize.max_drop=0.5") == []
    assert line.told.notes == [
        "settings changed since the last build: quantize.max_drop 0.01 -> 0.5; no stage depends on that"
    ]
    assert line.build("seed=1") == ["train", "prune", "report"]


def test_other_data_runs_everything(line: Line) -> None:
    line.build()
    line.data = FakeDataset("data 2")
    assert line.build() == ["train", "prune", "report"]


@pytest.mark.parametrize("what", ["source_digest", "python_version", "package_versions"])
def test_other_code_or_versions_run_everything(line: Line, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    line.build()
    home = pipeline if what == "source_digest" else changes
    monkeypatch.setattr(home, what, lambda: {"numpy": "3"} if what == "package_versions" else "other")
    assert line.build() == ["train", "prune", "report"]


def test_a_damaged_file_runs_its_stage_and_those_after_it(line: Line) -> None:
    line.build()
    (line.path / "03_prune" / "file").write_text("prune otherwise")
    assert line.build() == ["prune", "report"]
    (warning,) = line.told.warnings
    assert warning.startswith("03_prune/file is not the file that was written")


def test_until_and_from(line: Line) -> None:
    assert line.build(until_stage="prune") == ["train", "prune"]
    assert line.told.events[0] == ("started", "train", "1/2")
    assert set(line.result()["stages"]) == {"train", "prune"}
    assert line.build() == ["report"]
    assert line.build(from_stage="prune") == ["prune", "report"]
    assert line.build(from_stage="prune", until_stage="prune") == ["prune"]


def test_a_cut_build_still_tells_what_else_is_finished(line: Line) -> None:
    line.build()
    assert line.build(until_stage="train") == []
    assert set(line.result()["stages"]) == {"train", "prune", "report"}


def test_from_needs_what_comes_before(line: Line) -> None:
    line.build(until_stage="train")
    with pytest.raises(ConfigError, match="but prune is not finished with these settings"):
        line.build(from_stage="report")
    with pytest.raises(ConfigError, match="but train is not finished with these settings"):
        line.build("seed=3", from_stage="prune")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"from_stage": "prun"}, "--from prun: unknown stage; stages: train, prune, report"),
        ({"until_stage": "x"}, "--until x: unknown stage; stages: train, prune, report"),
        (
            {"from_stage": "report", "until_stage": "train"},
            "--from report comes after --until train; stages: train, prune, report",
        ),
        (
            {"from_stage": "prune", "fresh": True},
            "--fresh removes the stages that --from needs: give one of the two",
        ),
    ],
)
def test_wrong_selections_touch_nothing(line: Line, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        line.build(**options)
    assert str(error.value) == message
    assert not line.path.exists()


def test_fresh_starts_over(line: Line) -> None:
    line.build()
    assert line.build(fresh=True) == ["train", "prune", "report"]


def test_one_stage_again(line: Line) -> None:
    line.build()
    assert line.build(from_stage="prune", until_stage="prune") == ["prune"]


def test_what_was_made_from_an_earlier_output_is_not_finished(line: Line) -> None:
    line.build()
    assert line.build("seed=1", until_stage="train") == ["train"]
    assert line.build("seed=1") == ["prune", "report"]


def test_a_stage_that_would_come_to_more_now_runs_again_where_it_is_wanted(line: Line) -> None:
    line.build()
    line.outdated = "a tool is there now"
    assert line.build(until_stage="train") == []
    assert set(line.result()["stages"]) == {"train", "prune", "report"}
    assert line.build(from_stage="report") == ["report"]
    assert line.told.notes == []
    assert line.build() == ["prune", "report"]
    assert line.told.notes == ["prune runs again: a tool is there now"]


def test_settings_of_another_version_do_not_stop_a_build(line: Line) -> None:
    line.build()
    (line.path / "config.yaml").write_text("old_key: 1\n")
    assert line.build() == []
    (warning,) = line.told.warnings
    assert "the settings of the last build cannot be compared" in warning


def test_data_is_read_once(line: Line) -> None:
    calls: list[Any] = []

    def load(spec: Any, task: str) -> FakeDataset:
        calls.append(spec)
        return line.data

    line.load = load
    line.instead["prune"] = lambda context: (context.dataset, None)[1]
    line.build()
    assert calls == [load_config().data]


def test_a_run_is_named_after_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = Line(tmp_path)
    Pipeline(line.table(), line.load).build(BuildConfig(name="mine"), None, progress=Silent())
    assert (tmp_path / "runs" / "mine" / "result.json").exists()
    with pytest.raises(ConfigError, match="the configuration has no name"):
        Pipeline(line.table(), line.load).build(BuildConfig(), None, progress=Silent())


def test_another_file_behind_the_models_name_runs_everything_again(line: Line, tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(b"one network")
    named = f"model={tmp_path}/net.keras"
    assert line.build(named) == ["train", "prune", "report"]
    assert line.build(named) == []
    (tmp_path / "net.keras").write_bytes(b"another one")
    assert line.build(named) == ["train", "prune", "report"]


def test_another_task_runs_everything_again(line: Line) -> None:
    """The bytes of the labels do not tell what is asked about them."""
    line.build("task=segmentation", "data.source=npz", "data.root=x")
    assert line.build("task=classification", "data.source=npz", "data.root=x") == ["train", "prune", "report"]


def test_other_data_are_announced(line: Line) -> None:
    line.build()
    line.data = FakeDataset(sha256="others")
    assert line.build() == ["train", "prune", "report"]
    assert "changed since the last build: the data are others; stages to run: train, prune, report" in line.told.notes
    assert line.build() == []
    assert line.told.notes == []
