"""The table of fronts for several boards."""

from benchmarks.tables.search_boards import Row, boards_table


def _row(board: str, core: str, instructions: int, score: float) -> Row:
    return Row(board=board, core=core, score=score, instructions=instructions, flash_bytes=1, ram_bytes=1)


def test_a_line_says_what_a_board_s_front_reaches_under_each_limit() -> None:
    rows = [
        _row("a", "cortex-m4", 500_000, 0.8),
        _row("a", "cortex-m4", 1_600_000, 0.9),
        _row("b", "cortex-m0+", 900_000, 0.85),
    ]
    assert boards_table(rows).splitlines()[2:] == [
        "| a | cortex-m4 | 2 | 500,000 | 80.0 | 80.0 | 90.0 | 90.0 | 90.0 |",
        "| b | cortex-m0+ | 1 | 900,000 | 85.0 |  | 85.0 | 85.0 | 85.0 |",
    ]
