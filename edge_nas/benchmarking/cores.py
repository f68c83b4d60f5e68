"""Keeps this process on as many cores as a benchmark has threads, so that "1 thread" is true of every runtime."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")


@contextmanager
def held_to_cores(count: int) -> Iterator[str]:
    """Keeps all threads of this process on `count` cores while the context lasts; yields how many it is in words.

    The highest-numbered of the allowed cores are taken: the first ones serve most interrupts. Where the system cannot
    do this (outside Linux) nothing is held, and the yielded text says so.
    """
    if not hasattr(os, "sched_setaffinity") or not _TASKS.is_dir():
        yield "not held: this system cannot"
        return
    allowed = os.sched_getaffinity(0)
    chosen = set(sorted(allowed)[-count:])
    before = {task: _affinity(task) for task in _tasks()}
    for task in before:
        _hold(task, chosen)
    try:
        yield str(len(chosen))
    finally:
        # Threads born meanwhile have inherited the narrow set: they get what the process had.
        for task in _tasks():
            _hold(task, before.get(task) or allowed)


def _tasks() -> list[int]:
    return [int(entry.name) for entry in _TASKS.iterdir()]


def _affinity(task: int) -> set[int]:
    """Returns the cores a thread may use; empty if the thread has ended meanwhile."""
    with suppress(ProcessLookupError):
        return os.sched_getaffinity(task)
    return set()


def _hold(task: int, cores: set[int]) -> None:
    with suppress(ProcessLookupError):  # the thread has ended meanwhile
        os.sched_setaffinity(task, cores)
