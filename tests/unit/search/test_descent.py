"""Networks of a search narrowed in two rounds."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from edge_nas.results.search import Figures
from edge_nas.search.descent import Descent
from edge_nas.search.finalist import Finalist
from edge_nas.search.narrowing import Narrow, NarrowResult

CORE = "cortex-m4"


def _trained(key: str, score: float, instructions: int, core: str = CORE) -> Finalist:
    predicted = {core: Figures(instructions=instructions, flash_bytes=1, ram_bytes=1)}
    return Finalist(key, f"network {key}", 4, score, f"weights of {key}", predicted, key)


def _narrow(data_sha256: str, weights_sha256: str, instructions: int, core: str) -> Narrow:
    recipe = {"recipe_sha256": "recipe", "data_sha256": data_sha256, "seed": 0}
    return Narrow.from_data({"weights_sha256": weights_sha256, "instructions": instructions, "core": core, **recipe})


class _Coordinator:
    """Narrowed networks are as good as what they are made of; those to odd instructions come to nothing."""

    def __init__(self) -> None:
        self.rounds: list[list[tuple[str, int]]] = []

    def work(self, jobs: Sequence[Narrow], work: Any, told: Any) -> tuple[NarrowResult, ...]:
        self.rounds.append([(job.weights_sha256, job.instructions) for job in jobs])
        results = []
        for number, job in enumerate(jobs, 1):
            predicted = Figures(instructions=job.instructions, flash_bytes=1, ram_bytes=1)
            weights = f"{job.weights_sha256} at {job.instructions}"
            result = NarrowResult(key=job.key, score=0.9, weights_sha256=weights, predicted=predicted)
            if job.instructions % 2:
                result = work.failed(job.key, "odd")
            told(number, len(jobs), result)
            results.append(result)
        return tuple(results)


def _descent(coordinator: _Coordinator, told: list[tuple[int, int]], notes: list[str]) -> Descent:
    narrowing: Any = SimpleNamespace(narrow=_narrow, prune=SimpleNamespace(fine_tune=SimpleNamespace(epochs=7)))
    work: Any = coordinator
    return Descent(narrowing, work, "data", lambda done, total: told.append((done, total)), notes.append)


def test_the_lower_half_is_made_of_what_the_upper_one_came_to() -> None:
    coordinator, told, notes = _Coordinator(), list[tuple[int, int]](), list[str]()
    made = _descent(coordinator, told, notes)([_trained("best", 0.9, 1000), _trained("poor", 0.5, 200)], {}, 4)
    # The cheap network would be nearer to the last goal, but what came of the second one is better.
    assert [instructions for half in coordinator.rounds for _, instructions in half] == [720, 334, 155, 72]
    assert [len(half) for half in coordinator.rounds] == [2, 2]
    assert coordinator.rounds[1][1][0] == "weights of best at 334"
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert notes == ["a narrowing to 155 instructions came to nothing: odd"]
    last = made[-1]
    assert (last.candidate, last.epochs, last.narrowings) == ("best", 7, ((CORE, 334), (CORE, 72)))
    assert last.described.endswith(
        "narrowed to 334 instructions on cortex-m4; narrowed to 72 instructions on cortex-m4"
    )
    assert [each.narrowings for each in made[:2]] == [((CORE, 720),), ((CORE, 334),)]
    assert [each.predicted[CORE].instructions for each in made] == [720, 334, 72]


def test_what_costs_are_known_of_on_the_core_of_the_best_is_narrowed() -> None:
    coordinator, told, notes = _Coordinator(), list[tuple[int, int]](), list[str]()
    other = _trained("other", 0.95, 100_000, "cortex-m0plus")
    unknown = Finalist("unknown", "network", 4, 0.99, "weights", {}, "unknown")
    descent = _descent(coordinator, told, notes)
    made = descent([unknown, _trained("best", 0.9, 1000), other], {"best": 0.5}, 3)
    # The network of another core is no start for a second one at what the limit allows.
    assert [each.narrowings for each in made] == [((CORE, 148),)]
    assert [instructions for half in coordinator.rounds for _, instructions in half] == [495, 148]
    assert notes == ["a narrowing to 495 instructions came to nothing: odd"]
    assert descent([unknown], {}, 3) == descent([_trained("best", 0.9, 1000)], {}, 0) == ()
