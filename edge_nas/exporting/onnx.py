"""ONNX files, opset 17, fixed batch 1 (the one place that calls tf2onnx 1.17)."""

import contextlib
import io
from pathlib import Path
from typing import Any

import onnx
import tensorflow as tf
import tf2onnx
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.errors import GraphError

OPSET = 17


def float_onnx(model: tf_keras.Model, path: Path) -> None:
    """Writes a float network as ONNX; input and output keep TensorFlow's channels-last layout.

    Raises:
        GraphError: tf2onnx or the ONNX checker refuses the network.
    """
    shape = (1, *model.inputs[0].shape[1:])
    signature = (tf.TensorSpec(shape, tf.float32, name=model.input_names[0]),)
    _write(lambda: tf2onnx.convert.from_keras(model, input_signature=signature, opset=OPSET)[0], path)


def qdq_onnx(tflite: Path, path: Path) -> None:
    """Writes an int8 .tflite as ONNX with QuantizeLinear and DequantizeLinear around float operators.

    It is made from the file, not from the QAT network: tf2onnx folds a QAT network's weights back to float.

    Raises:
        GraphError: tf2onnx or the ONNX checker refuses the network.
    """
    _write(lambda: tf2onnx.convert.from_tflite(str(tflite), opset=OPSET)[0], path)


def _write(convert: Any, path: Path) -> None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # tf2onnx prints
            proto = convert()
        onnx.checker.check_model(proto, full_check=True)
    except Exception as error:  # tf2onnx raises whatever its converters meet
        raise GraphError(f"{path.name}: cannot be written as ONNX: {error}") from error
    write_bytes(path, proto.SerializeToString())
