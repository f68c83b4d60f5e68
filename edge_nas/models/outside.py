"""A model by what a user calls it: a file, a run folder, or a function of their own."""

import inspect
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tf_keras

from edge_nas.core.importing import import_named
from edge_nas.core.modelnames import TRAINED, is_function, is_outside
from edge_nas.core.samples import MOST_AXES, SHAPES
from edge_nas.errors import ArtifactError, ConfigError, GraphError
from edge_nas.models.files import load_model
from edge_nas.models.kerasfiles import SUFFIXES, load_keras_file


def open_model(
    named: str,
    *,
    trust: bool = False,
    custom_objects: Iterable[str] = (),
    arguments: Mapping[str, Any] | None = None,
    several: bool = False,
) -> tf_keras.Model:
    """Returns the model that `named` means, always as a tf_keras model.

    | named | model |
    |---|---|
    | `net.npz` | a network file of edge-nas |
    | a run folder | the trained network of that run |
    | `net.keras`, `net.h5`, `net.hdf5` | a network saved by Keras 2 (tf_keras) or Keras 3, the file vetted first |
    | a SavedModel folder | the network in it; needs `trust` |
    | `module:function` | what the function, imported from the current folder or the installed packages, returns |

    A function is the user's own code and is run; what it returns may be a network of Keras 3, which is converted.

    Args:
        named: see above.
        trust: run code that came with a Keras file: Lambda layers, SavedModels.
        custom_objects: `module:Class` or `module:function` each, which a Keras file may name; they are imported.
        arguments: keyword arguments for the function of `module:function`.
        several: whether what the function returns may have several inputs.

    Raises:
        ConfigError: a registered name or another word that is no file, something that cannot be imported, a function
            that takes other arguments or returns something else, arguments for a file.
        ArtifactError: no such file or run, or one that cannot be read.
        UnsafeError: a file that would run code, reaches outside itself or is a bomb.
        GraphError: a network of Keras 3 that has no counterpart in tf_keras.
    """
    path = Path(named)
    if is_function(named):
        return _call(named, dict(arguments or {}), several=several)
    if not is_outside(named) and not path.exists():
        raise ConfigError(
            f"{named} is no file or folder, and a registered name has no weights of its own; allowed: a .npz, .keras "
            f"or .h5 file, a run folder, module:function"
        )
    if arguments:
        raise ConfigError(f"{named} is a file, which takes no arguments; seen: {', '.join(arguments)}")
    if path.is_dir() and path.joinpath(*TRAINED).is_file():
        return load_model(path.joinpath(*TRAINED))
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        own = {name.split(":")[-1]: import_named(name) for name in custom_objects}
        return load_keras_file(path, trust=trust, own=own)
    return load_model(path)


def input_shape_of(model: tf_keras.Model) -> tuple[int, ...] | None:
    """Returns the shape of a sample, without the batch, of a model that knows what it takes; else None.

    Raises:
        ArtifactError: it takes something else than one sample of 1 to 3 axes.
    """
    try:
        shape = model.input_shape
    except (AttributeError, RuntimeError):  # a subclassed model that was never called
        shape = getattr(model, "_build_input_shape", None)
    if shape is None:
        return None
    sizes = tuple(shape[1:]) if isinstance(shape, tuple) else ()
    if not 1 <= len(sizes) <= MOST_AXES:
        raise ArtifactError(f"model {model.name!r}: the input has shape {shape}; one sample {SHAPES} is expected")
    return None if None in sizes else sizes


def input_names_of(model: tf_keras.Model) -> tuple[str, ...]:
    """Returns the names of a model's inputs; none of a model that does not know what it takes."""
    return tuple(model.input_names) if getattr(model, "inputs", None) else ()


def _call(named: str, arguments: dict[str, Any], *, several: bool) -> tf_keras.Model:
    made = import_named(named)
    if not callable(made):
        raise ConfigError(f"{named} is a {type(made).__name__}; a function that returns a model is expected")
    try:
        inspect.signature(made).bind(**arguments)
    except TypeError as error:
        raise ConfigError(f"{named} cannot be called with {arguments or 'no arguments'}: {error}") from error
    return as_tf_keras(made(**arguments), f"{named} returned", several=several)


def as_tf_keras(model: Any, called: str = "the model is", *, several: bool = False) -> tf_keras.Model:
    """Returns a network that a program hands over: of tf_keras as it is, of Keras 3 converted.

    Args:
        model: the network.
        called: how a message begins that says what something else is.
        several: whether it may have several inputs.

    Raises:
        ConfigError: something else, such as a path.
        GraphError: a network of Keras 3 that has no counterpart in tf_keras, or one of several inputs that may not be.
    """
    network = model if isinstance(model, tf_keras.Model) else _from_keras3(model)
    if network is None:
        raise ConfigError(
            f"{called} a {type(model).__module__}.{type(model).__name__}; a tf_keras or Keras 3 model is expected "
            "(edge_nas.models.outside.open_model opens files)"
        )
    inputs = getattr(network, "inputs", None) or ()
    if len(inputs) > 1 and not several:
        raise GraphError(f"model {network.name!r} has {len(inputs)} inputs; networks with one are expected")
    return network


def _from_keras3(model: Any) -> tf_keras.Model | None:
    """Returns a network of Keras 3 converted; None for anything else."""
    if "keras" not in sys.modules:  # then it cannot be one of Keras 3, which takes seconds to import
        return None
    from edge_nas.models import keras3

    return keras3.convert(model) if keras3.is_keras3(model) else None
