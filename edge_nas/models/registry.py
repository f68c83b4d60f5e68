"""Models by name, as a configuration asks for them."""

import inspect
from collections.abc import Callable
from typing import Any

import tf_keras

from edge_nas.core.config import ModelSpec
from edge_nas.core.registry import Registry
from edge_nas.errors import ConfigError
from edge_nas.models.bu_net import BUNet
from edge_nas.models.fast_u import FastU
from edge_nas.models.nano_u import NanoU

MODELS: Registry[Callable[..., tf_keras.Model]] = Registry("model", "edge_nas.models")
MODELS.register("nano_u")(NanoU)
MODELS.register("bu_net")(BUNet)
MODELS.register("fast_u")(FastU)


def create_model(spec: ModelSpec) -> tf_keras.Model:
    """Returns a new, unbuilt model.

    Raises:
        ConfigError: the name is unknown, or an argument is not one of the constructor's or not of its kind.
    """
    constructor = MODELS.get(spec.name)
    allowed = [name for name in inspect.signature(constructor).parameters if name != "kwargs"]
    unknown = sorted(set(spec.arguments) - set(allowed))
    if unknown:
        raise ConfigError(
            f"model.arguments of {spec.name}: unknown {', '.join(unknown)}; allowed: {', '.join(allowed)}"
        )
    _check_numbers(spec.name, spec.arguments)
    return constructor(**spec.arguments)


def _check_numbers(model: str, arguments: dict[str, Any]) -> None:
    """Refuses widths and counts that are not positive whole numbers, before Keras meets them."""
    for name, value in arguments.items():
        for number in value if isinstance(value, list | tuple) else [value]:
            if isinstance(number, bool) or (isinstance(number, int) and number >= 1):
                continue
            if not isinstance(number, str):
                raise ConfigError(f"model.arguments.{name} of {model}: seen {value!r}; allowed: whole numbers >= 1")
