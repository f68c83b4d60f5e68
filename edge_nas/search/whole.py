"""A whole search: from a configuration, boards and limits to the networks that are worth having on each board.

    draw     candidates within the limits, costs predicted                          pool
    measure  what a training and a final take here, where time is limited           planning
    train    ever fewer candidates, ever longer; then mutants of the best           halving, refining
    narrow   the best made cheaper in closed form, where that is asked for          narrowing
    finish   int8, C, counted on the boards' cores, proven byte for byte            finishing
    front    those that keep the limits as counted, and that no other one beats     front

    RUN/search/front.json        the networks                      RUN/search/networks/ID/   their files
    RUN/search/story.json        what was tried and thrown out     RUN/search/journal.jsonl  for going on
    RUN/search/config.yaml       data and recipe                   RUN/search/weights/, models/

The same arguments lead to the same front, whatever number of workers, and however often the search was ended and begun
again in between. What is decided by a clock is decided once, and stands in the journal.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Any

from edge_nas.core.atomic import write_text
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import dump_config
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.core.versions import package_versions, source_digest
from edge_nas.errors import ConfigError, EdgeNasError
from edge_nas.results.search import Figures
from edge_nas.runs.progress import Progress
from edge_nas.search.candidates import Candidates
from edge_nas.search.cluster import DaskWorkers
from edge_nas.search.coordinator import ENDING, Coordinator, Work
from edge_nas.search.descent import Descent
from edge_nas.search.executors import LocalWorkers
from edge_nas.search.families.own_model import OwnModel, own_model
from edge_nas.search.final import Final, FinalResult
from edge_nas.search.finalist import Finalist
from edge_nas.search.finishing import Finishing, failed_final
from edge_nas.search.found import Found
from edge_nas.search.front import doubts_of, standings
from edge_nas.search.halving import RungRecord, by_score, halve
from edge_nas.search.journal import JOURNAL, Journal
from edge_nas.search.narrowing import Narrowing
from edge_nas.search.pace import Pace
from edge_nas.search.planning import (
    Measured,
    Planned,
    Probe,
    SearchPlan,
    default_plan,
    measured_by_all,
    plan_for,
    slowest,
    too_short,
)
from edge_nas.search.pool import Pool, Pooled, Pools, by_stratum, finalists, known_keys
from edge_nas.search.request import Boards
from edge_nas.search.training import Training
from edge_nas.search.trial import Trial, TrialResult

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

CONFIG, WEIGHTS, MODELS = "config.yaml", "weights", "models"
_PROBED = 3
"""Candidates of which one has to be measured, before the settings are to blame."""


@dataclass(frozen=True)
class Workforce:
    """Where jobs run, and how many at the same time."""

    executor: Executor
    workers: int


def search(
    config: BuildConfig,
    boards: Boards,
    dataset: "Dataset",
    folder: Path,
    *,
    workforce: Workforce,
    progress: Progress,
) -> Found:
    """Returns what a search comes to; its journal, weights and models are in a folder.

    Args:
        config: data, training, quantization, and the section search.
        boards: with limits and time.
        dataset: that of the configuration.
        folder: of the search.
        workforce: where trainings run.
        progress: who is told how far the search is.

    Raises:
        InfeasibleError: no family can keep the limits of any board; says which limit, and the least reachable value.
        LockedError: another process searches there.
        ConfigError: the journal there is of a search with other settings or data.
        InputError: the journal is damaged, or no training has a score.
        KeyboardInterrupt: Ctrl-C; the same call goes on.
    """
    if config.train.epochs == 0:
        raise ConfigError("search: train.epochs is 0, and networks of a search are trained from nothing; allowed: 1 up")
    if config.quantize.activations != "int8":
        raise ConfigError(
            f"search: quantize.activations is {config.quantize.activations}, and what networks cost before they are "
            "trained is known for int8 only; search with int8, then build --from-search with int16"
        )
    if config.compile.not_predicted:
        raise ConfigError(
            f"search: {config.compile.not_predicted}; search without that setting, then build --from-search with it"
        )
    own = own_model(config, dataset.task)
    training = Training.of(config, folder / WEIGHTS, own)
    finishing = Finishing.of(config, weights=folder / WEIGHTS, models=folder / MODELS)
    narrowing = Narrowing.of(config, folder / WEIGHTS)
    with Journal(folder / JOURNAL) as journal:
        coordinator = Coordinator(journal, workforce.executor, training, _identity(config, boards, dataset, own))
        # As soon as the journal is known to be this search's: it goes on without being told its configuration again.
        write_text(folder / CONFIG, dump_config(config))
        candidates = Candidates(config, dataset, boards, training)
        line = _Line(
            config, dataset, boards, candidates, training, finishing, narrowing, coordinator, workforce, progress
        )
        try:
            return line.go()
        except BaseException:
            # A training that nobody waits for would hold up the end.
            if isinstance(workforce.executor, LocalWorkers | DaskWorkers):
                workforce.executor.kill()
            raise


def _identity(config: BuildConfig, boards: Boards, dataset: "Dataset", own: OwnModel | None) -> str:
    """Returns the hash of all that a search depends on: a journal of another one is not gone on with."""
    sections = (*_SECTIONS, "prune") if config.search.narrowed else _SECTIONS
    return sha256_data(
        {
            "settings": {section: value for section, value in config.to_data().items() if section in sections},
            "limits": [limits.to_data() for limits in boards.limits],
            "time_s": boards.time_s,
            "plan": None if boards.plan is None else boards.plan.to_data(),
            "own_model": None if own is None else own.recipe(),
            "data": dataset.sha256,
            "sources": source_digest(),
            "versions": package_versions(),
        }
    )


_STEPS = ("draw", "measure", "train", "narrow", "finish")
_SECTIONS = ("seed", "task", "data", "augmentation", "train", "quantize", "compile", "verify", "search")
"""Of the configuration, what a search depends on."""


@dataclass(frozen=True)
class _Line:
    """One search, from draws to standings."""

    config: BuildConfig
    dataset: "Dataset"
    boards: Boards
    candidates: Candidates
    training: Training
    finishing: Finishing
    narrowing: Narrowing
    coordinator: Coordinator
    workforce: Workforce
    progress: Progress

    def go(self) -> Found:
        """Returns what the search comes to."""
        begun, is_new = monotonic(), not self.coordinator.finished
        with self._step("draw"):
            pools = self._pools()
        with self._step("measure"):
            planned = self._planned(pools, begun)
        candidates, pools = self.candidates.planned(planned.plan, pools)
        pace = Pace(planned.plan, planned.measured, self.workforce.workers)
        train = self._training_runs(pace, candidates)
        with self._step("train"):
            known = known_keys(pools)
            beginners, pools = candidates.beginners(pools, planned.plan, train)
            costs = candidates.costs(beginners)
            rungs = halve(
                beginners,
                planned.plan.rungs,
                trial_of=candidates.trial,
                run=train,
                order=lambda ranked, count: by_stratum(ranked, costs, count, known),
            )
            mutants = self._mutants(planned.plan, pace, begun if is_new else None)
            rungs, pools = candidates.with_mutants(rungs, pools, mutants, train)
            costs = candidates.costs(candidate for record in rungs for candidate in record.candidates)
        rooms = {candidate.key: candidates.rooms(candidate) for record in rungs for candidate in record.candidates}
        slow = {key for key, on in rooms.items() if max(on.values(), default=0.0) < 1.0}
        within = [[pair for pair in record.ranked if pair[0].candidate.key not in slow] for record in rungs]
        trained = [Finalist.of(pair, costs) for pair in finalists(within, costs, planned.plan.finalists)]
        with self._step("narrow"):
            narrowed = self._narrow(rungs[-1], costs, rooms, planned.plan.narrowed, pace)
        with self._step("finish"):
            finals = self._finish([*trained, *narrowed], pace)
        results = [result for _, _, result in finals]
        doubts = doubts_of([finalist for finalist, _, _ in finals])
        placed = tuple(
            standings(board, limits, results, doubts)
            for board, limits in zip(self.boards.boards, self.boards.limits, strict=True)
        )
        return Found(tuple(self.boards.names), pools, rungs, finals, placed)

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        """Tells that a part of the search begins and ends."""
        self.progress.stage_started(name, 1 + _STEPS.index(name), len(_STEPS))
        start = perf_counter()
        yield
        self.progress.stage_finished(name, perf_counter() - start, resumed=False, output=Frozen())

    def _pools(self) -> tuple[Pool, ...]:
        """Returns the candidates to choose from, as they were drawn first."""
        data = self.coordinator.decided("pools", lambda: Pools(pools=self.candidates.drawn(self.progress)).to_data())
        pools = Pools.from_data(data).pools
        for pool in pools:
            self.progress.note(f"    {pool.described}")
        return pools

    def _planned(self, pools: Sequence[Pool], begun: float) -> Planned:
        """Returns how much is tried, as it was planned first."""

        def decide() -> Any:
            spec, epochs = self.config.search, self.config.train.epochs
            if self.boards.plan is not None:
                return Planned(plan=self.boards.plan, measured=None).to_data()
            if self.boards.time_s is None:
                plan = default_plan(epochs, spec.beginners, spec.finalists, spec.narrowed)
                return Planned(plan=plan, measured=None).to_data()
            measured = self._measured(pools)
            left = self.boards.time_s - (monotonic() - begun)
            plan = plan_for(left, self.workforce.workers, measured, epochs=epochs, most_narrowed=spec.narrowed)
            if measured.narrow_s is None and measured.narrow_problem is not None:
                self.progress.warning(f"search.narrowed: no network is narrowed, for {measured.narrow_problem}")
            problem = too_short(plan, measured, self.workforce.workers, left)
            if problem is not None:
                self.progress.warning(problem)
            return Planned(plan=plan, measured=measured).to_data()

        planned = Planned.from_data(self.coordinator.decided("plan", decide))
        self.progress.note(f"    {planned.plan.described}")
        return planned

    def _mutants(self, plan: SearchPlan, pace: Pace, begun: float | None) -> int:
        """Returns how many mutants of the best are trained, as it was decided first.

        Halving rarely takes as long as it was planned to, and what time is left is worth most to the best networks. A
        search that goes on keeps to its plan: how long it was at work before is not known.

        Args:
            plan: says how many where time is not limited.
            pace: of the search so far.
            begun: when the search began; None: it goes on.
        """

        def decide() -> int:
            if self.boards.time_s is None or begun is None:
                return plan.refined
            left_s = self.boards.time_s - (monotonic() - begun)
            return max(0, plan.refined + pace.spare_trainings(left_s, plan.rungs[-1].epochs))

        mutants = int(self.coordinator.decided("mutants", decide))
        pace.added(mutants - plan.refined, plan.rungs[-1].epochs)
        if mutants != plan.refined:
            self.progress.note(f"    {mutants} mutants x {plan.rungs[-1].epochs}: what the time that is left allows")
        return mutants

    def _measured(self, pools: Sequence[Pool]) -> Measured:
        """Returns what work takes here, with all workers at it.

        It is measured with a candidate that costs more than most: half of those that are trained lie near the limit,
        and more of those that are trained to the end.
        """
        self.progress.tick("what a training and a final take here", 0, 1)
        core, probed = self._to_probe(pools)
        for pooled in probed:
            probe = Probe(
                training=self.training,
                finishing=self.finishing,
                trial=self.training.trial(self.dataset.sha256, pooled.candidate, epochs=1),
                cores=self.boards.cores,
                narrowing=self.narrowing if self.config.search.narrowed else None,
                narrowed=(core, max(1, pooled.cost.instructions // 2)),
            )
            try:
                return slowest(measured_by_all(self.workforce.executor, self.workforce.workers, probe))
            except ENDING:
                raise
            except EdgeNasError as error:
                self.progress.note(f"    {pooled.candidate.described} cannot be measured: {error}")
                failed = error
        raise failed

    def _to_probe(self, pools: Sequence[Pool]) -> tuple[str, tuple[Pooled, ...]]:
        """Returns candidates that cost more than most, and the core: those of the board that allows the dearest."""
        dear: list[tuple[str, tuple[Pooled, ...]]] = []
        for pool in pools:
            ordered = sorted(pool.fitting, key=lambda each: each.cost.instructions)
            at = 3 * len(ordered) // 4
            if ordered:
                dear.append((pool.core, tuple(ordered[at : at + _PROBED])))
        costs = self.candidates.costs(probed[0].candidate for _, probed in dear)
        return max(dear, key=lambda each: next(iter(costs[each[1][0].candidate.key].values())).instructions)

    def _training_runs(self, pace: Pace, candidates: Candidates) -> Callable[[Sequence[Trial]], Sequence[TrialResult]]:
        """Returns what runs trials of one length, and tells how far it is.

        Those that are likely to take longest begin first: at the end of a rung nobody then waits long for the last.
        """
        heading = self.dataset.task.score[1]
        best = float("-inf")

        def run(trials: Sequence[Trial]) -> Sequence[TrialResult]:
            epochs = trials[0].epochs
            pace.went_before(trainings=self.coordinator.went_before(trials), epochs=epochs)
            self.progress.tick(f"{len(trials)} trainings of {epochs} epochs", 0, len(trials))

            def told(done: int, total: int, latest: TrialResult) -> None:
                nonlocal best
                best = max(best, best if latest.score is None else latest.score)
                pace.trained(epochs)
                what = f"trainings of {epochs} epochs, best so far {best:.3f} {heading} on val"
                self.progress.tick(f"{what}{pace.left}", done, total)

            costs = candidates.costs(trial.candidate for trial in trials)

            def instructions(trial: Trial) -> int:
                return max((cost.instructions for cost in costs[trial.candidate.key].values()), default=0)

            longest_first = sorted(trials, key=lambda trial: (-instructions(trial), trial.key))
            by_key = {result.key: result for result in self.coordinator.run(longest_first, told)}
            return [by_key[trial.key] for trial in trials]

        return run

    def _narrow(
        self,
        last: RungRecord,
        costs: Mapping[str, Mapping[str, Figures]],
        rooms: Mapping[str, Mapping[int, float]],
        count: int,
        pace: Pace,
    ) -> tuple[Finalist, ...]:
        """Returns networks that are made of the best ones by narrowing them, under the limits of one board.

        That is the one that allows the best network the most. What a network takes on the cores of others does not grow
        alike, so that a margin of 1 % under a limit is one on this core only.
        """

        def told(done: int, total: int) -> None:
            pace.narrowed()
            self.progress.tick(f"networks narrowed in closed form{pace.left}", done, total)

        trained = [Finalist.of(pair, costs) for pair in by_score(last.ranked) if pair[1].weights_sha256 is not None]
        of_best: Mapping[int, float] = next((rooms[each.key] for each in trained if rooms[each.key]), {})
        if not of_best:
            return ()
        board = max(of_best, key=lambda place: of_best[place])
        descent = Descent(
            narrowing=self.narrowing,
            coordinator=self.coordinator,
            data_sha256=self.dataset.sha256,
            told=told,
            went_before=lambda narrowings: pace.went_before(narrowings=narrowings),
            note=lambda text: self.progress.note(f"    {text}"),
        )
        structures = {trial.candidate.key: self.candidates.structure(trial.candidate) for trial, _ in last.ranked}
        on_board = {key: on[board] for key, on in rooms.items() if board in on}
        return descent(trained, self.boards.limits[board].core, on_board, structures, count)

    def _finish(self, ending: Sequence[Finalist], pace: Pace) -> tuple[tuple[Finalist, Final, FinalResult], ...]:
        """Returns what becomes of the finalists."""
        heading = self.dataset.task.score[1]
        finals = [
            self.finishing.final(self.dataset.sha256, each.weights_sha256, each.score, self.boards.cores)
            for each in ending
        ]
        best = float("-inf")

        def told(done: int, total: int, latest: FinalResult) -> None:
            nonlocal best
            best = max(best, best if latest.score is None else latest.score)
            pace.finished()
            self.progress.tick(f"int8, C, counts; best so far {best:.3f} {heading} on val{pace.left}", done, total)

        pace.went_before(finals=self.coordinator.went_before(finals))
        self.progress.tick("int8, C, counts", 0, len(finals))
        work = Work("final", self.finishing, FinalResult.from_data, failed_final)
        results = self.coordinator.work(finals, work, told)
        return tuple(zip(ending, finals, results, strict=True))
