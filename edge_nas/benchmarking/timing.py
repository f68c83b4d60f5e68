"""The clock: how long each of many calls took."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def time_calls(invoke: Callable[[], object], warmup: int, runs: int) -> list[int]:
    """Returns the nanoseconds of each of `runs` calls after `warmup` untimed ones, without garbage collection."""
    with _without_garbage_collection():
        for _ in range(warmup):
            invoke()
        times = []
        for _ in range(runs):
            start = time.perf_counter_ns()
            invoke()
            times.append(time.perf_counter_ns() - start)
        return times


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
