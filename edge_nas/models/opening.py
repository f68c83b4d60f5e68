"""A model by what a user calls it: a file, a run folder, or a function of their own."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import tf_keras

from edge_nas.errors import ArtifactError, ConfigError
from edge_nas.models.files import load_model

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_TRAINED = ("01_train", "trained.npz")
_FOREIGN = (".keras", ".h5", ".hdf5")


def open_model(named: str) -> tf_keras.Model:
    """Returns the model that `named` means.

    | named | model |
    |---|---|
    | `net.npz` | a network file of edge-nas |
    | a run folder | the trained network of that run |
    | `module:function` | what the function, imported from the current folder or the installed packages, returns |

    A function is the user's own code and is run. Keras' own files are not opened: loading one can run code that came
    with it, and can read other files.

    Raises:
        ConfigError: a function that cannot be imported, or returns something else.
        ArtifactError: no such file or run, or one that cannot be read.
        UnsafeError: an .npz file that names a layer or function that could run code of its own.
    """
    path = Path(named)
    if _FUNCTION.fullmatch(named) and not path.exists():
        return _call(*named.split(":"))
    if path.is_dir():
        file = path.joinpath(*_TRAINED)
        if not file.is_file():
            raise ArtifactError(f"{path}: no trained network in this folder (looked for {'/'.join(_TRAINED)})")
        return load_model(file)
    if path.suffix in _FOREIGN:
        raise ArtifactError(
            f"{path}: Keras' own files are not opened, since loading one can run code that came with it. Where you "
            "trust it, write a module net.py with a function that returns tf_keras.models.load_model(...) and name it "
            "as net:function"
        )
    return load_model(path)


def input_shape_of(model: tf_keras.Model) -> tuple[int, int, int] | None:
    """Returns (H, W, 3) of a model that knows what image it takes, None for one that was never built.

    Raises:
        ArtifactError: it takes something else than one RGB image of a fixed size.
    """
    try:
        shape = model.input_shape
    except (AttributeError, RuntimeError):  # a subclassed model that was never called
        shape = getattr(model, "_build_input_shape", None)
    if shape is None:
        return None
    sizes = tuple(shape[1:]) if isinstance(shape, tuple) else ()
    if len(sizes) != 3 or sizes[2] != 3:
        raise ArtifactError(f"model {model.name!r}: the input has shape {shape}; one RGB image (H, W, 3) is expected")
    return None if None in sizes else sizes


def _call(module: str, function: str) -> tf_keras.Model:
    sys.path.insert(0, str(Path.cwd()))
    try:
        made: Any = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{module}:{function} cannot be imported: {error}") from error
    finally:
        sys.path.remove(str(Path.cwd()))
    if not callable(made):
        raise ConfigError(
            f"{module}:{function} is a {type(made).__name__}; a function that returns a model is expected"
        )
    model = made()
    if not isinstance(model, tf_keras.Model):
        raise ConfigError(
            f"{module}:{function} returned a {type(model).__module__}.{type(model).__name__}; a tf_keras.Model is "
            "expected (import tf_keras, not keras or tf.keras)"
        )
    return model
