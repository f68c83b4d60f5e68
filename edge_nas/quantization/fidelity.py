"""An int8 file beside the float network that it was made of: how far off its outputs are, and where that begins.

fidelity = output_fidelity(network, data, inputs)
fidelity.outputs[0].error                 # 0.03: 3 % of what varies between inputs
tensor_fidelity(network, data, inputs).tensors      # each layer's tensor, in the order in which they are computed

Compared are TFLite's reference kernels, which a microcontroller computes, and Keras. Tensors of the file are called as
the layers of the network (design note 5), so that they find each other.
"""

import warnings
from collections.abc import Sequence
from functools import partial
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tf_keras

from edge_nas.core.jointinputs import NetworkInputs, arrays_of, fed
from edge_nas.errors import ModelWarning
from edge_nas.graph.walk import Call, layer_calls, output_keys
from edge_nas.int8.arithmetic import dequantize, quantize
from edge_nas.int8.cost import tflite_cost
from edge_nas.int8.graph import Int8Graph, Tensor
from edge_nas.int8.reader import read_tflite
from edge_nas.layers import kind_of
from edge_nas.layers.normalization import BATCHNORM
from edge_nas.results.fidelity import Int8Fidelity, TensorFidelity
from edge_nas.runtimes.childtensors import Stored
from edge_nas.runtimes.reference import run_reference

FAR = 0.3
"""From this error on a warning says where it begins. int8 of networks that quantize well is off by 0.01 to 0.1."""
_MACS = 100_000_000
"""About what the reference kernels compute in 2 s: so many MACs are spent on inputs, between `_FEWEST` and `_MOST`."""
_FEWEST, _MOST = 2, 16
_VALUES = 1 << 26
"""Most float32 values of tensors inside that are held at once, 256 MiB."""


class Reference(Protocol):
    """The reference kernels, in a child or in this process."""

    def __call__(
        self, data: bytes, inputs: Sequence[Stored], /, *, inside: Sequence[int] | None = None
    ) -> list[Stored]:
        """Returns a tensor (N, ...) for each output, or for each tensor whose index is in `inside`."""


def output_fidelity(
    network: tf_keras.Model, data: bytes, inputs: NetworkInputs, reference: Reference | None = None
) -> Int8Fidelity:
    """Returns how near the outputs are on some of the inputs, evenly chosen.

    Args:
        network: flat float network.
        data: the int8 .tflite file that was made of it.
        inputs: (N, ...) float32 network inputs, or one such for each of the network's.
        reference: the kernels; None: in a child process. Another where the file has run in this one already.

    Raises:
        ArtifactError: the reference kernels do not take the file.
    """
    graph = read_tflite(data, network.name)
    chosen = _some(inputs, _count(graph, data))
    run = reference or partial(run_reference, source=network.name, apart=True)
    codes = run(data, _codes(graph, chosen))
    expected = tf.nest.flatten(network(fed(chosen), training=False))
    makers = {index: operator.kind for operator in graph.operators for index in operator.outputs}
    outputs = []
    for index, output, wanted in zip(graph.outputs, codes, expected, strict=True):
        tensor = graph.tensors[index]
        error = _error(_reals(output, tensor), wanted.numpy())
        outputs.append(TensorFidelity(name=tensor.name, operator=makers.get(index, "none"), error=error))
    return Int8Fidelity(inputs=len(chosen), outputs=tuple(outputs))


