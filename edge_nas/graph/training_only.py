"""What a model holds for its training alone, and a flat network does without.

| in the model | in the flat network |
|---|---|
| augmentation: RandomFlip, RandomRotation and their like | left out: in inference they return what they are given |
| TFMOT's PruneLowMagnitude around a layer | the layer, whose weights TFMOT keeps pruned |
| metrics, such as a Mean that `train_step` fills | left out: no output follows from them |
| half precision, alone or mixed | float32, which int8 files are made from and microcontrollers compute |
"""

from collections.abc import Iterator
from typing import Any

import tf_keras

L = tf_keras.layers
_AUGMENTATION = (
    *(L.RandomBrightness, L.RandomContrast, L.RandomFlip, L.RandomRotation, L.RandomTranslation, L.RandomZoom),
    *(L.RandomHeight, L.RandomWidth),
)
"""RandomCrop is none of them: in inference it crops in the middle and resizes."""
_TFMOT = "tensorflow_model_optimization."
_HALF = ("float16", "bfloat16")
_POLICIES = (*_HALF, *(f"mixed_{name}" for name in _HALF))


def is_augmentation(layer: Any) -> bool:
    """True for a layer that changes pictures at random in training and returns them as they are in inference."""
    return type(layer) in _AUGMENTATION


def is_pruning_wrapper(layer: Any) -> bool:
    """True for TFMOT's wrapper that prunes the weights of the layer inside (told without importing TFMOT)."""
    return type(layer).__name__ == "PruneLowMagnitude" and type(layer).__module__.startswith(_TFMOT)


def is_fake_quantizing(layer: Any) -> bool:
    """True for a layer of a network that TFMOT has put fake quantization into."""
    is_of_tfmot = type(layer).__module__.startswith(_TFMOT)
    return is_of_tfmot and type(layer).__name__.startswith(("QuantizeLayer", "QuantizeWrapper"))


def is_half(model: tf_keras.Model) -> bool:
    """True where a layer of the model computes in 16 bits."""
    return any(layer.compute_dtype in _HALF for layer in model._flatten_layers())


def weights_of_training(model: tf_keras.Model) -> set[int]:
    """Returns the ids of a model's weights that no output follows from: of metrics, and what wrappers prune by."""
    return {id(weight) for layer in model._flatten_layers() for weight in _of_training(layer)}


def _of_training(layer: Any) -> Iterator[Any]:
    for metric in layer._metrics:
        yield from metric.weights
    if is_pruning_wrapper(layer):
        of_inner = {id(weight) for weight in layer.layer.weights}
        yield from (weight for weight in layer.weights if id(weight) not in of_inner)


def in_float32(config: Any) -> Any:
    """Returns a layer's configuration with float32 in the place of every half precision, in layers inside it too."""
    if isinstance(config, list):  # also one that Keras keeps track of, which no generator makes
        return [in_float32(value) for value in config]
    if isinstance(config, tuple):
        return tuple(in_float32(value) for value in config)
    if not isinstance(config, dict):
        return config
    if config.get("class_name") == "Policy" and config["config"]["name"] in _POLICIES:
        return "float32"
    return {
        key: "float32" if key == "dtype" and value in _POLICIES else in_float32(value) for key, value in config.items()
    }
