import pytest
from pydantic import ValidationError

from edge_nas.boards.board import Board, CycleModel, Fact, error_percent, estimate_ms
from edge_nas.results.costs import Pace


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
    assert estimate_ms(_board(), 2_000_000, None) == pytest.approx(2e6 * 1.5 / 100e6 * 1e3)


def test_by_published_timings_it_is_the_pace_of_the_network_that_counts() -> None:
    model = CycleModel(table_factor=1.2, cycles_per_flash_byte=0.5, error_percent=10, basis="a table of the manual")
    board = _board(cycle_model=model)
    pace = Pace(cycles_per_instruction=1.5, flash_bytes_per_instruction=0.2)
    assert estimate_ms(board, 2_000_000, pace) == pytest.approx(2e6 * (1.5 * 1.2 + 0.2 * 0.5) / 100e6 * 1e3)
    assert estimate_ms(board, 2_000_000, None) is None
    assert (error_percent(board), error_percent(_board()), error_percent(_board(cycle_model=None))) == (10, None, None)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({}, "and not both"),
        ({"cycles_per_instruction": 1.0, "table_factor": 1.0}, "and not both"),
        ({"cycles_per_instruction": 1.0, "cycles_per_flash_byte": 1.0}, "needs table_factor"),
    ],
)
def test_a_cycle_model_is_one_of_two(wrong: dict[str, float], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        CycleModel(**wrong, basis="a table of the reference manual")


def test_without_a_cycle_model_there_is_no_estimate() -> None:
    assert estimate_ms(_board(cycle_model=None), 1000, None) is None


@pytest.mark.parametrize("missing", ["emulated_core", "clock_mhz"])
def test_a_cycle_model_needs_a_count_and_a_clock(missing: str) -> None:
    with pytest.raises(ValidationError, match="a cycle_model needs an emulated_core"):
        _board(**{missing: None})
