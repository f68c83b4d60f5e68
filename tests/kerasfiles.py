"""Keras model files written by hand: one convolution 1x1 from (8, 8, 3) to one logit, until a test changes it.

A file is made of a layout, a configuration and the HDF5 file of its weights, so that anything can be put into it.
"""

import base64
import io
import json
import marshal
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

LAYOUTS = ("k2.h5", "k2.keras", "k3.h5", "k3.keras")
KERNEL = np.array([0.5, -1.0, 2.0], np.float32).reshape(1, 1, 3, 1)
BIAS = np.array([0.25], np.float32)
VERSIONS = {"k2": "2.21.0", "k3": "3.15.1"}
CANARY = "canary"


def expected(images: np.ndarray) -> np.ndarray:
    """What the network computes."""
    return np.asarray(images @ KERNEL[0, 0] + BIAS)


def configuration(layout: str) -> dict[str, Any]:
    """The configuration of the network as Keras 2 or 3 writes it into this layout."""
    new = layout.startswith("k3")
    image = {"name": "image", "dtype": "float32", "batch_shape" if new else "batch_input_shape": [None, 8, 8, 3]}
    logit = {"name": "logit", "filters": 1, "kernel_size": [1, 1], "activation": "linear"}
    tensor = {"shape": [None, 8, 8, 3], "dtype": "float32", "keras_history": ["image", 0, 0]}
    called = (
        {"args": [{"class_name": "__keras_tensor__", "config": tensor}], "kwargs": {}} if new else [["image", 0, 0, {}]]
    )
    layers = [_part("InputLayer", image, []), _part("Conv2D", logit, [called])]
    ends = {"input_layers": [["image", 0, 0]], "output_layers": [["logit", 0, 0]]}
    home = "keras.src.models.functional" if new else "tf_keras.src.engine.functional"
    config = {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}
    return config if layout.endswith(".h5") else config | {"module": home, "registered_name": "Functional"}


def _part(kind: str, config: dict[str, Any], inbound: list[Any]) -> dict[str, Any]:
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": config,
        "registered_name": None,
        "name": config["name"],
        "inbound_nodes": inbound,
    }


def write_weights(file: h5py.File, layout: str, layers: Sequence[str] = ()) -> h5py.Group:
    """Fills the HDF5 file of a layout; returns the group that holds the two arrays. `layers`: more, without weights."""
    if layout.endswith(".keras"):
        file.create_group("vars")
        for name in ("input_layer", *layers):
            file.create_group(f"layers/{name}/vars")
        group = file.create_group("layers/conv2d/vars")
        group["0"], group["1"] = KERNEL, BIAS
        return group
    weights = file.create_group("model_weights")
    weights.attrs["layer_names"] = [b"image", b"logit"]
    weights.create_group("image").attrs["weight_names"] = np.array([], "S1")
    layer = weights.create_group("logit")
    layer.attrs["weight_names"] = [b"logit/kernel:0", b"logit/bias:0"]
    group = layer.create_group("logit")
    group["kernel:0"], group["bias:0"] = KERNEL, BIAS
    weights.create_group("top_level_model_weights").attrs["weight_names"] = np.array([], "S1")
    return group


def write(
    path: Path,
    layout: str,
    *,
    config: Callable[[dict[str, Any]], Any] = lambda config: config,
    weights: Callable[[h5py.Group], Any] = lambda group: None,
    layers: Sequence[str] = (),
) -> Path:
    """Writes the network in a layout; `config` changes or replaces its configuration, `weights` the group of arrays."""
    made = configuration(layout)
    text = json.dumps(config(made) or made)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        weights(write_weights(file, layout, layers))
        if layout.endswith(".h5"):
            file.attrs["model_config"] = text
            file.attrs["keras_version"] = VERSIONS[layout[:2]]
            file.attrs["backend"] = "tensorflow"
    if layout.endswith(".h5"):
        path.write_bytes(buffer.getvalue())
    else:
        write_zip(path, layout, text, buffer.getvalue())
    return path


def write_zip(path: Path, layout: str, config: str, weights: bytes) -> None:
    """Writes the three entries of a .keras file."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": VERSIONS[layout[:2]]}))
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)


def payload() -> str:
    """Bytecode that leaves a canary in the current folder when it is run, and returns its argument."""
    code = compile(f"lambda x: (open({CANARY!r}, 'w').close(), x)[1]", "payload", "eval").co_consts[0]
    return base64.b64encode(marshal.dumps(code)).decode()


def lambda_layer(layout: str) -> dict[str, Any]:
    """A Lambda layer with the payload, as the layout's Keras writes it."""
    if layout.startswith("k2"):
        settings: dict[str, Any] = {
            "name": "evil",
            "function": [payload(), None, None],
            "function_type": "lambda",
            "module": "json",
            "output_shape": None,
            "output_shape_type": "raw",
            "output_shape_module": None,
            "arguments": {},
        }
    else:
        function = {"code": payload(), "defaults": None, "closure": None}
        settings = {"name": "evil", "function": {"class_name": "__lambda__", "config": function}}
    return _part("Lambda", settings, [])


def behind_the_input(config: dict[str, Any], layer: dict[str, Any]) -> None:
    """Puts a layer between the input and the convolution."""
    layers = config["config"]["layers"]
    inbound = json.loads(json.dumps(layers[1]["inbound_nodes"]))
    layers[1]["inbound_nodes"] = json.loads(json.dumps(inbound).replace('"image"', json.dumps(layer["name"])))
    layers.insert(1, layer | {"inbound_nodes": inbound})


def save(model: Any, path: Path) -> Path:
    """Saves a model by its own Keras, which calls .h5 a legacy format and numpy in a way that numpy warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)
    return path
