"""Schedules that can be drawn on paper."""

import pytest

from benchmarks.lib.scheduling import Overheads, Schedule, schedule

NOTHING = Overheads(dispatch_s=0.0, result_s=0.0)


def test_equal_trials_fill_the_workers() -> None:
    assert schedule([[2.0] * 4], 2, NOTHING) == Schedule(seconds=4.0, worked_s=8.0, workers=2)
    assert schedule([[2.0] * 4], 2, NOTHING).busy == 1.0


def test_who_is_free_takes_the_next_and_a_batch_waits_for_the_one_before() -> None:
    # One worker: 4; the other: 1, 1, 1, and waits a second. Then 2 beside nothing.
    assert schedule([[4.0, 1.0, 1.0, 1.0], [2.0]], 2, NOTHING).seconds == 6.0
    assert schedule([[4.0, 1.0, 1.0, 1.0], [2.0]], 2, NOTHING).busy == 9 / 12


def test_results_are_taken_one_after_the_other() -> None:
    # All four end after 2 s, and are on the disk after 2.5, 3, 3.5 and 4.
    assert schedule([[2.0] * 4], 4, Overheads(0.0, 0.5)).seconds == 4.0
    # They come 2 s apart, so that only the last one is waited for.
    assert schedule([[2.0] * 4], 1, Overheads(0.0, 0.5)).seconds == 8.5


def test_trials_are_handed_over_one_after_the_other() -> None:
    assert schedule([[2.0] * 4], 4, Overheads(0.5, 0.0)).seconds == 4.0


def test_a_hundred_workers_are_busy_with_ten_thousand_trials() -> None:
    batches = [[10.0 + number % 7 for number in range(10_000)]]
    assert schedule(batches, 100, Overheads(0.002, 0.005)).busy == pytest.approx(1.0, abs=0.02)
    # A thousand would need a result each 13 ms, and a coordinator takes one each 50.
    assert schedule(batches, 1000, Overheads(0.002, 0.05)).busy < 0.3
