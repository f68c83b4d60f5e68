import subprocess
import sys
from pathlib import Path

import pytest

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.by_suffix import open_runtime


def test_the_suffix_and_the_purpose_choose_the_runtime(tiny_models) -> None:
    assert open_runtime(tiny_models.int8_tflite).name == "litert reference"
    assert open_runtime(tiny_models.int8_tflite, reference=False).name == "litert"
    assert open_runtime(tiny_models.int8_onnx).name == "onnxruntime unfused"
    assert open_runtime(tiny_models.int8_onnx, reference=False).name == "onnxruntime"
    assert open_runtime(tiny_models.float_onnx).name == "onnxruntime"


def test_an_unknown_suffix_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ArtifactError, match=r"model\.pt: unknown kind of model file '\.pt'; allowed: \.tflite, \.onnx"):
        open_runtime(Path("model.pt"))


@pytest.mark.parametrize("name", ["absent.tflite", "absent.onnx"])
def test_a_missing_file_is_refused_by_name(tmp_path, name: str) -> None:
    with pytest.raises(ArtifactError, match=name.replace(".", r"\.")):
        open_runtime(tmp_path / name)


def test_a_folder_is_refused(tmp_path) -> None:
    (tmp_path / "folder.tflite").mkdir()
    with pytest.raises(ArtifactError, match=r"folder\.tflite: Is a directory"):
        open_runtime(tmp_path / "folder.tflite")


def test_running_files_needs_no_tensorflow() -> None:
    code = "import sys, edge_nas.runtimes.by_suffix; sys.exit('tensorflow' in sys.modules or 'tf_keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0