def tensor_fidelity(
    network: tf_keras.Model, data: bytes, inputs: NetworkInputs, reference: Reference | None = None
) -> Int8Fidelity:
    """Returns the same with every tensor inside that a layer of the network bears the name of; arguments as above."""
    fidelity = output_fidelity(network, data, inputs, reference)
    graph = read_tflite(data, network.name)
    views = _views(network)
    pairs = [(tensor, kind) for tensor, kind in _computed(graph) if tensor.name in views]
    values = sum(tensor.elements * len(views[tensor.name]) for tensor, _ in pairs)
    chosen = _some(inputs, min(fidelity.inputs, max(_FEWEST, _VALUES // max(1, values))))
    indices = [tensor.index for tensor, _ in pairs]
    run = reference or partial(run_reference, source=network.name, apart=True)
    inside = run(data, _codes(graph, chosen), inside=indices)
    symbolic = [candidate for tensor, _ in pairs for candidate in views[tensor.name]]
    if not symbolic:
        return fidelity
    floats = iter(tf.nest.flatten(tf_keras.Model(network.inputs, symbolic)(fed(chosen), training=False)))
    tensors = []
    for (tensor, kind), codes in zip(pairs, inside, strict=True):
        candidates = [next(floats).numpy() for _ in views[tensor.name]]
        errors = [_error(_reals(codes, tensor), wanted) for wanted in candidates if wanted.size == codes.size]
        if errors:
            tensors.append(TensorFidelity(name=tensor.name, operator=kind, error=min(errors)))
    return fidelity.model_copy(update={"tensors": tuple(tensors)})


def warn_if_far(network: tf_keras.Model, data: bytes, inputs: NetworkInputs, fidelity: Int8Fidelity) -> None:
    """Warns (`ModelWarning`) of outputs that are off by `FAR` or more, and names the operator where it begins."""
    far = [output for output in fidelity.outputs if output.error >= FAR]
    if not far:
        return
    inside = tensor_fidelity(network, data, inputs)
    begins = next((tensor for tensor in inside.tensors if tensor.error >= FAR), far[0])
    named = ", ".join(f"{output.name!r} by {output.error:.2f}" for output in far)
    warnings.warn(
        f"int8 is far from float: output {named} of what varies between inputs (below {FAR:g} is usual). It begins "
        f"with {begins.operator} of layer {begins.name!r} ({begins.error:.2f}). Look at the range of its values over "
        "the calibration inputs, or give more of them",
        ModelWarning,
        stacklevel=3,
    )


def _views(network: tf_keras.Model) -> dict[str, list[Any]]:
    """Returns the symbolic tensors that a file's tensor of a layer's name may be, by the name.

    The converter computes a BatchNorm or an activation on the way, and calls what comes out as either layer.
    """
    calls = layer_calls(network)
    outputs = set(output_keys(network))
    views: dict[str, list[Any]] = {}
    for call in calls:
        if len(call.outputs) != 1 or not call.inputs:
            continue
        candidates = [call.node.outputs]
        last = call
        while last.outputs[0] not in outputs:
            readers = [other for other in calls if last.outputs[0] in other.inputs]
            if len(readers) != 1 or not _is_merged(readers[0]):
                break
            last = readers[0]
            candidates.append(last.node.outputs)
        views.setdefault(call.layer.name, candidates)
    return views


def _is_merged(call: Call) -> bool:
    kind = kind_of(call.layer)
    return len(call.outputs) == 1 and (kind is BATCHNORM or kind.in_file.becomes in ("activation", "nothing"))


def _computed(graph: Int8Graph) -> list[tuple[Tensor, str]]:
    """Returns every tensor that an operator writes, with the operator, in the order in which they are computed."""
    return [
        (graph.tensors[index], operator.kind)
        for operator in graph.operators
        for index in operator.outputs
        if index >= 0 and graph.tensors[index].dtype in ("int8", "int16") and len(graph.tensors[index].scales) == 1
    ]


def _count(graph: Int8Graph, data: bytes) -> int:
    macs = tflite_cost(graph, len(data)).macs
    return min(_MOST, max(_FEWEST, _MACS // max(1, macs)))


def _some(inputs: NetworkInputs, count: int) -> NetworkInputs:
    places = np.unique(np.linspace(0, len(inputs) - 1, min(count, len(inputs))).round().astype(int))
    return inputs[places]


def _codes(graph: Int8Graph, inputs: NetworkInputs) -> Sequence[npt.NDArray[Any]]:
    tensors = [graph.tensors[index] for index in graph.inputs]
    pairs = zip(arrays_of(inputs), tensors, strict=True)
    return [quantize(array, tensor.scales[0], tensor.zero_points[0], tensor.dtype) for array, tensor in pairs]


def _reals(codes: npt.NDArray[Any], tensor: Tensor) -> npt.NDArray[np.float32]:
    return dequantize(codes, tensor.scales[0], tensor.zero_points[0])


def _error(values: npt.NDArray[np.floating], expected: npt.NDArray[np.floating]) -> float:
    """Returns RMS(values − expected) / RMS(expected − its mean over inputs); of what never varies, of all of it."""
    wanted = expected.astype(np.float64).reshape(len(expected), -1)
    difference = values.reshape(wanted.shape) - wanted
    spread = float(np.sqrt(np.mean((wanted - wanted.mean(axis=0)) ** 2))) or float(np.sqrt(np.mean(wanted**2)))
    error = float(np.sqrt(np.mean(difference**2)))
    return error / spread if spread else error
