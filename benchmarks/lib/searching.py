"""What benchmarks of searches share: how long one took, the plan without halving that takes as long, and fronts."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic

from edge_nas.core.atomic import write_json
from edge_nas.errors import ConfigError
from edge_nas.results.front import Front, FrontNetwork
from edge_nas.results.search import SearchStory
from edge_nas.runs.names import SEARCH
from edge_nas.search.halving import Rung
from edge_nas.search.journal import JOURNAL, Journal
from edge_nas.search.planning import Measured, SearchPlan
from edge_nas.search.publishing import STORY


def timed(run: Path, search: Callable[[], Front]) -> tuple[Front, float | None]:
    """Returns what a search finds and the seconds that it took when it was run, which later calls find in its journal.

    Args:
        run: of the search; its seconds are kept there.
        search: searches, or finds everything in the journal.

    Returns:
        The front, and seconds; None: it was ended and went on, and the parts that were cut off left no time.
    """
    path, begun_before, start = run / "seconds.json", (run / SEARCH / JOURNAL).is_file(), monotonic()
    front = search()
    if not path.is_file():
        write_json(path, None if begun_before else monotonic() - start)
    kept = json.loads(path.read_text())
    return front, None if kept is None else float(kept)


def plan_without_halving(searched: Path, epochs: int, *, narrows: bool) -> SearchPlan:
    """Returns the plan that trains to the end for as long as a search trained in all, and finishes as many networks.

    What the search did counts, not what it had planned: it fills the time that its halving leaves.

    Args:
        searched: run of a finished search with a time, which measured what a training takes here.
        epochs: of a training.
        narrows: whether it narrows as many networks as the search; the time goes to trainings otherwise.

    Raises:
        ConfigError: there was no such search.
    """
    journal = searched / SEARCH / JOURNAL
    if not journal.is_file():
        raise ConfigError(f"{searched}: no search that says what a training takes here; name its arm before this one")
    with Journal(journal) as events:
        planned = next(event["data"] for event in events.events if event.get("name") == "plan")
        narrowed = sum(event["kind"] == "narrow" for event in events.events)
    measured, story = Measured.from_data(planned["measured"]), SearchStory.read(searched / SEARCH / STORY)
    trained_s = sum(len(rung.trainings) * _seconds(measured, rung.epochs) for rung in story.rungs)
    trained = {training.candidate for rung in story.rungs for training in rung.trainings}
    trained_finals = sum(final.candidate in trained for final in story.finals)
    if not narrows:
        trained_s += narrowed * (measured.narrow_s or 0.0)
        trained_finals, narrowed = len(story.finals), 0
    count = max(1, int(trained_s / _seconds(measured, epochs)))
    return SearchPlan(
        beginners=count,
        rungs=(Rung(epochs=epochs, survivors=count),),
        finalists=max(1, min(count, trained_finals)),
        narrowed=narrowed,
    )


def _seconds(measured: Measured, epochs: int) -> float:
    """Returns what a training takes in a worker."""
    return measured.training_s + epochs * measured.epoch_s


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
