"""What is known of an .onnx file; the command's texts are held in tests/unit/cli."""

from pathlib import Path

import pytest

from edge_nas.errors import ArtifactError
from edge_nas.exporting.inspection import inspect_onnx


def test_what_is_no_onnx_is_refused_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no protobuf")
    with pytest.raises(ArtifactError, match=r"net\.onnx: not a valid \.onnx file"):
        inspect_onnx(path, [])


def test_no_memory_is_no_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("onnx.load", full)
    with pytest.raises(MemoryError):
        inspect_onnx(tmp_path / "net.onnx", [])
