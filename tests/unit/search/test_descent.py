"""Networks of a search narrowed in two rounds, at a limit twice."""

from collections.abc import Mapping, Sequence
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


def _narrow(data_sha256: str, weights_sha256: str, instructions: int, core: str, *, again: int) -> Narrow:
    recipe = {"recipe_sha256": "recipe", "data_sha256": data_sha256, "seed": again}
    return Narrow.from_data({"weights_sha256": weights_sha256, "instructions": instructions, "core": core, **recipe})


class _Coordinator:
    """Narrowed networks have 0.9, or what is said for a pair of weights and seed; to odd instructions they fail."""

    def __init__(self, scores: Mapping[tuple[str, int], float] | None = None) -> None:
        self.rounds: list[list[tuple[str, int]]] = []
        self.scores = scores or {}

    def went_before(self, jobs: Sequence[Narrow]) -> int:
        return 0

    def work(self, jobs: Sequence[Narrow], work: Any, told: Any) -> tuple[NarrowResult, ...]:
        self.rounds.append([(job.weights_sha256, job.instructions) for job in jobs])
        results = []
        for number, job in enumerate(jobs, 1):
            predicted = Figures(instructions=job.instructions, flash_bytes=1, ram_bytes=1)
            weights = f"{job.weights_sha256} at {job.instructions}"
            score = self.scores.get((job.weights_sha256, job.seed), 0.9)
            result = NarrowResult(key=job.key, score=score, weights_sha256=weights, predicted=predicted)
            if job.instructions % 2:
                result = work.failed(job.key, "odd")
            told(number, len(jobs), result)
            results.append(result)
        return tuple(results)


def _descent(coordinator: _Coordinator, told: list[tuple[int, int]], notes: list[str]) -> Descent:
    narrowing: Any = SimpleNamespace(narrow=_narrow, prune=SimpleNamespace(fine_tune=SimpleNamespace(epochs=7)))
    work: Any = coordinator
    return Descent(narrowing, work, "data", lambda done, total: told.append((done, total)), _nothing, notes.append)


def _nothing(narrowings: int) -> None:
    assert narrowings == 0


def test_the_lower_half_is_made_of_what_the_upper_one_came_to() -> None:
    coordinator, told, notes = _Coordinator(), list[tuple[int, int]](), list[str]()
    made = _descent(coordinator, told, notes)(
        [_trained("best", 0.9, 1000), _trained("poor", 0.5, 200)], CORE, {}, {}, 4
    )
    # The cheap network would be nearer to the last goal, but what came of the second one is better.
    assert [instructions for each in coordinator.rounds for _, instructions in each] == [720, 334, 155, 72]
    assert [len(each) for each in coordinator.rounds] == [2, 0, 2]
    assert coordinator.rounds[2][1][0] == "weights of best at 334"
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert notes == ["a narrowing to 155 instructions came to nothing: odd"]
    last = made[-1]
    assert (last.candidate, last.epochs, last.narrowings) == ("best", 7, ((CORE, 334), (CORE, 72)))
    assert last.described.endswith(
        "narrowed to 334 instructions on cortex-m4; narrowed to 72 instructions on cortex-m4"
    )
    assert [each.narrowings for each in made[:2]] == [((CORE, 720),), ((CORE, 334),)]
    assert [each.predicted[CORE].instructions for each in made] == [720, 334, 72]


def test_what_costs_are_known_of_on_the_core_is_narrowed() -> None:
    coordinator, told, notes = _Coordinator(), list[tuple[int, int]](), list[str]()
    other = _trained("other", 0.95, 100_000, "cortex-m0plus")
    unknown = Finalist("unknown", "network", 4, 0.99, "weights", {}, "unknown")
    descent = _descent(coordinator, told, notes)
    made = descent([unknown, _trained("best", 0.9, 1000), other], CORE, {"best": 0.5}, {}, 3)
    # The network of another core is no start for a second one at what the limit allows.
    assert [each.narrowings for each in made] == [((CORE, 148),)]
    assert [instructions for each in coordinator.rounds for _, instructions in each] == [495, 271, 148]
    assert notes == [f"a narrowing to {count} instructions came to nothing: odd" for count in (495, 271)]
    assert descent([unknown], CORE, {}, {}, 3) == descent([_trained("best", 0.9, 1000)], CORE, {}, {}, 0) == ()


def test_at_a_limit_the_mean_of_two_seeds_decides() -> None:
    lucky, steady, poor = (("weights of " + name, 0) for name in ("lucky", "steady", "poor"))
    scores = {lucky: 0.95, steady: 0.93, poor: 0.8, ("weights of lucky", 1): 0.89, ("weights of steady", 1): 0.92}
    coordinator, told, notes = _Coordinator(scores), list[tuple[int, int]](), list[str]()
    trained = [_trained(name, score, 2020) for name, score in (("lucky", 0.97), ("steady", 0.96), ("poor", 0.95))]
    rooms = dict.fromkeys(("lucky", "steady", "poor"), 0.5)
    structures = {"lucky": "flat", "steady": "deep", "poor": "flat"}
    made = _descent(coordinator, told, notes)(trained, CORE, rooms, structures, 8)
    assert [len(each) for each in coordinator.rounds] == [3, 2, 3]
    # A structure that was not asked yet goes before a better network of the same.
    assert [weights for weights, _ in coordinator.rounds[0]] == [
        "weights of lucky",
        "weights of steady",
        "weights of poor",
    ]
    assert [weights for weights, _ in coordinator.rounds[1]] == ["weights of lucky", "weights of steady"]
    doubted = {each.candidate: each.doubt.why for each in made if each.doubt is not None}
    assert doubted == {
        "lucky": "narrowed twice it has 0.9500 and 0.8900, 0.9200 in the mean; another network has 0.9250"
    }
    assert [each.score for each in made if each.doubt is not None] == [0.95, 0.89]
    assert [each.score for each in made if each.candidate == "steady" and each.doubt is None][:2] == [0.93, 0.92]
    # Nothing more is made of the lucky one.
    steady, narrowed = "weights of steady", "weights of steady at 1000"
    assert coordinator.rounds[2] == [(steady, 669), (steady, 448), (narrowed, 300)]


def test_one_that_fails_the_second_time_is_compared_with_nobody() -> None:
    coordinator, notes = _Coordinator({("weights of a", 0): 0.95}), list[str]()
    trained = [_trained("a", 0.97, 2020), _trained("b", 0.96, 2020)]
    work = coordinator.work

    def failing(jobs: Sequence[Narrow], asked: Any, told: Any) -> tuple[NarrowResult, ...]:
        return tuple(
            asked.failed(each.key, "gone") if (job.seed, job.weights_sha256) == (1, "weights of b") else each
            for job, each in zip(jobs, work(jobs, asked, told), strict=True)
        )

    coordinator.work = failing  # type: ignore[method-assign]
    made = _descent(coordinator, [], notes)(trained, CORE, {"a": 0.5, "b": 0.5}, {}, 8)
    assert [each.doubt for each in made] == [None] * 6
    assert notes[0] == "a narrowing to 1,000 instructions came to nothing: gone"


def test_one_start_network_is_not_asked_twice() -> None:
    coordinator, told, notes = _Coordinator(), list[tuple[int, int]](), list[str]()
    made = _descent(coordinator, told, notes)([_trained("only", 0.97, 2020)], CORE, {"only": 0.5}, {}, 8)
    assert [len(each) for each in coordinator.rounds] == [1, 0, 7]
    assert told[-1] == (8, 8)
    assert [each.doubt for each in made] == [None] * len(made)
