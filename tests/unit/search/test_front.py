"""Where finished networks stand: limits as counted, and who beats whom."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from searchresults import BOARD, CORE, finished

from edge_nas.boards import load_board
from edge_nas.search.final import FinalResult
from edge_nas.search.finalist import Doubt, Finalist
from edge_nas.search.front import doubts_of, pareto, standings
from edge_nas.search.limits import Limits, limits_on


def _why_not(
    *results: FinalResult, doubts: Mapping[int, tuple[str, Sequence[int]]] | None = None, **asked: int
) -> list[str | None]:
    board = load_board(BOARD)
    placed = standings(board, limits_on(board, Limits.model_validate(asked)), results, doubts or {})
    return [standing.why_not for standing in placed]


def _result(number: int, score: float | None, instructions: int, **more: int) -> FinalResult:
    return finished(number, score, instructions, **more)[1]


def test_who_is_better_in_something_stays() -> None:
    cheap, good, bad = _result(1, 0.7, 100), _result(2, 0.9, 300), _result(3, 0.6, 200)
    assert _why_not(cheap, good, bad) == [None, None, "another network is as good in all figures"]
    # The one that was beaten takes less RAM: no other one is as good in all figures now.
    assert _why_not(cheap, good, _result(3, 0.6, 200, ram_bytes=3000)) == [None, None, None]


def test_of_equal_networks_one_stays() -> None:
    assert _why_not(_result(1, 0.7, 100), _result(1, 0.7, 100)) == [None, "another network is as good in all figures"]


def test_a_limit_that_the_counted_firmware_breaks_drops_the_network() -> None:
    assert _why_not(_result(1, 0.7, 100), instructions=100) == [None]
    assert _why_not(_result(1, 0.7, 101), instructions=100) == ["instructions counted 101, allowed 100 (asked for)"]
    # A network that breaks a limit beats nobody.
    assert _why_not(_result(1, 0.9, 101), _result(1, 0.7, 100), instructions=100)[1] is None


def test_the_stack_has_to_fit_beside_the_arena() -> None:
    sram = 256 * 1024
    assert _why_not(_result(1, 0.7, 1, ram_bytes=sram - 500)) == [None]
    (why,) = _why_not(_result(1, 0.7, 1, ram_bytes=sram - 499))
    assert why == f"RAM with its stack counted {sram + 1:,}, {BOARD} has {sram:,}"


def test_who_is_doubted_beats_nobody() -> None:
    lucky, other = _result(1, 0.9, 100), _result(2, 0.8, 200)
    assert _why_not(lucky, other, doubts={0: ("luck", [1])}) == ["luck", None]
    # What else keeps it off the front is told first.
    assert _why_not(_result(1, None, 1), other, doubts={0: ("luck", [1])}) == ["a drop of 0.2", None]


def test_nobody_is_doubted_for_what_breaks_a_limit() -> None:
    lucky, other, third = _result(1, 0.9, 100), _result(2, 0.8, 200), _result(3, 0.7, 50)
    over = "instructions counted 200, allowed 150 (asked for)"
    assert _why_not(lucky, other, third, doubts={0: ("luck", [1])}, instructions=150) == [None, over, None]
    assert _why_not(lucky, other, third, doubts={0: ("luck", [1, 2])}, instructions=150) == ["luck", over, None]


def test_doubts_are_of_places() -> None:
    made = [Finalist(key, key, 1, 0.5, key, {}, key) for key in "abc"]
    assert doubts_of(made) == {}
    assert doubts_of([replace(made[0], doubt=Doubt("luck", ("c", "b"))), *made[1:]]) == {0: ("luck", [2, 1])}


def test_what_came_to_nothing_says_why() -> None:
    failed = _result(1, None, 1)
    elsewhere = FinalResult(key="k", score=0.5, model_sha256="m", skipped={CORE: "qemu is missing"})
    assert _why_not(failed, elsewhere) == ["a drop of 0.2", f"not counted on {CORE}: qemu is missing"]


@pytest.mark.parametrize(
    ("figures", "front"),
    [([(1.0, 5.0), (2.0, 4.0), (1.0, 4.0)], (0, 1)), ([(1.0, 1.0), (1.0, 1.0)], (0, 1)), ([], ())],
)
def test_pareto(figures: list[tuple[float, ...]], front: tuple[int, ...]) -> None:
    assert pareto(figures) == front
