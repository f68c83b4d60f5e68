"""Models by file, run folder and function."""

from pathlib import Path

import numpy as np
import pytest
import tf_keras
from kerasfiles import LAYOUTS, behind_the_input, expected, write

from edge_nas.errors import ArtifactError, ConfigError, EdgeNasError, GraphError, UnsafeError
from edge_nas.models import Nano_U, save_model
from edge_nas.models.outside import as_tf_keras, input_shape_of, open_model

MODULE = """
import tf_keras
def net():
    inputs = tf_keras.Input((8, 8, 3))
    return tf_keras.Model(inputs, tf_keras.layers.Conv2D(1, 1)(inputs))
def wide(width, deep=False):
    inputs = tf_keras.Input((8, 8, 3))
    return tf_keras.Model(inputs, tf_keras.layers.Conv2D(width, 1)(inputs))
def net_of_keras_3():
    import keras
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 1)])
class Twice(tf_keras.layers.Layer):
    def call(self, x):
        return x * 2.0
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


@pytest.mark.parametrize("layout", LAYOUTS)
def test_keras_files(layout: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"net{Path(layout).suffix}", layout)
    assert input_shape_of(open_model(str(path))) == (8, 8, 3)


def test_a_function_takes_arguments_and_may_return_keras_3(module: str) -> None:
    assert open_model(f"{module}:wide", arguments={"width": 5}).output_shape == (None, 8, 8, 5)
    assert isinstance(open_model(f"{module}:net_of_keras_3"), tf_keras.Model)


def test_a_layer_of_ones_own_is_imported_by_path(module: str, tmp_path: Path) -> None:
    twice = {"class_name": "Twice", "module": "elsewhere", "registered_name": None}
    layer = {**twice, "name": "twice", "config": {"name": "twice"}}
    write(tmp_path / "net.keras", "k2.keras", config=lambda config: behind_the_input(config, layer), layers=["twice"])
    with pytest.raises(UnsafeError, match="--custom-object"):
        open_model("net.keras")
    model = open_model("net.keras", custom_objects=[f"{module}:Twice"])
    images = np.ones((1, 8, 8, 3), np.float32)
    np.testing.assert_allclose(model(images), expected(images * 2.0), rtol=1e-6)


@pytest.mark.parametrize(
    ("custom_object", "message"),
    [
        ("Twice", "'Twice' names no class or function; write module:Name"),
        ("{}:Thrice", "Thrice cannot be imported"),
        ("not_there:Twice", "not_there:Twice cannot be imported"),
    ],
)
def test_wrong_custom_objects(module: str, custom_object: str, message: str, tmp_path: Path) -> None:
    write(tmp_path / "net.keras", "k2.keras")
    with pytest.raises(ConfigError, match=message):
        open_model("net.keras", custom_objects=[custom_object.format(module)])


def test_a_file_takes_no_arguments(module: str) -> None:
    with pytest.raises(ConfigError, match=r"net\.keras is a file, which takes no arguments; seen: width"):
        open_model("net.keras", arguments={"width": 3})


def test_a_model_that_was_never_built_has_no_shape() -> None:
    assert input_shape_of(Nano_U()) is None


@pytest.mark.parametrize(
    ("named", "kind", "message"),
    [
        ("{}:nett", ConfigError, "cannot be imported"),
        ("not_there_at_all:net", ConfigError, "cannot be imported"),
        ("{}:number", ConfigError, "is a int; a function"),
        ("{}:nothing", ConfigError, "returned a builtins.NoneType; a tf_keras or Keras 3 model is expected"),
        ("{}:wide", ConfigError, "cannot be called with no arguments: missing a required argument: 'width'"),
        ("absent.keras", ArtifactError, "absent.keras: no such file"),
        ("absent.h5", ArtifactError, "absent.h5: no such file"),
        ("absent.npz", ArtifactError, "no such file"),
        (".", ArtifactError, "no model in this folder"),
        ("nano_u", ConfigError, "nano_u is no file or folder, and a registered name has no weights of its own"),
        ("nett", ConfigError, "allowed: a .npz, .keras or .h5 file, a run folder, module:function"),
    ],
)
def test_what_is_no_model_is_told(module: str, named: str, kind: type[EdgeNasError], message: str) -> None:
    with pytest.raises(kind) as caught:
        open_model(named.format(module))
    assert message in str(caught.value)


def test_a_network_in_hand_is_of_tf_keras_or_converted() -> None:
    keras = pytest.importorskip("keras")
    ours = Nano_U()
    assert as_tf_keras(ours) is ours
    theirs = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 1)])
    x = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)
    np.testing.assert_allclose(as_tf_keras(theirs)(x), np.asarray(theirs(x)), rtol=1e-5, atol=1e-6)


def test_something_else_in_hand_is_told() -> None:
    with pytest.raises(ConfigError, match=r"the model is a builtins.str; a tf_keras or Keras 3 model is expected"):
        as_tf_keras("network.keras")
    inputs = [tf_keras.Input((8, 8, 3)) for _ in range(2)]
    with pytest.raises(GraphError, match="has 2 inputs; networks with one are expected"):
        as_tf_keras(tf_keras.Model(inputs, tf_keras.layers.Add()(inputs)))
