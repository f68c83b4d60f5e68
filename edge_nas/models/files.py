"""Networks as files: configuration and weights in one `.npz`, without pickles; equal networks give equal bytes."""

import io
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.core.reading import open_regular
from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.models.allowlist import parts, plain, refusal
from edge_nas.models.limits import weights_within

MAX_BYTES = 2 * 1024**3  # a choice: no network for a microcontroller comes near
_CONFIG = "config"
_MALFORMED = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    RecursionError,
)


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
    except _MALFORMED as error:
        raise ArtifactError(f"{path}: not a network written by edge-nas: {error}") from error
    for part in parts(config):
        reason = refusal(part, _registered())
        if reason:
            raise UnsafeError(f"{path}: {reason}, which could run code; nothing was loaded")
    try:
        with weights_within(sum(weight.size for weight in weights)):
            model = tf_keras.Model.from_config(config)
        model.set_weights(weights)
    except Exception as error:  # Keras raises whatever a wrong configuration leads it into
        raise ArtifactError(f"{path}: configuration and weights do not make a network: {error}") from error
    return model


def _stored(path: Path) -> tuple[Any, list[npt.NDArray[Any]]]:
    """Returns configuration and weights; raises what `_MALFORMED` lists.

    `save_model` does not compress, so all parts together are smaller than the file, and an array than its part.
    """
    with open_regular(path) as file:
        data = file.read(MAX_BYTES + 1)  # from memory, for numpy leaves a malformed file open
    if len(data) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > len(data):
            raise ValueError("its parts are larger than the file")
        for entry in archive.infolist():
            with archive.open(entry) as array:
                _check_declared(entry, array)
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        config = json.loads(stored[_CONFIG].tobytes().decode())
        return config, [stored[name] for name in sorted(stored.files) if name != _CONFIG]


def _check_declared(entry: zipfile.ZipInfo, array: IO[bytes]) -> None:
    """Refuses an array whose header declares more than there is: numpy makes room for it before it reads."""
    version = np.lib.format.read_magic(array)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read_header(array)
    if kind.hasobject:
        raise UnsafeError(f"{entry.filename!r} holds pickled objects, which run code when they are read")
    if math.prod(shape) * kind.itemsize > entry.file_size:
        raise ValueError(f"{entry.filename!r} declares an array of shape {shape}, but has {entry.file_size} bytes")


def _registered() -> frozenset[str]:
    """Returns the names of classes and functions that the program, or the user's code that it has imported, registered.

    A configuration that names one means that one: nothing is imported for it.
    """
    return frozenset(name for name in map(plain, tf_keras.saving.get_custom_objects()) if name is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"cannot store {type(value).__name__} in a model configuration")
