"""What every board promises."""

import pytest

from edge_nas.boards import board_names, estimate_ms, load_board
from edge_nas.emulation import CORES
from edge_nas.results.costs import Pace


@pytest.mark.parametrize("name", board_names())
def test_a_board_is_complete(name: str) -> None:
    board = load_board(name)
    assert board.name == name
    assert board.emulated_core is None or board.emulated_core in CORES
    facts = (board.flash_bytes, board.sram_bytes, board.clock_mhz)
    assert all(fact is None for fact in facts) == (name == "host")
    if board.core in CORES:
        assert board.emulated_core == board.core
        milliseconds = estimate_ms(board, 4_000_000, Pace(cycles_per_instruction=1.5, flash_bytes_per_instruction=0.3))
        assert milliseconds is not None
        assert 1 < milliseconds < 1000
    # The cores that fault on an unaligned word must say so: generated code is told by it.
    assert board.alignment_bytes == (1 if board.core in {"cortex-m4", "cortex-m7", "cortex-m55", "host"} else 4)
