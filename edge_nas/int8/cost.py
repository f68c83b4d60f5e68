"""Parameters, multiply-accumulates (MACs), flash and peak RAM: of any operator list, and of a .tflite file.

A MAC is one multiplication and addition of a convolution or dense layer; taps that fall on zero padding count, as
every such figure in the literature does. Everything else (additions, poolings, resizing, rescaling) counts nothing.
"""

import math
from collections.abc import Callable, Mapping, Sequence

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.memory import OperatorNode, peak_ram_bytes
from edge_nas.results.artifacts import Cost, LayerCost

_NAMES_WITHOUT_MACS = """
    ABS ADD ADD_N ARG_MAX ARG_MIN AVERAGE_POOL_2D BATCH_TO_SPACE_ND BROADCAST_TO CAST CEIL CONCATENATION COS
    DEPTH_TO_SPACE DEQUANTIZE DIV ELU EQUAL EXP EXPAND_DIMS FILL FLOOR FLOOR_DIV FLOOR_MOD GATHER GATHER_ND GELU GREATER
    GREATER_EQUAL HARD_SWISH L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL LOG LOGICAL_AND LOGICAL_NOT
    LOGICAL_OR LOGISTIC LOG_SOFTMAX MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL NEG NOT_EQUAL ONE_HOT PACK PAD PADV2
    POW PRELU QUANTIZE RANGE RANK REDUCE_ALL REDUCE_ANY REDUCE_MAX REDUCE_MIN REDUCE_PROD RELU RELU6 RELU_0_TO_1
    RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR REVERSE_V2 ROUND RSQRT SELECT SELECT_V2 SHAPE SIGN SIN
    SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPLIT SPLIT_V SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE
    SUB SUM TANH TILE TRANSPOSE UNPACK WHERE ZEROS_LIKE
"""
WITHOUT_MACS = frozenset(_NAMES_WITHOUT_MACS.split())


def network_cost(
    operators: Sequence[OperatorNode],
    sizes: Mapping[int, int],
    inputs: Sequence[int],
    outputs: Sequence[int],
    source: str,
    *,
    flash_bytes: int | None = None,
    uncounted: tuple[str, ...] = (),
) -> Cost:
    """Returns the cost of a network given as a neutral operator list (see `peak_ram_bytes` for the arguments)."""
    layers = tuple(
        LayerCost(
            name=node.name,
            kind=node.kind,
            macs=node.macs,
            params=node.params,
            output_bytes=sum(sizes[tensor] for tensor in node.outputs),
        )
        for node in operators
    )
    return Cost(
        macs=sum(layer.macs for layer in layers),
        params=sum(layer.params for layer in layers),
        flash_bytes=flash_bytes,
        peak_ram_bytes=peak_ram_bytes(operators, sizes, inputs, outputs, source),
        layers=layers,
        uncounted=uncounted,
    )


def tflite_cost(graph: Int8Graph, flash_bytes: int) -> Cost:
    """Returns the cost of one invocation of a .tflite file (its batch is 1 in all files of this project).

    `params` counts the elements of constant weights and biases of the operators that multiply and accumulate, a
    tensor shared by several operators once. Layers are named after their first output tensor.

    Args:
        graph: the file's content.
        flash_bytes: the size of the file.

    Raises:
        ArtifactError: an operator kind is unknown here, or an operator's tensors do not fit its kind.
    """
    counted: set[int] = set()
    nodes = tuple(_node(graph, operator, counted) for operator in graph.operators)
    sizes = {tensor.index: tensor.size_bytes for tensor in graph.tensors}
    outputs = [index for index in graph.outputs if graph.tensors[index].data is None]
    return network_cost(nodes, sizes, graph.inputs, outputs, graph.source, flash_bytes=flash_bytes)


