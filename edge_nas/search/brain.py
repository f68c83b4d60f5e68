"""Which candidates are tried next, given what came of those before.

    brain = brain_of("tpe", families, signature, seed=0)
    brain.learn(trained)                          # (candidate, instructions, score), the draws as well
    candidates = brain.propose(8, instructions_of)

Candidates are asked for in batches, and told in the order in which they were asked for, whenever their trainings ended:
so one worker and three get the same ones. Nothing is kept on disk: a search that goes on tells the same results again,
which are in its journal.

    random      even draws
    evolution   mutants of those that no other one beats in score and instructions, as dear as their parents: (1 + λ)
                without a line of parents
    tpe         Optuna's tree-structured Parzen estimator, on score and instructions (Watanabe 2023, arXiv 2304.11127)

The last needs the extra `search`. A genetic sampler such as Optuna's NSGA-II is not among them: it crosses nothing
before a generation is complete, and takes hundreds of results to be ahead of draws; a search has dozens.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from edge_nas.core.installed import install_command
from edge_nas.errors import ConfigError, ResourceError
from edge_nas.search.space import Candidate, Choice, Decision, Family, Signature

if TYPE_CHECKING:
    import optuna

BrainName = Literal["random", "evolution", "tpe"]
BRAINS: tuple[BrainName, ...] = get_args(BrainName)

InstructionsOf = Callable[[Candidate], int | None]
"""What a candidate costs; None: it does not keep the limits, or its cost is not known."""

_MOST_ASKS = 100
"""For each candidate that is wanted: where limits leave one in a hundred, draws find it faster than any brain."""


@dataclass(frozen=True)
class Trained:
    """What came of a candidate; `score` is None where its training came to nothing."""

    candidate: Candidate
    instructions: int
    score: float | None


class Brain(ABC):
    """Proposes candidates of some families."""

    def propose(self, count: int, instructions_of: InstructionsOf) -> tuple[Candidate, ...]:
        """Returns up to so many candidates that keep the limits and were neither proposed nor told before.

        Args:
            count: of candidates.
            instructions_of: asked of each that comes up, in order.
        """
        proposed: list[Candidate] = []
        for _ in range(_MOST_ASKS * count):
            if len(proposed) == count:
                break
            candidate = self._next(instructions_of)
            if candidate in self._known:
                continue
            self._known.add(candidate)
            if instructions_of(candidate) is None:
                self._passed(candidate)
            else:
                proposed.append(candidate)
        return tuple(proposed)

    def learn(self, trained: Sequence[Trained]) -> None:
        """Takes over what came of candidates, whoever proposed them."""
        self._known.update(each.candidate for each in trained)
        self._learn(trained)

    def __init__(self) -> None:
        self._known: set[Candidate] = set()

    @abstractmethod
    def _next(self, instructions_of: InstructionsOf) -> Candidate:
        """Returns a candidate, perhaps one that is known or does not keep the limits."""

    def _passed(self, candidate: Candidate) -> None:  # noqa: B027 - most have nothing to do
        """Is told of a new one that does not keep the limits."""

    def _learn(self, trained: Sequence[Trained]) -> None:  # noqa: B027 - draws learn nothing
        """Takes over results."""


class RandomBrain(Brain):
    """Draws evenly, of a family that is drawn evenly."""

    def __init__(self, families: Sequence[Family], signature: Signature, seed: int) -> None:
        super().__init__()
        self._families, self._signature = families, signature
        self._generator = random.Random(seed)

    def _next(self, instructions_of: InstructionsOf) -> Candidate:  # noqa: ARG002 - of Brain
        return self._generator.choice(self._families).draw(self._signature, self._generator)


class EvolutionBrain(RandomBrain):
    """Changes one choice of the best or of another one on the front, in turns by chance; draws while there are none.

    A mutant's widths are changed until it takes what its parent does. At other costs it would be compared with nobody;
    and near a limit only what makes networks cheaper would be tried, since the rest does not keep it.
    """

    def __init__(self, families: Sequence[Family], signature: Signature, seed: int) -> None:
        super().__init__(families, signature, seed)
        self._by_name = {family.name: family for family in families}
        self._parents: tuple[Trained, ...] = ()

    def _next(self, instructions_of: InstructionsOf) -> Candidate:
        if not self._parents:
            return super()._next(instructions_of)
        best = self._generator.random() < _OF_THE_BEST
        parent = self._parents[0] if best else self._generator.choice(self._parents)
        family = self._by_name[parent.candidate.family]
        mutant = family.mutate(parent.candidate, self._generator)
        versions = [family.scaled(mutant, steps) for steps in _STEPS]
        costs = ((version, instructions_of(version)) for version in versions)
        as_dear = (version for version, cost in costs if cost is not None and cost <= parent.instructions)
        return next(as_dear, versions[-1])

    def _learn(self, trained: Sequence[Trained]) -> None:
        self._parents = _front([*self._parents, *(each for each in trained if each.score is not None)])


class OptunaBrain(Brain):
    """Asks a sampler of Optuna: the more score and the fewer instructions the better.

    Choices are numbers of their values, which stand in order of cost.
    """

    def __init__(
        self, families: Sequence[Family], signature: Signature, sampler: "optuna.samplers.BaseSampler"
    ) -> None:
        super().__init__()
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)  # of every trial it tells a line
        self._families = {family.name: family for family in families}
        self._names = tuple(self._families)
        self._signature = signature
        self._study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
        self._asked: dict[Candidate, optuna.trial.Trial] = {}

    def _next(self, instructions_of: InstructionsOf) -> Candidate:  # noqa: ARG002 - of Brain
        trial = self._study.ask()
        name = self._names[trial.suggest_int(_FAMILY, 0, len(self._names) - 1)]
        decided: dict[str, Decision] = {}
        for choice in self._families[name].choices(self._signature):
            if choice.matters(decided):
                number = trial.suggest_int(f"{name}.{choice.name}", 0, len(choice.values) - 1)
                decided[choice.name] = choice.values[number]
        candidate = Candidate(family=name, signature=self._signature, decisions=tuple(decided.items()))
        if candidate in self._known:
            self._fail(trial)  # the one of this candidate that was asked first may still be training
        else:
            self._asked[candidate] = trial
        return candidate

    def _passed(self, candidate: Candidate) -> None:
        trial = self._asked.pop(candidate, None)
        if trial is not None:
            self._fail(trial)

    def _fail(self, trial: "optuna.trial.Trial") -> None:
        import optuna

        self._study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def _learn(self, trained: Sequence[Trained]) -> None:
        for each in trained:
            trial = self._asked.pop(each.candidate, None)
            if each.score is None:
                if trial is not None:
                    self._fail(trial)
            elif trial is not None:
                self._study.tell(trial, [each.score, float(each.instructions)])
            else:
                self._study.add_trial(self._told(each, each.score))

    def _told(self, trained: Trained, score: float) -> "optuna.trial.FrozenTrial":
        """Returns a finished trial of a candidate that was not asked for, such as a draw."""
        import optuna

        name = trained.candidate.family
        choices = {choice.name: choice for choice in self._families[name].choices(self._signature)}
        numbers = {_FAMILY: self._names.index(name)}
        sizes = {_FAMILY: len(self._names)}
        for decision, value in trained.candidate.decisions:
            numbers[f"{name}.{decision}"] = _number(choices[decision], value)
            sizes[f"{name}.{decision}"] = len(choices[decision].values)
        return optuna.trial.create_trial(
            params=numbers,
            distributions={key: optuna.distributions.IntDistribution(0, size - 1) for key, size in sizes.items()},
            values=[score, float(trained.instructions)],
        )


_FAMILY = "family"


def brain_of(name: BrainName, families: Sequence[Family], signature: Signature, seed: int) -> Brain:
    """Returns a brain by its name.

    Raises:
        ConfigError: there is none of this name.
        ResourceError: Optuna is needed and not installed.
    """
    if name == "random":
        return RandomBrain(families, signature, seed)
    if name == "evolution":
        return EvolutionBrain(families, signature, seed)
    if name not in BRAINS:
        raise ConfigError(f"search.brain is {name!r}; allowed: {', '.join(BRAINS)}")
    try:
        import optuna
    except ImportError as error:
        raise ResourceError(
            f"search.brain is {name!r}, which needs Optuna, and that is not installed: {install_command('search')}, "
            "or take search.brain=evolution"
        ) from error
    # Constant liar: those of a batch that are being trained count as bad ones meanwhile, so that it is no batch of one.
    sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True, n_startup_trials=_DRAWN_FIRST)
    return OptunaBrain(families, signature, sampler)


_OF_THE_BEST = 0.5
"""Of the mutants: what a search is asked for is near its limit, and the others make the rest of the front better."""
_STEPS = range(3, -7, -1)
"""Of the widths of a mutant, from wider to narrower, each by a sixth to a half: a level more takes three of them."""

_DRAWN_FIRST = 8
"""Results before TPE models anything, a batch of a small search; Optuna's own number, 10, is for larger ones."""


def _front(trained: Sequence[Trained]) -> tuple[Trained, ...]:
    """Returns those that no other one beats in score and instructions, each candidate once."""
    best = sorted(
        {each.candidate: each for each in trained}.values(), key=lambda e: (-(e.score or 0.0), e.instructions)
    )
    front: list[Trained] = []
    for each in best:
        if not front or each.instructions < front[-1].instructions:
            front.append(each)
    return tuple(front)


def _number(choice: Choice, value: Decision) -> int:
    """Returns which of its values a choice has; True is not 1 here, though Python has them equal."""
    same = (type(value) is type(allowed) and value == allowed for allowed in choice.values)
    return list(same).index(True)
