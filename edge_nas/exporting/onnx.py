"""ONNX files, opset 17, of batch 1 or of any batch (the one place that calls tf2onnx 1.17).

Importing `fully_connected` and `gelu` mends how tf2onnx takes dense layers and GELU.
"""

import contextlib
import io
from pathlib import Path
from typing import Any

import onnx
import onnx.numpy_helper
import tensorflow as tf
import tf2onnx
import tf_keras

from edge_nas.core.atomic import write_bytes
from edge_nas.core.chatter import quiet_converter
from edge_nas.errors import GraphError
from edge_nas.exporting import fully_connected, gelu  # noqa: F401 - register themselves
from edge_nas.exporting.onnxorder import put_in_order

OPSET = 17
BATCH = "batch"
"""Name of a free batch in a file's interface."""


def float_onnx(model: tf_keras.Model, path: Path, *, dynamic: bool = False) -> None:
    """Writes a float network as ONNX; input and output keep TensorFlow's channels-last layout.

    Args:
        model: functional network with one input.
        path: the file.
        dynamic: the file takes any number of samples at a time, otherwise one.

    Raises:
        GraphError: tf2onnx, the ONNX checker or strict shape inference refuses the network.
    """
    shape = (None if dynamic else 1, *model.inputs[0].shape[1:])
    signature = (tf.TensorSpec(shape, tf.float32, name=model.input_names[0]),)
    _write(lambda: tf2onnx.convert.from_keras(model, input_signature=signature, opset=OPSET)[0], path, dynamic)


def qdq_onnx(tflite: Path, path: Path, *, dynamic: bool = False) -> None:
    """Writes an int8 .tflite as ONNX with QuantizeLinear and DequantizeLinear around float operators.

    It is made from the file, not from the QAT network: tf2onnx folds a QAT network's weights back to float. Weights
    keep their scale per channel.

    Args:
        tflite: the int8 file, of batch 1.
        path: the file to write.
        dynamic: as of `float_onnx`.

    Raises:
        GraphError: tf2onnx, the ONNX checker or strict shape inference refuses the network.
    """
    _write(lambda: _from_tflite(tflite), path, dynamic)


def _from_tflite(tflite: Path) -> Any:
    """Returns the network; the interpreter that tf2onnx asks for shapes tells of its kernels and of its end."""
    with quiet_converter():
        return tf2onnx.convert.from_tflite(str(tflite), opset=OPSET)[0]


def _write(convert: Any, path: Path, dynamic: bool) -> None:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # tf2onnx prints
            proto = convert()
        put_in_order(proto.graph)
        _set_batch(proto.graph, dynamic)
        # Full: with shape inference, strict and with types.
        onnx.checker.check_model(proto, full_check=True)
    except MemoryError:  # no fault of the network
        raise
    except Exception as error:  # tf2onnx raises whatever its converters meet
        raise GraphError(f"{path.name}: cannot be written as ONNX: {error}") from error
    write_bytes(path, proto.SerializeToString())


def _set_batch(graph: Any, dynamic: bool) -> None:
    """Makes the batch of inputs and outputs 1 or free.

    A .tflite file has batch 1 in the targets of its reshapes as well. There, 0 stands for the size that comes in.
    """
    for value in (*graph.input, *graph.output):
        batch = value.type.tensor_type.shape.dim[0]
        batch.Clear()
        if dynamic:
            batch.dim_param = BATCH
        else:
            batch.dim_value = 1
    if not dynamic:
        return
    del graph.value_info[:]
    targets = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    for tensor in graph.initializer:
        if tensor.name in targets:
            shape = onnx.numpy_helper.to_array(tensor).copy()
            if shape[0] == 1:
                shape[0] = 0
                tensor.CopyFrom(onnx.numpy_helper.from_array(shape, tensor.name))
