"""Files of Keras 2 and 3 as tf_keras networks: the same outputs, and no more than the file explains."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kerasfiles
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from kerasfiles import CANARY, LAYOUTS, save, write

from edge_nas.errors import ArtifactError, GraphError, UnsafeError
from edge_nas.models import Nano_U
from edge_nas.models.kerasfiles import load_keras_file

L = tf_keras.layers


class Scale(L.Layer):
    """A leaf with a weight of its own."""

    def __init__(self, start: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start = start

    def build(self, shape: Any) -> None:
        self.factor = self.add_weight(name="factor", shape=(shape[-1],), initializer="ones")

    def call(self, x: Any) -> Any:
        return x * self.factor + self.start

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "start": self.start}


class Net(tf_keras.Model):
    """A subclassed network."""

    def __init__(self, width: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.width = width
        self.blocks = [L.Conv2D(width, 3, padding="same"), L.BatchNormalization(), Scale(0.5)]
        self.logit = L.Conv2D(1, 1)

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.logit(x)

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width}


def functional() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, padding="same", activation="relu", kernel_regularizer="l2")(inputs)
    x = L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same", use_bias=False)(x))
    x = L.Add()([L.ReLU(6.0)(x), L.LeakyReLU()(x)])
    return tf_keras.Model(inputs, L.Conv2D(1, 1)(L.UpSampling2D()(L.MaxPooling2D()(x))))


def sequential() -> tf_keras.Model:
    layers = [L.Input((8, 8, 3)), L.Conv2D(4, 3), L.PReLU(shared_axes=[1, 2]), L.GlobalAveragePooling2D(), L.Dense(2)]
    return tf_keras.Sequential(layers)


def nested() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    return tf_keras.Model(inputs, tf_keras.Sequential([L.SeparableConv2D(4, 3), L.Dense(1)])(functional()(inputs)))


def operators() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = tf.pad(L.Conv2D(2, 1)(inputs), [[0, 0], [1, 1], [1, 1], [0, 0]])[:, 1:]
    return tf_keras.Model(inputs, tf.nn.relu(x) * 2.0 + tf.reduce_mean(x, [1, 2], keepdims=True))


def with_own_layer() -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    return tf_keras.Model(inputs, Scale(2.0)(L.Conv2D(2, 1)(inputs)))


def subclassed() -> tf_keras.Model:
    model = Net(3)
    model(np.zeros((1, 8, 8, 3), np.float32))
    return model


GOOD: dict[str, tuple[Callable[[], tf_keras.Model], str]] = {
    **{f"functional{suffix}": (functional, suffix) for suffix in (".keras", ".h5")},
    **{f"sequential{suffix}": (sequential, suffix) for suffix in (".keras", ".h5")},
    **{f"nested{suffix}": (nested, suffix) for suffix in (".keras", ".h5")},
    **{f"operators{suffix}": (operators, suffix) for suffix in (".keras", ".h5")},
    **{f"own layer{suffix}": (with_own_layer, suffix) for suffix in (".keras", ".hdf5")},
    "subclassed.keras": (subclassed, ".keras"),
}
IMAGES = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)


@pytest.mark.parametrize("case", GOOD)
def test_a_network_that_tf_keras_saved_comes_back(case: str, randomized: Any, tmp_path: Path) -> None:
    make, suffix = GOOD[case]
    model = randomized(make())
    model.compile("adam", "mse")
    loaded = load_keras_file(save(model, tmp_path / f"net{suffix}"), own={"Scale": Scale, "Net": Net})
    np.testing.assert_array_equal(loaded(IMAGES), model(IMAGES))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_network_written_by_hand(layout: str, tmp_path: Path) -> None:
    model = load_keras_file(write(tmp_path / f"net{Path(layout).suffix}", layout))
    assert isinstance(model, tf_keras.Model)
    np.testing.assert_allclose(model(IMAGES), kerasfiles.expected(IMAGES), rtol=1e-5, atol=1e-6)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "params"), [("ad01", 269_992), ("pretrainedResnet", 78_666), ("vww_96", 221_794)])
def test_networks_of_others(name: str, params: int, test_data: Path) -> None:
    path = test_data / "models/mlperf_tiny" / f"{name}.h5"
    model, plain = load_keras_file(path), tf_keras.models.load_model(path, compile=False)
    images = np.random.default_rng(0).uniform(0, 1, (2, *model.input_shape[1:])).astype(np.float32)
    assert model.count_params() == params
    np.testing.assert_array_equal(model(images), plain(images))


@pytest.mark.parametrize("layout", ["k2.h5", "k2.keras", "k3.keras"])
def test_trust_runs_the_code_that_is_refused_otherwise(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the proof that the hostile files of test_vetting would do something."""
    monkeypatch.chdir(tmp_path)

    def evil(config: dict[str, Any]) -> None:
        kerasfiles.behind_the_input(config, kerasfiles.lambda_layer(layout))

    path = write(tmp_path / f"net{Path(layout).suffix}", layout, config=evil)
    with pytest.raises(UnsafeError):
        load_keras_file(path)
    assert not (tmp_path / CANARY).exists()
    model = load_keras_file(path, trust=True)
    np.testing.assert_allclose(model(IMAGES), kerasfiles.expected(IMAGES), rtol=1e-5, atol=1e-6)
    assert (tmp_path / CANARY).exists()


