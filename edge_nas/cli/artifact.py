"""A model file as `evaluate` and `predict` use it: something to run, and the size of image it takes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError

Floats = npt.NDArray[np.float32]
KERAS_SUFFIX = ".npz"


@dataclass(frozen=True)
class OpenArtifact:
    """`run`: network inputs (N, H, W, 3) float32 to logits (N, H, W, 1) float32. `runtime`: what runs it."""

    run: Callable[[Floats], Floats]
    input_shape: tuple[int, int, int]
    runtime: str


def open_artifact(path: Path) -> OpenArtifact:
    """Returns the network in a .tflite (on the reference kernels), .onnx or .npz file.

    Raises:
        ArtifactError: no such file, another kind of file, malformed, or not a network from one RGB image.
        UnsafeError: it would run code of its own.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; a .tflite, .onnx or .npz file is expected")
    if path.suffix.lower() == KERAS_SUFFIX:
        load_tensorflow()
        from edge_nas.models import load_model
        from edge_nas.runtimes.keras import KerasRuntime

        model = load_model(path)
        runtime = KerasRuntime(model)
        return OpenArtifact(runtime.run, _image_shape(path, tuple(model.input_shape[1:])), runtime.name)
    from edge_nas.runtimes.opening import open_runtime

    opened = open_runtime(path, reference=True)
    return OpenArtifact(opened.run, _image_shape(path, opened.input_spec.shape[1:]), opened.name)


def _image_shape(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3 or shape[2] != 3:
        raise ArtifactError(f"{path}: the input has shape {shape}; a network of one RGB image (H, W, 3) is expected")
    return (shape[0], shape[1], shape[2])
