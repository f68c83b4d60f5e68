"""Keras' own model files, of Keras 2 (tf_keras) and Keras 3, as tf_keras networks.

model = load_keras_file(Path("net.keras"))
model = load_keras_file(Path("net.h5"), own={"Swish": my_layers.Swish})
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
import tf_keras

from edge_nas.errors import ArtifactError, EdgeNasError, UnsafeError
from edge_nas.models.limits import check_activations, weights_within
from edge_nas.models.names import require_plain_names
from edge_nas.models.vetting import Vetted, vetted

SUFFIXES = (".keras", ".h5", ".hdf5")
SAVED_MODEL = "saved_model.pb"
_LONGEST_MESSAGE = 400  # characters of an error of Keras: the sentence, without the arrays behind it
_COLOUR = re.compile(r"\x1b\[\d*m")


def load_keras_file(path: Path, *, trust: bool = False, own: Mapping[str, Any] | None = None) -> tf_keras.Model:
    """Returns the network in a .keras, .h5 or .hdf5 file, or in a SavedModel folder, ready to run.

    A file of Keras 3 is converted, see `keras3.convert`. Optimizer, loss and metrics are left behind.

    Args:
        path: the file or folder.
        trust: run the code that came with it. A SavedModel always does: it is a graph of any operators.
        own: classes and functions of the user, by the names that the file has for them.

    Raises:
        UnsafeError: it would run code, reach outside the file, or take more than a file of its size may.
        ArtifactError: malformed, weights without a network, or configuration and weights that do not fit.
        GraphError: a Keras 3 layer that tf_keras has no counterpart for.
    """
    own = dict(own or {})
    if path.is_dir():
        return _load_saved_model(path, trust, own)
    with vetted(path, trust=trust, own=own) as file:
        try:
            model = _load_keras3(file, trust, own) if file.keras == 3 else _load_keras2(file, trust, own)
        except EdgeNasError as error:
            raise type(error)(f"{path}: {error}") from error
        except Exception as error:  # Keras raises whatever a wrong configuration leads it into
            # Not the copy's name, which is gone when somebody reads this.
            message = _in_one_line(error).replace(str(file.copy), str(path))
            raise ArtifactError(f"{path}: configuration and weights do not make a network: {message}") from error
    if not isinstance(model, tf_keras.Model):
        raise ArtifactError(f"{path}: holds a {type(model).__name__}; a network is expected")
    require_plain_names(model, str(path))
    return model


def _load_keras2(file: Vetted, trust: bool, own: dict[str, Any]) -> Any:
    with weights_within(file.elements):
        model = tf_keras.models.load_model(file.copy, custom_objects=own, compile=False, safe_mode=not trust)
    if isinstance(model, tf_keras.Model):
        check_activations(_outputs(model))
    return model


def _load_keras3(file: Vetted, trust: bool, own: dict[str, Any]) -> tf_keras.Model:
    from edge_nas.models import keras3

    with weights_within(file.elements, keras3.LAYER):
        model = keras3.load(file.copy, own, trust=trust)
    return keras3.convert(model)


def _load_saved_model(path: Path, trust: bool, own: dict[str, Any]) -> tf_keras.Model:
    if not (path / SAVED_MODEL).is_file():
        raise ArtifactError(f"{path}: no model in this folder (looked for {SAVED_MODEL})")
    if not trust:
        raise UnsafeError(
            f"{path}: a SavedModel is a graph of any TensorFlow operators, which could read and write files; give "
            "--trust-model where you trust who made it, or save the network as .keras"
        )
    try:
        model = tf_keras.models.load_model(path, custom_objects=own, compile=False)
    except Exception as error:  # as above
        raise ArtifactError(f"{path}: not a SavedModel that tf_keras can load: {_in_one_line(error)}") from error
    if not isinstance(model, tf_keras.Model):
        raise ArtifactError(
            f"{path}: a SavedModel without Keras' own description of its layers; save the network as .keras"
        )
    return model


def _in_one_line(error: Exception) -> str:
    """Returns the beginning of a message in one line; Keras adds whole arrays, and colours for terminals."""
    words = _COLOUR.sub("", f"{error}").split()
    return " ".join(words)[:_LONGEST_MESSAGE] or type(error).__name__


def _outputs(model: tf_keras.Model) -> Iterator[tuple[str, Any]]:
    """Yields name and shape of every output of every call of a layer, inner networks included."""
    for layer in model._flatten_layers():
        for node in layer._inbound_nodes:
            for tensor in tf.nest.flatten(node.outputs):
                yield layer.name, tuple(tensor.shape)