def _node(graph: Int8Graph, operator: Operator, counted: set[int]) -> OperatorNode:
    """Returns the operator with its cost; adds the parameters it counts to `counted`, so that none counts twice."""
    macs = 0
    params = 0
    if operator.kind in _WITH_MACS:
        count, parameter_slots = _WITH_MACS[operator.kind]
        macs = count(_Operands(graph, operator))
        for slot in parameter_slots:
            constant = _constant_behind(graph, operator, slot)
            if constant is not None and constant.index not in counted:
                counted.add(constant.index)
                params += constant.elements
    elif operator.kind not in WITHOUT_MACS:
        raise ArtifactError(
            f"{graph.source}: operator {operator.index} is {operator.kind}, whose MACs this tool cannot count; "
            f"it counts {', '.join(sorted(_WITH_MACS))} and knows {len(WITHOUT_MACS)} kinds that have none"
        )
    name = graph.tensors[operator.outputs[0]].name if operator.outputs else f"operator {operator.index}"
    inputs = tuple(index for index in operator.inputs if index >= 0 and graph.tensors[index].data is None)
    return OperatorNode(name, operator.kind, inputs, operator.outputs, macs, params)


class _Operands:
    """Shapes of one operator's tensors, with an error that names the operator where one is missing or misshapen."""

    def __init__(self, graph: Int8Graph, operator: Operator) -> None:
        self._graph = graph
        self._operator = operator

    def input(self, slot: int, rank: int | None = None) -> tuple[int, ...]:
        return self._shape(self._operator.inputs, slot, rank, "input")

    def output(self, rank: int | None = None) -> tuple[int, ...]:
        return self._shape(self._operator.outputs, 0, rank, "output")

    def _shape(self, indices: tuple[int, ...], slot: int, rank: int | None, side: str) -> tuple[int, ...]:
        where = f"{self._graph.source}: operator {self._operator.index} ({self._operator.kind})"
        if slot >= len(indices) or indices[slot] < 0:
            raise ArtifactError(f"{where}: {side} {slot} is missing")
        shape = self._graph.tensors[indices[slot]].shape
        if rank is not None and len(shape) != rank:
            raise ArtifactError(f"{where}: {side} {slot} has shape {shape}; {rank} dimensions are expected")
        return shape


def _convolution(operands: _Operands) -> int:
    """Weights (O, H, W, I / groups): every output element sums H * W * I / groups products."""
    return math.prod(operands.output(4)) * math.prod(operands.input(1, 4)[1:])


def _depthwise(operands: _Operands) -> int:
    """Weights (1, H, W, O): every output element sums H * W products."""
    return math.prod(operands.output(4)) * math.prod(operands.input(1, 4)[1:3])


def _fully_connected(operands: _Operands) -> int:
    """Weights (O, I): every output element sums I products."""
    return math.prod(operands.output()) * operands.input(1, 2)[1]


def _transposed_convolution(operands: _Operands) -> int:
    """Inputs (output shape, weights (O, H, W, I), data): every input element is used in O * H * W products."""
    return math.prod(operands.input(2, 4)) * math.prod(operands.input(1, 4)[:3])


# kind: how its MACs are counted, and which of its inputs are parameters.
_WITH_MACS: dict[str, tuple[Callable[[_Operands], int], tuple[int, ...]]] = {
    "CONV_2D": (_convolution, (1, 2)),
    "DEPTHWISE_CONV_2D": (_depthwise, (1, 2)),
    "FULLY_CONNECTED": (_fully_connected, (1, 2)),
    "TRANSPOSE_CONV": (_transposed_convolution, (1, 3)),
}


def _constant_behind(graph: Int8Graph, operator: Operator, slot: int) -> Tensor | None:
    """Returns the constant in an input slot, looking through the DEQUANTIZE of float16 files; None if there is none."""
    if slot >= len(operator.inputs) or operator.inputs[slot] < 0:
        return None
    index = operator.inputs[slot]
    for producer in graph.operators:
        if producer.kind == "DEQUANTIZE" and index in producer.outputs and producer.inputs:
            index = producer.inputs[0]
            break
    tensor = graph.tensors[index]
    return tensor if tensor.data is not None else None
