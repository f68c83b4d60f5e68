"""Networks as files: configuration and weights in one `.npz`, without pickles; equal networks give equal bytes."""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.errors import ArtifactError, UnsafeError

_CONFIG = "config"
_REFUSED = {"Lambda", "__lambda__", "ClassMethod", "InstanceMethod", "InstanceProperty"}
_OWN_MODULES = ("keras", "tf_keras")
# TensorFlow functions that compute and nothing else; others read files or run code.
_COMPUTING = ("math", "nn", "linalg", "image", "__operators__")
_SHAPING = {
    *("concat", "reshape", "transpose", "pad", "squeeze", "expand_dims", "tile", "repeat", "stack", "unstack", "split"),
    *("slice", "strided_slice", "gather", "reverse", "roll", "shape", "cast", "identity", "clip_by_value", "where"),
    *("zeros_like", "ones_like", "broadcast_to", "stop_gradient"),
}


_MALFORMED = (KeyError, ValueError, TypeError, AttributeError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


def save_model(model: tf_keras.Model, path: Path) -> None:
    """Writes a flat functional network, configuration and weights, to `path` (`.npz`), atomically."""
    config = json.dumps(model.get_config(), sort_keys=True, default=_plain)
    arrays: dict[str, Any] = {f"{i:04d}": weight for i, weight in enumerate(model.get_weights())}
    arrays[_CONFIG] = np.frombuffer(config.encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def load_model(path: Path) -> tf_keras.Model:
    """Returns the network stored at `path` by `save_model`.

    Raises:
        ArtifactError: not such a file, or its weights do not fit its configuration.
        UnsafeError: it names a layer or function that could run code of its own.
    """
    if path.suffix != ".npz":
        raise ArtifactError(f"{path}: a network file of this tool ends in .npz; seen {path.suffix or 'no suffix'!r}")
    try:
        # From memory: numpy leaves a malformed file open.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            config = json.loads(stored[_CONFIG].tobytes().decode())
            weights = [stored[name] for name in sorted(stored.files) if name != _CONFIG]
    except FileNotFoundError as error:
        raise ArtifactError(f"{path}: no such file") from error
    except _MALFORMED as error:
        raise ArtifactError(f"{path}: not a network written by edge-nas: {error}") from error
    for part in _objects(config):
        reason = _unsafe(part)
        if reason:
            raise UnsafeError(f"{path}: {reason}, which could run code; nothing was loaded")
    try:
        model = tf_keras.Model.from_config(config)
        model.set_weights(weights)
    except Exception as error:  # Keras raises whatever a wrong configuration leads it into
        raise ArtifactError(f"{path}: configuration and weights do not make a network: {error}") from error
    return model


def _objects(config: Any) -> Iterator[dict[str, Any]]:
    """Yields every part of a configuration, at any depth, that Keras would make an object of."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        for value in config.values():
            yield from _objects(value)
    elif isinstance(config, list):
        for value in config:
            yield from _objects(value)


def _unsafe(part: dict[str, Any]) -> str | None:
    """Returns what is unsafe about an object of a configuration, or None.

    Keras 2 imports whatever module a configuration names; only its own modules, and classes that the program itself
    has registered, are let through.
    """
    kind, settings = part["class_name"], part.get("config")
    name = settings.get("name") if isinstance(settings, dict) else settings
    if kind in _REFUSED:
        return f"layer {name!r} is a {kind}"
    module = part.get("module")
    registered = tf_keras.saving.get_registered_object(part.get("registered_name") or kind)
    if module is not None and str(module).split(".")[0] not in _OWN_MODULES and registered is None:
        return f"{name!r} is a {kind} from the module {module!r}"
    function = settings.get("function") if isinstance(settings, dict) else None
    if function is not None:
        symbol = str(function).removeprefix("compat.v1.")
        if symbol not in _SHAPING and symbol.split(".")[0] not in _COMPUTING:
            return f"layer {name!r} calls tf.{function}"
    return None


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {type(value).__name__} in a model configuration")
