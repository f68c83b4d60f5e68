import os
import threading
from pathlib import Path

import pytest

from benchmarks.lib.lanes import in_lanes, run_on


def test_results_come_in_the_order_of_the_items_whichever_is_done_first() -> None:
    second_done = threading.Event()

    def work(item: str, core: int | None) -> str:
        assert core in os.sched_getaffinity(0)
        if item == "second":
            second_done.set()
        else:
            assert second_done.wait(timeout=60)
        return item.upper()

    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one core only")
    assert in_lanes(["first", "second"], 2, work) == ["FIRST", "SECOND"]


def test_one_at_a_time_has_all_cores() -> None:
    assert in_lanes([1, 2], 1, lambda item, core: (item, core)) == [(1, None), (2, None)]


def test_a_process_is_held_to_its_core(tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    place = tmp_path / "cores"
    run_on(core, ["-c", f"import os; open({str(place)!r}, 'w').write(str(os.sched_getaffinity(0)))"], "a test")
    assert place.read_text() == str({core})


def test_a_failure_ends_the_run_and_says_whose_it_was() -> None:
    with pytest.raises(SystemExit, match=r"(?s)seed 3: exit code 1.*ZeroDivisionError"):
        run_on(None, ["-c", "1 / 0"], "seed 3")
