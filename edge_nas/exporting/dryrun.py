"""Whether an untrained network can be exported: its ONNX files, made once and thrown away."""

from pathlib import Path

import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.core.temporary import temporary_folder
from edge_nas.exporting.files import QDQ, files_of
from edge_nas.exporting.onnx import float_onnx, qdq_onnx


def dry_run(network: tf_keras.Model, int8: bytes) -> None:
    """Raises GraphError where an operator of the network, or of its int8 .tflite, has no place in an ONNX file."""
    with temporary_folder() as folder:
        tflite = Path(folder, "model.tflite")
        write_bytes(tflite, int8)
        float_onnx(network, Path(folder, "model.onnx"))
        if QDQ in files_of(int8):
            qdq_onnx(tflite, Path(folder, QDQ))
