"""Wrong graphs made from right ones: one tensor, option or connection changed, as a broken converter might."""

from dataclasses import replace

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator, Tensor

_STRANGE_NUMBERS = (-(2**31), -129, -2, -1, 0, 1, 2, 3, 5, 127, 1000, 2**31 - 1)
_STRANGE_SCALES = (0.0, -0.1, 1e-30, 1e30, float("inf"), float("nan"), 0.05)


def mutated(graph: Int8Graph, generator: np.random.Generator) -> Int8Graph:
    """Returns the graph with one random change; its sizes stay small."""
    if generator.random() < 0.6:
        index = int(generator.integers(len(graph.tensors)))
        tensors = list(graph.tensors)
        tensors[index] = _mutated_tensor(tensors[index], generator)
        return replace(graph, tensors=tuple(tensors))
    index = int(generator.integers(len(graph.operators)))
    operators = list(graph.operators)
    operators[index] = _mutated_operator(operators[index], len(graph.tensors), generator)
    return replace(graph, operators=tuple(operators))


def _mutated_tensor(tensor: Tensor, generator: np.random.Generator) -> Tensor:
    what = generator.integers(6)
    if what == 0:
        shape = list(tensor.shape)
        if generator.random() < 0.3 or not shape:
            shape.insert(int(generator.integers(len(shape) + 1)), 1)
        elif generator.random() < 0.3:
            shape.pop(int(generator.integers(len(shape))))
        else:
            shape[int(generator.integers(len(shape)))] = int(generator.integers(0, 7))
        data = None if tensor.data is None else np.resize(tensor.data, shape).astype(tensor.dtype)
        return replace(tensor, shape=tuple(shape), data=data)
    if what == 1:
        return replace(tensor, scales=(float(generator.choice(_STRANGE_SCALES)),) * len(tensor.scales))
    if what == 2:
        return replace(tensor, zero_points=(int(generator.choice(_STRANGE_NUMBERS)),) * len(tensor.zero_points))
    if what == 3:
        return replace(tensor, scales=tensor.scales[:-1], zero_points=tensor.zero_points[:-1])
    if what == 4:
        dtype = str(generator.choice(["int8", "uint8", "int32", "float32", "int64"]))
        return replace(tensor, dtype=dtype, data=None if tensor.data is None else tensor.data.astype(dtype))
    if tensor.data is None:
        return replace(tensor, data=np.zeros(tensor.shape, tensor.dtype))
    if tensor.dtype == "int32" and generator.random() < 0.8:
        data = tensor.data.copy()
        data.reshape(-1)[generator.integers(data.size)] = generator.choice(_STRANGE_NUMBERS)
        return replace(tensor, data=data)
    return replace(tensor, data=None)


def _mutated_operator(operator: Operator, tensors: int, generator: np.random.Generator) -> Operator:
    what = generator.integers(4)
    if what == 0 and operator.options:
        name = str(generator.choice(list(operator.options)))
        return replace(operator, options={**operator.options, name: int(generator.choice(_STRANGE_NUMBERS))})
    if what == 1 and operator.real_options:
        return replace(operator, real_options=dict.fromkeys(operator.real_options, generator.choice(_STRANGE_SCALES)))
    if what == 2:
        inputs = list(operator.inputs)
        inputs[int(generator.integers(len(inputs)))] = int(generator.integers(-1, tensors))
        return replace(operator, inputs=tuple(inputs))
    if generator.random() < 0.3:
        return replace(operator, options={}, real_options={})
    return replace(operator, inputs=operator.inputs[: int(generator.integers(len(operator.inputs)))])
