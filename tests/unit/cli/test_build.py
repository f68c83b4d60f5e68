"""`edge-nas build`: arguments in, calls and prints out."""

import json
from pathlib import Path
from typing import Any

import pytest

from edge_nas import pipeline
from edge_nas.cli.build import ALSO_COMMANDS, STAGES
from edge_nas.cli.main import run
from edge_nas.errors import GateError
from edge_nas.results.result import Result, assemble, failure_of


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, sample_outputs: Any) -> list[tuple[Any, ...]]:
    """What the pipeline was asked for; it answers with a whole build."""
    asked: list[tuple[Any, ...]] = []
    result = assemble("demo", sample_outputs.all(), {"train": 1.0})

    def build(config: Any, run: Any, *, progress: Any, **options: Any) -> Result:
        asked.append(("build", config, run, options))
        progress.stage_started("train", 1, 7)
        progress.tick("fitting", 1, 2)
        progress.stage_finished("train", 1.0, resumed=False, output=sample_outputs.train)
        progress.note("a note")
        progress.warning("a warning")
        progress.finished(result)
        return result

    monkeypatch.setattr(pipeline, "build", build)
    return asked


def test_the_options_reach_the_pipeline(calls: list[tuple[Any, ...]], tmp_path: Path) -> None:
    command = [
        "build",
        "nano_u_48x64",
        "train.epochs=3",
        "--run",
        str(tmp_path),
        "--from",
        "prune",
        "--until",
        "export",
    ]
    assert run(command) == 0
    ((_, config, folder, options),) = calls
    assert (config.name, config.train.epochs, folder) == ("nano_u_48x64", 3, tmp_path)
    assert options == {"from_stage": "prune", "until_stage": "export", "fresh": False}


def test_without_a_run_the_pipeline_chooses(calls: list[tuple[Any, ...]]) -> None:
    assert run(["build", "--fresh", "--quiet"]) == 0
    assert calls[0][2] is None
    assert calls[0][3]["fresh"] is True


def test_progress_goes_to_standard_error_and_the_summary_to_standard_output(
    calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build"]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines() == [
        "[1/7] train",
        "[1/7] train: fitting 1/2",
        "[1/7] train done in 1.0 s",
        "    params 12,920, MACs 5.93 M, mIoU 0.900 on test (all background 0.300, mean mask 0.600)",
        "a note",
        "warning: a warning",
    ]
    assert "int8" in captured.out
    assert "runs/terrain_48x64" in captured.out


def test_json_is_all_there_is_on_standard_output(
    calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["evaluation"]["int8"]["miou"] == 0.87
    assert "[1/7] train" in captured.err


def test_quiet_leaves_warnings(calls: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "warning: a warning\n")


def test_a_failed_build_prints_the_result_it_wrote(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], sample_outputs: Any
) -> None:
    def build(*_: Any, progress: Any, **__: Any) -> Result:
        error = GateError("too low")
        progress.finished(assemble("demo", sample_outputs.all()[:3], {"train": 2.0}, failure_of(error, "quantize")))
        raise error

    monkeypatch.setattr(pipeline, "build", build)
    assert run(["build", "--json", "--quiet"]) == 4
    data = json.loads(capsys.readouterr().out)
    assert (data["status"], data["failure"]["stage"]) == ("gate", "quantize")
    assert data["evaluation"]["pruned"]["miou"] == 0.88


def test_the_stages_are_named_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert tuple(stage.name for stage in pipeline.STAGES) == STAGES
    assert run(["build", "--help"]) == 0
    assert ", ".join(STAGES) in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("stage", [stage for stage in STAGES if stage not in ALSO_COMMANDS])
def test_a_stage_is_run_by_build_and_by_nothing_else(
    stage: str, calls: list[tuple[Any, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([stage, "--run", str(tmp_path)]) == 2
    told = (
        f"{stage} is a stage, not a command; it runs again by: edge-nas build --run RUN --from {stage} --until {stage}"
    )
    assert told in capsys.readouterr().err
    assert calls == []


def test_a_build_takes_the_settings_of_its_run(calls: list[tuple[Any, ...]], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("name: mine\nseed: 9\n")
    command = ["build", "prune.ratio=0.75", "--run", str(tmp_path), "--from", "prune", "--until", "prune", "--quiet"]
    assert run(command) == 0
    ((_, config, folder, options),) = calls
    assert (config.name, config.seed, config.prune.ratio, folder) == ("mine", 9, 0.75, tmp_path)
    assert (options["from_stage"], options["until_stage"]) == ("prune", "prune")


def test_a_wrong_configuration_is_told_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build", "train.epoch=3", "--run", str(tmp_path / "x")]) == 2
    assert "did you mean 'train.epochs'?" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
