"""The seventh stage: the shipped file is verified, and what could not be is noted."""

from pathlib import Path
from typing import Any

import pytest
from stagecontexts import stage_context

from edge_nas.codegen import compile_tflite
from edge_nas.core.config import VerifySpec
from edge_nas.core.hashing import sha256_bytes
from edge_nas.emulation import CORES
from edge_nas.errors import UnsafeError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.compile import SourceFile
from edge_nas.results.verify import CoreReport, ProgramReport, VerificationReport
from edge_nas.runtimes import tflm
from edge_nas.stages.verify import more_can_be_verified, verify


def test_the_stage_verifies_the_shipped_file_and_notes_what_it_could_not(
    tiny_models: Any, sample_outputs: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/model.tflite").write_bytes(data)
    model = ModelArtifact(
        path="artifacts/model.tflite",
        format="tflite",
        sha256=sha256_bytes(data),
        size_bytes=len(data),
        inputs=(),
        outputs=(),
        stage="export",
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    exported = sample_outputs.export.model_copy(update={"artifacts": {"model.tflite": model}})
    spec = VerifySpec(inputs=5, slow_inputs=5, core_inputs=5)
    context = stage_context("verify", tmp_path, exported, compile_tflite(data), verify=spec)
    report = verify(context)
    notes = context.progress.notes  # type: ignore[attr-defined]
    assert report.model_sha256 == model.sha256
    assert len(notes) == len(CORES)
    assert "cortex-m4 was not emulated: arm-none-eabi-gcc and qemu-system-arm is missing" in notes[2]
    assert VerificationReport.model_validate_json(report.model_dump_json(), strict=True) == report


def test_c_of_somebody_elses_is_not_run(tiny_models: Any, sample_outputs: Any, tmp_path: Path) -> None:
    """A run may be a stranger's, and its record of C with it."""
    data = tiny_models.int8_tflite.read_bytes()
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/model.tflite").write_bytes(data)
    compiled = compile_tflite(data)
    text = f'{compiled.files[0].text}\n__attribute__((constructor)) static void f(void) {{ fopen("canary", "w"); }}\n'
    file = SourceFile(name=compiled.files[0].name, text=text, sha256=sha256_bytes(text.encode()))
    changed = compiled.model_copy(update={"files": (file, *compiled.files[1:])})
    context = stage_context("verify", tmp_path, sample_outputs.export, changed)
    with pytest.raises(UnsafeError, match="the run: the C in it is not what"):
        verify(context)


def test_a_verification_can_come_to_more_once_a_missing_tool_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def skipped(*missing: str) -> CoreReport:
        return CoreReport(bytes_equal=None, inputs=0, skipped="for some reason", missing=missing)

    cores = {"cortex-m4": skipped("gcc-for-arm", "qemu-for-arm"), "cortex-m3": skipped()}
    programs = (ProgramReport(name="interpreter", inputs=0, skipped="not installed", missing=(tflm.PACKAGE,)),)
    report = VerificationReport(model_sha256="0", programs=programs, cores=cores)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tflm, "installed", lambda: False)
    assert more_can_be_verified(report) is None
    (tmp_path / "gcc-for-arm").touch(mode=0o755)
    assert more_can_be_verified(report) is None
    (tmp_path / "qemu-for-arm").touch(mode=0o755)
    assert more_can_be_verified(report) == "cortex-m4 had to be skipped, and can run now"
    monkeypatch.setattr(tflm, "installed", lambda: True)
    assert more_can_be_verified(report) == "interpreter, cortex-m4 had to be skipped, and can run now"
    done = report.model_copy(update={"programs": (ProgramReport(name="interpreter", inputs=1),), "cores": {}})
    assert more_can_be_verified(done) is None
