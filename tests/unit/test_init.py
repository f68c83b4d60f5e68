"""The public names: there, documented, and free of TensorFlow until they are used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import edge_nas


@pytest.mark.parametrize("name", edge_nas.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(edge_nas, name).__doc__
    assert name in dir(edge_nas)


def test_the_lazy_names_are_the_public_ones() -> None:
    assert set(edge_nas._HOMES) | {"__version__"} == set(edge_nas.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'buld'"):
        edge_nas.buld  # noqa: B018  # reading it is the test


def test_importing_the_package_and_the_pipeline_loads_no_tensorflow() -> None:
    code = (
        "import sys, edge_nas, edge_nas.pipeline; print(sorted({'tensorflow', 'tf_keras', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_onnx_runtime_notes_and_reports_nothing(tmp_path: Path) -> None:
    """Without the variable it makes a device identifier in the home folder as soon as it is imported."""
    environment = {key: value for key, value in os.environ.items() if key not in ("ORT_DISABLE_TELEMETRY", "CI")}
    asked = [sys.executable, "-c", "import edge_nas.runtimes.onnxruntime"]
    subprocess.run(asked, env=environment | {"HOME": str(tmp_path)}, check=True)
    assert not any(tmp_path.iterdir())
