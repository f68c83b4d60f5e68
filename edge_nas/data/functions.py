"""A data set that a function of the user's makes: `module:function` returns split -> tf.data.Dataset.

def make(folder="here"):
    return {"train": tf.data.Dataset..., "val": tf.data.Dataset...}      # of (image, label), in batches or single
"""

import inspect
from collections.abc import Mapping
from typing import Any

from edge_nas.core.importing import import_named
from edge_nas.data.inputs import collected
from edge_nas.data.listing import SPLITS, SplitName
from edge_nas.data.raw import Raw, Shape, raw_arrays
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import Task

_IMAGE_AXES = 4


def read_function(
    named: str, arguments: Mapping[str, Any], input_shape: Shape, kind: type[Task]
) -> dict[SplitName, Raw]:
    """Returns the splits that the function gives, read into memory: train, val and, where given, test.

    The function is the user's own code and is run.

    Args:
        named: `module:function`, imported from the current folder or the installed packages.
        arguments: keyword arguments of the function.
        input_shape: (H, W, 3) that the images have.
        kind: the task, which says how labels are stored.

    Raises:
        ConfigError: it cannot be imported or called with these arguments; a data set that never ends.
        DataError: it returns something else, or images and labels that are none of this task.
    """
    function = import_named(named)
    if not callable(function):
        raise ConfigError(f"data.function: {named} is a {type(function).__name__}; a function is expected")
    try:
        inspect.signature(function).bind(**arguments)
    except TypeError as error:
        raise ConfigError(
            f"data.function: {named} cannot be called with {dict(arguments) or 'no arguments'}: {error}"
        ) from error
    made = function(**arguments)
    splits = made if isinstance(made, Mapping) else {}
    wrong = [name for name in splits if name not in SPLITS or not hasattr(splits[name], "element_spec")]
    if wrong or not {"train", "val"} <= set(splits):
        seen = {name: type(split).__name__ for name, split in splits.items()} if splits else type(made).__name__
        raise DataError(
            f"{named} returned {seen}; allowed: a mapping with the keys train, val and, where there is one, test, to a "
            "tf.data.Dataset of (image, label) each"
        )
    return {name: _read(splits[name], kind, input_shape, f"{named}, {name}") for name in SPLITS if name in splits}


def _read(dataset: Any, kind: type[Task], input_shape: Shape, where: str) -> Raw:
    try:
        images, labels = collected(dataset, _IMAGE_AXES, None)
    except (ConfigError, DataError) as error:
        raise type(error)(f"{where}: {error}") from error
    if labels is None:
        raise DataError(f"{where}: the tf.data.Dataset holds images without labels; give (image, label) pairs")
    return raw_arrays(images, labels, kind, input_shape, where)
