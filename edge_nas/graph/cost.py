"""What a flat functional Keras model costs, by the same rules as a .tflite file (`edge_nas.int8.cost`)."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.activations import ACTIVATIONS, is_fused, is_linear, tensors_of
from edge_nas.int8.cost import network_cost
from edge_nas.int8.memory import OperatorNode
from edge_nas.results.artifacts import Cost

_layers = tf_keras.layers

# Nothing in inference; the converter leaves them out.
_ABSENT = (
    *(_layers.Dropout, _layers.SpatialDropout1D, _layers.SpatialDropout2D, _layers.GaussianNoise),
    *(_layers.GaussianDropout, _layers.AlphaDropout, _layers.ActivityRegularization),
)

# Whose kernels end in an activation that is part of them; of Add, those of two tensors.
_MERGES = (_layers.Add, _layers.Subtract, _layers.Multiply)
_POOLS = (_layers.MaxPooling2D, _layers.AveragePooling2D)

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
    other layers that hold a matrix, such as recurrent ones, are named in `uncounted`. A tensor takes one byte per
    element. Of tensors, those of the int8 file are counted: where nothing else reads the operator before them, a
    BatchNorm shares the buffer of a convolution or dense layer, and ReLU and ReLU6 those as well as of additions,
    products and poolings; every other activation has tensors of its own (`edge_nas.graph.activations`).

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
    return _Listing(model).operations()


class _Listing:
    """One walk over a model's calls, which gives every tensor a number; Keras tensors may share one."""

    def __init__(self, model: Any) -> None:
        self._model = model
        depths = sorted(model._nodes_by_depth, reverse=True)
        self._nodes = [node for depth in depths for node in model._nodes_by_depth[depth]]
        self._readers = _count_readers(model, self._nodes)
        self._calls = Counter(id(node.layer) for node in self._nodes)
        self._tensors: dict[int, int] = {}  # id of a Keras tensor -> our number
        self._sizes: dict[int, int] = {}
        self._holders: dict[int, int] = {}
        self._foldable: set[int] = set()  # tensors whose operator can take in a BatchNorm
        self._fusable: set[int] = set()  # tensors whose operator can take in ReLU or ReLU6
        self._operations: list[Operation] = []

    def operations(self) -> Operations:
        """Returns what the walk found."""
        seen: set[int] = set()
        for node in self._nodes:
            if node.is_input:
                self._allocate(node)
                continue
            layer = node.layer
            if isinstance(layer, tf_keras.Model):
                raise GraphError(
                    f"layer {layer.name!r} is a nested model: flatten the model before asking what it costs"
                )
            self._add(node, 0 if id(layer) in seen else layer.count_params())
            seen.add(id(layer))
        layers = {operation.layer.name: operation.layer for operation in self._operations}
        return Operations(
            source=f"model {self._model.name!r}",
            operations=tuple(self._operations),
            sizes=self._sizes,
            holders=self._holders,
            inputs=tuple(self._tensors[id(tensor)] for tensor in self._model.inputs),
            outputs=tuple(self._tensors[id(tensor)] for tensor in self._model.outputs),
            uncounted=tuple(name for name, layer in layers.items() if _is_uncounted(layer)),
        )

    def _add(self, node: Any, params: int) -> None:
        """Appends the operators of one call."""
        layer, inputs = node.layer, tuple(self._tensors[id(tensor)] for tensor in node.keras_inputs)
        if self._vanishes(node):
            self._tensors[id(_as_list(node.outputs)[0])] = inputs[0]
            self._append(layer, [OperatorNode(layer.name, type(layer).__name__, inputs, inputs, 0, params)])
        elif isinstance(layer, ACTIVATIONS):
            self._activate(node, layer, inputs[0], self._allocate(node)[0], params)
        else:
            self._compute(node, inputs, params)

    def _vanishes(self, node: Any) -> bool:
        """True for what is left out or becomes part of the operator before it, where nothing else reads that one."""
        layer = node.layer
        if isinstance(layer, _ABSENT) or (isinstance(layer, ACTIVATIONS) and is_linear(layer)):
            return True
        source = node.keras_inputs[0] if len(node.keras_inputs) == 1 else None
        if source is None or self._readers[id(source)] > 1:
            return False
        number = self._tensors[id(source)]
        if isinstance(layer, _layers.BatchNormalization):
            return number in self._foldable
        if isinstance(layer, ACTIVATIONS) and is_fused(layer) and number in self._fusable:
            self._foldable.discard(number)
            self._fusable.discard(number)
            return True
        return False

    def _compute(self, node: Any, inputs: tuple[int, ...], params: int) -> None:
        """Appends a layer that writes tensors of its own, and its activation where that is no part of it."""
        layer = node.layer
        activation = layer.activation if isinstance(layer, _COUNTED) else None
        outputs = self._allocate(node)
        alone = not is_linear(activation) and not is_fused(activation)
        written = (self._scratch(node),) if alone else outputs
        self._append(layer, _operators(node, inputs, written, params, self._sizes), in_halves=True)
        if alone:
            self._activate(node, activation, written[0], outputs[0], 0)
        elif isinstance(layer, _COUNTED) and is_linear(activation):
            self._fusable.update(outputs)
            if self._calls[id(layer)] == 1:
                self._foldable.update(outputs)
        elif (isinstance(layer, _MERGES) and len(inputs) == 2) or isinstance(layer, _POOLS):
            self._fusable.update(outputs)

    def _activate(self, node: Any, activation: Any, read: int, written: int, params: int) -> None:
        """Appends an activation: one operator, or two where more than its result is alive beside what it reads."""
        layer, kind = node.layer, type(activation if isinstance(activation, tf_keras.layers.Layer) else node.layer)
        between = tuple(self._scratch(node) for _ in range(tensors_of(activation) - 1))
        made = [OperatorNode(layer.name, kind.__name__, (read, *between), (written,), 0, params)]
        if between:
            made.insert(0, OperatorNode(f"{layer.name}/factor", kind.__name__, (read,), between, 0, 0))
        self._append(layer, made)

    def _append(self, layer: Any, made: list[OperatorNode], *, in_halves: bool = False) -> None:
        self._operations += [Operation(layer, part if in_halves else 0, node) for part, node in enumerate(made)]

    def _allocate(self, node: Any) -> tuple[int, ...]:
        """Returns new numbers for a call's outputs."""
        outputs = _as_list(node.outputs)
        for tensor in outputs:
            self._tensors[id(tensor)] = self._number(tensor, node.layer.name)
        return tuple(self._tensors[id(tensor)] for tensor in outputs)

    def _scratch(self, node: Any) -> int:
        """Returns the number of a tensor of the file, of the shape of a call's output, that Keras does not show."""
        return self._number(_as_list(node.outputs)[0], node.layer.name)

    def _number(self, tensor: Any, layer: str) -> int:
        number = len(self._sizes)
        self._sizes[number] = _elements(tensor, layer)
        self._holders[number] = id(tensor)
        return number


def _is_uncounted(layer: Any) -> bool:
    """True for a layer that holds a matrix without being one of those whose MACs are counted."""
    if isinstance(layer, (*_COUNTED, *_ELEMENTWISE)):
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
