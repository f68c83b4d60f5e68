"""From a model file to timed calls."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from edge_nas.benchmarking.kerasprocess import keras_process
from edge_nas.benchmarking.measure import RuntimeName, TimedModel
from edge_nas.benchmarking.timing import time_calls
from edge_nas.runtimes.by_suffix import open_runtime

_RUNTIMES: dict[str, RuntimeName] = {"litert": "litert", "onnxruntime": "onnxruntime"}


def timed_file(path: Path, threads: int = 1, model: str | None = None) -> TimedModel:
    """Returns one inference of a .tflite file (default delegate) or an .onnx file, float or int8.

    Args:
        path: the file.
        threads: threads of one inference.
        model: what to call it in the report; default: the file's name.

    Raises:
        ArtifactError: the file cannot be opened, see `open_runtime`.
    """
    runtime = open_runtime(path, reference=False, threads=threads)
    timed = partial(time_calls, runtime.invoke_once)
    return TimedModel(_RUNTIMES[runtime.name], model or path.name, threads, runtime.version, timed)


@contextmanager
def timed_keras(path: Path, threads: int = 1) -> Iterator[TimedModel]:
    """Yields one inference of a network stored as .npz, compiled with tf.function, in a process of its own.

    Args:
        path: the file.
        threads: threads and cores of the process.

    Raises:
        EdgeNasError: the process ends before it answers.
    """
    with keras_process(path, threads) as process:
        yield TimedModel("keras", path.name, threads, process.version, process.time_calls)
