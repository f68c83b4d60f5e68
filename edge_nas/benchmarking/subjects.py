"""Subjects of a benchmark: from a model file or a Keras model to one timed call."""

from pathlib import Path
from typing import Any

from edge_nas.benchmarking.measure import RuntimeName, Subject
from edge_nas.runtimes.opening import open_runtime

_RUNTIMES: dict[str, RuntimeName] = {"litert": "litert", "onnxruntime": "onnxruntime"}


def file_subject(path: Path, threads: int = 1, model: str | None = None) -> Subject:
    """Returns one inference of a .tflite file (default delegate) or an .onnx file, float or int8.

    Args:
        path: the file.
        threads: threads of one inference.
        model: what to call it in the report; default: the file's name.

    Raises:
        ArtifactError: the file cannot be opened, see `open_runtime`.
    """
    runtime = open_runtime(path, reference=False, threads=threads)
    return Subject(_RUNTIMES[runtime.name], model or path.name, threads, runtime.version, runtime.invoke_once)


def keras_subject(model: Any, name: str, threads: int = 1) -> Subject:
    """Returns one inference of a tf_keras model, compiled with tf.function.

    Args:
        model: a model with one input of known shape.
        name: what to call it in the report.
        threads: how many cores `benchmark` will hold the process to; TensorFlow's own pool is set once per process.
    """
    from edge_nas.runtimes.keras import KerasRuntime  # imports TensorFlow, which files do not need

    runtime = KerasRuntime(model)
    return Subject("keras", name, threads, runtime.version, runtime.invoke_once)
