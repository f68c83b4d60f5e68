"""Batches of jobs through an executor and a journal: every result once, in the order of the jobs.

Jobs are trials, trainings of candidates, and finals, in which a trained network becomes firmware. Results stand in the
journal in the order in which they came, and are handed on in that of the batch: so one worker and three lead to the
same search. A job whose worker died runs again; one that costs three workers their lives is given up, with that as its
reason. Decisions that a search makes once, such as what its time allows, stand in the journal as well.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from edge_nas.core import interrupts
from edge_nas.core.processes import TimeLimitError
from edge_nas.errors import ConfigError, EdgeNasError, ResourceError
from edge_nas.search.journal import Journal
from edge_nas.search.trial import Trial, TrialResult
from edge_nas.search.worker import UnreadInputError

RunTrial = Callable[[Trial], TrialResult]
"""A trial's work; it is pickled by name, and runs in a worker."""

MOST_LOSSES = 3  # workers that one job may cost
_LOOK_S = 0.2  # between two looks at Ctrl-C


class Job(Protocol):
    """What a worker is asked for, as a value."""

    @property
    def key(self) -> str:
        """The hash of all that decides the outcome."""


class JobResult(Protocol):
    """What came of a job."""

    @property
    def key(self) -> str:
        """Of the job."""

    def to_data(self) -> dict[str, Any]:
        """Returns plain JSON data, for the journal."""


J = TypeVar("J", bound=Job)
R = TypeVar("R", bound=JobResult)


@dataclass(frozen=True)
class Work(Generic[J, R]):
    """How jobs of a kind are done.

    Attributes:
        kind: of the journal's events.
        run: the work itself; it is pickled for a worker.
        read: from the journal's data to a result.
        failed: the result of a job, by its key, that came to nothing for a reason.
    """

    kind: str
    run: Callable[[J], R]
    read: Callable[[Any], R]
    failed: Callable[[str, str], R]


def failed_trial(key: str, reason: str) -> TrialResult:
    """Returns the result of a trial without a score."""
    return TrialResult(key=key, score=None, reason=reason)


Told = Callable[[int, int, R], object]
"""Told of every result of a batch: how many there are, of how many, and the latest."""


ENDING = (UnreadInputError, ResourceError)
"""Errors of the data or of a machine and not of a job: the next job would end so too, and none once it is mended."""


class Coordinator:
    """Runs the jobs of one search.

    Args:
        journal: the only one who writes to it.
        executor: where jobs run.
        run_trial: what trials do.
        search_sha256: of everything that decides the search; a journal of another search is refused.

    Raises:
        ConfigError: the journal is that of a search with other settings or other data.
    """

    def __init__(self, journal: Journal, executor: Executor, run_trial: RunTrial, search_sha256: str) -> None:
        self._journal, self._executor = journal, executor
        self._trials = Work("result", run_trial, TrialResult.from_data, failed_trial)
        self._results: dict[str, Any] = {}
        self._decisions: dict[str, Any] = {}
        self._losses: Counter[str] = Counter()
        beginning = {"kind": "search", "sha256": search_sha256}
        if not journal.events:
            journal.append(beginning)
        if journal.events[0] != beginning:
            raise ConfigError(
                f"{journal.path}: the search there has other settings, data or version; name another --run, or repeat "
                "its settings to go on with it"
            )
        for event in journal.events[1:]:
            self._take(event)
        self._before = set(self._results)

    @property
    def finished(self) -> int:
        """How many jobs have a result."""
        return len(self._results)

    def went_before(self, jobs: Sequence[Job]) -> int:
        """Returns how many of some jobs were done before the search went on, each in the first answer only."""
        found = {job.key for job in jobs} & self._before
        self._before -= found
        return len(found)

    def decided(self, name: str, decide: Callable[[], Any]) -> Any:
        """Returns plain data that is decided once in a search, and found in the journal from then on.

        Args:
            name: of the decision.
            decide: makes it, and may look at clocks.
        """
        if name not in self._decisions:
            self._note({"kind": "decision", "name": name, "data": decide()})
        return self._decisions[name]

    def run(self, trials: Sequence[Trial], told: Told[TrialResult] | None = None) -> tuple[TrialResult, ...]:
        """Returns a result per trial, in their order; see `work`."""
        return self.work(trials, self._trials, told)

    def work(self, jobs: Sequence[J], work: Work[J, R], told: Told[R] | None = None) -> tuple[R, ...]:
        """Returns a result per job, in their order; what is known already is not done again, nor told.

        Raises:
            KeyboardInterrupt: Ctrl-C; finished jobs are in the journal.
            UnreadInputError: data or model cannot be read, or has changed; finished jobs are in the journal.
            ResourceError: a machine lacks disk, memory, a permission or a tool; finished jobs are in the journal.
            Exception: what a job raised beside the errors of a user or of data; it is a bug.
        """
        open_jobs = {job.key: job for job in jobs if job.key not in self._results}
        total = len({job.key for job in jobs})
        waiting: dict[Future[R], J] = {}
        try:
            for job in open_jobs.values():
                self._start(job, work, waiting)
            while waiting:
                interrupts.look()
                done, _ = wait(waiting, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
                endings: list[EdgeNasError] = []
                for future in done:
                    job = waiting.pop(future)
                    try:
                        self._finish(future, job, work, waiting)
                    except ENDING as error:  # what else is done is noted first
                        endings.append(error)
                    if told is not None and job.key in self._results:
                        told(total - len(waiting), total, work.read(self._results[job.key]))
                if endings:
                    raise endings[0]
        finally:
            for future in waiting:
                future.cancel()
        return tuple(work.read(self._results[job.key]) for job in jobs)

    def _start(self, job: J, work: Work[J, R], waiting: dict[Future[R], J]) -> None:
        """Hands a job to the executor, unless it has cost too many workers."""
        losses = self._losses[job.key]
        if losses < MOST_LOSSES:
            waiting[self._executor.submit(work.run, job)] = job
        else:
            self._note_result(work, work.failed(job.key, f"{losses} worker processes died in it"))

    def _finish(self, future: "Future[R]", job: J, work: Work[J, R], waiting: dict[Future[R], J]) -> None:
        """Notes what became of a job; one whose worker died starts again."""
        try:
            result = future.result()
        except BrokenExecutor as error:
            self._note({"kind": "loss", "key": job.key, "why": str(error)})
            self._start(job, work, waiting)
            return
        except TimeLimitError as error:  # of a compiler or an emulator: this network is too much for it
            result = work.failed(job.key, str(error))
        except ENDING:
            raise
        except EdgeNasError as error:  # such as a loss that became NaN: it would again
            result = work.failed(job.key, str(error))
        self._note_result(work, result)

    def _note_result(self, work: Work[J, R], result: R) -> None:
        self._note({"kind": work.kind, "result": result.to_data()})

    def _note(self, event: Any) -> None:
        self._journal.append(event)
        self._take(event)

    def _take(self, event: Any) -> None:
        """Takes over what an event says."""
        if event["kind"] == "loss":
            self._losses[event["key"]] += 1
        elif event["kind"] == "decision":
            self._decisions[event["name"]] = event["data"]
        else:
            self._results[event["result"]["key"]] = event["result"]
