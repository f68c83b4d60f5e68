"""What is tried next: within limits, never twice, the same whatever the number of workers, and better than draws."""

from collections.abc import Sequence

import pytest

from edge_nas.errors import ConfigError, ResourceError
from edge_nas.search.brain import BRAINS, Brain, BrainName, OptunaBrain, Trained, brain_of
from edge_nas.search.space import Candidate, Choice, Family, Signature, whole

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=2)
PLACES = 6


class _Digits(Family):
    """Six digits; the seventh only where the first is 5 at least."""

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        digits = tuple(Choice(f"digit_{place}", tuple(range(10))) for place in range(PLACES))
        return (*digits, Choice("last", (False, True), ("digit_0", 5)))

    def network(self, candidate: Candidate) -> None:  # type: ignore[override]
        raise NotImplementedError


FAMILIES = (_Digits("ones"), _Digits("others"))


def _instructions(candidate: Candidate) -> int:
    return 1 + sum(whole(candidate.values, f"digit_{place}") for place in range(PLACES))


def _within(candidate: Candidate) -> int | None:
    """Digits together are 36 at most, two thirds of all that they can be."""
    instructions = _instructions(candidate)
    return instructions if instructions <= 37 else None


def _score(candidate: Candidate) -> float:
    """Best where all digits are 7 and the family is the first; so the limit is no help."""
    wrong = sum((whole(candidate.values, f"digit_{place}") - 7) ** 2 for place in range(PLACES))
    return 1.0 - wrong / 300 - (0.1 if candidate.family == "others" else 0.0)


def _trained(candidates: Sequence[Candidate]) -> list[Trained]:
    return [Trained(candidate, _instructions(candidate), _score(candidate)) for candidate in candidates]


def _searched(brain: Brain, batches: int, size: int) -> list[Candidate]:
    """All candidates of a search of some batches."""
    candidates: list[Candidate] = []
    for _ in range(batches):
        batch = brain.propose(size, _within)
        brain.learn(_trained(batch))
        candidates += batch
    return candidates


@pytest.fixture(params=BRAINS)
def name(request: pytest.FixtureRequest) -> BrainName:
    """A brain's name; those of Optuna where it is installed."""
    chosen: BrainName = request.param
    if chosen == "tpe":
        pytest.importorskip("optuna")
    return chosen


def test_the_same_seed_proposes_the_same_and_another_does_not(name: BrainName) -> None:
    first, second, other = (_searched(brain_of(name, FAMILIES, SIGNATURE, seed), 4, 6) for seed in (3, 3, 4))
    assert first == second
    assert first != other


def test_candidates_are_the_familys_within_the_limits_and_new(name: BrainName) -> None:
    brain = brain_of(name, FAMILIES, SIGNATURE, 0)
    drawn = brain_of("random", FAMILIES, SIGNATURE, 5).propose(6, _within)
    brain.learn(_trained(drawn))
    candidates = _searched(brain, 4, 6)
    for candidate in candidates:
        next(family for family in FAMILIES if family.name == candidate.family).check(candidate)
        assert _within(candidate) is not None
    assert len({*candidates, *drawn}) == 24 + 6


def _area(candidates: Sequence[Candidate]) -> float:
    """What the front covers of score times instructions, from 0 and 38."""
    area, reached = 0.0, 0.0
    best = {}
    for candidate in candidates:
        best[_instructions(candidate)] = max(best.get(_instructions(candidate), 0.0), _score(candidate))
    for instructions in sorted(best):
        if best[instructions] > reached:
            area += (best[instructions] - reached) * (38 - instructions)
            reached = best[instructions]
    return area


def test_what_learns_has_a_better_front_than_as_many_draws(name: BrainName) -> None:
    seed = 0
    drawn = brain_of("random", FAMILIES, SIGNATURE, 100).propose(16, _within)
    brain = brain_of(name, FAMILIES, SIGNATURE, seed)
    brain.learn(_trained(drawn))
    learnt = _area([*drawn, *_searched(brain, 10, 6)])
    draws = _area([*drawn, *_searched(brain_of("random", FAMILIES, SIGNATURE, seed), 10, 6)])
    assert learnt == draws if name == "random" else learnt > 1.02 * draws


class _Bars(_Digits):
    """Digits of which the first is a width."""

    widths = ("digit_0",)


def test_mutants_take_what_their_parents_do() -> None:
    bars = _Bars("ones")
    decisions = tuple((f"digit_{place}", value) for place, value in enumerate((4, 3, 3, 3, 3, 3)))
    parent = Candidate(family="ones", signature=SIGNATURE, decisions=decisions)
    brain = brain_of("evolution", [bars], SIGNATURE, 0)
    brain.learn([Trained(parent, _instructions(parent), 0.5)])
    mutants = brain.propose(12, _within)
    costs = [_instructions(mutant) for mutant in mutants]
    # The width makes up for what a mutant has more or less elsewhere, by 3 upwards and by 4, to its end, downwards.
    assert costs.count(_instructions(parent)) > 6
    assert all(cost <= 20 or mutant.values["digit_0"] == 0 for cost, mutant in zip(costs, mutants, strict=True))
    assert any(whole(mutant.values, "digit_1") > 3 for mutant in mutants)


def test_trainings_that_came_to_nothing_are_learnt_from_as_well(name: BrainName) -> None:
    brain = brain_of(name, FAMILIES, SIGNATURE, 0)
    batch = brain.propose(8, _within)
    brain.learn([Trained(candidate, _instructions(candidate), None) for candidate in batch])
    assert not set(brain.propose(8, _within)) & set(batch)


class _Coins(_Digits):
    """Of whose eight candidates draws soon come up again."""

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        return tuple(Choice(f"digit_{place}", (0, 1)) for place in range(PLACES) if place < 3)


def test_what_is_training_stays_so_when_it_comes_up_again() -> None:
    optuna = pytest.importorskip("optuna")
    brain = brain_of("tpe", [_Coins("coins")], SIGNATURE, 0)
    assert isinstance(brain, OptunaBrain)
    batch = brain.propose(8, lambda candidate: 1)
    states = [trial.state for trial in brain._study.trials]
    assert len(batch) == states.count(optuna.trial.TrialState.RUNNING) == 8
    assert states.count(optuna.trial.TrialState.FAIL) > 0


def test_where_nothing_keeps_the_limits_nothing_is_proposed(name: BrainName) -> None:
    assert brain_of(name, FAMILIES, SIGNATURE, 0).propose(1, lambda candidate: None) == ()


def test_unknown_names_and_missing_packages_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="allowed: random, evolution, tpe"):
        brain_of("human", FAMILIES, SIGNATURE, 0)  # type: ignore[arg-type]
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(ResourceError, match=r"pip install .*\[search\]"):
        brain_of("tpe", FAMILIES, SIGNATURE, 0)
