"""A search on a cluster of this machine: workers and coordinators die, and the results are those of an undisturbed one.

Trainings are scores of hashes that take a while. `make endurance` kills ten workers and five coordinators.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from searchtrials import calls, diverge, score_of, scoring, set_path, trial

from edge_nas.errors import ConfigError, ResourceError
from edge_nas.runs.progress import Silent
from edge_nas.search.cluster import DaskWorkers, dask_workers
from edge_nas.search.coordinator import Coordinator, RunTrial
from edge_nas.search.journal import JOURNAL, Journal
from edge_nas.search.trial import TrialResult

pytest.importorskip("distributed")
psutil = pytest.importorskip("psutil")

TRIALS = [trial(number) for number in range(12)]
UNDISTURBED = tuple(score_of(each) for each in TRIALS)


@pytest.fixture(scope="module")
def workers() -> Iterator[DaskWorkers]:
    """A cluster of two processes; each starts again when it is killed."""
    with dask_workers("dask://local?workers=2", Silent()) as cluster:
        yield cluster


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A folder in which trials note that they began."""
    folder = tmp_path / "begun"
    folder.mkdir()
    return folder


def _run(path: Path, workers: DaskWorkers, run_trial: RunTrial, count: int = len(TRIALS)) -> tuple[TrialResult, ...]:
    with Journal(path) as journal:
        return Coordinator(journal, workers, run_trial, "search").run(TRIALS[:count])


def _results(path: Path) -> Counter[str]:
    """How often each trial has a result in the journal."""
    with Journal(path) as journal:
        return Counter(event["result"]["key"] for event in journal.events if event["kind"] == "result")


def test_results_are_those_of_one_process(tmp_path: Path, begun: Path, workers: DaskWorkers) -> None:
    assert workers.count == 2
    assert _run(tmp_path / "journal.jsonl", workers, scoring(begun)) == UNDISTURBED
    assert calls(begun) == dict.fromkeys(range(12), 1)


def test_a_training_that_diverges_is_a_result(tmp_path: Path, workers: DaskWorkers) -> None:
    results = _run(tmp_path / "journal.jsonl", workers, diverge, count=2)
    assert [result.reason for result in results] == ["the loss of 0 became NaN", "the loss of 1 became NaN"]


def test_a_trial_that_kills_every_worker_is_poison(tmp_path: Path, begun: Path, workers: DaskWorkers) -> None:
    path = tmp_path / "journal.jsonl"
    results = _run(path, workers, scoring(begun, deaths=99, of=1), count=3)
    assert results[1].reason == "3 worker processes died in it"
    assert calls(begun)[1] == 3
    assert (results[0], results[2]) == (UNDISTURBED[0], UNDISTURBED[2])
    with Journal(path) as journal:
        losses = [event["why"] for event in journal.events if event["kind"] == "loss"]
    assert all("worker tcp://127.0.0.1:" in why for why in losses)


