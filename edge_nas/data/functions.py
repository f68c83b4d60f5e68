"""A data set that a function of the user's makes: `module:function` returns split -> samples with labels.

def make(folder="here"):
    return {"train": tf.data.Dataset..., "val": tf.data.Dataset...}      # of (sample, label), in batches or single
    return {"train": (samples, labels), "val": (samples, labels)}        # or arrays
"""

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from edge_nas.core.config import DataSpec
from edge_nas.core.importing import import_named
from edge_nas.data.inputs import collected
from edge_nas.data.splits import SPLITS, Shape, SourceSplits, SplitArrays, SplitName, numbered_split
from edge_nas.errors import ConfigError, DataError
from edge_nas.tasks import Task


class FunctionSource(DataSpec):
    """A function of the user's that returns a tf.data.Dataset, or two arrays, for each split."""

    phrase: ClassVar[str] = "samples from a function"
    code_settings: ClassVar[tuple[str, ...]] = ("function",)

    source: Literal["function"] = Field(default="function", description="what a function returns")
    function: str = Field(description="the function, written module:function")
    arguments: dict[str, Any] = Field(default={}, description="keyword arguments of the function")

    @property
    def place(self) -> str:
        """The function."""
        return self.function

    def read_splits(self, task: type[Task]) -> SourceSplits:
        """Returns what the function gives. Raises as `read_function`."""
        return SourceSplits(read_function(self.function, self.arguments, self.input_shape, task))


def read_function(
    named: str, arguments: Mapping[str, Any], input_shape: Shape, task: type[Task]
) -> dict[SplitName, SplitArrays]:
    """Returns the splits that the function gives, read into memory: train, val and, where given, test.

    The function is the user's own code and is run.

    Args:
        named: `module:function`, imported from the current folder or the installed packages.
        arguments: keyword arguments of the function.
        input_shape: of a sample.
        task: says how labels are stored.

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
    splits = _checked(function(**arguments), named)
    return {name: _read(splits[name], task, input_shape, f"{named}, {name}") for name in SPLITS if name in splits}


def _checked(returned: Any, named: str) -> Mapping[Any, Any]:
    """Returns what the function returned where that is a mapping from splits to data sets.

    Raises:
        DataError: it is something else.
    """
    if not isinstance(returned, Mapping) or not returned:
        seen: Any = type(returned).__name__
    elif {"train", "val"} <= set(returned) <= set(SPLITS) and all(map(_is_split, returned.values())):
        return returned
    else:
        seen = {name: type(split).__name__ for name, split in returned.items()}
    raise DataError(
        f"{named} returned {seen}; allowed: a mapping with the keys train, val and, where there is one, test, to a "
        "tf.data.Dataset of (sample, label) or a pair of arrays (samples, labels) each"
    )


def _is_split(split: Any) -> bool:
    """Returns whether something is a tf.data.Dataset, without importing TensorFlow to ask, or a pair of arrays."""
    return hasattr(split, "element_spec") or (isinstance(split, tuple) and len(split) == 2)


def _read(dataset: Any, task: type[Task], input_shape: Shape, place: str) -> SplitArrays:
    if isinstance(dataset, tuple):
        return numbered_split(np.asarray(dataset[0]), np.asarray(dataset[1]), task, input_shape, place)
    try:
        images, labels = collected(dataset, len(input_shape) + 1, None)
    except (ConfigError, DataError) as error:
        raise type(error)(f"{place}: {error}") from error
    if labels is None:
        raise DataError(f"{place}: the tf.data.Dataset holds samples without labels; give (sample, label) pairs")
    return numbered_split(images, labels, task, input_shape, place)
