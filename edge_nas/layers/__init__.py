"""One home for each kind of layer: a file here holds all that the package knows of it, and registers it.

Every module of this folder is imported, so that a new kind is one new file. A kind can be registered from outside as
well, before a network with such layers is looked at:

    register(LayerKind(channels=Elementwise()), MyActivation)

A custom layer can also name how channels pass it in an attribute `channel_rule`, for example
`channel_rule = Elementwise()`. Layers of no kind freeze what they touch.
"""

import importlib
import pkgutil

from edge_nas.layers.kind import UNKNOWN, LayerKind
from edge_nas.layers.registry import kind_of, register
from edge_nas.layers.rules import ChannelRule, Elementwise, Mixing, PerChannel, Unknown

__all__ = [
    "UNKNOWN",
    "ChannelRule",
    "Elementwise",
    "LayerKind",
    "Mixing",
    "PerChannel",
    "Unknown",
    "kind_of",
    "register",
]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
