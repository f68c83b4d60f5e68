"""What depends on nothing but the file is computed while it is read: shapes, and constants made of constants.

Keras writes a Reshape with an open batch as SHAPE -> STRIDED_SLICE -> PACK -> RESHAPE; the batch is 1 here, and so the
three are a constant. Detectors TILE and CAST constants. Values are those of the file's own dtypes; nothing is rounded.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.int8.graph import Int8Graph, Operator, Tensor

Values = npt.NDArray[Any]

_MASKS = ("EllipsisMask", "NewAxisMask", "Offset")


def fold_constants(graph: Int8Graph) -> Int8Graph:
    """Returns a graph without the operators whose output is known; their outputs are constants.

    What the network gives stays computed, and what cannot be folded stays as it is: its operator refuses it by name.
    """
    tensors = list(graph.tensors)
    operators = []
    for operator in graph.operators:
        value = _value(operator, tensors) if not set(operator.outputs) & set(graph.outputs) else None
        if value is None:
            operators.append(operator)
        else:
            index = operator.outputs[0]
            tensors[index] = replace(tensors[index], data=value)
    if len(operators) == len(graph.operators):
        return graph
    return replace(graph, tensors=tuple(tensors), operators=tuple(operators))


def _value(operator: Operator, tensors: list[Tensor]) -> Values | None:
    """Returns what an operator computes; None where that is not known, or not of the output's shape and dtype."""
    if operator.kind not in _FOLDED or len(operator.outputs) != 1 or min(operator.inputs, default=-1) < 0:
        return None
    inputs = [tensors[index] for index in operator.inputs]
    output = tensors[operator.outputs[0]]
    if operator.kind == "SHAPE":
        value: Values | None = np.array(inputs[0].shape, output.dtype)
    elif any(tensor.data is None for tensor in inputs):
        return None
    else:
        try:
            value = _FOLDED[operator.kind](operator.options, [_data(tensor) for tensor in inputs], output)
        except (ValueError, IndexError, KeyError, TypeError, OverflowError):
            return None
    fits = value is not None and value.shape == output.shape and value.dtype == output.dtype and output.data is None
    return value if fits else None


def _data(tensor: Tensor) -> Values:
    return np.zeros(tensor.shape, tensor.dtype) if tensor.data is None else tensor.data


def _strided_slice(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values | None:  # noqa: ARG001
    values, begins, ends, strides = inputs
    if any(options[mask] for mask in _MASKS):
        return None
    cuts: list[slice | int] = []
    for axis, (begin, end, stride) in enumerate(zip(begins.tolist(), ends.tolist(), strides.tolist(), strict=True)):
        if options["ShrinkAxisMask"] >> axis & 1:
            cuts.append(begin)
            continue
        first = None if options["BeginMask"] >> axis & 1 else begin
        last = None if options["EndMask"] >> axis & 1 else end
        cuts.append(slice(first, last, stride))
    return np.asarray(values[tuple(cuts)])


def _pack(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values:  # noqa: ARG001
    return np.stack(inputs, options["Axis"])


def _concatenation(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values | None:  # noqa: ARG001
    return np.concatenate(inputs, options["Axis"]) if options["FusedActivationFunction"] == 0 else None


def _cast(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values | None:  # noqa: ARG001
    # Between integers of enough bits only: how reals are cut is another matter.
    value = inputs[0].astype(output.dtype)
    return value if np.array_equal(value, inputs[0]) else None


def _tile(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values:  # noqa: ARG001
    return np.tile(inputs[0], inputs[1].tolist())


def _reshape(options: Mapping[str, int], inputs: list[Values], output: Tensor) -> Values:  # noqa: ARG001
    return inputs[0].reshape(output.shape)


_FOLDED: Mapping[str, Callable[[Mapping[str, int], list[Values], Tensor], Values | None]] = {
    "SHAPE": lambda *_: None,
    "STRIDED_SLICE": _strided_slice,
    "PACK": _pack,
    "CONCATENATION": _concatenation,
    "CAST": _cast,
    "TILE": _tile,
    "RESHAPE": _reshape,
    "EXPAND_DIMS": _reshape,
    "SQUEEZE": _reshape,
}
