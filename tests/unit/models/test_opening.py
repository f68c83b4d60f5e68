"""Models by file, run folder and function."""

from pathlib import Path

import pytest

from edge_nas.errors import ArtifactError, ConfigError, EdgeNasError
from edge_nas.models import Nano_U, save_model
from edge_nas.models.opening import input_shape_of, open_model

MODULE = """
import tf_keras
def net():
    inputs = tf_keras.Input((8, 8, 3))
    return tf_keras.Model(inputs, tf_keras.layers.Conv2D(1, 1)(inputs))
number = 3
def nothing():
    return None
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_nets_for_opening.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "own_nets_for_opening"


def test_files_runs_and_functions(module: str, tiny_models, tmp_path: Path) -> None:
    assert input_shape_of(open_model(f"{module}:net")) == (8, 8, 3)
    save_model(tiny_models.keras, tmp_path / "net.npz")
    assert open_model("net.npz").count_params() == tiny_models.keras.count_params()
    (tmp_path / "run" / "01_train").mkdir(parents=True)
    save_model(tiny_models.keras, tmp_path / "run/01_train/trained.npz")
    assert open_model("run").count_params() == tiny_models.keras.count_params()


def test_a_model_that_was_never_built_has_no_shape() -> None:
    assert input_shape_of(Nano_U()) is None


@pytest.mark.parametrize(
    ("named", "kind", "message"),
    [
        ("{}:nett", ConfigError, "cannot be imported"),
        ("not_there_at_all:net", ConfigError, "cannot be imported"),
        ("{}:number", ConfigError, "is a int; a function"),
        ("{}:nothing", ConfigError, "returned a builtins.NoneType; a tf_keras.Model is expected"),
        ("net.keras", ArtifactError, "loading one can run code"),
        ("net.h5", ArtifactError, "loading one can run code"),
        ("absent.npz", ArtifactError, "no such file"),
        (".", ArtifactError, "no trained network in this folder"),
    ],
)
def test_what_is_no_model_is_told(module: str, named: str, kind: type[EdgeNasError], message: str) -> None:
    with pytest.raises(kind) as caught:
        open_model(named.format(module))
    assert message in str(caught.value)
