"""What a flat functional Keras model costs, by the same rules as a .tflite file (`edge_nas.int8.cost`)."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import tf_keras

from edge_nas.errors import GraphError
from edge_nas.int8.cost import network_cost
from edge_nas.int8.memory import OperatorNode
from edge_nas.layers import kind_of
from edge_nas.layers.functions import is_fused, is_linear, tensors_of
from edge_nas.layers.products import product_macs
from edge_nas.results.artifacts import Cost


@dataclass(frozen=True)
class Operation:
    """One operator and the layer it comes from; `part`: which of the layer's kernels it is, from 0."""

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
    once; `macs` counts every call of convolutions over one or two axes (transposed, depthwise, separable), of Dense and
    of products of two tensors; other layers that hold a matrix, such as recurrent ones, are named in `uncounted`. A
    tensor takes one byte per element. Of tensors, those of the int8 file are counted: where nothing else reads the
    operator before them, a BatchNorm shares the buffer of a convolution or dense layer, and ReLU and ReLU6 those as
    well as of additions, products and poolings; every other activation has tensors of its own
    (`edge_nas.layers.functions`).

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
        self._numbers: dict[int, int] = {}  # id of a Keras tensor -> our number
        self._sizes: dict[int, int] = {}
        self._holders: dict[int, int] = {}
        self._takes_batchnorm: set[int] = set()  # tensors whose operator can take in a BatchNorm
        self._takes_relu: set[int] = set()  # tensors whose operator can take in ReLU or ReLU6
        self._operations: list[Operation] = []

    def operations(self) -> Operations:
        """Returns the operators of all calls."""
        counted: set[int] = set()  # ids of the layers whose parameters stand with an earlier call
        for node in self._nodes:
            if node.is_input:
                self._allocate(node)
                continue
            layer = node.layer
            if isinstance(layer, tf_keras.Model):
                raise GraphError(
                    f"layer {layer.name!r} is a nested model: flatten the model before asking what it costs"
                )
            self._add(node, 0 if id(layer) in counted else layer.count_params())
            counted.add(id(layer))
        layers = {operation.layer.name: operation.layer for operation in self._operations}
        return Operations(
            source=f"model {self._model.name!r}",
            operations=tuple(self._operations),
            sizes=self._sizes,
            holders=self._holders,
            inputs=tuple(self._numbers[id(tensor)] for tensor in self._model.inputs),
            outputs=tuple(self._numbers[id(tensor)] for tensor in self._model.outputs),
            uncounted=tuple(name for name, layer in layers.items() if _is_uncounted(layer)),
        )

    def _add(self, node: Any, params: int) -> None:
        """Appends the operators of one call."""
        layer, inputs = node.layer, tuple(self._numbers[id(tensor)] for tensor in node.keras_inputs)
        if self._is_free(node):
            self._numbers[id(_as_list(node.outputs)[0])] = inputs[0]
            self._append(layer, [OperatorNode(layer.name, type(layer).__name__, inputs, inputs, 0, params)])
        elif kind_of(layer).in_file.becomes == "activation":
            self._activate(node, layer, inputs[0], self._allocate(node)[0], params)
        else:
            self._compute(node, inputs, params)

    def _is_free(self, node: Any) -> bool:
        """True for what is left out or becomes part of the operator before it, where nothing else reads that one."""
        layer, becomes = node.layer, kind_of(node.layer).in_file.becomes
        if becomes == "nothing" or (becomes == "activation" and is_linear(layer)):
            return True
        if len(node.keras_inputs) != 1 or self._readers[id(node.keras_inputs[0])] > 1:
            return False
        source = self._numbers[id(node.keras_inputs[0])]
        if becomes == "batchnorm":
            return source in self._takes_batchnorm
        if becomes == "activation" and is_fused(layer) and source in self._takes_relu:
            self._takes_batchnorm.discard(source)
            self._takes_relu.discard(source)
            return True
        return False

    def _compute(self, node: Any, inputs: tuple[int, ...], params: int) -> None:
        """Appends a layer that writes tensors of its own, and its activation where that is no part of it."""
        layer, in_file = node.layer, kind_of(node.layer).in_file
        activation = layer.activation if in_file.kernels else None
        outputs = self._allocate(node)
        if not is_linear(activation) and not is_fused(activation):
            before = self._scratch(node)
            self._append(layer, self._operators(node, inputs, (before,), params), in_parts=True)
            self._activate(node, activation, before, outputs[0], 0)
            return
        self._append(layer, self._operators(node, inputs, outputs, params), in_parts=True)
        if not is_linear(activation):
            return
        if in_file.ends_in_relu == len(inputs):
            self._takes_relu.update(outputs)
        # The kernel of a layer that is called twice would be two, one with and one without.
        if in_file.kernels and self._calls[id(layer)] == 1:
            self._takes_batchnorm.update(outputs)

    def _operators(
        self, node: Any, inputs: tuple[int, ...], outputs: tuple[int, ...], params: int
    ) -> list[OperatorNode]:
        """Returns one operator, or one for each kernel: the two of a separable layer store a tensor in between.

        Args:
            node: the call.
            inputs: numbers of the tensors that it reads.
            outputs: those that it writes.
            params: of the layer; 0 where they are counted with an earlier call.
        """
        layer, kind, endings = node.layer, type(node.layer).__name__, kind_of(node.layer).in_file.kernels
        if not endings:
            return [OperatorNode(layer.name, kind, inputs, outputs, product_macs(node), params)]
        positions = _kernel_positions(node)
        operators = []
        written: tuple[int, ...]
        for part, ending in enumerate(endings):
            size = _product(layer.weights[part].shape)
            if part + 1 < len(endings):
                between = int(layer.weights[part + 1].shape[-2])  # the channels that the next kernel reads
                written, held = (self._unseen(positions * between),), min(params, size)
            else:  # the bias belongs to the last kernel
                written, held = outputs, params
            operators.append(OperatorNode(f"{layer.name}{ending}", kind, inputs, written, positions * size, held))
            inputs, params = written, params - held
        return operators

    def _activate(self, node: Any, activation: Any, read: int, written: int, params: int) -> None:
        """Appends an activation: one operator, or two where more than its result is alive beside what it reads."""
        layer, kind = node.layer, type(activation if isinstance(activation, tf_keras.layers.Layer) else node.layer)
        between = tuple(self._scratch(node) for _ in range(tensors_of(activation) - 1))
        operators = [OperatorNode(layer.name, kind.__name__, (read, *between), (written,), 0, params)]
        if between:
            operators.insert(0, OperatorNode(f"{layer.name}/factor", kind.__name__, (read,), between, 0, 0))
        self._append(layer, operators)

    def _append(self, layer: Any, operators: list[OperatorNode], *, in_parts: bool = False) -> None:
        self._operations += [Operation(layer, part if in_parts else 0, node) for part, node in enumerate(operators)]

    def _allocate(self, node: Any) -> tuple[int, ...]:
        """Returns new numbers for a call's outputs."""
        outputs = _as_list(node.outputs)
        for tensor in outputs:
            self._numbers[id(tensor)] = self._number(tensor, node.layer.name)
        return tuple(self._numbers[id(tensor)] for tensor in outputs)

    def _scratch(self, node: Any) -> int:
        """Returns the number of a tensor of the file, of the shape of a call's output, that Keras does not show."""
        return self._number(_as_list(node.outputs)[0], node.layer.name)

    def _number(self, tensor: Any, layer: str) -> int:
        number = self._unseen(_elements(tensor, layer))
        self._holders[number] = id(tensor)
        return number

    def _unseen(self, size: int) -> int:
        """Returns the number of a tensor of `size` bytes that lies in no tensor of Keras."""
        number = len(self._sizes)
        self._sizes[number] = size
        return number


