"""What a front is worth, where that can be told by hand."""

from pathlib import Path

import pytest

from benchmarks.lib.searching import front_area, plan_without_halving
from edge_nas.errors import ConfigError
from edge_nas.results.front import FrontNetwork


def _network(instructions: int, score: float) -> FrontNetwork:
    figures = {"instructions": instructions, "flash_bytes": 1, "ram_bytes": 1}
    return FrontNetwork(id=1, board="b", score=score, model="m", **figures)


@pytest.mark.parametrize(
    ("networks", "area"),
    [
        ([], 0.0),
        ([_network(1600, 0.8)], 0.0),  # at the limit alone
        ([_network(100, 0.8)], 0.8),  # at all limits from a sixteenth on
        ([_network(50, 0.8)], 0.8),
        ([_network(400, 0.8)], 0.4),  # at the upper half: 400 is the middle of 100 and 1600
        ([_network(400, 0.8), _network(800, 0.9)], 0.25 * 0.8 + 0.25 * 0.9),
        ([_network(400, 0.8), _network(800, 0.7)], 0.4),
    ],
)
def test_the_area_of_a_front(networks: list[FrontNetwork], area: float) -> None:
    assert front_area(networks, 1600) == pytest.approx(area)


def test_a_plan_needs_a_search_that_was_measured(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no search that says what a training takes"):
        plan_without_halving(tmp_path, 60.0, 2, 10)
