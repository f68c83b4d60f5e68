"""Networks as files: configuration and weights in one `.npz`, without pickles; the same network gives the same bytes."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.errors import ArtifactError, UnsafeError

_CONFIG = "config"
_REFUSED = {"Lambda"}


def save_model(model: tf_keras.Model, path: Path) -> None:
    """Writes a flat functional network, configuration and weights, to `path` (`.npz`), atomically."""
    config = json.dumps(model.get_config(), sort_keys=True, default=_plain)
    arrays = {f"{i:04d}": weight for i, weight in enumerate(model.get_weights())}
    buffer = io.BytesIO()
    np.savez(buffer, **{_CONFIG: np.frombuffer(config.encode(), np.uint8)}, **arrays)
    write_bytes(path, buffer.getvalue())


def load_model(path: Path) -> tf_keras.Model:
    """Returns the network stored at `path` by `save_model`.

    Raises:
        ArtifactError: not such a file, or its weights do not fit its configuration.
        UnsafeError: it holds a layer that runs code of its own.
    """
    if path.suffix != ".npz":
        raise ArtifactError(f"{path}: a network file of this tool ends in .npz; seen {path.suffix or 'no suffix'!r}")
    try:
        with np.load(path, allow_pickle=False) as stored:
            config = json.loads(stored[_CONFIG].tobytes().decode())
            weights = [stored[name] for name in sorted(stored.files) if name != _CONFIG]
    except FileNotFoundError as error:
        raise ArtifactError(f"{path}: no such file") from error
    except (KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ArtifactError(f"{path}: not a network written by edge-nas: {error}") from error
    for layer in config["layers"]:
        if layer["class_name"] in _REFUSED:
            raise UnsafeError(f"{path}: layer {layer['config'].get('name')!r} is a {layer['class_name']}, which runs code")
    try:
        model = tf_keras.Model.from_config(config)
        model.set_weights(weights)
    except (TypeError, ValueError, KeyError) as error:
        raise ArtifactError(f"{path}: configuration and weights do not make a network: {error}") from error
    return model


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {type(value).__name__} in a model configuration")
