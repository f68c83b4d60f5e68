"""The four files of a network that are shipped."""

from collections.abc import Callable
from pathlib import Path

import tf_keras

from edge_nas.core.atomic import copy_file, write_bytes
from edge_nas.exporting.onnx import float_onnx, qdq_onnx
from edge_nas.graph.tflite import to_tflite

INT8_FILES = ("model.tflite", "model_int8.onnx")
FLOAT_FILES = ("model_float.tflite", "model.onnx")
FILES = ("model.tflite", "model_float.tflite", "model.onnx", "model_int8.onnx")


def write_files(
    network: tf_keras.Model, int8: Path, folder: Path, *, dynamic: bool, about_to_write: Callable[[str], None]
) -> None:
    """Writes the four `FILES` into `folder`.

    Args:
        network: flat float network.
        int8: its int8 .tflite file, which is shipped as it is.
        folder: where to.
        dynamic: the ONNX files take any number of samples at a time, otherwise one.
        about_to_write: told each file's name before it is written.

    Raises:
        GraphError: a converter refuses the network.
    """
    about_to_write("model.tflite")
    copy_file(int8, folder / "model.tflite")
    about_to_write("model_float.tflite")
    write_bytes(folder / "model_float.tflite", to_tflite(network, int8=False))
    about_to_write("model.onnx")
    float_onnx(network, folder / "model.onnx", dynamic=dynamic)
    about_to_write("model_int8.onnx")
    qdq_onnx(folder / "model.tflite", folder / "model_int8.onnx", dynamic=dynamic)