def test_an_own_layer_has_to_be_named(randomized: Any, tmp_path: Path) -> None:
    path = save(with_own_layer(), tmp_path / "net.keras")
    with pytest.raises(UnsafeError, match=r"net\.keras: .* is a Scale of the module .*--custom-object module:Class"):
        load_keras_file(path)


def setting(**settings: Any) -> Callable[[dict[str, Any]], None]:
    return lambda config: config["config"]["layers"][1]["config"].update(settings)


UP = {"class_name": "UpSampling2D", "config": {"name": "logit", "size": [30_000, 30_000]}}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (setting(filters=1_000_000_000), "needs a weight of shape .* but the file holds only 4 numbers"),
        (setting(filters=2), "configuration and weights do not make a network"),
        (setting(filters="many"), "configuration and weights do not make a network"),
        (lambda config: config["config"]["layers"][1].update(UP), r"logit|weights|layers"),
        (lambda config: config["config"].pop("layers") and None, "do not make a network"),
        (lambda config: {"class_name": "Dense", "config": {"units": 3}}, "."),
    ],
    ids=["wide", "another width", "no number", "large output", "no layers", "no network"],
)
def test_what_makes_no_network_is_refused(layout: str, change: Any, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / f"net{Path(layout).suffix}", layout, config=change)
    with pytest.raises((ArtifactError, GraphError), match=rf"net\.\w+: .*{message}"):
        load_keras_file(path)


def test_an_output_that_no_machine_holds_is_refused_before_it_is_computed(tmp_path: Path) -> None:
    model = tf_keras.Sequential([L.Input((8, 8, 3)), L.UpSampling2D(30_000), L.GlobalAveragePooling2D()])
    with pytest.raises(ArtifactError, match=r"net\.keras: layer 'up_sampling2d.*an output of shape .*allowed"):
        load_keras_file(save(model, tmp_path / "net.keras"))


def test_a_saved_model_needs_trust(tmp_path: Path) -> None:
    model = sequential()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(tmp_path / "saved", save_format="tf")
    with pytest.raises(UnsafeError, match=r"saved: a SavedModel is a graph of any .*--trust-model"):
        load_keras_file(tmp_path / "saved")
    np.testing.assert_array_equal(load_keras_file(tmp_path / "saved", trust=True)(IMAGES), model(IMAGES))
    (tmp_path / "empty").mkdir()
    with pytest.raises(ArtifactError, match="no model in this folder"):
        load_keras_file(tmp_path / "empty")


def test_weights_alone_say_what_to_do(tmp_path: Path) -> None:
    model = Nano_U()
    model(np.zeros((1, 48, 64, 3), np.float32))
    model.save_weights(tmp_path / "net.h5")
    with pytest.raises(ArtifactError, match=r"holds weights only, no network: write a module net\.py"):
        load_keras_file(tmp_path / "net.h5")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"absent\.keras: no such file"):
        load_keras_file(tmp_path / "absent.keras")
