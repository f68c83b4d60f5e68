"""A model file as `evaluate` and `predict` use it: something to run, and what samples it takes."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from edge_nas.core.arrays import Inputs, Outputs
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError

if TYPE_CHECKING:
    from edge_nas.core.samples import SampleFormat
    from edge_nas.tasks import Task

KERAS_SUFFIXES = (".npz", ".keras", ".h5", ".hdf5")


@dataclass(frozen=True)
class OpenArtifact:
    """`run`: network inputs (N, *input_shape) float32 to the outputs of `task`. `runtime`: what runs it.

    `sample`: what the file `task.json` beside it says of its samples; None: nothing.
    """

    run: Callable[[Inputs], Outputs]
    input_shape: tuple[int, ...]
    runtime: str
    task: "Task"
    sample: "SampleFormat | None"


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
        task: what the network is for; None: as the `task.json` beside it says, else binary segmentation.
        classes: names with commas in between; None: as `task.json` says, else numbers.

    Raises:
        ConfigError: no such task, or another number of names.
        ArtifactError: no such file, another kind of file, malformed, or not a network from one sample to outputs of the
            task.
        UnsafeError: it would run code of its own.
    """
    if not path.is_file():
        raise ArtifactError(f"{path}: no such file; a .tflite, .onnx, .npz, .keras or .h5 file is expected")
    task_for = partial(_task_for, path, task, tuple(classes.split(",")) if classes else ())
    if path.suffix.lower() in KERAS_SUFFIXES:
        return _open_keras(path, task_for, trust=trust, custom_objects=custom_objects or ())
    from edge_nas.runtimes.by_suffix import open_runtime
    from edge_nas.tasks.card import sample_of_file

    runtime = open_runtime(path, reference=True)
    input_shape = runtime.input_spec.shape[1:]
    known_task = task_for(input_shape, runtime.output_spec.shape)
    return OpenArtifact(runtime.run, input_shape, runtime.name, known_task, sample_of_file(path))


def _open_keras(
    path: Path, task_for: "Callable[..., Task]", *, trust: bool, custom_objects: Iterable[str]
) -> OpenArtifact:
    load_tensorflow()
    from edge_nas.graph.flatten import flatten
    from edge_nas.models.logits import as_logits
    from edge_nas.models.outside import open_model
    from edge_nas.runtimes.keras import KerasRuntime
    from edge_nas.tasks.card import sample_of_file

    model = open_model(str(path), trust=trust, custom_objects=custom_objects)
    if not model._is_graph_network:  # a subclassed model, which does not know the shapes of its ends
        model = flatten(model)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ArtifactError(
            f"{path}: {len(model.inputs)} inputs and {len(model.outputs)} outputs; one of each is expected"
        )
    input_shape = model.input_shape[1:]
    known_task = task_for(input_shape, model.output_shape)
    runtime = KerasRuntime(as_logits(model, known_task.output_kind))
    return OpenArtifact(runtime.run, input_shape, runtime.name, known_task, sample_of_file(path))


def _task_for(
    path: Path,
    named: str | None,
    classes: tuple[str, ...],
    input_shape: tuple[int, ...],
    output_shape: tuple[int | None, ...],
) -> "Task":
    """Returns the task of a network by the shapes of its ends: the input without its batch, the output with it."""
    from edge_nas.core.samples import MOST_AXES, MOST_VALUES, SHAPES
    from edge_nas.tasks.card import task_of_file

    if not 1 <= len(input_shape) <= MOST_AXES or None in input_shape:
        raise ArtifactError(
            f"{path}: the input has shape {input_shape}; a network of one sample {SHAPES} of a fixed size is expected"
        )
    if math.prod(input_shape) > MOST_VALUES:
        raise ArtifactError(f"{path}: the input has shape {input_shape}; up to {MOST_VALUES:,} values are supported")
    task = task_of_file(path, output_shape, named, classes)
    if task.has_masks and len(input_shape) != MOST_AXES:
        raise ArtifactError(
            f"{path}: the input has shape {input_shape}, but task {task.name!r} asks for masks of samples (h, w, c); "
            "name the task with --task"
        )
    expected = task.output_shape(input_shape)
    if tuple(output_shape[1:]) != expected:
        what = "one logit per pixel" if task.output_kind == "logit" else f"task {task.name!r}"
        shape = ", ".join(map(str, ("N", *expected)))
        raise ArtifactError(f"{path}: the output has shape {output_shape}; a network of {what}, ({shape}), is expected")
    return task
