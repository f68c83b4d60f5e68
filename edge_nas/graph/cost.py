"""What a flat functional Keras model costs, by the same rules as a .tflite file (`edge_nas.int8.cost`)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tf_keras

from edge_nas.core.artifacts import Cost
from edge_nas.errors import GraphError
from edge_nas.int8.cost import network_cost
from edge_nas.int8.memory import OperatorNode

_layers = tf_keras.layers

# The converter folds these into the operator before them, or the kernel writes over its own input.
_IN_PLACE = (
    *(_layers.BatchNormalization, _layers.Activation, _layers.ReLU, _layers.LeakyReLU, _layers.PReLU, _layers.ELU),
    *(_layers.ThresholdedReLU, _layers.Dropout, _layers.SpatialDropout2D, _layers.GaussianNoise),
)

_SEPARABLE = (_layers.SeparableConv1D, _layers.SeparableConv2D)
_COUNTED = (
    *(_layers.Conv1D, _layers.Conv2D, _layers.Conv1DTranspose, _layers.Conv2DTranspose, _layers.Dense),
    *(_layers.DepthwiseConv1D, _layers.DepthwiseConv2D, *_SEPARABLE),
)

# Layers whose weights of two or more dimensions scale element by element, or are looked up.
_ELEMENTWISE = (_layers.PReLU, _layers.LayerNormalization, _layers.Embedding)


@dataclass(frozen=True)
class Operation:
    """One operator and the layer it comes from; `part`: 1 for the pointwise half of a separable layer, else 0."""

    layer: Any
    part: int
    node: OperatorNode


@dataclass(frozen=True)
class Operations:
    """A network as a neutral operator list.

    `sizes`: bytes of every tensor by our number. `holders`: id of a Keras tensor that lies in it; the tensor between
    the halves of a separable layer has none. `uncounted`: layers whose MACs are not in their operators.
    """

    source: str
    operations: tuple[Operation, ...]
    sizes: dict[int, int]
    holders: dict[int, int]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    uncounted: tuple[str, ...]


def keras_cost(model: Any) -> Cost:
    """Returns the cost of a flat functional tf_keras model for one input, activations taken as int8.

    `params` is `count_params` of every layer (BatchNorm moving statistics included), a layer called twice counted
    once; `macs` counts every call of convolutions over one or two axes (transposed, depthwise, separable) and Dense;
    other layers that hold a matrix, such as recurrent ones, are named in `uncounted`. A tensor takes one byte per element. BatchNorm, activations and dropout share the
    buffer of the layer before them where nothing else reads it: the converter fuses them.

    Args:
        model: functional, of leaf layers; every dimension but the batch is known.

    Raises:
        GraphError: the model is not functional, holds a nested model, or has an unknown dimension.
    """
    listed = list_operations(model)
    nodes = [operation.node for operation in listed.operations]
    return network_cost(nodes, listed.sizes, listed.inputs, listed.outputs, listed.source, uncounted=listed.uncounted)


def list_operations(model: Any) -> Operations:
    """Returns the operators that `keras_cost` counts; the argument and the errors are the same."""
    if not getattr(model, "_is_graph_network", False):
        raise GraphError(f"model {model.name!r} is not functional: flatten it before asking what it costs")
    nodes = [node for depth in sorted(model._nodes_by_depth, reverse=True) for node in model._nodes_by_depth[depth]]
    readers = _count_readers(model, nodes)
    tensors: dict[int, int] = {}  # id of a Keras tensor -> our number; two Keras tensors may share a buffer
    sizes: dict[int, int] = {}
    seen: set[int] = set()
    operations: list[Operation] = []
    for node in nodes:
        layer = node.layer
        outputs = _as_list(node.outputs)
        if node.is_input:
            _allocate(outputs, tensors, sizes, layer.name)
            continue
        if isinstance(layer, tf_keras.Model):
            raise GraphError(f"layer {layer.name!r} is a nested model: flatten the model before asking what it costs")
        inputs = tuple(tensors[id(tensor)] for tensor in node.keras_inputs)
        if _works_in_place(node, readers):
            tensors[id(outputs[0])] = inputs[0]
        else:
            _allocate(outputs, tensors, sizes, layer.name)
        numbers = tuple(tensors[id(tensor)] for tensor in outputs)
        params = 0 if id(layer) in seen else layer.count_params()
        seen.add(id(layer))
        made = _operators(node, inputs, numbers, params, sizes)
        operations += [Operation(layer, part, operator) for part, operator in enumerate(made)]
    return Operations(
        source=f"model {model.name!r}",
        operations=tuple(operations),
        sizes=sizes,
        holders={number: tensor for tensor, number in tensors.items()},
        inputs=tuple(tensors[id(tensor)] for tensor in model.inputs),
        outputs=tuple(tensors[id(tensor)] for tensor in model.outputs),
        uncounted=tuple(dict.fromkeys(operation.layer.name for operation in operations if is_uncounted(operation))),
    )


def is_uncounted(operation: Operation) -> bool:
    """True for a layer that holds a matrix without being one of those whose MACs are counted."""
    layer = operation.layer
    if isinstance(layer, _COUNTED) or isinstance(layer, _ELEMENTWISE):
        return False
    return any(sum(size > 1 for size in weight.shape) > 1 for weight in layer.weights)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _count_readers(model: Any, nodes: list[Any]) -> dict[int, int]:
    """Returns how many calls read each Keras tensor; the world outside counts as a reader of the model's outputs."""
    readers: dict[int, int] = {}
    for tensor in (*(tensor for node in nodes for tensor in node.keras_inputs), *model.outputs):
        readers[id(tensor)] = readers.get(id(tensor), 0) + 1
    return readers


