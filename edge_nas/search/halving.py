"""Successive halving (Jamieson, Talwalkar, AISTATS 2016): short trainings throw out, longer ones are for fewer.

A short training does not rank the good: between 30 and 120 epochs of six good networks there was no rank correlation.
So rungs leave several, and the last one's order decides nothing alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.errors import InputError
from edge_nas.search.space import Candidate
from edge_nas.search.trial import Trial, TrialResult


class Rung(Frozen):
    """So many epochs for everybody who is left, after which the best `survivors` go on."""

    epochs: int = Field(ge=1)
    survivors: int = Field(ge=1)


@dataclass(frozen=True)
class RungRecord:
    """What happened on a rung: every trial with its result; of this order the first `survivors` went on.

    `mutants`: how many of them did not come from the rung before.
    """

    rung: Rung
    ranked: tuple[tuple[Trial, TrialResult], ...]
    mutants: int = 0

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All that were trained on it."""
        return tuple(trial.candidate for trial, _ in self.ranked)

    @property
    def survivors(self) -> tuple[Candidate, ...]:
        """Those who went on; who has no score did not."""
        return tuple(
            trial.candidate for trial, result in self.ranked[: self.rung.survivors] if result.score is not None
        )


Pair = tuple[Trial, TrialResult]
Order = Callable[[Sequence[Pair], int], Sequence[Pair]]
"""Puts pairs that are ordered by score into the order in which they go on, given how many do."""


def halve(
    candidates: Sequence[Candidate],
    rungs: Sequence[Rung],
    *,
    trial_of: Callable[[Candidate, int], Trial],
    run: Callable[[Sequence[Trial]], Sequence[TrialResult]],
    order: Order = lambda ranked, _: ranked,
) -> tuple[RungRecord, ...]:
    """Returns what happened on every rung.

    Args:
        candidates: who begins.
        rungs: from short to long.
        trial_of: the trial of a candidate with so many epochs.
        run: results in the order of the trials.
        order: in which they go on; the best first where it is left out.

    Raises:
        InputError: no training of a rung has a score; the message has the first reason.
    """
    records: list[RungRecord] = []
    left = tuple(candidates)
    for rung in rungs:
        trials = [trial_of(candidate, rung.epochs) for candidate in left]
        pairs = by_score(zip(trials, run(trials), strict=True))
        record = RungRecord(rung, tuple(order(pairs, rung.survivors)))
        if not record.survivors:
            reason = pairs[0][1].reason if pairs else "there were no candidates"
            raise InputError(f"search: none of {len(pairs)} trainings of {rung.epochs} epochs has a score: {reason}")
        records.append(record)
        left = record.survivors
    return tuple(records)


def by_score(pairs: Iterable[Pair]) -> list[Pair]:
    """Returns pairs, the best first; equal scores in the order of their trials' keys, so that nothing else decides."""
    return sorted(pairs, key=lambda pair: (-_score(pair[1]), pair[0].key))


def _score(result: TrialResult) -> float:
    return float("-inf") if result.score is None else result.score
