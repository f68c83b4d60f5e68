"""Processes of this machine: how long each lives."""

import os
import signal
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from edge_nas.core import temporary
from edge_nas.search.executors import LocalWorkers


def test_a_process_gives_way_after_so_many_jobs() -> None:
    with LocalWorkers(1, jobs_per_process=2) as executor:
        first, second, third = (executor.submit(os.getpid).result() for _ in range(3))
    assert first == second != third
    assert os.getpid() not in (first, third)


def test_jobs_that_fail_count_and_are_told() -> None:
    with LocalWorkers(1, jobs_per_process=1) as executor:
        failed = executor.submit(os.listdir, "/no such folder")
        assert isinstance(failed.exception(), FileNotFoundError)
        assert executor.submit(os.getpid).result() != executor.submit(os.getpid).result()


def test_processes_are_killed_whatever_they_do() -> None:
    with LocalWorkers(2) as executor:
        sleeping = [executor.submit(time.sleep, 600.0) for _ in range(2)]
        _until(lambda: all(future.running() for future in sleeping))
        _until(lambda: sum(len(worker.process._processes or {}) for worker in executor._workers) == 2)
        executor.kill()
        assert all(isinstance(future.exception(timeout=60), BrokenExecutor) for future in sleeping)
        assert executor.submit(abs, -1).result() == 1


def test_who_died_idle_costs_no_job() -> None:
    with LocalWorkers(1) as executor:
        assert executor.submit(abs, -1).result() == 1
        (worker,) = executor._workers
        executor.kill()
        _until(lambda: bool(worker.process._broken))
        assert executor.submit(abs, -2).result() == 2


def _leave_a_file() -> str:
    """Makes a temporary file that nobody removes."""
    descriptor, name = tempfile.mkstemp()
    os.close(descriptor)
    return name


def _end_at_once() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_temporary_files_go_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with LocalWorkers(1) as executor:
        left = Path(executor.submit(_leave_a_file).result())
        assert left.is_relative_to(tmp_path)
    _until(lambda: list(tmp_path.iterdir()) == [])
    with LocalWorkers(1) as executor:
        executor.submit(_leave_a_file).result()
        assert isinstance(executor.submit(_end_at_once).exception(), BrokenExecutor)
    _until(lambda: _left_by_the_next(tmp_path) == [])


def _left_by_the_next(root: Path) -> list[Path]:
    """What lies beside the temporary folder of a process that begins after another has ended."""
    temporary._remove_abandoned.cache_clear()
    with temporary.temporary_folder() as folder:
        return [path for path in root.iterdir() if path != folder.parent]


def _until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for a condition: a process that is known to have died may not have let go of all its files."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
