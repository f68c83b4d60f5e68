"""Batches of trials: every result once, in order, whatever dies."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from searchtrials import calls, diverge, lacking, score_of, scoring, trial

from edge_nas.core.processes import TimeLimitError
from edge_nas.errors import ConfigError, EdgeNasError, ResourceError
from edge_nas.search.coordinator import Coordinator, RunTrial
from edge_nas.search.executors import LocalWorkers
from edge_nas.search.journal import Journal
from edge_nas.search.trial import TrialResult
from edge_nas.search.worker import UnreadInputError

TRIALS = [trial(number) for number in range(6)]
UNDISTURBED = tuple(score_of(each) for each in TRIALS)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder in which trials note that they began."""
    folder = tmp_path / "begun"
    folder.mkdir()
    return folder


@pytest.fixture
def threads() -> Iterator[Executor]:
    """An executor of threads: for what does not need a process."""
    with ThreadPoolExecutor(2) as executor:
        yield executor


def _run(path: Path, executor: Executor, run_trial: RunTrial) -> tuple[TrialResult, ...]:
    with Journal(path) as journal:
        return Coordinator(journal, executor, run_trial, "search").run(TRIALS)


def _kinds(path: Path) -> Counter[str]:
    with Journal(path) as journal:
        return Counter(event["kind"] for event in journal.events)


def test_what_is_known_is_not_run_again(tmp_path: Path, begun: Path, threads: Executor) -> None:
    path = tmp_path / "journal.jsonl"
    with Journal(path) as journal:
        coordinator = Coordinator(journal, threads, scoring(begun), "search")
        assert coordinator.run(TRIALS[:3]) == UNDISTURBED[:3]
        assert coordinator.finished == 3
        assert coordinator.went_before(TRIALS) == 0
    with Journal(path) as journal:
        coordinator = Coordinator(journal, threads, scoring(begun), "search")
        assert [coordinator.went_before(some) for some in (TRIALS[:2], TRIALS, TRIALS)] == [2, 1, 0]
    assert _run(path, threads, scoring(begun)) == UNDISTURBED
    assert calls(begun) == dict.fromkeys(range(6), 1)


def test_equal_trials_of_a_batch_run_once(tmp_path: Path, begun: Path, threads: Executor) -> None:
    with Journal(tmp_path / "journal.jsonl") as journal:
        results = Coordinator(journal, threads, scoring(begun), "search").run([TRIALS[0], TRIALS[0]])
    assert results == (UNDISTURBED[0], UNDISTURBED[0])
    assert calls(begun) == {0: 1}


def test_another_search_is_refused(tmp_path: Path, threads: Executor) -> None:
    path = tmp_path / "journal.jsonl"
    _run(path, threads, score_of)
    with Journal(path) as journal, pytest.raises(ConfigError, match="other settings, data or version"):
        Coordinator(journal, threads, score_of, "another")


def test_a_training_that_diverges_is_a_result(tmp_path: Path, threads: Executor) -> None:
    results = _run(tmp_path / "journal.jsonl", threads, diverge)
    assert [result.score for result in results] == [None] * 6
    assert results[4].reason == "the loss of 4 became NaN"


def test_a_network_that_a_tool_never_ends_with_is_a_result(tmp_path: Path, begun: Path, threads: Executor) -> None:
    lack = begun / "lack"
    lack.touch()
    results = _run(tmp_path / "journal.jsonl", threads, lacking(lack, TimeLimitError))
    assert [result.reason for result in results] == [None] * 3 + ["a disk or a file is not here now"] * 3


@pytest.mark.parametrize("error", [ResourceError, UnreadInputError])
def test_what_is_wrong_with_a_machine_or_the_data_is_no_result(
    error: type[EdgeNasError], tmp_path: Path, begun: Path, threads: Executor
) -> None:
    path, lack = tmp_path / "journal.jsonl", begun / "lack"
    lack.touch()
    with pytest.raises(error, match="not here now"):
        _run(path, threads, lacking(lack, error))
    assert _kinds(path)["result"] < 6
    lack.unlink()
    assert _run(path, threads, lacking(lack, error)) == UNDISTURBED
    assert _kinds(path) == {"search": 1, "result": 6}


@pytest.mark.parametrize("workers", [1, 3])
def test_a_worker_that_is_killed_changes_no_result(tmp_path: Path, begun: Path, workers: int) -> None:
    path = tmp_path / "journal.jsonl"
    with LocalWorkers(workers) as executor:
        assert _run(path, executor, scoring(begun, deaths=2, of=3)) == UNDISTURBED
    assert _kinds(path) == {"search": 1, "loss": 2, "result": 6}
    assert calls(begun) == dict.fromkeys(range(6), 1) | {3: 3}


def test_a_trial_that_kills_every_worker_is_given_up(tmp_path: Path, begun: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with LocalWorkers(2) as executor:
        results = _run(path, executor, scoring(begun, deaths=99, of=1))
    assert results[1].reason == "3 worker processes died in it"
    assert [*results[:1], *results[2:]] == [*UNDISTURBED[:1], *UNDISTURBED[2:]]
    assert calls(begun)[1] == 3
    assert _kinds(path) == {"search": 1, "loss": 3, "result": 6}


MARK = "EDGE_NAS_TEST_COORDINATOR"  # in the environment of a coordinator and all that it begins

COORDINATOR = """
import sys
from pathlib import Path
from searchtrials import scoring, trial
from edge_nas.search.coordinator import Coordinator
from edge_nas.search.executors import LocalWorkers
from edge_nas.search.journal import Journal

if __name__ == "__main__":
    path, begun = map(Path, sys.argv[1:])
    with Journal(path) as journal, LocalWorkers(2) as executor:
        Coordinator(journal, executor, scoring(begun, seconds=0.3), "search").run([trial(n) for n in range(6)])
"""


def test_a_coordinator_that_is_killed_goes_on(tmp_path: Path, begun: Path, threads: Executor) -> None:
    path, script = tmp_path / "journal.jsonl", tmp_path / "coordinator.py"
    script.write_text(COORDINATOR)
    environment = {"PYTHONPATH": ":".join(filter(None, sys.path)), MARK: str(script)}
    process = subprocess.Popen([sys.executable, str(script), str(path), str(begun)], env=environment)
    _until(lambda: path.is_file() and path.read_bytes().count(b"\n") >= 3)
    process.kill()
    process.wait()
    _until(lambda: not _processes_of(script))
    known = path.read_bytes().count(b'"kind": "result"')
    assert 2 <= known < 6
    assert _run(path, threads, scoring(begun)) == UNDISTURBED
    assert _kinds(path) == {"search": 1, "result": 6}
    # What had no result began again, and nothing else did: at most the two that were being worked on.
    assert sum(calls(begun).values()) <= 8


def _until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Waits for a condition, however slow the machine is."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def _processes_of(script: Path) -> list[str]:
    """The processes that are left of a coordinator and its workers."""
    named = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if f"{MARK}={script}".encode() in environment:
            named.append(folder.name)
    return named
