"""Rows of the fronts for every board."""

from benchmarks.search_boards import row_of
from edge_nas.results.front import FrontNetwork


def test_a_row_names_the_core_that_its_board_was_counted_on() -> None:
    figures = {"instructions": 3, "flash_bytes": 2, "ram_bytes": 1}
    network = FrontNetwork(id=1, board="rp2040", score=0.5, model="m", **figures)
    assert row_of(network) == {"board": "rp2040", "core": "cortex-m0plus", "score": 0.5, **figures}
