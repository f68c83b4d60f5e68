"""What benchmarks/first_hour.py lets pass, and what its table says."""

from pathlib import Path

import pytest

from benchmarks.first_hour import cases, check
from benchmarks.lib.waiting import waited
from benchmarks.tables.first_hour import Row, first_hour_table
from edge_nas.errors import GateError

MODELS = (Path("a.tflite"), Path("b.tflite"))


def row(command: str, clock_s: list[float]) -> Row:
    cpu_s = [seconds / 2 for seconds in clock_s]
    return Row(command=command, exit_code=0, limit_s=2.0, clock_s=clock_s, cpu_s=cpu_s, load=[0.1, 3.25, 1.0])


def test_one_slow_call_passes_and_a_slow_median_is_told() -> None:
    check([row("doctor", [1.0, 2.0, 9.0])])
    with pytest.raises(GateError, match=r"doctor 2\.10 of 2 s"):
        check([row("doctor", [1.0, 2.1, 9.0])])


def test_the_table_has_medians_and_worst() -> None:
    line = first_hour_table([row("doctor", [1.0, 2.0, 9.0])]).splitlines()[2]
    assert line == "| `doctor` | 0 | 2 | 2.00 | 9.00 | 1.00 | 4.50 | 0.1 to 3.2 |"


def test_runs_are_compared_where_there_are_two() -> None:
    assert len(cases(MODELS, ())) + 1 == len(cases(MODELS, (Path("a"), Path("b"))))


def test_another_end_than_the_one_that_is_timed_is_refused(tmp_path: Path) -> None:
    wait = waited(["--version"], tmp_path, 0)
    assert 0 < wait.cpu_s < 30
    with pytest.raises(RuntimeError, match="ended with 0 in place of 2"):
        waited(["--version"], tmp_path, 2)
