"""A file looked at without running it: what `edge-nas inspect` tells."""

from collections.abc import Iterable, Mapping

from edge_nas.boards import Board
from edge_nas.errors import ArtifactError
from edge_nas.int8.cost import tflite_cost, tflite_live_bytes
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.intake import TfliteFile
from edge_nas.int8.network import network_of
from edge_nas.int8.operators import parse_operator
from edge_nas.int8.reader import read_tflite
from edge_nas.results.inspect import BoardFit, InspectedOperator, Inspection


def inspect_tflite(file: TfliteFile, source: str, boards: Iterable[Board] = ()) -> Inspection:
    """Returns what is known of a file without running it.

    Args:
        file: its bytes as they are read, and what was changed for that.
        source: what to call it.
        boards: beside whose memories its least sizes are held.

    Raises:
        ArtifactError: it is no valid .tflite file, or has operators of which nothing is known.
    """
    graph = read_tflite(file.data, source)
    cost = tflite_cost(graph, len(file.data))
    live, reasons = tflite_live_bytes(graph), _refusals(graph)
    operators = []
    for operator, layer, alive in zip(graph.operators, cost.layers, live, strict=True):
        output = graph.tensors[operator.outputs[0]].spec if operator.outputs else None
        operators.append(
            InspectedOperator(
                number=operator.number,
                kind=operator.kind,
                output=output,
                macs=layer.macs,
                live_bytes=alive,
                refused=reasons.get(operator.number),
            )
        )
    # What is equal stands in the C once.
    constants = {tensor.data.tobytes(): tensor.size_bytes for tensor in graph.tensors if tensor.data is not None}
    constant_bytes = sum(constants.values())
    peak = max(live, default=0)
    return Inspection(
        source=source,
        notes=file.notes,
        inputs=tuple(graph.tensors[index].spec for index in graph.inputs),
        outputs=tuple(graph.tensors[index].spec for index in graph.outputs),
        operators=tuple(operators),
        macs=cost.macs,
        params=cost.params,
        file_bytes=len(file.data),
        constant_bytes=constant_bytes,
        peak_ram_bytes=peak,
        boards=tuple(board_fit(board, constant_bytes, peak) for board in boards),
    )


def _refusals(graph: Int8Graph) -> Mapping[int, str]:
    """Returns why operators are not computed in int8, by their numbers in the file."""
    try:
        body = network_of(graph).body
    except ArtifactError as error:  # of variables: nothing behind them can be told
        return {graph.operators[0].number: str(error)}
    reasons: dict[int, str] = {}
    for operator in body.operators:
        try:
            parse_operator(body, operator)
        except ArtifactError as error:
            reasons.setdefault(operator.number, str(error))
    return reasons


def board_fit(board: Board, flash: int, ram: int) -> BoardFit:
    """Returns whether the least sizes of a network are within a board's memories."""
    limits = [None if fact is None else fact.value for fact in (board.flash_bytes, board.sram_bytes)]
    fits = all(limit is None or size <= limit for size, limit in zip((flash, ram), limits, strict=True))
    return BoardFit(board=board.name, flash_bytes=limits[0], sram_bytes=limits[1], fits=fits)