def _works_in_place(node: Any, readers: dict[int, int]) -> bool:
    """True for a fusable layer that alone reads its one input, unless that is the network's own input."""
    if not isinstance(node.layer, _IN_PLACE) or len(node.keras_inputs) != 1:
        return False
    source = node.keras_inputs[0]
    return readers[id(source)] == 1 and not source.node.is_input


def _allocate(outputs: list[Any], tensors: dict[int, int], sizes: dict[int, int], layer: str) -> None:
    for tensor in outputs:
        tensors[id(tensor)] = len(sizes)
        sizes[len(sizes)] = _elements(tensor, layer)


def _elements(tensor: Any, layer: str) -> int:
    """Returns the number of elements of a Keras tensor for one input: the batch dimension is left out."""
    inner = tuple(tensor.shape)[1:]
    if any(size is None for size in inner):
        raise GraphError(f"layer {layer!r}: shape {(None, *inner)} has an unknown size; fix the model's input shape")
    return _product(inner)


def _operators(
    node: Any, inputs: tuple[int, ...], outputs: tuple[int, ...], params: int, sizes: dict[int, int]
) -> list[OperatorNode]:
    """Returns the operators of one call: one, or two for a separable convolution, which stores a tensor in between."""
    layer = node.layer
    kind = type(layer).__name__
    if not isinstance(layer, _SEPARABLE):
        return [OperatorNode(layer.name, kind, inputs, outputs, _macs(node), params)]
    depthwise, pointwise = layer.depthwise_kernel.shape, layer.pointwise_kernel.shape
    positions = _elements(_as_list(node.outputs)[0], layer.name) // layer.filters
    middle = len(sizes)
    sizes[middle] = positions * int(pointwise[-2])
    # Zero params means counted before; the bias belongs to the pointwise half.
    first = min(params, _product(depthwise))
    return [
        OperatorNode(f"{layer.name}/depthwise", kind, inputs, (middle,), positions * _product(depthwise), first),
        OperatorNode(
            f"{layer.name}/pointwise", kind, (middle,), outputs, positions * _product(pointwise), params - first
        ),
    ]


def _macs(node: Any) -> int:
    """Returns the MACs of one call of a layer; 0 for layers without any and for those that are not counted."""
    layer = node.layer
    outputs = _elements(_as_list(node.outputs)[0], layer.name)
    if isinstance(layer, _layers.Conv1DTranspose | _layers.Conv2DTranspose):  # first: bases below; kernel (..., O, I)
        return _elements(node.keras_inputs[0], layer.name) * _product(layer.kernel.shape[:-1])
    if isinstance(layer, _layers.DepthwiseConv1D | _layers.DepthwiseConv2D):  # kernel (..., I, multiplier)
        return outputs * _product(layer.depthwise_kernel.shape[:-2])
    if isinstance(layer, _layers.Conv1D | _layers.Conv2D):  # kernel (..., I / groups, O)
        return outputs * _product(layer.kernel.shape[:-1])
    if isinstance(layer, _layers.Dense):  # kernel (I, O)
        return outputs * int(layer.kernel.shape[0])
    return 0


def _product(shape: Iterable[Any]) -> int:
    return math.prod(int(size) for size in shape)
