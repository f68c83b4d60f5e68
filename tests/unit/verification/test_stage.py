from pathlib import Path
from typing import Any

import pytest

from edge_nas.codegen import compile_tflite
from edge_nas.core.config import VerifySpec
from edge_nas.core.hashing import sha256_bytes
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.verify import VerificationReport
from edge_nas.verification.stage import verify


def test_the_stage_verifies_the_shipped_file_and_notes_what_it_could_not(
    tiny_models: Any, desk: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = tiny_models.int8_tflite.read_bytes()
    workspace = desk("07_verify")
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
    report = verify(
        VerifySpec(inputs=5, slow_inputs=5, core_inputs=5), model=model, compiled=compile_tflite(data), run=workspace
    )
    assert report.model_sha256 == model.sha256
    assert len(workspace.progress.notes) == 7
    assert "cortex-m4 was not emulated: arm-none-eabi-gcc and qemu-system-arm is missing" in workspace.progress.notes[2]
    assert VerificationReport.model_validate_json(report.model_dump_json(), strict=True) == report
