"""What benchmarks/instructions_per_mac.py lets pass."""

import pytest

from benchmarks.instructions_per_mac import check
from benchmarks.tables.instructions_per_mac import Row, instructions_table
from edge_nas.errors import GateError


def row(model: str, instructions: int) -> Row:
    return Row(
        model=model,
        macs=1_000_000,
        instructions=instructions,
        flash_bytes=1_024,
        arena_bytes=96,
        interpreter_arena_bytes=128,
    )


def test_a_slow_network_and_a_slow_median_are_told() -> None:
    check([row("a", 1_700_000), row("b", 4_000_000), row("c", 900_000)])
    with pytest.raises(GateError, match=r"more than 4\.0 instructions per MAC on cortex-m4: b 4\.01"):
        check([row("a", 1_000_000), row("b", 4_010_000)])
    with pytest.raises(GateError, match=r"the median is 1\.80"):
        check([row("a", 1_800_000)])


def test_the_slowest_stands_first_and_the_median_last() -> None:
    lines = instructions_table([row("a", 1_000_000), row("b", 3_000_000)]).splitlines()
    assert lines[2] == "| b | 1,000,000 | 3,000,000 | 3.00 | 1,024 | 96 | 128 |"
    assert lines[-1] == "| median of 2 |  |  | 2.00 |  |  |  |"
