"""How long generated C is predicted to take on boards: instructions by its loops, time by the board's model."""

from collections.abc import Sequence

from edge_nas.boards import Board, estimate_ms
from edge_nas.costs.prediction import predict_costs
from edge_nas.errors import EdgeNasError
from edge_nas.results.costs import PredictedCost
from edge_nas.results.inspect import Inspection


def with_times(inspection: Inspection, data: bytes, boards: Sequence[Board]) -> Inspection:
    """Returns an inspection whose boards have the predicted time of one call, or why there is none.

    Args:
        inspection: of the file, with the same boards in the same order.
        data: the .tflite file.
        boards: those of it.
    """
    if not boards:
        return inspection
    try:
        costs = predict_costs(data, source=inspection.source)
    except EdgeNasError:
        costs = {}  # what is refused has its reason with the operator
    fits = []
    for fit, board in zip(inspection.boards, boards, strict=True):
        cost = costs.get(board.emulated_core or "")
        if isinstance(cost, PredictedCost):
            fits.append(fit.model_copy(update={"milliseconds": estimate_ms(board, cost.instructions)}))
        else:
            reason = str(cost) if cost is not None else _reason(board, list(costs))
            fits.append(fit.model_copy(update={"unpredicted": reason}))
    return inspection.model_copy(update={"boards": tuple(fits)})


def _reason(board: Board, cores: Sequence[str]) -> str:
    if not cores:
        return "the network is not compiled"
    return f"instructions are predicted on {', '.join(cores)}, not on {board.emulated_core or board.core}"
