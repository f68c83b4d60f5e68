"""Models by name, as a configuration asks for them."""

import inspect
from collections.abc import Mapping
from typing import Any

import tf_keras

from edge_nas.core.config import ModelSpec
from edge_nas.core.extensions import MODELS
from edge_nas.core.modelnames import is_outside
from edge_nas.errors import ConfigError
from edge_nas.models.logits import as_logits
from edge_nas.models.outside import open_model
from edge_nas.tasks import BINARY_SEGMENTATION, Task

__all__ = ["MODELS", "create_model"]


def create_model(spec: ModelSpec, task: Task = BINARY_SEGMENTATION) -> tf_keras.Model:
    """Returns a new, unbuilt model of a registered name; else what the file, run folder or function holds or makes.

    A registered model whose constructor has an argument `outputs` is given as many as the task needs. A sigmoid or
    softmax at the end of another network is taken off where the task says so, for training computes with logits.

    Raises:
        ConfigError: the name is unknown, or an argument is not one of the constructor's or not of its kind.
        EdgeNasError: as `open_model`.
    """
    if is_outside(spec.name):
        model = open_model(spec.name, trust=spec.trust, custom_objects=spec.custom_objects, arguments=spec.arguments)
        return as_logits(model, task.output_kind)
    constructor = MODELS.get(spec.name)
    parameters = inspect.signature(constructor).parameters
    _check_arguments(spec, parameters)
    of_task = {"outputs": task.outputs} if "outputs" in parameters else {}
    return constructor(**of_task | spec.arguments)


def _check_arguments(spec: ModelSpec, parameters: Mapping[str, inspect.Parameter]) -> None:
    """Raises ConfigError for an argument that the constructor does not have, or that is not of its default's kind."""
    allowed = [name for name in parameters if name != "kwargs"]
    unknown = sorted(set(spec.arguments) - set(allowed))
    if unknown:
        raise ConfigError(
            f"model.arguments of {spec.name}: unknown {', '.join(unknown)}; allowed: {', '.join(allowed)}"
        )
    for name, value in spec.arguments.items():
        fits, kind = _fit(value, parameters[name].default)
        if not fits:
            raise ConfigError(f"model.arguments.{name} of {spec.name}: seen {value!r}; allowed: {kind}")


def _fit(value: Any, default: Any) -> tuple[bool, str]:
    """Returns whether a value is of the kind of a default, and that kind in words."""
    if isinstance(default, list | tuple):
        is_list = isinstance(value, list | tuple)
        return is_list and all(_is_count(number) for number in value), "a list of whole numbers >= 1"
    if isinstance(default, bool):
        return isinstance(value, bool), "true or false"
    if isinstance(default, int):
        return _is_count(value), "a whole number >= 1"
    return True, "anything"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
