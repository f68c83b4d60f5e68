"""Boards as data: memories, clock, core and where each fact is from.

board = load_board("stm32l4r5")
print(board.flash_bytes.value, estimate_ms(board, instructions=4_000_000))
"""

from edge_nas.boards.board import Board, CycleModel, Fact, Npu, estimate_ms
from edge_nas.boards.loader import BOARDS, board_names, load_board

__all__ = ["BOARDS", "Board", "CycleModel", "Fact", "Npu", "board_names", "estimate_ms", "load_board"]
