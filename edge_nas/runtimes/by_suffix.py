"""From a path to the runtime that runs it, by suffix."""

from pathlib import Path

from edge_nas.errors import ArtifactError
from edge_nas.runtimes.base import FileRuntime
from edge_nas.runtimes.litert import LitertRuntime
from edge_nas.runtimes.onnxruntime import OnnxRuntime

SUFFIXES = (".tflite", ".onnx")


def open_runtime(path: Path, *, reference: bool = True, threads: int = 1) -> FileRuntime:
    """Returns a runtime for a .tflite or .onnx file. Keras artifacts are opened by `edge_nas.models`, not here.

    Args:
        path: the file.
        reference: True for what the file means, to judge it: .tflite on the reference kernels (what a microcontroller
            computes), QDQ .onnx unfused. False for what is fast here, to time it: the default delegate, fused kernels.
        threads: threads of one inference; the reference kernels use one.

    Raises:
        ArtifactError: another suffix, no such file, malformed, or not of one input and one output of batch 1.
    """
    suffix = path.suffix.lower()
    if suffix == ".tflite":
        return LitertRuntime(path, reference=reference, threads=threads)
    if suffix == ".onnx":
        return OnnxRuntime(path, threads, reference=reference)
    raise ArtifactError(f"{path}: unknown kind of model file {suffix!r}; allowed: {', '.join(SUFFIXES)}")
