"""A run whose result is that of its stages, and the same run with one bit of it flipped."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from edge_nas.audit import audit
from edge_nas.core.atomic import write_json
from edge_nas.core.configfile import load_config
from edge_nas.errors import ConfigError, EdgeNasError, GateError
from edge_nas.results.result import Failure, Result, assemble
from edge_nas.runs.folder import open_run
from edge_nas.runs.manifest import describe
from edge_nas.runs.record import Finished
from edge_nas.stages.table import STAGES

FLIPS = 1000


@pytest.fixture
def run_folder(tmp_path: Path, sample_outputs: Any) -> Path:
    """A run of all stages, each with a file or two."""
    path, config = tmp_path / "run", load_config()
    finished: dict[str, Finished[Any]] = {}
    with open_run(path) as run:
        for stage, output in zip(STAGES, sample_outputs.all(), strict=True):
            folder = run.begin(stage.folder)
            (folder / "file").write_bytes(random.Random(stage.number).randbytes(2000))
            published = {"file": "report.html" if stage.name == "report" else f"artifacts/{stage.name}"}
            finished[stage.name] = run.finish(
                stage.folder, output, stage=stage.name, key="k", seconds=1.23456, versions={}, published=published
            )
        run.write_config(config)
        artifacts = {name: sha256 for done in finished.values() for name, sha256 in done.artifacts.items()}
        keys = {name: done.key for name, done in finished.items()}
        run.write_manifest(describe(config, dataset_sha256="d", stages=keys, artifacts=artifacts))
        seconds = {name: done.seconds for name, done in finished.items()}
        run.write_result(assemble(config.name, sample_outputs.all(), seconds))
    return path


def test_the_result_of_the_stages_passes(run_folder: Path) -> None:
    audit(run_folder)


def test_a_failure_is_taken_as_it_stands(run_folder: Path) -> None:
    stored = Result.read(run_folder / "result.json")
    failure = Failure(stage="report", error="GateError", message="too large", exit_code=4)
    write_json(run_folder / "result.json", stored.model_copy(update={"status": "gate", "failure": failure}).to_data())
    audit(run_folder)


def test_another_figure_in_the_result_is_noticed(run_folder: Path) -> None:
    path = run_folder / "result.json"
    text = path.read_text()
    assert '"seconds": 1.235' in text
    path.write_text(text.replace('"seconds": 1.235', '"seconds": 1.234', 1))
    with pytest.raises(GateError, match=r"result\.json is not what the stages came to"):
        audit(run_folder)


def test_every_flipped_bit_of_a_run_is_noticed(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(0)
    files = [path for path in sorted(run_folder.rglob("*")) if path.is_file() and path.name != ".lock"]
    noticed = 0
    for number in range(FLIPS):
        # Every file, and every part of the large ones.
        path = files[number % len(files)]
        written = path.read_bytes()
        flipped = bytearray(written)
        flipped[rng.randrange(len(written))] ^= 1 << rng.randrange(8)
        path.write_bytes(flipped)
        try:
            audit(run_folder)
        except EdgeNasError:
            noticed += 1
        path.write_bytes(written)
    with capsys.disabled():
        print(f"\nbit flips in a finished run: {noticed} of {FLIPS} noticed")
    assert noticed == FLIPS
    assert audit(run_folder) == 21  # of ten stages one each, shipped as well; config.yaml


def test_a_changed_and_a_lost_file_are_named(run_folder: Path) -> None:
    (run_folder / "artifacts/export").write_bytes(b"other")
    (run_folder / "05_export/file").unlink()
    message = r"2 of \d+ files are not what was written: artifacts/export \(sha256 .*\), 05_export/file \(No such"
    with pytest.raises(GateError, match=message):
        audit(run_folder)


def test_another_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a run"):
        audit(tmp_path)


def test_a_broken_record_and_a_lost_stage_are_told(run_folder: Path) -> None:
    (run_folder / "05_export/stage.json").write_text("{}")
    with pytest.raises(GateError, match="a record is not what was written"):
        audit(run_folder)
    shutil.rmtree(run_folder / "05_export")
    with pytest.raises(GateError, match="stage folder '05_export' is missing"):
        audit(run_folder)


def test_a_build_that_has_only_begun_has_nothing_to_compare(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as run:
        (run.begin("01_train") / "file").write_bytes(b"x")
    assert audit(tmp_path / "run") == 0


def test_no_code_that_the_configuration_names_is_asked_for(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of somebody else's can be verified where the packages of its task and source are not installed."""

    def load(*_: Any, **__: Any) -> None:
        pytest.fail("the configuration was loaded")

    monkeypatch.setattr("edge_nas.runs.folder.load_config", load)
    audit(run_folder)