def test_it_listens_to_this_machine_only(workers: DaskWorkers) -> None:
    # The test before this one has killed them all: their nannies start others.
    end = time.monotonic() + 60
    while workers.count < 1 and time.monotonic() < end:
        time.sleep(0.1)
    assert workers.count >= 1
    own = psutil.Process()
    listening = [
        connection.laddr.ip
        for process in (own, *own.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    # A scheduler and its page, and for each worker a nanny and itself.
    assert len(listening) >= 2 + 2
    assert set(listening) == {"127.0.0.1"}


@pytest.mark.parametrize(
    "where", ["dask://local?workers=0", "dask://", "dask://host", "dask://local?threads=2", "dask://h:1?workers=0"]
)
def test_what_is_no_cluster_is_refused(where: str) -> None:
    with (
        pytest.raises(ConfigError, match=r"allowed: dask://local\?workers=N, dask://HOST:PORT, "),
        dask_workers(where, Silent()),
    ):
        pass


def test_a_scheduler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_nas.search.cluster._CONNECT_S", 0.5)
    with pytest.raises(ResourceError, match="no scheduler answers"), dask_workers("dask://127.0.0.1:9", Silent()):
        pass


def test_workers_of_another_version_or_folder_are_refused(
    workers: DaskWorkers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dask_workers(f"dask://{workers._client.scheduler.address.removeprefix('tcp://')}", Silent()) as connected:
        assert connected.count >= 1  # one that died may still be starting
        connected.require_ready(tmp_path, [])
        with monkeypatch.context() as patched:
            patched.setattr("edge_nas.search.cluster.source_digest", lambda: "another")
            with pytest.raises(ConfigError, match="another version"):
                connected.require_ready(tmp_path, [])
        with monkeypatch.context() as patched:
            patched.setattr("pathlib.Path.resolve", lambda path: Path("/nowhere") / path.name)
            with pytest.raises(ConfigError, match="all machines share"):
                connected.require_ready(tmp_path, [])
    assert not list(tmp_path.iterdir())


def test_workers_without_a_core_s_tools_are_refused(workers: DaskWorkers, tmp_path: Path) -> None:
    before = workers._client.run(set_path, str(tmp_path))
    try:
        with pytest.raises(ResourceError, match=r"worker tcp://127.0.0.1:\d+: cortex-m4 is asked for, but .* missing"):
            workers.require_ready(tmp_path, ["cortex-m4"])
    finally:
        workers._client.run(set_path, next(iter(before.values())))


@contextmanager
def _dask(name: str, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A scheduler or a worker of somebody else."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{name}", "--no-dashboard", *words]
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_workers_with_several_threads_are_refused(workers: DaskWorkers, tmp_path: Path) -> None:
    with _dask("worker", workers._client.scheduler.address, "--nthreads", "2", "--no-nanny"):
        workers._client.wait_for_workers(3, timeout=60)
        with pytest.raises(ConfigError, match=r"it has 2 threads, .* dask worker --nthreads 1 HOST:PORT"):
            workers.require_ready(tmp_path, [])


def test_a_worker_that_joins_later_has_to_see_the_folder(workers: DaskWorkers, tmp_path: Path) -> None:
    with dask_workers(f"dask://{workers._client.scheduler.address.removeprefix('tcp://')}", Silent()) as connected:
        connected.require_ready(tmp_path, [])
        assert isinstance(connected.submit(int).exception(), ResourceError)
        Journal(tmp_path / JOURNAL).close()
        assert connected.submit(int).result() == 0


def test_a_scheduler_that_is_gone_is_nobody_s_loss(tmp_path: Path, begun: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    path, (host, port) = tmp_path / "journal.jsonl", place.split(":")
    with (
        _dask("scheduler", "--host", host, "--port", port) as scheduler,
        _dask("worker", place, "--nthreads", "1", "--no-nanny"),
        dask_workers(f"dask://{place}?workers=1", Silent()) as cluster,
        Journal(path) as journal,
    ):
        coordinator = Coordinator(journal, cluster, scoring(begun, seconds=1.0), "search")
        threading.Timer(2.0, scheduler.kill).start()
        with pytest.raises(ResourceError, match="the scheduler of the cluster does not answer any more"):
            coordinator.run(TRIALS)
        kinds = Counter(event["kind"] for event in journal.events)
    assert set(kinds) <= {"search", "result"}
    # A worker has one at a time: the others have not begun.
    assert sum(calls(begun).values()) <= kinds["result"] + 1


def test_workers_are_waited_for(workers: DaskWorkers) -> None:
    told: list[str] = []
    progress = Silent()
    progress.note = told.append  # type: ignore[method-assign]
    address = workers._client.scheduler.address.removeprefix("tcp://")
    with dask_workers(f"dask://{address}?workers=2", progress) as connected:
        assert connected.count >= 2
    starting = threading.Timer(1.0, lambda: workers._client.cluster.scale(3))
    starting.start()
    with dask_workers(f"dask://{address}?workers=3", progress) as connected:
        assert connected.count == 3
    assert told[-1] == "2 of 3 workers are there; the search begins when all are"
    workers._client.cluster.scale(2)


def _kill_workers(client: object, count: int, stop: threading.Event) -> None:
    """Kills so many workers, one every second or so."""
    generator = random.Random(0)
    while count and not stop.is_set():
        time.sleep(0.5 + generator.random())
        try:
            pids = list(client.run(os.getpid, on_error="ignore").values())  # type: ignore[attr-defined]
            # The one that is left would die of the same trial again and again, and that is poison.
            if len(pids) == 2:
                os.kill(generator.choice(pids), signal.SIGKILL)
                count -= 1
        except (OSError, TimeoutError, ProcessLookupError):
            continue


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.endurance)])
def test_workers_that_are_killed_change_nothing(kills: int, tmp_path: Path, begun: Path, workers: DaskWorkers) -> None:
    path, stop = tmp_path / "journal.jsonl", threading.Event()
    killer = threading.Thread(target=_kill_workers, args=(workers._client, kills, stop))
    killer.start()
    results: tuple[TrialResult, ...] = ()
    with Journal(path) as journal:
        coordinator = Coordinator(journal, workers, scoring(begun, seconds=0.3), "search")
        batches = [[trial(number) for number in range(first, first + 6)] for first in range(0, 12 * kills, 6)]
        for batch in batches:
            results += coordinator.run(batch)
    stop.set()
    killer.join()
    # Killed three times in one trial is poison, and with one kill a second no trial of 0.3 s is.
    assert results == tuple(score_of(each) for batch in batches for each in batch)
    assert set(_results(path).values()) == {1}
    assert len(results) == 12 * kills


COORDINATOR = """
import sys
from pathlib import Path
from searchtrials import scoring, trial
from edge_nas.runs.progress import Silent
from edge_nas.search.cluster import dask_workers
from edge_nas.search.coordinator import Coordinator
from edge_nas.search.journal import Journal

if __name__ == "__main__":
    path, begun = map(Path, sys.argv[1:])
    with Journal(path) as journal, dask_workers("dask://local?workers=2", Silent()) as executor:
        Coordinator(journal, executor, scoring(begun, seconds=0.3), "search").run([trial(n) for n in range(12)])
"""


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.endurance)])
def test_coordinators_that_are_killed_change_nothing(
    kills: int, tmp_path: Path, begun: Path, workers: DaskWorkers
) -> None:
    path, script = tmp_path / "journal.jsonl", tmp_path / "coordinator.py"
    script.write_text(COORDINATOR)
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    for kill in range(1, kills + 1):
        process = subprocess.Popen([sys.executable, str(script), str(path), str(begun)], env=environment)
        _until_results(path, 2 * kill)
        process.kill()
        process.wait()
    assert len(_results(path)) < 12
    assert _run(path, workers, scoring(begun)) == UNDISTURBED
    assert set(_results(path).values()) == {1}
    # Begun again is only what had no result in the journal: what was worked on, and what was on its way from workers.
    assert sum(calls(begun).values()) <= 12 + 8 * kills


def _until_results(path: Path, count: int, seconds: float = 60.0) -> None:
    """Waits for results in a journal, however slow the machine is."""
    end = time.monotonic() + seconds
    while not path.is_file() or path.read_bytes().count(b'"kind": "result"') < count:
        assert time.monotonic() < end, "they did not come"
        time.sleep(0.02)
