"""Builds that end early: what is told, what stands on the disk, and how the next one goes on."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from stagelines import First, Line, Third

from edge_nas import pipeline
from edge_nas.errors import DataError, DivergedError, EdgeNasError, GateError, LockedError, ResourceError
from edge_nas.stages.contract import StageContext


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "run")


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


def test_tensorflows_lack_of_memory_is_a_resource_error(line: Line) -> None:
    class ResourceExhaustedError(Exception):
        pass

    def exhaust(_: StageContext) -> None:
        raise ResourceExhaustedError

    line.instead["train"] = exhaust
    with pytest.raises(ResourceError, match="stage train ran out of memory; close other programs"):
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


def test_a_second_builder_is_kept_out(line: Line) -> None:
    def build_again(_: StageContext) -> None:
        Line(line.path).build()

    line.instead["prune"] = build_again
    with pytest.raises(LockedError, match="is being built by another process"):
        line.build()


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


def test_what_a_training_that_diverged_leaves_is_kept(line: Line) -> None:
    def diverge(context: StageContext) -> None:
        (context.folder / "last_good.npz").write_bytes(b"weights")
        raise DivergedError("the loss is nan in epoch 3, step 7")

    line.instead["prune"] = diverge
    with pytest.raises(DivergedError, match=r"epoch 3, step 7\nwhat was made is kept in .*03_prune.rejected"):
        line.build()
    assert (line.path / "03_prune.rejected" / "last_good.npz").is_file()
    assert line.result()["failure"]["exit_code"] == 3


def test_a_setting_that_a_stage_does_not_declare_ends_the_build(line: Line) -> None:
    line.instead["prune"] = lambda context: context.config.seed and None
    with pytest.raises(EdgeNasError, match="stage prune uses the setting seed, but its declaration lacks it"):
        line.build("seed=1")
    assert line.result()["failure"]["stage"] == "prune"


def test_a_stage_reads_only_what_it_names(line: Line) -> None:
    line.instead["prune"] = lambda context: context.output(Third) and None
    with pytest.raises(EdgeNasError, match="stage prune uses the output Third, but its declaration lacks"):
        line.build()
    texts: list[str] = []
    line.instead["prune"] = lambda context: texts.append(context.output(First).text)
    line.build()
    assert texts == ["train of []"]
