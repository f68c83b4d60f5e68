"""Networks as files: configuration and weights in one `.npz`, without pickles; equal networks give equal bytes."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.core.npz import MALFORMED, check_declared, reason
from edge_nas.core.reading import open_regular
from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.models.allowlist import parts, plain, refusal
from edge_nas.models.limits import weights_within
from edge_nas.models.names import require_plain_names

MAX_BYTES = 2 * 1024**3  # a choice: no network for a microcontroller comes near
_CONFIG = "config"
_NOT_OURS: tuple[type[Exception], ...] = (*MALFORMED, AttributeError)  # of a configuration that is no text


def save_model(model: tf_keras.Model, path: Path) -> None:
    """Writes a flat functional network, configuration and weights, to `path` (`.npz`), atomically."""
    write_bytes(path, model_bytes(model))


def model_bytes(model: tf_keras.Model) -> bytes:
    """Returns the file that `save_model` writes; equal networks give equal bytes."""
    config = json.dumps(model.get_config(), sort_keys=True, default=_plain)
    arrays: dict[str, Any] = {f"{i:04d}": weight for i, weight in enumerate(model.get_weights())}
    arrays[_CONFIG] = np.frombuffer(config.encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def load_model(path: Path) -> tf_keras.Model:
    """Returns the network stored at `path` by `save_model`.

    Raises:
        ArtifactError: not such a file, or its weights do not fit its configuration.
        UnsafeError: it names a layer or function that could run code of its own, or holds pickled objects.
    """
    if path.suffix != ".npz":
        raise ArtifactError(f"{path}: a network file of this tool ends in .npz; seen {path.suffix or 'no suffix'!r}")
    try:
        config, weights = _stored(path)
    except FileNotFoundError as error:
        raise ArtifactError(f"{path}: no such file") from error
    except UnsafeError as error:
        raise UnsafeError(f"{path}: {error}; nothing was loaded") from error
    except _NOT_OURS as error:
        raise ArtifactError(f"{path}: not a network written by edge-nas: {reason(error)}") from error
    for part in parts(config):
        refused = refusal(part, _registered())
        if refused:
            raise UnsafeError(f"{path}: {refused}, which could run code; nothing was loaded")
    try:
        with weights_within(sum(weight.size for weight in weights)):
            model = tf_keras.Model.from_config(config)
        model.set_weights(weights)
    except Exception as error:  # Keras raises whatever a wrong configuration leads it into
        raise ArtifactError(f"{path}: configuration and weights do not make a network: {error}") from error
    require_plain_names(model, str(path))
    return model


def _stored(path: Path) -> tuple[Any, list[npt.NDArray[Any]]]:
    """Returns configuration and weights; raises what `_NOT_OURS` lists.

    `save_model` does not compress, so all parts together are smaller than the file, and an array than its part.
    """
    with open_regular(path) as file:
        data = file.read(MAX_BYTES + 1)  # from memory, for numpy leaves a malformed file open
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > len(data):
            raise ValueError("its parts are larger than the file")
        check_declared(archive, archive.infolist())
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        config = json.loads(stored[_CONFIG].tobytes().decode())
        return config, [stored[name] for name in sorted(stored.files) if name != _CONFIG]


def _registered() -> frozenset[str]:
    """Returns the names of classes and functions that the program, or the user's code that it has imported, registered.

    A configuration that names one means that one: nothing is imported for it.
    """
    return frozenset(name for name in map(plain, tf_keras.saving.get_custom_objects()) if name is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {type(value).__name__} in a model configuration")
