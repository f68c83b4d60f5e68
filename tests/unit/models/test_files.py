"""Network files: the same bytes for the same network, and nothing that runs code on the way back."""

import io
import json
import zipfile

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.graph.flatten import flatten
from edge_nas.models import Fast_U, load_model, save_model

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    return randomized(flatten(Fast_U((4, 6), depth=1), (8, 8, 3)))


@pytest.fixture(scope="module")
def stored(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "network.npz"
    save_model(network, path)
    return path


def test_a_network_comes_back_bit_for_bit(network, stored) -> None:
    loaded = load_model(stored)
    x = np.random.default_rng(0).uniform(-1, 1, (3, 8, 8, 3)).astype(np.float32)
    np.testing.assert_array_equal(loaded(x).numpy(), network(x).numpy())
    for ours, theirs in zip(loaded.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [layer.name for layer in loaded.layers] == [layer.name for layer in network.layers]
    assert loaded.name == network.name


def test_the_same_network_gives_the_same_bytes(stored, network, tmp_path) -> None:
    save_model(network, tmp_path / "again.npz")
    save_model(load_model(stored), tmp_path / "reloaded.npz")
    assert (tmp_path / "again.npz").read_bytes() == stored.read_bytes() == (tmp_path / "reloaded.npz").read_bytes()


def test_operators_that_compute_come_back(tmp_path) -> None:
    inputs = L.Input((8, 8, 3))
    x = tf.pad(L.Conv2D(4, 1, activation="swish", kernel_regularizer="l2")(inputs), [[0, 0], [1, 1], [1, 1], [0, 0]])
    x = tf.image.resize(x[:, 1:-1] * 2.0, (4, 4)) + tf.reduce_mean(x, [1, 2], keepdims=True)
    model = tf_keras.Model(inputs, tf.reshape(x, (-1, 64)))
    save_model(model, tmp_path / "operators.npz")
    images = np.ones((2, 8, 8, 3), np.float32)
    np.testing.assert_array_equal(load_model(tmp_path / "operators.npz")(images).numpy(), model(images).numpy())


def rewritten(stored, path, change):
    """A file whose configuration or weights were changed by somebody."""
    with np.load(stored) as file:
        arrays = dict(file)
    config = json.loads(arrays["config"].tobytes())
    config = change(config, arrays) or config
    arrays["config"] = np.frombuffer(json.dumps(config).encode(), np.uint8)
    np.savez(path, **arrays)
    return path


def layer(config, kind: str):
    return next(entry for entry in config["layers"] if entry["class_name"] == kind)


MALFORMED = {
    "weights missing": lambda config, arrays: arrays.pop("0000") is None,
    "another shape": lambda config, arrays: arrays.update({"0000": np.zeros((1, 1), np.float32)}),
    "more weights": lambda config, arrays: arrays.update({"9000": np.zeros(3, np.float32)}),
    "no layers": lambda config, arrays: config.pop("layers") and None,
    "not a configuration": lambda config, arrays: [1, 2],
    "a number": lambda config, arrays: 7,
    "wrong setting": lambda config, arrays: layer(config, "Conv2D")["config"].update(filters="many"),
    "another width": lambda config, arrays: layer(config, "Conv2D")["config"].update(filters=5),
    "loose end": lambda config, arrays: layer(config, "Conv2D").update(inbound_nodes=[[["nobody", 0, 0, {}]]]),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_file_that_makes_no_network_is_refused(case: str, stored, tmp_path) -> None:
    path = rewritten(stored, tmp_path / "changed.npz", MALFORMED[case])
    with pytest.raises(ArtifactError, match=r"changed\.npz"):
        load_model(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"\x93NUMPY", b"no network at all", b"\x80\x04K\x01."],
    ids=["empty", "zip", "npy", "text", "pickle"],
)
def test_other_bytes_are_refused(content: bytes, tmp_path) -> None:
    (tmp_path / "other.npz").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"other\.npz: not a network written by edge-nas"):
        load_model(tmp_path / "other.npz")


def test_an_array_and_a_pickled_object_are_refused(tmp_path) -> None:
    with (tmp_path / "array.npz").open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(ArtifactError, match="not a network written by edge-nas"):
        load_model(tmp_path / "array.npz")
    np.savez(tmp_path / "object.npz", config=np.array([{"layers": []}], dtype=object))
    with pytest.raises(UnsafeError, match=r"object\.npz: 'config\.npy' holds pickled objects.*nothing was loaded"):
        load_model(tmp_path / "object.npz")


def declaring(shape: tuple[int, ...]) -> bytes:
    """The header of an array, and no array."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def test_sizes_are_held_against_the_file(stored, tmp_path) -> None:
    with zipfile.ZipFile(tmp_path / "shape.npz", "w") as archive:
        archive.writestr("0000.npy", declaring((60_000, 60_000)))
    with pytest.raises(ArtifactError, match=r"'0000\.npy' declares an array of shape \(60000, 60000\), but has"):
        load_model(tmp_path / "shape.npz")
    with np.load(stored) as file:
        np.savez_compressed(tmp_path / "packed.npz", **dict(file), more=np.zeros(100_000))
    with pytest.raises(ArtifactError, match="its parts are larger than the file"):
        load_model(tmp_path / "packed.npz")


def test_a_layer_gets_no_more_weights_than_the_file_has(stored, tmp_path) -> None:
    path = rewritten(stored, tmp_path / "wide.npz", setting(filters=10_000_000))
    with pytest.raises(ArtifactError, match=r"wide\.npz: .*needs a weight of shape .*but the file holds only"):
        load_model(path)


def test_every_cut_and_flipped_file_is_refused_or_a_network(stored, tmp_path) -> None:
    data, generator, refused = stored.read_bytes(), np.random.default_rng(0), 0
    for _ in range(40):
        changed = bytearray(data[: generator.integers(1, len(data))] if generator.random() < 0.5 else data)
        changed[generator.integers(len(changed))] ^= 1 << generator.integers(8)
        (tmp_path / "mutant.npz").write_bytes(bytes(changed))
        try:
            assert isinstance(load_model(tmp_path / "mutant.npz"), tf_keras.Model)
        except (ArtifactError, UnsafeError):  # any other error fails the test
            refused += 1
    assert refused >= 20  # half of them are cut short


def test_names_are_checked(tmp_path, stored) -> None:
    with pytest.raises(ArtifactError, match=r"ends in \.npz; seen '\.h5'"):
        load_model(tmp_path / "network.h5")
    with pytest.raises(ArtifactError, match="no such file"):
        load_model(tmp_path / "absent.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(ArtifactError, match=r"folder\.npz"):
        load_model(tmp_path / "folder.npz")


def swapped(**settings):
    return lambda config, arrays: layer(config, "ReLU").update(settings)


def setting(**settings):
    return lambda config, arrays: layer(config, "Conv2D")["config"].update(settings)


HOSTILE = {
    "lambda": swapped(class_name="Lambda", config={"name": "evil", "function": ["4wEAAAA=", None, None]}),
    "lambda in a wrapper": swapped(
        class_name="TimeDistributed", config={"name": "w", "layer": {"class_name": "Lambda", "config": {"name": "e"}}}
    ),
    "lambda in a model": swapped(
        class_name="Functional", config={"name": "m", "layers": [{"class_name": "Lambda", "config": {"name": "evil"}}]}
    ),
    "lambda as a setting": setting(activation={"class_name": "__lambda__", "config": {"value": "4wEAAAA="}}),
    "function of a module": setting(
        activation={"class_name": "function", "config": "system", "module": "os", "registered_name": "system"}
    ),
    "builtin": setting(
        activation={"class_name": "function", "config": "eval", "module": "builtins", "registered_name": "eval"}
    ),
    "class of a module": swapped(class_name="Popen", module="subprocess", config={"args": ["touch", "canary"]}),
    "operator that writes": swapped(
        class_name="TFOpLambda", module="tf_keras.src.layers.core.tf_op_layer",
        config={"name": "evil", "function": "io.write_file"},
    ),
    "operator that calls": swapped(class_name="TFOpLambda", config={"name": "evil", "function": "py_function"}),
    "unknown layer": swapped(class_name="Conv7D"),
    "graph of its own": swapped(
        class_name="TensorFlowOpLayer", config={"name": "evil", "node_def": '{"op": "WriteFile"}', "constants": {}}
    ),
    "layer that opens a file": swapped(
        class_name="StringLookup", config={"name": "evil", "vocabulary": "/etc/hostname", "dtype": "string"}
    ),
    "layer that opens a table": swapped(class_name="TextVectorization", config={"name": "e", "vocabulary": "canary"}),
    "saved model": swapped(class_name="TFSMLayer", config={"filepath": "canary"}),
    "lambda of keras": swapped(class_name="keras.layers.Lambda", module="keras", config={"name": "evil"}),
    "lambda by its path": swapped(class_name="layers.Lambda", module="keras", config={"name": "evil"}),
    "pickle": swapped(class_name="TorchModuleWrapper", module="keras.layers", config={"name": "e", "module": "gASV"}),
    "function of keras": setting(
        activation={"class_name": "function", "config": "utils.get_file", "module": "keras", "registered_name": "f"}
    ),
    "method": swapped(
        class_name="ClassMethod", config={"name": "evil", "cls_symbol": "data.Dataset", "method_name": "load"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_what_could_run_code_is_refused_and_nothing_is_loaded(case: str, stored, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = rewritten(stored, tmp_path / "hostile.npz", HOSTILE[case])
    monkeypatch.setattr(tf_keras.Model, "from_config", lambda *_: pytest.fail("the configuration was loaded"))
    with pytest.raises(UnsafeError, match=r"hostile\.npz: .*could run code; nothing was loaded"):
        load_model(path)
    assert not (tmp_path / "canary").exists()


def test_a_layer_that_the_program_has_registered_comes_back(tmp_path) -> None:
    @tf_keras.saving.register_keras_serializable("edge_nas_tests")
    class Twice(L.Layer):
        def call(self, x):
            return x * 2.0

    inputs = L.Input((4,))
    model = tf_keras.Model(inputs, Twice()(L.Dense(2)(inputs)))
    save_model(model, tmp_path / "custom.npz")
    x = np.ones((1, 4), np.float32)
    np.testing.assert_array_equal(load_model(tmp_path / "custom.npz")(x), model(x))
