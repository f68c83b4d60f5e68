"""What Keras 3 writes into .h5 files and does not read back (3.15): operations, and layers along several axes.

    layers.Add()([x, y])          "class_name": "Add", "config": {"name": "add", "trainable": true, "dtype": ...}
    x + y                         "class_name": "Add", "config": {"name": "add_1"}
    ops.mean(x, axis=(1, 2))      "class_name": "Mean", "config": {"name": "mean", "axis": [1, 2]}

The layout of before names a class and no module, and Keras looks for layers only: it makes a layer of the operation, or
finds none. A list of several axes it forgets. So each such part is given a name of its own in the file, its axes
another key, and Keras is told what makes it.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
from keras.src.applications.convnext import LayerScale, StochasticDepth
from keras.src.ops import core, image, linalg, math, nn, numpy

from edge_nas.models.allowlist import parts

_PREFIX = "edge_nas."
_AXES = "edge_nas axes"
_OPERATIONS: dict[str, Any] = {
    name: value
    for module in (core, image, linalg, math, nn, numpy)
    for name, value in vars(module).items()
    if isinstance(value, type) and issubclass(value, keras.Operation)
}
_APPLICATIONS = {"LayerScale": LayerScale, "StochasticDepth": StochasticDepth}
"""Layers of keras.applications, which Keras does not look for either."""


@dataclass(frozen=True)
class _Maker:
    """Makes a layer or operation of its class from its configuration in a file."""

    kind: Any

    def from_config(self, config: dict[str, Any]) -> Any:
        """Returns it, with its axes back in their place."""
        settings = dict(config)
        if _AXES in settings:
            settings["axis"] = settings.pop(_AXES)
        return self.kind.from_config(settings)


def name_parts(path: Path) -> dict[str, Any]:
    """Renames in the configuration of a vetted .h5 file what Keras would not read; returns what makes it, by name."""
    makers: dict[str, Any] = dict(_APPLICATIONS)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for part in parts(config):
            settings = part.get("config")
            if not isinstance(settings, dict):
                continue
            kind = _kind_of(part["class_name"], settings)
            if kind is None:
                continue
            name = f"{_PREFIX}{part['class_name']}"
            part["class_name"] = name
            makers[name] = _Maker(kind)
            if "axis" in settings:
                settings[_AXES] = settings.pop("axis")
        file.attrs["model_config"] = json.dumps(config)
    return makers


def _kind_of(name: str, settings: dict[str, Any]) -> Any | None:
    """Returns the class of an operation, or of a layer along several axes; None: Keras reads the part as it is."""
    if name in _OPERATIONS and "trainable" not in settings:
        return _OPERATIONS[name]
    axis = settings.get("axis")
    if isinstance(axis, list) and len(axis) > 1:
        return getattr(keras.layers, name, None)
    return None
