"""Parameters, multiply-accumulates (MACs), flash and peak RAM: of any operator list, and of a .tflite file.

A MAC is one multiplication and addition of a convolution or dense layer; taps that fall on zero padding count, as
every such figure in the literature does. Everything else (additions, poolings, resizing, rescaling) counts nothing.
"""

from collections.abc import Mapping, Sequence

from edge_nas.errors import ArtifactError
from edge_nas.int8.graph import Int8Graph, Operator, Tensor
from edge_nas.int8.memory import OperatorNode, live_bytes, peak_ram_bytes
from edge_nas.int8.operators import OPERATORS
from edge_nas.int8.shapes import OperandShapes
from edge_nas.results.artifacts import Cost, LayerCost

# Kinds that no file of `operators` understands, of which it is known that they multiply and accumulate nothing.
_NAMES_WITHOUT_MACS = """
    ADD_N BATCH_TO_SPACE_ND BROADCAST_TO CALL_ONCE CAST CEIL COS DEQUANTIZE DIV EQUAL FILL FLOOR FLOOR_DIV FLOOR_MOD
    GATHER_ND GREATER GREATER_EQUAL L2_POOL_2D LESS LESS_EQUAL LOGICAL_AND LOGICAL_NOT LOGICAL_OR NEG NOT_EQUAL
    ONE_HOT PADV2 POW RANGE RANK READ_VARIABLE REDUCE_ALL REDUCE_ANY REDUCE_PROD RELU_0_TO_1 RELU_N1_TO_1 REVERSE_V2
    ROUND SELECT SELECT_V2 SHAPE SIGN SIN SPACE_TO_BATCH_ND SQRT SQUARE VAR_HANDLE WHERE
    ZEROS_LIKE
"""
OTHERS_WITHOUT_MACS = frozenset(_NAMES_WITHOUT_MACS.split())


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
    return network_cost(*_network(graph), graph.source, flash_bytes=flash_bytes)


def tflite_live_bytes(graph: Int8Graph) -> list[int]:
    """Returns the bytes of all tensors alive while each operator of a .tflite file runs, in order.

    Raises:
        ArtifactError: as `tflite_cost`.
    """
    return live_bytes(*_network(graph), graph.source)


def _network(graph: Int8Graph) -> tuple[Sequence[OperatorNode], Mapping[int, int], Sequence[int], Sequence[int]]:
    """Returns a file as `network_cost` and `live_bytes` take it: operators, sizes, inputs and outputs."""
    counted: set[int] = set()
    nodes = tuple(_node(graph, operator, counted) for operator in graph.operators)
    sizes = {tensor.index: tensor.size_bytes for tensor in graph.tensors}
    outputs = [index for index in graph.outputs if graph.tensors[index].data is None]
    # What keeps its values lives all the time, as inputs and outputs do at either end.
    kept = [tensor.index for tensor in graph.tensors if tensor.variable]
    return nodes, sizes, [*graph.inputs, *kept], [*outputs, *kept]


def _node(graph: Int8Graph, operator: Operator, counted: set[int]) -> OperatorNode:
    """Returns the operator with its cost; adds the parameters it counts to `counted`, so that none counts twice."""
    macs = 0
    params = 0
    if operator.kind in OPERATORS:
        parsed = OPERATORS[operator.kind].parsed
        macs = parsed.macs(OperandShapes(graph, operator))
        for slot in parsed.parameter_slots:
            constant = _constant_behind(graph, operator, slot)
            if constant is not None and constant.index not in counted:
                counted.add(constant.index)
                params += constant.elements
    elif operator.kind not in OTHERS_WITHOUT_MACS:
        counting = sorted(kind.name for kind in OPERATORS.values() if kind.parsed.parameter_slots)
        without = len(OTHERS_WITHOUT_MACS) + len(OPERATORS) - len(counting)
        raise ArtifactError(
            f"{graph.source}: operator {operator.index} is {operator.kind}, whose MACs this tool cannot count; "
            f"it counts {', '.join(counting)} and knows {without} kinds that have none"
        )
    name = graph.tensors[operator.outputs[0]].name if operator.outputs else f"operator {operator.index}"
    inputs = tuple(index for index in operator.inputs if index >= 0 and graph.tensors[index].data is None)
    return OperatorNode(name, operator.kind, inputs, operator.outputs, macs, params)


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
