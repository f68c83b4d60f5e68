"""The files of a network that are shipped."""

from collections.abc import Callable, Sequence
from pathlib import Path

import tf_keras

from edge_nas.core.atomic import copy_file, write_bytes
from edge_nas.exporting.onnx import float_onnx, qdq_onnx
from edge_nas.graph.tflite import to_tflite
from edge_nas.int8.reader import read_tflite

QDQ = "model_int8.onnx"
INT8_FILES = ("model.tflite", QDQ)
FLOAT_FILES = ("model_float.tflite", "model.onnx")
FILES = ("model.tflite", *FLOAT_FILES, QDQ)


def files_of(int8: bytes) -> tuple[str, ...]:
    """Returns which of the `FILES` there are beside an int8 .tflite.

    tf2onnx 1.17 writes no QDQ file of activations of 16 bits: their operators are of opset 21, it ends at 18. Nor of an
    LSTM, whose cell has 16 bits: it has no handler for TFLite's operator.
    """
    graph = read_tflite(int8, "model.tflite")
    has_short_ends = any(graph.tensors[index].dtype == "int16" for index in graph.inputs)
    has_lstm = any(operator.kind == "UNIDIRECTIONAL_SEQUENCE_LSTM" for operator in graph.operators)
    return tuple(name for name in FILES if name != QDQ) if has_short_ends or has_lstm else FILES


def write_files(
    network: tf_keras.Model,
    int8: Path,
    folder: Path,
    *,
    names: Sequence[str],
    dynamic: bool,
    about_to_write: Callable[[str], None],
) -> None:
    """Writes files into `folder`.

    Args:
        network: flat float network.
        int8: its quantized .tflite file, which is shipped as it is.
        folder: where to.
        names: which of the `FILES`.
        dynamic: the ONNX files take any number of samples at a time, otherwise one.
        about_to_write: told each file's name before it is written.

    Raises:
        GraphError: a converter refuses the network.
    """
    writers: dict[str, Callable[[Path], object]] = {
        "model.tflite": lambda path: copy_file(int8, path),
        "model_float.tflite": lambda path: write_bytes(path, to_tflite(network, int8=False)),
        "model.onnx": lambda path: float_onnx(network, path, dynamic=dynamic),
        QDQ: lambda path: qdq_onnx(int8, path, dynamic=dynamic),
    }
    for name in names:
        about_to_write(name)
        writers[name](folder / name)
