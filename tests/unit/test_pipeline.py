"""The way through the table: skip, resume, cut, fail, and what stands on the disk after each."""

import errno
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from edge_nas import pipeline
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.core.modelnames import file_hashes
from edge_nas.errors import ConfigError, DataError, DivergedError, EdgeNasError, GateError, LockedError, ResourceError
from edge_nas.pipeline import STAGES, Pipeline
from edge_nas.results.result import Result
from edge_nas.runs import changes
from edge_nas.runs.progress import Silent
from edge_nas.stages.contract import Stage, StageContext


class First(Frozen):
    text: str


class Second(Frozen):
    text: str


class Third(Frozen):
    text: str


@dataclass
class FakeDataset:
    sha256: str = "data 1"


@dataclass
class Told(Silent):
    """Keeps what it is told."""

    events: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def stage_started(self, stage: str, position: int, total: int) -> None:
        self.events.append(("started", stage, f"{position}/{total}"))

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        self.events.append(("resumed" if resumed else "done", stage))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def finished(self, result: Result) -> None:
        self.results.append(result)

    def ran(self) -> list[str]:
        return [stage for what, stage, *_ in self.events if what == "done"]


class Line:
    """Three stages that write a file each, and whatever a test puts in their place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = FakeDataset()
        self.load: Callable[[Any], Any] = lambda *_: self.data
        self.instead: dict[str, Callable[[StageContext], None]] = {}
        self.told = Told()
        self.outdated: str | None = None

    def table(self) -> tuple[Stage, ...]:
        return (
            Stage(
                "train",
                1,
                self._function("train", First),
                First,
                ("seed", "model", "train"),
                (),
                outside_files=lambda config: file_hashes(config.model.sources),
            ),
            Stage(
                "prune",
                3,
                self._function("prune", Second),
                Second,
                ("prune",),
                ("train",),
                outdated=lambda _: self.outdated,
            ),
            Stage("report", 10, self._function("report", Third), Third, ("benchmark",), ("train", "prune")),
        )

    def _function(self, name: str, kind: type[Frozen]) -> Callable[[StageContext], Frozen]:
        def function(context: StageContext) -> Frozen:
            (context.folder / "file").write_text(name)
            if name in self.instead:
                self.instead[name](context)
            if name == "report":
                context.publish("file", "artifacts/file")
            return kind.from_data({"text": f"{name} of {[output.text for output in context.outputs]}"})

        return function

    def build(self, *overrides: str, **options: Any) -> list[str]:
        """Builds and returns the stages that ran."""
        self.told = Told()
        config = load_config(None, overrides)
        Pipeline(self.table(), self.load).build(config, self.path, progress=self.told, **options)
        return self.told.ran()

    def result(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.path / "result.json").read_text())
        return data


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
    assert [what for what, *_ in line.told.events] == ["started", "resumed"] * 3
    assert line.told.notes == []
    assert {path: path.read_bytes() for path in line.path.rglob("*") if path.is_file()} == before


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


def test_a_gate_keeps_the_files_and_writes_the_result(line: Line) -> None:
    def gate(_: StageContext) -> None:
        raise GateError("mIoU 0.5 is below 0.6")

    line.instead["prune"] = gate
    with pytest.raises(GateError, match=r"mIoU 0\.5 is below 0\.6\nwhat was made is kept in .*03_prune\.rejected"):
        line.build()
    result = line.result()
    assert result["status"] == "gate"
    assert (result["failure"]["stage"], result["failure"]["exit_code"]) == ("prune", 4)
    assert set(result["stages"]) == {"train"}
    assert [one.status for one in line.told.results] == ["gate"]
    assert (line.path / "03_prune.rejected" / "file").exists()
    line.instead.clear()
    assert line.build() == ["prune", "report"]
    assert line.result()["status"] == "ok"
    assert not (line.path / "03_prune.rejected").exists()


@pytest.mark.parametrize("error", [DataError("bad"), ValueError("a bug"), KeyboardInterrupt(), SystemExit(3)])
def test_any_end_leaves_a_run_that_resumes(line: Line, error: BaseException) -> None:
    def fail(_: StageContext) -> None:
        raise error

    line.instead["prune"] = fail
    with pytest.raises(type(error)):
        line.build()
    assert line.result()["status"] == "failed"
    assert not list(line.path.glob(".03_prune*"))
    line.instead.clear()
    assert line.build() == ["prune", "report"]


def test_an_interrupted_build_says_so(line: Line) -> None:
    def interrupt(_: StageContext) -> None:
        raise KeyboardInterrupt

    line.instead["train"] = interrupt
    with pytest.raises(KeyboardInterrupt):
        line.build()
    assert line.result()["failure"] == {
        "stage": "train",
        "error": "Interrupted",
        "message": "interrupted; the same command goes on from the last finished stage",
        "exit_code": 130,
    }


def test_a_full_disk_in_a_stage_is_a_resource_error(line: Line) -> None:
    def full(_: StageContext) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    line.instead["prune"] = full
    with pytest.raises(ResourceError, match=r"03_prune\.new cannot be written: the disk is full"):
        line.build()
    assert line.result()["failure"]["exit_code"] == 6


def test_a_missing_file_in_a_stage_is_a_bug_not_a_resource(line: Line) -> None:
    line.instead["prune"] = lambda context: (context.folder / "missing").read_bytes() and None
    with pytest.raises(FileNotFoundError):
        line.build()


def test_no_memory_is_a_resource_error(line: Line) -> None:
    def exhaust(_: StageContext) -> None:
        raise MemoryError

    line.instead["train"] = exhaust
    with pytest.raises(ResourceError, match="stage train ran out of memory"):
        line.build()


def test_bad_data_fails_before_any_stage(line: Line) -> None:
    def load(*_: Any) -> Any:
        raise DataError("3 problems in data")

    line.load = load
    with pytest.raises(DataError, match="3 problems"):
        line.build()
    assert line.told.events == []
    assert line.result()["failure"]["stage"] is None


def test_a_killed_build_leaves_no_result_that_is_not_true(line: Line) -> None:
    line.build()
    seen: list[bool] = []
    line.instead["prune"] = lambda _: seen.append((line.path / "result.json").exists())
    line.build("prune.ratio=0.1")
    assert seen == [False]
    assert (line.path / "result.json").exists()


def test_a_stage_reads_only_what_it_names(line: Line) -> None:
    line.instead["prune"] = lambda context: context.output(Third) and None
    with pytest.raises(EdgeNasError, match="stage prune uses the output Third, but its declaration lacks"):
        line.build()
    texts: list[str] = []
    line.instead["prune"] = lambda context: texts.append(context.output(First).text)
    line.build()
    assert texts == ["train of []"]


def test_a_stage_that_would_come_to_more_now_runs_again_where_it_is_wanted(line: Line) -> None:
    line.build()
    line.outdated = "a tool is there now"
    assert line.build(until_stage="train") == []
    assert set(line.result()["stages"]) == {"train", "prune", "report"}
    assert line.build(from_stage="report") == ["report"]
    assert line.told.notes == []
    assert line.build() == ["prune", "report"]
    assert line.told.notes == ["prune runs again: a tool is there now"]


def test_a_second_builder_is_kept_out(line: Line) -> None:
    def build_again(_: StageContext) -> None:
        Line(line.path).build()

    line.instead["prune"] = build_again
    with pytest.raises(LockedError, match="is being built by another process"):
        line.build()


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


def test_every_setting_is_read_by_a_stage_before_the_report() -> None:
    # Where the data lies and what the terrain is made of enter as the hash of the data, beside which the task stands.
    places = ("source", "root", "function", "arguments", "classes", "input_shape", "holdout_group")
    by_hash = {f"data.{key}" for key in places} | {"task"}
    # The gates of a whole build are the pipeline's, behind the last stage.
    free = {"name", "schema_version", "gates.trivial"}
    settings = pipeline.flat_settings(BuildConfig().to_data())
    read = {key for key in settings if any(stage.declares(key) for stage in STAGES[:-1])}
    missing = {key for key in settings if not key.startswith("data.terrain.")} - read - by_hash - free
    assert missing == set()


def test_another_file_behind_the_models_name_runs_everything_again(line: Line, tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(b"one network")
    named = f"model={tmp_path}/net.keras"
    assert line.build(named) == ["train", "prune", "report"]
    assert line.build(named) == []
    (tmp_path / "net.keras").write_bytes(b"another one")
    assert line.build(named) == ["train", "prune", "report"]


def test_a_setting_that_a_stage_does_not_declare_ends_the_build(line: Line) -> None:
    line.instead["prune"] = lambda context: context.config.seed and None
    with pytest.raises(EdgeNasError, match="stage prune uses the setting seed, but its declaration lacks it"):
        line.build("seed=1")
    assert line.result()["failure"]["stage"] == "prune"


def test_another_task_runs_everything_again(line: Line) -> None:
    """The bytes of the labels do not tell what is asked about them."""
    line.build("task=segmentation", "data.source=npz", "data.root=x")
    assert line.build("task=classification", "data.source=npz", "data.root=x") == ["train", "prune", "report"]


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

    def build(self, *overrides: str) -> list[str]:
        told = Told()
        config = load_config(None, overrides)
        Pipeline(self.table, lambda *_: FakeDataset()).build(config, self.path, progress=told)  # type: ignore[arg-type, return-value]
        return told.ran()


@pytest.fixture
def rebuilt(tmp_path: Path, sample_outputs: Any, monkeypatch: pytest.MonkeyPatch) -> Rebuilt:
    monkeypatch.setattr("edge_nas.pipeline.atomic.sync_file", lambda _: None)
    return Rebuilt(tmp_path / "run", sample_outputs)


def test_another_width_error_runs_analyze_and_report_only(rebuilt: Rebuilt) -> None:
    assert rebuilt.build() == [stage.name for stage in STAGES]
    before = {path: path.read_bytes() for path in rebuilt.path.rglob("*") if path.is_file()}
    assert rebuilt.build("analyze.width_error=0.05") == ["analyze", "report"]
    after = {path: path.read_bytes() for path in rebuilt.path.rglob("*") if path.is_file()}
    changed = {str(path.relative_to(rebuilt.path)) for path in after if after[path] != before.get(path)}
    assert changed == {"config.yaml", "manifest.json", "result.json", "02_analyze/stage.json", "10_report/stage.json"}


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


def test_a_board_that_was_edited_is_deployed_for_again(rebuilt: Rebuilt, tmp_path: Path) -> None:
    board = tmp_path / "mine.yaml"
    text = resources.files("edge_nas.boards.data").joinpath("stm32l4r5.yaml").read_text(encoding="utf-8")
    board.write_text(text, encoding="utf-8")
    rebuilt.build(f"deploy.board={board}")
    assert rebuilt.build(f"deploy.board={board}") == []
    board.write_text(f"{text}\n# the same board, said at more length\n", encoding="utf-8")
    assert rebuilt.build(f"deploy.board={board}") == ["deploy", "report"]


def test_a_build_that_is_no_better_than_trivial_fails_when_all_is_written(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(evaluation: Any) -> None:
        raise GateError("learnt nothing")

    monkeypatch.setattr(pipeline, "check_above_trivial", refuse)
    assert line.build(until_stage="prune") == ["train", "prune"]
    with pytest.raises(GateError, match="learnt nothing"):
        line.build()
    assert line.told.ran() == ["report"]
    assert (line.path / "artifacts/file").is_file()
    assert (line.result()["status"], line.result()["failure"]["exit_code"]) == ("gate", 4)
    with pytest.raises(GateError, match="learnt nothing"):  # a finished build is no better the second time
        line.build()
    assert line.told.ran() == []
    line.build("gates.trivial=false")
    assert line.result()["status"] == "ok"


def test_other_data_are_announced(line: Line) -> None:
    line.build()
    line.data = FakeDataset(sha256="others")
    assert line.build() == ["train", "prune", "report"]
    assert "changed since the last build: the data are others; stages to run: train, prune, report" in line.told.notes
    assert line.build() == []
    assert line.told.notes == []


def test_what_a_training_that_diverged_leaves_is_kept(line: Line) -> None:
    def diverge(context: StageContext) -> None:
        (context.folder / "last_good.npz").write_bytes(b"weights")
        raise DivergedError("the loss is nan in epoch 3, step 7")

    line.instead["prune"] = diverge
    with pytest.raises(DivergedError, match=r"epoch 3, step 7\nwhat was made is kept in .*03_prune.rejected"):
        line.build()
    assert (line.path / "03_prune.rejected" / "last_good.npz").is_file()
    assert line.result()["failure"]["exit_code"] == 3


def test_tensorflows_lack_of_memory_is_a_resource_error(line: Line) -> None:
    class ResourceExhaustedError(Exception):
        pass

    def exhaust(_: StageContext) -> None:
        raise ResourceExhaustedError

    line.instead["train"] = exhaust
    with pytest.raises(ResourceError, match="stage train ran out of memory; close other programs"):
        line.build()
