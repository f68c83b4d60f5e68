"""Processes of this machine: how long each lives."""

import os

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
