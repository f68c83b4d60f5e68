"""A model file as `evaluate` and `predict` use it: something to run, and the size of image it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError

Floats = npt.NDArray[np.float32]
KERAS_SUFFIXES = (".npz", ".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class OpenArtifact:
    """`run`: network inputs (N, H, W, 3) float32 to logits (N, H, W, 1) float32. `runtime`: what runs it."""

    run: Callable[[Floats], Floats]
    input_shape: tuple[int, int, int]
    runtime: str


def open_artifact(path: Path, *, trust: bool = False, custom_objects: Iterable[str] | None = None) -> OpenArtifact:
    """Returns the network in a .tflite (on the reference kernels), .onnx, .npz, .keras or .h5 file.

    Args:
        path: the file.
        trust: run code that came with a .keras or .h5 file.
        custom_objects: `module:Class` each, which such a file may name.

    Raises:
        ArtifactError: no such file, another kind of file, malformed, or not a network from one RGB image to one mask.
        UnsafeError: it would run code of its own.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; a .tflite, .onnx, .npz, .keras or .h5 file is expected")
    if path.suffix.lower() in KERAS_SUFFIXES:
        load_tensorflow()
        from edge_nas.graph.flatten import flatten
        from edge_nas.models.logits import as_logits
        from edge_nas.models.opening import open_model
        from edge_nas.runtimes.keras import KerasRuntime

        model = open_model(str(path), trust=trust, custom_objects=custom_objects or ())
        if not model._is_graph_network:  # a subclassed model, which does not say what it takes and makes
            model = flatten(model)
        runtime = KerasRuntime(as_logits(model))
        return _opened(path, runtime.run, model.input_shape[1:], model.output_shape, runtime.name)
    from edge_nas.runtimes.opening import open_runtime

    opened = open_runtime(path, reference=True)
    return _opened(path, opened.run, opened.input_spec.shape[1:], opened.output_spec.shape, opened.name)


def _opened(
    path: Path, run: Callable[[Floats], Floats], taken: tuple[int, ...], made: tuple[int | None, ...], runtime: str
) -> OpenArtifact:
    if len(taken) != 3 or taken[2] != 3:
        raise ArtifactError(f"{path}: the input has shape {taken}; a network of one RGB image (H, W, 3) is expected")
    if tuple(made[1:]) != (*taken[:2], 1):
        raise ArtifactError(
            f"{path}: the output has shape {made}; a network of one logit per pixel, (N, {taken[0]}, {taken[1]}, 1), "
            "is expected"
        )
    return OpenArtifact(run, (taken[0], taken[1], taken[2]), runtime)
