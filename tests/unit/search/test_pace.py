"""The time that is left."""

import pytest

from edge_nas.search.halving import Rung
from edge_nas.search.pace import Pace
from edge_nas.search.planning import Measured, SearchPlan

PLAN = SearchPlan(beginners=4, rungs=(Rung(epochs=2, survivors=1), Rung(epochs=10, survivors=1)), finalists=2)
MEASURED = Measured(training_s=10.0, epoch_s=5.0, final_s=70.0)
# 4 x 20 + 60 of trainings, 2 x 70 of finals: 280 s of work.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic time, which a test moves."""
    now = [100.0]
    monkeypatch.setattr("edge_nas.search.pace.monotonic", lambda: now[0])
    return now


def test_measured_work_is_known_from_the_start(clock: list[float]) -> None:
    pace = Pace(PLAN, MEASURED, 2)
    assert pace.left == ", 2 min left"  # 140 s with two workers
    clock[0] += 20
    pace.trained(2)
    pace.trained(2)
    assert pace.left == ", 2 min left"  # 240 s at 2 s of work a second


def test_the_speed_in_truth_counts(clock: list[float]) -> None:
    pace = Pace(PLAN, MEASURED, 2)
    clock[0] += 80
    pace.trained(2, trainings=4)
    pace.trained(10)
    pace.finished()
    # 210 s of work took 80 s; 70 s are left.
    assert pace.left == ", 27 s left"


def test_what_was_done_before_a_search_went_on_is_not_left_and_no_measure(clock: list[float]) -> None:
    pace = Pace(PLAN, MEASURED, 2)
    pace.went_before(trainings=4, epochs=2)
    pace.went_before(trainings=1, epochs=10)
    assert pace.left == ", 70 s left"  # two finals with two workers
    clock[0] += 70
    pace.finished()
    assert pace.left == ", 70 s left"
    pace.went_before(finals=2)
    assert pace.left == ", 0 s left"


def test_before_anything_is_known_nothing_is_said(clock: list[float]) -> None:
    pace = Pace(PLAN, None, 2)
    assert pace.left == ""
    clock[0] += 30
    pace.trained(2)
    assert pace.left.endswith(" left")


def test_what_a_time_has_left_for_more_trainings(clock: list[float]) -> None:
    pace = Pace(PLAN, MEASURED, 2)
    clock[0] += 40
    pace.trained(2, trainings=4)
    # 80 s of work took 40; 200 s of it are left, and 85 % of 200 s by the clock are 340: 140 s for trainings of 60 s.
    assert pace.spare_trainings(200.0, 10) == 2
    assert pace.spare_trainings(100.0, 10) == -1
    pace.added(2, 10)
    assert pace.spare_trainings(200.0, 10) == 0
    assert pace.left == ", 3 min left"  # 320 s at 2 s of work a second
