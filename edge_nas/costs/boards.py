"""What the generated C of a file is predicted to take on boards: memories by its plan, time by the board's model."""

from collections.abc import Sequence

from edge_nas.boards import Board, error_percent, estimate_ms
from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.descriptors import constant_bytes
from edge_nas.codegen.plan import Plan
from edge_nas.costs.coefficients import CostUnknownError, known_cores
from edge_nas.costs.prediction import cost_of_plan
from edge_nas.errors import EdgeNasError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.reader import read_tflite
from edge_nas.results.inspect import BoardFit, Inspection

_DEAREST = 5
"""Steps told of: where to begin is among them, and the lines stay on one screen with the table of the boards."""


def with_needs(inspection: Inspection, data: bytes, boards: Sequence[Board]) -> Inspection:
    """Returns an inspection with the arena of the generated C, and what that takes on boards or why it is not known.

    Args:
        inspection: of the file, with the same boards in the same order.
        data: the .tflite file.
        boards: those of it.
    """
    try:
        plan = plan_network(Int8Interpreter(read_tflite(data, inspection.source))).plan
    except EdgeNasError:  # what is refused has its reason with the operator
        fits = [fit.model_copy(update={"unpredicted": "the network is not compiled"}) for fit in inspection.boards]
        return inspection.model_copy(update={"boards": tuple(fits)})
    fits = [_fit(fit, board, plan) for fit, board in zip(inspection.boards, boards, strict=True)]
    return inspection.model_copy(update={"boards": tuple(fits), "arena_bytes": plan.arena.size_bytes})


def _fit(fit: BoardFit, board: Board, plan: Plan) -> BoardFit:
    """Returns a board's needs and verdict by a plan in place of those by the file's least sizes."""
    flash, sram = constant_bytes(plan), plan.arena.size_bytes
    predicted: dict[str, object]
    core = board.emulated_core
    try:
        if core not in known_cores():
            raise CostUnknownError(f"instructions of {core or board.core} were never counted")
        cost = cost_of_plan(plan, str(core))
    except CostUnknownError as error:
        predicted = {"unpredicted": str(error)}
    else:
        flash = cost.flash_bytes
        predicted = {
            "instructions": cost.instructions,
            "milliseconds": estimate_ms(board, cost.instructions, cost.pace),
            "error_percent": error_percent(board),
            "dearest": tuple(sorted(cost.steps, key=lambda step: -step.instructions)[:_DEAREST]),
        }
    pairs = ((flash, fit.flash_bytes), (sram, fit.sram_bytes))
    predicted["fits"] = all(limit is None or needed <= limit for needed, limit in pairs)
    return fit.model_copy(update={"needed_flash_bytes": flash, "needed_sram_bytes": sram} | predicted)
