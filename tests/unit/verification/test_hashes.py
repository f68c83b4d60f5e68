from pathlib import Path

import pytest

from edge_nas.core.config import BuildConfig
from edge_nas.errors import ConfigError, GateError
from edge_nas.results.report import ReportOutput
from edge_nas.runs.folder import open_run
from edge_nas.runs.manifest import describe
from edge_nas.verification.hashes import check_hashes


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A run of one stage with two files, one of them published."""
    path = tmp_path / "run"
    with open_run(path) as run:
        folder = run.begin("05_export")
        (folder / "model.tflite").write_bytes(b"model")
        (folder / "log.txt").write_bytes(b"log")
        output = ReportOutput(path="report.html", sha256="0" * 64)
        finished = run.finish(
            "05_export",
            output,
            stage="export",
            key="k",
            seconds=1.0,
            versions={},
            published={"model.tflite": "artifacts/model.tflite"},
        )
        run.write_config(BuildConfig())
        run.write_manifest(
            describe(BuildConfig(), dataset_sha256=None, stages={"export": "k"}, artifacts=finished.artifacts)
        )
    return path


def test_an_untouched_run_passes(run_folder: Path) -> None:
    assert check_hashes(run_folder) == 4  # of the stage two, the published one, config.yaml


def test_a_flipped_bit_and_a_lost_file_are_named(run_folder: Path) -> None:
    (run_folder / "artifacts/model.tflite").write_bytes(b"modem")
    (run_folder / "05_export/log.txt").unlink()
    message = (
        r"2 of 4 files are not what was written: artifacts/model.tflite \(sha256 .*\), 05_export/log.txt \(No such"
    )
    with pytest.raises(GateError, match=message):
        check_hashes(run_folder)


def test_another_folder_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a run"):
        check_hashes(tmp_path)


def test_a_broken_record_is_told(run_folder: Path) -> None:
    (run_folder / "05_export/stage.json").write_text("{}")
    with pytest.raises(GateError, match="a record is not what was written"):
        check_hashes(run_folder)
