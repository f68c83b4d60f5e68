"""Batches of trials through an executor and a journal: every result once, in the order of the trials.

Results stand in the journal in the order in which they came, and are handed on in that of the batch: so one worker and
three lead to the same search. A trial whose worker died runs again; one that costs three workers their lives is given
up, with that as its reason.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import Any

from edge_nas.core import interrupts
from edge_nas.errors import ConfigError, EdgeNasError
from edge_nas.search.journal import Journal
from edge_nas.search.trial import Trial, TrialResult

RunTrial = Callable[[Trial], TrialResult]
"""A trial's work; it is pickled by name, and runs in a worker."""

MOST_LOSSES = 3  # workers that one trial may cost
_LOOK_S = 0.2  # between two looks at Ctrl-C


class Coordinator:
    """Runs the trials of one search.

    Args:
        journal: the only one who writes to it.
        executor: where trials run.
        run_trial: what they do.
        search_sha256: of everything that decides the search; a journal of another search is refused.

    Raises:
        ConfigError: the journal is that of a search with other settings or other data.
    """

    def __init__(self, journal: Journal, executor: Executor, run_trial: RunTrial, search_sha256: str) -> None:
        self._journal, self._executor, self._run_trial = journal, executor, run_trial
        self._results: dict[str, TrialResult] = {}
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

    @property
    def finished(self) -> int:
        """How many trials have a result."""
        return len(self._results)

    def run(self, trials: Sequence[Trial]) -> tuple[TrialResult, ...]:
        """Returns a result per trial, in their order; what is known already is not run again.

        Raises:
            KeyboardInterrupt: Ctrl-C; finished trials are in the journal.
            Exception: what a trial raised beside the errors of a user or of data; it is a bug.
        """
        open_trials = {trial.key: trial for trial in trials if trial.key not in self._results}
        waiting: dict[Future[TrialResult], Trial] = {}
        try:
            for trial in open_trials.values():
                self._start(trial, waiting)
            while waiting:
                interrupts.look()
                done, _ = wait(waiting, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    self._finish(future, waiting.pop(future), waiting)
        finally:
            for future in waiting:
                future.cancel()
        return tuple(self._results[trial.key] for trial in trials)

    def _start(self, trial: Trial, waiting: dict[Future[TrialResult], Trial]) -> None:
        """Hands a trial to the executor, unless it has cost too many workers."""
        losses = self._losses[trial.key]
        if losses < MOST_LOSSES:
            waiting[self._executor.submit(self._run_trial, trial)] = trial
        else:
            reason = f"{losses} worker processes died in it"
            self._note_result(TrialResult(key=trial.key, score=None, reason=reason))

    def _finish(self, future: "Future[TrialResult]", trial: Trial, waiting: dict[Future[TrialResult], Trial]) -> None:
        """Notes what became of a trial; one whose worker died starts again."""
        try:
            result = future.result()
        except BrokenExecutor as error:
            self._note({"kind": "loss", "key": trial.key, "why": str(error)})
            self._start(trial, waiting)
            return
        except EdgeNasError as error:  # such as a loss that became NaN: it would again
            result = TrialResult(key=trial.key, score=None, reason=str(error))
        self._note_result(result)

    def _note_result(self, result: TrialResult) -> None:
        self._note({"kind": "result", "result": result.to_data()})

    def _note(self, event: Any) -> None:
        self._journal.append(event)
        self._take(event)

    def _take(self, event: Any) -> None:
        """Takes over what an event says."""
        if event["kind"] == "loss":
            self._losses[event["key"]] += 1
        else:
            result = TrialResult.from_data(event["result"])
            self._results[result.key] = result
