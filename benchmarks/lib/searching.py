"""What benchmarks of searches share: the plan without halving that takes as long as a search with it, and fronts."""

import math
from collections.abc import Sequence
from pathlib import Path

from edge_nas.errors import ConfigError
from edge_nas.results.front import FrontNetwork
from edge_nas.runs.names import SEARCH
from edge_nas.search.halving import Rung
from edge_nas.search.journal import Journal
from edge_nas.search.planning import BUSY_SHARE, Measured, SearchPlan
from edge_nas.search.whole import JOURNAL


def plan_without_halving(searched: Path, seconds: float, workers: int, epochs: int) -> SearchPlan:
    """Returns the plan that trains to the end what the workers' time of a search allows, its finals left out.

    Args:
        searched: run of a search with a time, which says what a training takes here.
        seconds: that it had.
        workers: that there are.
        epochs: of a training.

    Raises:
        ConfigError: there was no such search.
    """
    journal = searched / SEARCH / JOURNAL
    if not journal.is_file():
        raise ConfigError(f"{searched}: no search that says what a training takes here; name its arm before this one")
    with Journal(journal) as events:
        planned = next(event["data"] for event in events.events if event.get("name") == "plan")
    measured, finalists = Measured.from_data(planned["measured"]), int(planned["plan"]["finalists"])
    available = BUSY_SHARE * seconds * workers - finalists * measured.final_s
    count = max(1, int(available / (measured.training_s + epochs * measured.epoch_s)))
    return SearchPlan(beginners=count, rungs=(Rung(epochs=epochs, survivors=count),), finalists=min(count, finalists))


def front_area(networks: Sequence[FrontNetwork], limit: int) -> float:
    """Returns the mean over all limits up to one of the best score that a front has there, in [0, 1].

    A limit below every network has a score of 0. Limits count by their logarithm, from a sixteenth of the highest.
    """
    lowest = limit / _RANGE
    reached, score, area = 0.0, 0.0, 0.0
    for network in sorted(networks, key=lambda each: each.instructions):
        place = min(1.0, max(0.0, _logarithm(network.instructions / lowest)))
        area += (place - reached) * score
        reached, score = place, max(score, network.score)
    return area + (1.0 - reached) * score


_RANGE = 16.0


def _logarithm(ratio: float) -> float:
    """Returns 0 at the lowest limit and 1 at the highest."""
    return math.log(ratio) / math.log(_RANGE)