def _is_uncounted(layer: Any) -> bool:
    """True for a layer that holds a matrix without being one of those whose MACs are counted."""
    in_file = kind_of(layer).in_file
    if in_file.kernels or in_file.no_macs:
        return False
    return any(sum(size > 1 for size in weight.shape) > 1 for weight in layer.weights)


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _count_readers(model: Any, nodes: list[Any]) -> dict[int, int]:
    """Returns how many calls read each Keras tensor; the world outside counts as a reader of the model's outputs."""
    read = [tensor for node in nodes for tensor in node.keras_inputs]
    return Counter(id(tensor) for tensor in (*read, *model.outputs))


def _kernel_positions(node: Any) -> int:
    """Returns how often a call multiplies each number of its layer's kernels."""
    layer = node.layer
    tensor = node.keras_inputs[0] if kind_of(layer).in_file.at_inputs else _as_list(node.outputs)[0]
    channel_axis = 1 if getattr(layer, "data_format", None) == "channels_first" else -1
    return _elements(tensor, layer.name) // int(tensor.shape[channel_axis])


def _elements(tensor: Any, layer: str) -> int:
    """Returns the number of elements of a Keras tensor for one input: the batch dimension is left out."""
    inner = tuple(tensor.shape)[1:]
    if any(size is None for size in inner):
        raise GraphError(f"layer {layer!r}: shape {(None, *inner)} has an unknown size; fix the model's input shape")
    return _product(inner)


def _product(shape: Iterable[Any]) -> int:
    return math.prod(int(size) for size in shape)
