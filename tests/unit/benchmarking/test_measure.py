import gc
import platform
from collections.abc import Callable
from functools import partial

import pytest

from edge_nas.benchmarking import TimedModel, benchmark, timing
from edge_nas.core.config import BenchmarkSpec


def model(name: str, invoke: Callable[[], object]) -> TimedModel:
    timed = partial(timing.time_calls, invoke)
    return TimedModel(runtime="litert", name=name, threads=1, version="1.2.3", time_calls=timed)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A clock of nanoseconds that only moves when a test moves it."""
    now = [0]
    monkeypatch.setattr(timing.time, "perf_counter_ns", lambda: now[0])
    return now


def test_the_quantiles_are_those_of_the_calls_that_were_timed(clock: list[int]) -> None:
    calls = []

    def invoke() -> None:
        calls.append(None)
        clock[0] += 1_000_000 * len(calls)  # the n-th call takes n ms

    # Rounds of 4, 4, 3 after 2 warm-ups each: calls 3-6, 9-12, 15-17 are timed.
    output = benchmark(BenchmarkSpec(runs=11, warmup=2), [model("m", invoke)])
    (report,) = output.benchmarks
    assert len(calls) == 11 + 3 * 2
    assert report.runs == 11
    assert report.min_ms == pytest.approx(3.0)
    assert report.p50_ms == pytest.approx(10.0)  # of 3 4 5 6 9 [10] 11 12 15 16 17
    assert report.p90_ms == pytest.approx(16.0)
    assert (report.runtime, report.model, report.threads, report.runtime_version) == ("litert", "m", 1, "1.2.3")


def test_rounds_alternate_between_the_models() -> None:
    order: list[str] = []
    models = [model(name, lambda name=name: order.append(name)) for name in "ab"]
    benchmark(BenchmarkSpec(runs=6, warmup=1), models)
    assert "".join(order) == "aaabbb" * 3


def test_fewer_runs_than_rounds_are_all_taken() -> None:
    calls: list[None] = []
    output = benchmark(BenchmarkSpec(runs=2, warmup=0), [model("m", lambda: calls.append(None))])
    assert (len(calls), output.benchmarks[0].runs) == (2, 2)


def test_progress_counts_up_to_the_end() -> None:
    ticks: list[tuple[str, int, int]] = []
    models = [model(name, lambda: None) for name in "ab"]
    benchmark(BenchmarkSpec(runs=3, warmup=0), models, lambda *tick: ticks.append(tick))
    assert [done for _, done, _ in ticks] == list(range(7))
    assert {total for _, _, total in ticks} == {6}
    assert ticks[1][0] == "litert b"


def test_garbage_collection_is_off_while_timing_and_back_afterwards() -> None:
    states: list[bool] = []
    benchmark(BenchmarkSpec(runs=3, warmup=1), [model("m", lambda: states.append(gc.isenabled()))])
    assert set(states) == {False}
    assert gc.isenabled()


def test_a_failing_subject_leaves_garbage_collection_on() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        benchmark(BenchmarkSpec(runs=3), [model("m", fail)])
    assert gc.isenabled()


def test_the_machine_is_described() -> None:
    machine = benchmark(BenchmarkSpec(runs=1, warmup=0), [model("m", lambda: None)]).machine
    assert set(machine) >= {"cpu", "cores", "os", "python", "held_to_cores"}
    assert platform.node() not in machine.values()
