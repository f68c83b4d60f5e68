"""Boards as data: memories, clock, core and where each fact is from.

board = load_board("stm32l4r5")
print(board.flash_bytes.value, estimate_ms(board, cost.instructions, cost.pace))
"""

from edge_nas.boards.board import Board, CycleModel, Fact, Npu, error_percent, estimate_ms
from edge_nas.boards.loader import BOARDS, board_names, load_board

__all__ = ["BOARDS", "Board", "CycleModel", "Fact", "Npu", "board_names", "error_percent", "estimate_ms", "load_board"]
