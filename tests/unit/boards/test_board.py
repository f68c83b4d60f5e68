import pytest
from pydantic import ValidationError

from edge_nas.boards.board import Board, CycleModel, Fact, estimate_ms


def _board(**changes: object) -> Board:
    fact = Fact(value=100, source="a datasheet")
    model = CycleModel(cycles_per_instruction=1.5, basis="a table of the reference manual")
    values = {
        "name": "toy",
        "title": "a toy",
        "core": "cortex-m3",
        "emulated_core": "cortex-m3",
        "runtime": "c",
        "flash_bytes": fact,
        "sram_bytes": fact,
        "clock_mhz": fact,
        "alignment_bytes": 1,
        "cycle_model": model,
        "platforms": ("cmake",),
    }
    return Board(**(values | changes))


def test_the_estimate_is_instructions_times_cycles_over_the_clock() -> None:
    assert estimate_ms(_board(), 2_000_000) == pytest.approx(2e6 * 1.5 / 100e6 * 1e3)


def test_without_a_cycle_model_there_is_no_estimate() -> None:
    assert estimate_ms(_board(cycle_model=None), 1000) is None


@pytest.mark.parametrize("missing", ["emulated_core", "clock_mhz"])
def test_a_cycle_model_needs_a_count_and_a_clock(missing: str) -> None:
    with pytest.raises(ValidationError, match="a cycle_model needs an emulated_core"):
        _board(**{missing: None})
