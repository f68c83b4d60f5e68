"""TensorFlow is quiet unless the user wants to hear it."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from edge_nas.core.tensorflowlog import quiet_tensorflow


def test_a_level_of_the_users_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    quiet_tensorflow()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    assert logging.getLogger("tensorflow").level == logging.ERROR


def test_the_default_is_errors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")
    quiet_tensorflow()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_keras_takes_our_settings_and_not_those_of_a_home(tmp_path: Path) -> None:
    (tmp_path / ".keras").mkdir()
    strange = {"floatx": "float64", "epsilon": 1e-3, "backend": "tensorflow", "image_data_format": "channels_first"}
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(strange))
    asked = (
        "from edge_nas.core.tensorflowlog import load_tensorflow as load\nload()\nimport tf_keras\n"
        "from tf_keras import backend as b\nprint(b.floatx(), b.epsilon(), b.image_data_format())"
    )
    environment = {key: value for key, value in os.environ.items() if key != "KERAS_HOME"} | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "float32 1e-07 channels_last\n", done.stderr
