"""What a search may choose: families of networks, the choices that each declares, and candidates, which made them.

A candidate is plain data. Its family builds its network; drawing, changing, costing and keeping candidates needs no
TensorFlow.
Families are found by name (`FAMILIES`), those of other packages by entry points `edge_nas.families`.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field, StrictBool, StrictInt, StrictStr

from edge_nas.core.choices import Scheme
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_data
from edge_nas.core.registry import Registry
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    import tf_keras

    from edge_nas.int8.graph import Int8Graph

Decision = StrictBool | StrictInt | StrictStr

BUILT_IN_FAMILIES = {
    "fast_u": "edge_nas.search.families.fast_u:FAST_U",
    "inverted_residual": "edge_nas.search.families.inverted_residual:INVERTED_RESIDUAL",
    "ds_cnn": "edge_nas.search.families.ds_cnn:DS_CNN",
    "signal_cnn": "edge_nas.search.families.signal_cnn:SIGNAL_CNN",
}


class Signature(Frozen):
    """What every network of a search takes and gives.

    Attributes:
        input_shape: of one sample, without the batch: (H, W, C), or (moments, channels).
        outputs: logits or values, per pixel or per sample.
    """

    input_shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1, max_length=3)]
    outputs: int = Field(ge=1)


class Candidate(Frozen):
    """A network that a search may try, as its family, its signature and what was decided; hashable.

    Attributes:
        family: its name in `FAMILIES`.
        signature: what the network takes and gives.
        decisions: name and value of every choice that matters to this candidate, in the order of declaration.
    """

    family: str
    signature: Signature
    decisions: tuple[tuple[str, Decision], ...]

    @property
    def key(self) -> str:
        """The sha256 of its JSON: equal candidates have equal keys, on every machine."""
        return sha256_data(self.to_data())

    @property
    def values(self) -> dict[str, Decision]:
        """The decisions by name."""
        return dict(self.decisions)

    @property
    def described(self) -> str:
        """Family and decisions in words."""
        told = ", ".join(f"{name} {_word(value)}" for name, value in self.decisions)
        return f"{self.family}: {told}"


@dataclass(frozen=True)
class Choice:
    """One thing that a family leaves open.

    Attributes:
        name: of the choice, unique in the family.
        values: what may be decided, cheapest first where there is an order.
        needs: an earlier choice of whole numbers and the least of its values with which this one matters; None: always.
    """

    name: str
    values: tuple[Decision, ...]
    needs: tuple[str, int] | None = None

    def matters(self, decided: Mapping[str, Decision]) -> bool:
        """Returns whether the choice is open once the earlier ones are decided."""
        if self.needs is None:
            return True
        name, least = self.needs
        value = decided.get(name)
        return isinstance(value, int) and value >= least


_DEVIATION = 0.25
"""Of the levels of a regular network, those that decide for themselves."""
_OF_ALL_LEVELS = 0.5
"""Of the mutations of what levels decide, those that change it for all of them."""
_BESIDE = 0.75
"""Of the mutations, those to the next value up or down: far from what is good is mostly worse."""


class Family(ABC):
    """Networks of one build plan, which leaves some things open."""

    name: ClassVar[str]
    """In `FAMILIES`."""
    per_pixel: ClassVar[bool] = False
    """Whether its networks answer for every pixel; otherwise they answer for a sample."""
    widths: ClassVar[tuple[str, ...]] = ()
    """Names of the choices that make all of a network wider. One that ends in _ stands for those of all levels, which
    have the same values, and whose draws are put in ascending order."""

    @abstractmethod
    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        """Returns what is open for a signature, each choice after those that it needs.

        Every combination can be built: a range that a small input forbids is not offered.

        Raises:
            ConfigError: the family has no network for the signature.
        """

    @abstractmethod
    def network(self, candidate: Candidate) -> "tf_keras.Model":
        """Returns the untrained flat network, which ends in logits or values; TensorFlow is imported here."""

    def sketch(self, candidate: Candidate, scheme: Scheme) -> "Int8Graph":
        """Returns the int8 network that the trained one becomes, of random weights, by which its cost is known.

        This takes the untrained network, and so a tenth of a second and TensorFlow. A family of blocks
        (`edge_nas.search.families.block_family`) takes milliseconds.

        Args:
            candidate: one of the family's.
            scheme: how the network is going to be quantized.

        Raises:
            ConfigError: a layer whose operator is not known.
        """
        from edge_nas.core.tensorflowlog import load_tensorflow

        load_tensorflow()
        import tf_keras

        from edge_nas.graph.groups import channel_graph
        from edge_nas.graph.sketching import sketch_of

        # Thousands are costed in one process: names and graphs of those before would pile up.
        tf_keras.backend.clear_session()
        network = self.network(candidate)
        return sketch_of(network, channel_graph(network), {}, scheme)

    def draw(self, signature: Signature, generator: random.Random) -> Candidate:
        """Returns a candidate, every open choice decided evenly. The same state of the generator gives the same.

        Networks get wider where they get smaller: the known ones do, and of four widths that are drawn each for itself
        one in fifteen would. So widths are drawn and put in order.
        """
        drawn = self._decided(signature, {}, generator)
        ordered: dict[str, Decision] = {}
        for names in self._by_level(drawn).values():
            ordered |= zip(names, sorted(whole(drawn.values, name) for name in names), strict=True)
        return self._decided(signature, drawn.values | ordered, None)

    def regular(self, signature: Signature, generator: random.Random) -> Candidate:
        """Returns a drawn candidate whose levels are like each other; every candidate can come up.

        Widths lie on a line from the first level's to the last's, and what else each level decides is the same for
        three levels in four: of networks that are regular like this more are good (RegNet: Radosavovic et al., CVPR
        2020). Of a family without levels it is `draw`.
        """
        drawn = self.draw(signature, generator)
        lined = self._lined(drawn)
        shared: dict[str, Decision] = {}
        decided: dict[str, Decision] = {}
        for choice in self.choices(signature):
            if not choice.matters(decided):
                continue
            value = lined.get(choice.name, drawn.values.get(choice.name))
            if value is None:  # what an earlier level has decided for this one opens it
                value = generator.choice(choice.values)
            kind = _kind(choice.name)
            if kind is not None and choice.name not in lined:
                like_others = shared.setdefault(kind, value)
                if generator.random() >= _DEVIATION and _holds(choice.values, like_others):
                    value = like_others
            decided[choice.name] = value
        return Candidate(family=self.name, signature=signature, decisions=tuple(decided.items()))

    def known(self, signature: Signature) -> tuple[Candidate, ...]:  # noqa: ARG002 - most have some for any
        """Returns networks that are known to be good, where searches begin; how wide they are does not matter."""
        return ()

    def scaled(self, candidate: Candidate, steps: int) -> Candidate:
        """Returns a candidate with all widths so many values further up, or down; at the ends they stay."""
        moved: dict[str, Decision] = {}
        for choice in self._made(candidate):
            if self._is_width(choice.name):
                place = choice.values.index(candidate.values[choice.name]) + steps
                moved[choice.name] = choice.values[min(max(place, 0), len(choice.values) - 1)]
        return self._decided(candidate.signature, candidate.values | moved, None)

    def structure(self, candidate: Candidate) -> str:
        """Returns the hash of all decisions but widths: candidates of one structure, narrowed, become much the same."""
        return sha256_data([self.name, [each for each in candidate.decisions if not self._is_width(each[0])]])

    def smallest(self, signature: Signature) -> Candidate:
        """Returns the candidate of every choice's first value."""
        return self._decided(signature, {}, None)

    def mutate(self, candidate: Candidate, generator: random.Random) -> Candidate:
        """Returns a candidate that differs in one choice, of one level or of all, and in what that opens or closes."""
        movable = [choice for choice in self._made(candidate) if len(choice.values) > 1]
        if not movable:
            raise ConfigError(f"family {self.name}: no choice has a second value for {candidate.signature}")
        choice = generator.choice(movable)
        place = choice.values.index(candidate.values[choice.name])
        others = [value for value in choice.values if value != choice.values[place]]
        beside = [choice.values[near] for near in (place - 1, place + 1) if 0 <= near < len(choice.values)]
        changed = {choice.name: generator.choice(beside if generator.random() < _BESIDE else others)}
        kind = _kind(choice.name)
        if kind is not None and not self._is_width(choice.name) and generator.random() < _OF_ALL_LEVELS:
            alike = (each for each in movable if _kind(each.name) == kind)
            changed |= {each.name: changed[choice.name] for each in alike if _holds(each.values, changed[choice.name])}
        return self._decided(candidate.signature, candidate.values | changed, generator)

    def neighbours(self, candidate: Candidate) -> tuple[Candidate, ...]:
        """Returns all candidates with another value of one choice; what that opens has its first value."""
        return tuple(
            self._decided(candidate.signature, candidate.values | {choice.name: value}, None)
            for choice in self._made(candidate)
            for value in choice.values
            if value != candidate.values[choice.name]
        )

    def check(self, candidate: Candidate) -> None:
        """Refuses a candidate that the family did not make: another version's, or one written by hand.

        Raises:
            ConfigError: a decision is missing, out of its range or too much; the message names the first.
        """
        values = candidate.values
        made = {choice.name: choice for choice in self._made(candidate)}
        for name, choice in made.items():
            if name not in values or not _holds(choice.values, values[name]):
                allowed = ", ".join(map(repr, choice.values))
                raise ConfigError(
                    f"candidate of family {self.name}: {name} is {values.get(name)!r}; allowed for "
                    f"{candidate.signature.input_shape}: {allowed}"
                )
        if tuple(made) != tuple(name for name, _ in candidate.decisions):
            raise ConfigError(
                f"candidate of family {self.name}: it decides {', '.join(values)}; allowed: {', '.join(made)}"
            )

    def _like(self, signature: Signature, wanted: Mapping[str, Decision]) -> Candidate:
        """Returns the candidate of the wanted values, the greatest value where there is no such one, else the first."""
        kept: dict[str, Decision] = {}
        for choice in self.choices(signature):
            if choice.name in wanted:
                value = wanted[choice.name]
                kept[choice.name] = value if _holds(choice.values, value) else choice.values[-1]
        return self._decided(signature, kept, None)

    def _is_width(self, name: str) -> bool:
        return name in self.widths or f"{_kind(name)}_" in self.widths

    def _by_level(self, candidate: Candidate) -> dict[str, list[str]]:
        """Returns the names of the widths of a candidate's levels, in their order, by what they begin with."""
        names = [name for name, _ in candidate.decisions]
        levels = [width for width in self.widths if width.endswith("_")]
        return {width: [name for name in names if name.startswith(width)] for width in levels}

    def _lined(self, candidate: Candidate) -> dict[str, Decision]:
        """Returns widths of levels at even steps from the first's to the last's, in places among the values."""
        allowed = {choice.name: choice.values for choice in self._made(candidate)}
        lined: dict[str, Decision] = {}
        for names in self._by_level(candidate).values():
            places = [allowed[name].index(candidate.values[name]) for name in names]
            for number, name in enumerate(names):
                share = number / max(1, len(names) - 1)
                lined[name] = allowed[name][round(places[0] + share * (places[-1] - places[0]))]
        return lined

    def _made(self, candidate: Candidate) -> tuple[Choice, ...]:
        """Returns the choices that were open to a candidate."""
        return tuple(choice for choice in self.choices(candidate.signature) if choice.matters(candidate.values))

    def _decided(
        self, signature: Signature, kept: Mapping[str, Decision], generator: random.Random | None
    ) -> Candidate:
        """Returns the candidate of the kept values; the other open choices are drawn, or take their first value."""
        decided: dict[str, Decision] = {}
        for choice in self.choices(signature):
            if not choice.matters(decided):
                continue
            if choice.name in kept:
                decided[choice.name] = kept[choice.name]
            else:
                decided[choice.name] = choice.values[0] if generator is None else generator.choice(choice.values)
        return Candidate(family=self.name, signature=signature, decisions=tuple(decided.items()))


def _kind(name: str) -> str | None:
    """Returns what a choice of one level is about, depth of depth_2; None: it is about all of a network."""
    kind, _, level = name.rpartition("_")
    return kind if level.isdigit() else None


def _word(value: Decision) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _holds(values: tuple[Decision, ...], value: Decision) -> bool:
    """Returns whether a value is among the allowed ones; True is not 1 here, though Python has them equal."""
    return any(type(value) is type(allowed) and value == allowed for allowed in values)


def whole(values: Mapping[str, Decision], name: str) -> int:
    """Returns the decision of a choice of whole numbers."""
    value = values[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"candidate: {name} is {value!r}; allowed: a whole number")
    return value


def halvings(size: int) -> int:
    """Returns how often a size can be halved without a remainder."""
    return (size & -size).bit_length() - 1


FAMILIES: Registry[Family] = Registry("family", "edge_nas.families", BUILT_IN_FAMILIES)
