"""The first half of a search: candidates drawn until enough keep the limits, and halved by ever longer trainings.

    RUN/search/journal.jsonl        what was done, for going on
    RUN/search/weights/HASH.npz     trained networks

The same arguments lead to the same candidates, trials and order, whatever number of workers, and however often the
search was ended and begun again in between.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge_nas.core.config import BuildConfig
from edge_nas.core.hashing import sha256_data
from edge_nas.search.coordinator import Coordinator
from edge_nas.search.halving import Rung, RungRecord, halve
from edge_nas.search.journal import Journal
from edge_nas.search.limits import BoardLimits
from edge_nas.search.sieve import CostOf, Sieved, sieve
from edge_nas.search.space import FAMILIES
from edge_nas.search.training import Training, signature_of

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

SEARCH = "search"
"""The folder of a search in its run."""
JOURNAL, WEIGHTS = "journal.jsonl", "weights"


@dataclass(frozen=True)
class Plan:
    """How much a search tries.

    Attributes:
        family: of networks, by its name.
        beginners: candidates within the limits that are trained.
        most_draws: candidates that are drawn to find them.
        rungs: trainings from short to long.
    """

    family: str
    beginners: int = 16
    most_draws: int = 4000
    # As in the experiments that the method comes from: 16 networks, 5 of them longer, 2 to the end.
    rungs: tuple[Rung, ...] = (
        Rung(epochs=8, survivors=5),
        Rung(epochs=30, survivors=2),
        Rung(epochs=120, survivors=2),
    )


@dataclass(frozen=True)
class Explored:
    """What was left over by the limits, and what became of it on every rung."""

    sieved: Sieved
    rungs: tuple[RungRecord, ...]


def explore(
    config: BuildConfig,
    dataset: "Dataset",
    limits: BoardLimits,
    plan: Plan,
    *,
    cost_of: CostOf,
    executor: Executor,
    run: Path,
) -> Explored:
    """Returns the trained candidates of a family that keep the limits of a board.

    Args:
        config: data, training and seed.
        dataset: that of the configuration.
        limits: of one board.
        plan: how much is tried.
        cost_of: what a candidate's C costs on the board's core.
        executor: where trainings run.
        run: the run's folder.

    Raises:
        InfeasibleError: nothing that was drawn keeps the limits.
        LockedError: another process searches in the run.
        ConfigError: the run's search has other settings or data, or the family has no network for the data.
        InputError: the journal is damaged, or no training has a score.
        KeyboardInterrupt: Ctrl-C; the same call goes on.
    """
    folder = run / SEARCH
    training = Training.of(config, folder / WEIGHTS)
    sieved = sieve(
        FAMILIES.get(plan.family),
        signature_of(dataset),
        cost_of,
        limits,
        wanted=plan.beginners,
        most_draws=plan.most_draws,
        seed=config.seed,
    )
    beginners = [each.candidate for each in sieved.fitting]
    trials = [training.trial(dataset.sha256, candidate, epochs=plan.rungs[0].epochs) for candidate in beginners]
    # The rungs decide later trials; the first ones hold everything else.
    identity = sha256_data([[trial.key for trial in trials], _rungs(plan.rungs), limits.to_data()])
    with Journal(folder / JOURNAL) as journal:
        coordinator = Coordinator(journal, executor, training, identity)
        records = halve(
            beginners,
            plan.rungs,
            trial_of=lambda candidate, epochs: training.trial(dataset.sha256, candidate, epochs=epochs),
            run=coordinator.run,
        )
    return Explored(sieved, records)


def _rungs(rungs: Sequence[Rung]) -> list[dict[str, int]]:
    return [rung.to_data() for rung in rungs]
