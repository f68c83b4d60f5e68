"""A model file as `evaluate` and `predict` use it: something to run, and the size of image it takes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge_nas.core.arrays import Inputs, Outputs
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError

if TYPE_CHECKING:
    from edge_nas.tasks import Task

KERAS_SUFFIXES = (".npz", ".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class OpenArtifact:
    """`run`: network inputs (N, H, W, 3) float32 to the outputs of `task`. `runtime`: what runs it."""

    run: Callable[[Inputs], Outputs]
    input_shape: tuple[int, int, int]
    runtime: str
    task: "Task"


def open_artifact(
    path: Path,
    *,
    trust: bool = False,
    custom_objects: Iterable[str] | None = None,
    task: str | None = None,
    classes: str | None = None,
) -> OpenArtifact:
    """Returns the network in a .tflite (on the reference kernels), .onnx, .npz, .keras or .h5 file.

    Args:
        path: the file.
        trust: run code that came with a .keras or .h5 file.
        custom_objects: `module:Class` each, which such a file may name.
        task: what the network answers; None: as the `task.json` beside it says, else binary segmentation.
        classes: names with commas in between; None: as `task.json` says, else numbers.

    Raises:
        ConfigError: no such task, or another number of names.
        ArtifactError: no such file, another kind of file, malformed, or not a network from one RGB image to answers of
            the task.
        UnsafeError: it would run code of its own.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; a .tflite, .onnx, .npz, .keras or .h5 file is expected")
    asked = partial(_task, path, task, tuple(classes.split(",")) if classes else ())
    if path.suffix.lower() in KERAS_SUFFIXES:
        load_tensorflow()
        from edge_nas.graph.flatten import flatten
        from edge_nas.models.logits import as_logits
        from edge_nas.models.outside import open_model
        from edge_nas.runtimes.keras import KerasRuntime

        model = open_model(str(path), trust=trust, custom_objects=custom_objects or ())
        if not model._is_graph_network:  # a subclassed model, which does not say what it takes and makes
            model = flatten(model)
        taken, made = model.input_shape[1:], model.output_shape
        known = asked(taken, made)
        runtime = KerasRuntime(as_logits(model, known.output_kind))
        return OpenArtifact(runtime.run, taken, runtime.name, known)
    from edge_nas.runtimes.by_suffix import open_runtime

    opened = open_runtime(path, reference=True)
    taken = opened.input_spec.shape[1:]
    known = asked(taken, opened.output_spec.shape)
    return OpenArtifact(opened.run, (taken[0], taken[1], taken[2]), opened.name, known)


def _task(
    path: Path,
    named: str | None,
    classes: tuple[str, ...],
    taken: tuple[int, ...],
    made: tuple[int | None, ...],
) -> "Task":
    """Returns the task of a network by the shapes that it takes and makes."""
    from edge_nas.tasks.card import task_of_file

    if len(taken) != 3 or taken[2] != 3:
        raise ArtifactError(f"{path}: the input has shape {taken}; a network of one RGB image (H, W, 3) is expected")
    task = task_of_file(path, made, named, classes)
    if tuple(made[1:]) != task.output_shape(taken):
        expected = ", ".join(map(str, ("N", *task.output_shape(taken))))
        what = "one logit per pixel" if task.output_kind == "logit" else f"task {task.name!r}"
        raise ArtifactError(f"{path}: the output has shape {made}; a network of {what}, ({expected}), is expected")
    return task
