"""Limits of a board and of the user."""

import math
from dataclasses import dataclass

import pytest
from pydantic import ValidationError

from edge_nas.boards import estimate_ms, load_board
from edge_nas.costs import CostUnknownError
from edge_nas.errors import ConfigError
from edge_nas.results.costs import Pace
from edge_nas.search.limits import AXES, Limit, Limits, cost_along, limits_on, loosened, room


@dataclass(frozen=True)
class FixedCost:
    """Costs as they are given."""

    instructions: int = 0
    flash_bytes: int = 0
    ram_bytes: int = 0
    pace: Pace | None = None


BOARD = load_board("stm32l4r5")


def _most(asked: Limits) -> dict[str, int]:
    return {limit.axis: limit.most for limit in limits_on(BOARD, asked).limits}


def test_the_board_limits_what_nobody_asks_for() -> None:
    assert _most(Limits()) == {"flash_bytes": 2097152, "ram_bytes": 655360}
    assert limits_on(BOARD, Limits()).core == "cortex-m4"


def test_the_lesser_limit_binds() -> None:
    assert _most(Limits(flash_bytes=1000, ram_bytes=10**9)) == {"flash_bytes": 1000, "ram_bytes": 655360}


def test_a_latency_is_kept_by_the_boards_cycle_model_and_the_networks_pace() -> None:
    limits = limits_on(BOARD, Limits(latency_ms=10))
    (limit,) = (each for each in limits.limits if each.axis == "microseconds")
    assert limit.most == 10_000
    assert limit.origin == "10 ms on stm32l4r5, an estimate: ±20 %"
    # 120 MHz: 10 ms are 1,200,000 cycles; 1.5 by the manual, 1.14 times that on the chip, and 0.84 for half a byte.
    pace = Pace(cycles_per_instruction=1.5, flash_bytes_per_instruction=0.5)
    most = int(1_200_000 / (1.5 * 1.14 + 0.5 * 0.84))
    assert limits.exceeded(FixedCost(instructions=most, pace=pace)) == ()
    assert limits.exceeded(FixedCost(instructions=most + 100, pace=pace)) == (limit,)
    assert estimate_ms(BOARD, most, pace) == pytest.approx(10, rel=1e-5)
    assert "instructions" not in _most(Limits(latency_ms=10))
    assert _most(Limits(latency_ms=10, instructions=500))["instructions"] == 500


def test_a_latency_of_a_network_without_a_pace_is_not_guessed() -> None:
    with pytest.raises(CostUnknownError, match="is not known"):
        limits_on(BOARD, Limits(latency_ms=10)).exceeded(FixedCost(instructions=1))
    constant = limits_on(load_board("esp32c3"), Limits(latency_ms=1))
    # 160 MHz, 1.3 cycles an instruction.
    assert constant.exceeded(FixedCost(instructions=123_076)) == ()
    assert [each.axis for each in constant.exceeded(FixedCost(instructions=123_200))] == ["microseconds"]


def test_exceeded_names_each_limit_with_its_origin() -> None:
    limits = limits_on(BOARD, Limits(instructions=100, ram_bytes=50))
    assert limits.exceeded(FixedCost(instructions=100, flash_bytes=5, ram_bytes=50)) == ()
    over = limits.exceeded(FixedCost(instructions=101, flash_bytes=2097153, ram_bytes=50))
    assert over == (
        Limit(axis="instructions", most=100, origin="asked for"),
        Limit(axis="flash_bytes", most=2097152, origin="flash of stm32l4r5"),
    )


def test_instructions_and_time_are_loosened_and_bytes_stay() -> None:
    limits = limits_on(load_board("esp32c3"), Limits(latency_ms=1, instructions=100, flash_bytes=50))
    before, after = ({limit.axis: limit.most for limit in each.limits} for each in (limits, loosened(limits, 4.0)))
    changed = {"instructions": 400, "microseconds": 4000}
    assert after == before | changed
    assert loosened(limits, 1.0) == limits


def test_how_much_room_a_cost_leaves() -> None:
    assert room(limits_on(BOARD, Limits(instructions=100)), FixedCost(instructions=400, ram_bytes=9**9)) == 0.25
    assert room(limits_on(BOARD, Limits()), FixedCost(instructions=400)) == math.inf
    timed = limits_on(load_board("esp32c3"), Limits(latency_ms=1, instructions=10**9))
    # A millisecond is 123,077 instructions there.
    assert room(timed, FixedCost(instructions=246_154)) == pytest.approx(0.5)


def test_costs_by_axis() -> None:
    cost = FixedCost(instructions=1, flash_bytes=2, ram_bytes=3)
    assert [cost_along(cost, axis) for axis in AXES] == [1, 2, 3]


def test_a_board_without_counted_c_is_refused() -> None:
    with pytest.raises(ConfigError, match="board host: its core runs no generated C"):
        limits_on(load_board("host"), Limits())


def test_a_latency_needs_a_cycle_model() -> None:
    untimed = BOARD.model_copy(update={"cycle_model": None})
    with pytest.raises(ConfigError, match="limit --instructions instead"):
        limits_on(untimed, Limits(latency_ms=5))
    assert limits_on(untimed, Limits(instructions=5)).limits[0].most == 5


@pytest.mark.parametrize("wrong", [{"latency_ms": 0}, {"instructions": 0}, {"latency_ms": float("inf")}])
def test_limits_are_above_nothing(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Limits.model_validate(wrong)
