"""Layers of Keras 3, each with its counterpart in tf_keras.

A layer is made anew by the tf_keras class of the same name from the settings both know. An activation that tf_keras
lacks, or has another function for, becomes an operation behind the layer. Layers that change pictures at random in
training become nothing. Operations have a file of their own, `keras3operations`.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.models.keras3operations import ACTIVATIONS, OPERATIONS

L = tf_keras.layers
Weights = Sequence[npt.NDArray[Any]]
_RENAMED = {("LeakyReLU", "negative_slope"): "alpha"}
# Settings that say how to compute on other hardware, how to begin training, or what the graph says already.
_LEFT_BEHIND = {
    *("dtype", "quantization_config", "lora_rank", "lora_alpha", "synchronized", "use_cudnn"),
    *("batch_shape", "zero_output_for_mask"),
}
_NO_DEFAULT = object()
_AUGMENTATION = {
    *(f"Random{what}" for what in ("Brightness", "ColorDegeneration", "ColorJitter", "Contrast", "ElasticTransform")),
    *(f"Random{what}" for what in ("Erasing", "Flip", "GaussianBlur", "Grayscale", "Hue", "Invert", "Perspective")),
    *(f"Random{what}" for what in ("Posterization", "Rotation", "Saturation", "Sharpness", "Shear", "Translation")),
    *("RandomZoom", "RandAugment", "AugMix"),
}
"""In inference they return what they are given; RandomCrop is none of them: it crops in the middle then."""
_RECURRENT = {"GRU", "LSTM", "SimpleRNN"}
"""Their activation is inside of the recurrence, so that nothing can stand behind the layer for it."""


class Counterparts:
    """The tf_keras layers made so far: one for each Keras 3 layer, however often it is called."""

    def __init__(self) -> None:
        self.left_out: list[str] = []
        """Names of the layers that act in training only, so that nothing stands for them."""
        self._pairs: dict[int, tuple[Any, Any]] = {}  # (theirs, ours) by the id of theirs, which it keeps alive
        self._names: set[str] = set()

    def free_name(self, wanted: str) -> str:
        """Returns a name that no layer has yet: the one that is wanted, or with a number behind."""
        name = wanted
        number = 0
        while name in self._names:
            number += 1
            name = f"{wanted}_{number}"
        self._names.add(name)
        return name

    def apply(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns the tf_keras tensors that the counterpart of a layer or operation makes of tf_keras tensors.

        Raises:
            GraphError: there is no counterpart.
        """
        kind = type(operation).__name__
        if not type(operation).__module__.startswith("keras."):
            raise GraphError(
                f"layer {operation.name!r} ({kind}) is a Keras 3 layer of your own, which tf_keras cannot run: build "
                "the network with tf_keras, or of Keras' own layers"
            )
        given = {name: value for name, value in kwargs.items() if value is not None}
        is_layer = hasattr(operation, "add_weight")
        if is_layer:
            given.pop("training", None)
            return self._layer(operation, args, given)
        convert = OPERATIONS.get(kind)
        if convert is None:
            raise GraphError(
                f"operation {operation.name!r} (keras.ops, {kind}) is not converted; converted are: "
                f"{', '.join(sorted(OPERATIONS))}"
            )
        return convert(operation, self.free_name(operation.name), *args, **given)

    def _layer(self, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Returns what the counterpart of a layer makes, and of an activation that has to stand behind it."""
        kind = type(layer).__name__
        if kind in _AUGMENTATION:
            self.left_out.append(f"{layer.name} ({kind})")
            return args[0] if args else next(iter(kwargs.values()))
        function = _activation_behind(layer)
        if function is not None and kind == "Activation":
            return ACTIVATIONS[function](self.free_name(layer.name), *args)
        outputs = self._counterpart(layer)(*args, **kwargs)
        if function is None:
            return outputs
        return ACTIVATIONS[function](self.free_name(f"{layer.name}_{function}"), outputs)

    def copy_weights(self) -> None:
        """Gives every counterpart the weights of its Keras 3 layer.

        Raises:
            GraphError: their number or shapes differ.
        """
        for theirs, ours in self._pairs.values():
            try:
                rearranged = _WEIGHTS.get(type(theirs).__name__, _as_they_are)
                ours.set_weights(rearranged(theirs.get_weights()))
            except ValueError as error:
                raise GraphError(f"layer {theirs.name!r}: Keras 3 and tf_keras keep other weights: {error}") from error
            if hasattr(ours, "finalize_state"):  # Normalization computes with copies of its weights
                ours.finalize_state()

    def _counterpart(self, layer: Any) -> Any:
        """Returns the tf_keras layer of a Keras 3 layer, which is made at its first call."""
        if id(layer) not in self._pairs:
            self._pairs[id(layer)] = (layer, self._new(layer))
        return self._pairs[id(layer)][1]

    def _new(self, layer: Any) -> Any:
        kind = type(layer).__name__
        if kind in _MADE:
            return _MADE[kind](layer, self.free_name(layer.name))
        counterpart = getattr(L, kind, None)
        if counterpart is None:
            raise GraphError(f"layer {layer.name!r}: tf_keras has no {kind}; use a layer that both have")
        settings = _settings(layer, counterpart)
        if kind == "Lambda":  # only where the user trusts the file, or has written it
            settings["function"] = layer.function
        # A wrapper's layers get their weights through the wrapper.
        if "layer" in settings:
            settings["layer"] = self._new(getattr(layer, "forward_layer", None) or layer.layer)
        if "backward_layer" in settings:
            settings["backward_layer"] = self._new(layer.backward_layer)
        settings["name"] = self.free_name(layer.name)
        try:
            return counterpart(**settings)
        except (TypeError, ValueError) as error:
            raise GraphError(f"layer {layer.name!r} ({kind}): tf_keras does not take its settings: {error}") from error


def _layer_scale(_layer: Any, name: str) -> Any:
    """A gain per channel, which the quantization tools know as the convolution that computes it."""
    return L.DepthwiseConv2D(1, use_bias=False, name=name)


def _stochastic_depth(layer: Any, name: str) -> Any:
    """A Dropout of whole images, which is what it is."""
    return L.Dropout(layer.drop_path_rate, noise_shape=(None, 1, 1, 1), name=name)


def _as_they_are(weights: Weights) -> Weights:
    return weights


_MADE: dict[str, Callable[[Any, str], Any]] = {"LayerScale": _layer_scale, "StochasticDepth": _stochastic_depth}
"""Layers of keras.applications that tf_keras has no class of that name for."""
_WEIGHTS: dict[str, Callable[[Weights], Weights]] = {
    "LayerScale": lambda weights: [np.reshape(weights[0], (1, 1, -1, 1))],
}


def _activation_behind(layer: Any) -> str | None:
    """Returns the name of a layer's activation where tf_keras does not have it, or another function of its name."""
    if type(layer).__name__ in _RECURRENT:
        return None
    function = layer.get_config().get("activation")
    return function if isinstance(function, str) and function in ACTIVATIONS else None


def _settings(layer: Any, counterpart: type) -> dict[str, Any]:
    """Returns a Keras 3 layer's settings as its counterpart takes them.

    Raises:
        GraphError: one that changes what is computed has no place there.
    """
    kind = type(layer).__name__
    parameters, defaults = _parameters(counterpart), _parameters(type(layer))
    settings = {}
    for name, value in layer.get_config().items():
        if name in _LEFT_BEHIND or name.endswith("_initializer"):
            continue
        if _is_function(value) and kind != "Lambda":
            raise GraphError(f"layer {layer.name!r} ({kind}): {name} is a function of your own; use a layer for it")
        if name == "activation" and _activation_behind(layer) is not None:
            continue
        our_name = _RENAMED.get((kind, name), name)
        if our_name in parameters:
            settings[our_name] = value
        elif not _is_neutral(value, defaults.get(name, _NO_DEFAULT)):
            raise GraphError(f"layer {layer.name!r} ({kind}): tf_keras has no setting {name}={value!r}")
    return settings


def _is_function(value: Any) -> bool:
    return isinstance(value, dict) and value.get("class_name") in ("function", "__lambda__")


def _is_neutral(value: Any, default: Any) -> bool:
    """Whether a setting that tf_keras lacks may be dropped: it is off, or what Keras 3 does anyway."""
    return value in (None, False, "channels_last") or _listed(value) == _listed(default)


def _listed(value: Any) -> Any:
    """Returns tuples as the lists that configurations hold in their place."""
    return list(value) if isinstance(value, tuple) else value


def _parameters(kind: type) -> dict[str, Any]:
    """Returns the arguments of a class' constructor and of its bases', with their defaults."""
    defaults: dict[str, Any] = {"name": None, "trainable": True}
    for base in reversed(kind.__mro__):
        if "__init__" in vars(base) and base is not object:
            signature = inspect.signature(vars(base)["__init__"])
            defaults |= {parameter.name: parameter.default for parameter in signature.parameters.values()}
    return defaults
