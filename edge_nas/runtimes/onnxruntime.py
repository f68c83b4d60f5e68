""".onnx files through ONNX Runtime: float, or QDQ with int8 at both ends.

The QDQ file that tf2onnx makes of an int8 .tflite takes and gives int8 codes, and the file's interface does not say
what they mean. The scale and zero point are those of the DequantizeLinear that reads the input and of the
QuantizeLinear that makes the output, found through operators that only move elements (tf2onnx puts a Transpose or a
Reshape between).

By default ONNX Runtime (1.32) fuses Q, DQ and the operator between them into integer kernels, and those saturate at 16
bits on x86 processors without VNNI (its issue 6004, pull request 12088): measured on a published int8 network, a mean
difference of 8 LSB on noise where the unfused graph gives XNNPACK's codes exactly. Scores and parity therefore use
`reference=True`, without the fusion; latency uses `reference=False`, what a user gets without asking.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnx.external_data_helper
import onnx.numpy_helper
import onnxruntime
from google.protobuf.message import DecodeError

from edge_nas.errors import ArtifactError, UnsafeError
from edge_nas.results.artifacts import TensorSpec
from edge_nas.runtimes.base import FileRuntime, read_model_file

_MOVES = frozenset({"Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"})
_DTYPES = {"tensor(float)": "float32", "tensor(int8)": "int8"}

# Severity "fatal": the warnings are of every nearest resize that tf2onnx writes, and errors are raised as well, with a
# message of ours. Kernels log to the default logger, so the session's own severity does not reach them.
onnxruntime.set_default_logger_severity(4)
# For a program that has imported it before this package, whose variable then comes too late.
onnxruntime.disable_telemetry_events()


class OnnxRuntime(FileRuntime):
    """An .onnx file of batch 1 (or of free batch, run one by one) on the CPU, float32 or int8 at either end."""

    version = onnxruntime.__version__

    def __init__(self, path: Path, threads: int = 1, *, reference: bool = True) -> None:
        """Opens a file.

        Args:
            path: the .onnx file.
            threads: threads that share one operator.
            reference: True computes a QDQ file as it is written, False lets int8 kernels be fused; a float file is
                computed in the same way either way.

        Raises:
            ArtifactError: malformed, or not of one input and one output of batch 1, float32 or int8.
            UnsafeError: the file keeps tensors in other files.
        """
        source = str(path)
        data = read_model_file(path)
        graph = _read_graph(data, source)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        if reference:
            options.add_session_config_entry("session.disable_quant_qdq", "1")
        try:
            self._session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its exceptions share no base class below Exception
            raise ArtifactError(f"{source}: ONNX Runtime cannot load it: {_first_line(error)}") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or len(outputs) != 1:
            raise ArtifactError(f"{source}: {len(inputs)} inputs and {len(outputs)} outputs; one of each is expected")
        super().__init__(
            source,
            _spec(inputs[0], _input_quantization(graph, inputs[0].name), source),
            _spec(outputs[0], _output_quantization(graph, outputs[0].name), source),
        )
        self.name = "onnxruntime unfused" if reference and self.is_int8 else "onnxruntime"

    def run_together(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Returns the outputs of one inference on several samples, both (N, ...) of the file's own dtype.

        Raises:
            ArtifactError: the file takes one sample at a time, or the runtime fails.
        """
        return self._invoke(stored)

    def _invoke(self, stored: npt.NDArray[Any]) -> npt.NDArray[Any]:
        try:
            (output,) = self._session.run(None, {self.input_spec.name: stored})
        except Exception as error:  # as above
            raise ArtifactError(f"{self.source}: ONNX Runtime cannot run it: {_first_line(error)}") from error
        return np.asarray(output)


def _read_graph(data: bytes, source: str) -> Any:
    """Returns the graph of a file whose tensors all lie inside it."""
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise ArtifactError(f"{source}: not a valid .onnx file: {_first_line(error)}") from error
    for tensor in _tensors(model):
        if onnx.external_data_helper.uses_external_data(tensor):
            raise UnsafeError(
                f"{source}: tensor {tensor.name!r} is stored in another file, which is not followed: it could be any "
                "file of this machine; save the model with its data inside"
            )
    return model.graph


def _tensors(message: Any) -> Iterator[Any]:
    """Yields every tensor that a model holds, wherever its format has a place for one.

    Initializers, sparse ones, attributes, inner graphs, functions, what training left, and what is added to the format.
    """
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for inner in value if isinstance(value, Iterable) else (value,):
            if isinstance(inner, onnx.TensorProto):
                yield inner
            else:
                yield from _tensors(inner)


def _input_quantization(graph: Any, name: str) -> tuple[float, int] | None:
    """Returns scale and zero point of the DequantizeLinear that reads tensor `name`; None where there is none."""
    for node in graph.node:
        if not node.input or node.input[0] != name:
            continue
        if node.op_type == "DequantizeLinear":
            return _scale_and_zero_point(graph, node)
        if node.op_type in _MOVES:
            return _input_quantization(graph, node.output[0])
    return None


def _output_quantization(graph: Any, name: str) -> tuple[float, int] | None:
    """Returns scale and zero point of the QuantizeLinear that makes tensor `name`; None where there is none."""
    for node in graph.node:
        if name not in node.output:
            continue
        if node.op_type == "QuantizeLinear":
            return _scale_and_zero_point(graph, node)
        if node.op_type in _MOVES:
            return _output_quantization(graph, node.input[0])
    return None


def _scale_and_zero_point(graph: Any, node: Any) -> tuple[float, int] | None:
    """Returns the per-tensor scale and zero point of a Q or DQ node; None if they are no constants or per channel."""
    if len(node.input) != 3:
        return None
    constants = _constants(graph)
    _, scale_name, zero_point_name = node.input
    if scale_name not in constants or zero_point_name not in constants:
        return None
    scale = onnx.numpy_helper.to_array(constants[scale_name])
    zero_point = onnx.numpy_helper.to_array(constants[zero_point_name])
    is_per_tensor = scale.ndim == zero_point.ndim == 0
    return (float(scale), int(zero_point)) if is_per_tensor else None


def _constants(graph: Any) -> dict[str, Any]:
    """Returns the stored tensors of a graph by name: initializers, and what Constant nodes give."""
    constants = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type != "Constant":
            continue
        for attribute in node.attribute:
            if attribute.name == "value":
                constants[node.output[0]] = attribute.t
    return constants


def _spec(argument: Any, quantization: tuple[float, int] | None, source: str) -> TensorSpec:
    """Returns the spec of an input or output; a free batch counts as 1."""
    shape = list(argument.shape)
    if shape and not isinstance(shape[0], int):
        shape[0] = 1
    if not all(isinstance(size, int) for size in shape):
        raise ArtifactError(f"{source}: {argument.name!r} has the free shape {shape}; only the batch may be free")
    scale, zero_point = quantization or (None, None)
    dtype = _DTYPES.get(argument.type, argument.type)
    return TensorSpec(name=argument.name, shape=tuple(shape), dtype=dtype, scale=scale, zero_point=zero_point)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
