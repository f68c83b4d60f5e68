"""Which class of layer is of which kind."""

from dataclasses import replace
from typing import Any

from edge_nas.layers.kind import UNKNOWN, LayerKind
from edge_nas.layers.rules import ChannelRule, Unknown

_KINDS: dict[type, LayerKind] = {}

_HARMLESS = frozenset(
    {
        *("__init__", "get_config", "from_config", "channel_rule"),
        *("__module__", "__qualname__", "__doc__", "__annotations__", "__dict__", "__weakref__", "__repr__"),
        *("__firstlineno__", "__static_attributes__"),
    }
)
"""What a subclass may define and still compute what its base does: how it is made and shown, not how it computes."""


def register(kind: LayerKind, *classes: type) -> None:
    """Makes `kind` that of layers of these classes, and of subclasses that compute the same.

    Raises:
        ValueError: a class has a kind already.
    """
    for cls in classes:
        if cls in _KINDS:
            raise ValueError(f"layers of class {cls.__name__} have a kind already")
        _KINDS[cls] = kind


def kind_of(layer: Any) -> LayerKind:
    """Returns the kind of a layer: that of its class, else of the nearest class that it is derived from.

    A subclass that overrides something of its base, such as `call`, may compute anything. What its channels and its
    kernel do is not known then; what it costs is taken from the base. A layer with an attribute `channel_rule` says
    itself how channels pass it, and no more than that: the rest is as without the attribute.
    """
    base = next((cls for cls in type(layer).__mro__ if cls in _KINDS), None)
    kind = UNKNOWN if base is None else _KINDS[base]
    if base is not None and (overridden := _overridden(type(layer), base)):
        channels = Unknown(f"overrides {overridden} of {base.__name__} and has no channel_rule")
        kind = replace(kind, channels=channels, kernel=None)
    elif getattr(layer, "data_format", None) == "channels_first":
        kind = replace(kind, channels=Unknown("has its channels first"), kernel=None)
    own = getattr(layer, "channel_rule", None)
    return replace(kind, channels=own) if isinstance(own, ChannelRule) else kind


def _overridden(cls: type, base: type) -> str | None:
    """Returns the first attribute of `base` that a class derived from it defines anew; what it adds does not count."""
    for derived in cls.__mro__[: cls.__mro__.index(base)]:
        for name in vars(derived):
            if hasattr(base, name) and name not in _HARMLESS:
                return name
    return None
