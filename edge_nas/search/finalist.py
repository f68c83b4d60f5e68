"""A trained network that becomes firmware at the end of a search, whether it was drawn or narrowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from edge_nas.results.search import Figures
from edge_nas.search.halving import Pair


@dataclass(frozen=True)
class Doubt:
    """Why a network is the luck of a seed: one of others, by their keys, is to be returned in its place."""

    why: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class Finalist:
    """See the module.

    Attributes:
        key: of its candidate, or of its last narrowing.
        described: what it is, in words.
        epochs: of its training; of a narrowed one, those of its fine-tuning.
        score: float, on val.
        weights_sha256: of the network as it is stored.
        predicted: what its C is predicted to take, by core.
        candidate: the key of the candidate that was trained.
        narrowings: what it was narrowed to afterwards, one after the other: a core, and the instructions that it may
            take there.
        doubt: that it is the luck of a seed; None: nothing says so.
    """

    key: str
    described: str
    epochs: int
    score: float
    weights_sha256: str
    predicted: Mapping[str, Figures]
    candidate: str
    narrowings: tuple[tuple[str, int], ...] = ()
    doubt: Doubt | None = None

    @classmethod
    def of(cls, pair: Pair, costs: Mapping[str, Mapping[str, Figures]]) -> Self:
        """Returns the finalist of a training that has a score."""
        trial, result = pair
        candidate = trial.candidate
        return cls(
            key=candidate.key,
            described=candidate.described,
            epochs=trial.epochs,
            score=float(result.score or 0.0),
            weights_sha256=str(result.weights_sha256),
            predicted=costs.get(candidate.key, {}),
            candidate=candidate.key,
        )
