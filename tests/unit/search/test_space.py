"""Families, choices and candidates as plain data."""

import itertools
import random
import subprocess
import sys

import pytest
from pydantic import ValidationError

from edge_nas.errors import ConfigError
from edge_nas.search.space import FAMILIES, Candidate, Choice, Family, Signature, halvings, whole

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=2)


class _Towers(Family):
    """Towers of up to three floors; a floor has a colour, the third only where there are three."""

    name = "towers"

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        floors = Choice("floors", (1, 2, 3))
        return (floors, Choice("roof", (False, True)), Choice("third", ("red", "blue"), ("floors", 3)))

    def network(self, candidate: Candidate) -> None:  # type: ignore[override]
        raise NotImplementedError


TOWERS = _Towers()


def _tower(*decisions: tuple[str, bool | int | str]) -> Candidate:
    return Candidate(family="towers", signature=SIGNATURE, decisions=decisions)


def test_a_candidate_is_a_value() -> None:
    candidate = _tower(("floors", 1), ("roof", True))
    assert {candidate, _tower(("floors", 1), ("roof", True))} == {candidate}
    assert Candidate.model_validate_json(candidate.model_dump_json()) == candidate


def test_kinds_survive_json_and_keys_tell_them_apart() -> None:
    as_bool, as_number = _tower(("roof", True)), _tower(("roof", 1))
    assert Candidate.model_validate_json(as_bool.model_dump_json()).values["roof"] is True
    assert type(Candidate.model_validate_json(as_number.model_dump_json()).values["roof"]) is int
    assert as_bool.key != as_number.key


def test_the_key_is_the_same_on_every_machine() -> None:
    assert _tower(("floors", 3), ("third", "red")).key[:16] == "82edd89eb4b571ca"


def test_the_same_seed_draws_the_same() -> None:
    first, second = random.Random(3), random.Random(3)
    drawn = [TOWERS.draw(SIGNATURE, first) for _ in range(20)]
    assert drawn == [TOWERS.draw(SIGNATURE, second) for _ in range(20)]
    # 3 floors x 2 roofs, of which the third floor doubles one: 2 + 2 + 4 candidates.
    generator = random.Random(0)
    assert len({TOWERS.draw(SIGNATURE, generator) for _ in range(300)}) == 8


def test_what_does_not_matter_is_not_decided() -> None:
    assert TOWERS.smallest(SIGNATURE) == _tower(("floors", 1), ("roof", False))
    for seed in range(20):
        values = TOWERS.draw(SIGNATURE, random.Random(seed)).values
        assert ("third" in values) == (values["floors"] == 3)


def test_neighbours_are_all_that_differ_in_one_choice() -> None:
    assert set(TOWERS.neighbours(_tower(("floors", 1), ("roof", False)))) == {
        _tower(("floors", 2), ("roof", False)),
        _tower(("floors", 3), ("roof", False), ("third", "red")),
        _tower(("floors", 1), ("roof", True)),
    }
    closed = TOWERS.neighbours(_tower(("floors", 3), ("roof", True), ("third", "blue")))
    assert _tower(("floors", 1), ("roof", True)) in closed


def test_a_mutation_is_another_candidate_of_the_family() -> None:
    generator, candidate = random.Random(1), TOWERS.smallest(SIGNATURE)
    for _ in range(50):
        changed = TOWERS.mutate(candidate, generator)
        TOWERS.check(changed)
        same = [name for name, value in changed.decisions if candidate.values.get(name) == value]
        assert changed != candidate
        assert len(same) >= len(set(candidate.values) & set(changed.values)) - 1
        candidate = changed


class _Stairs(Family):
    """Up to four steps, each with a width and a colour; a red one may shine."""

    name = "stairs"
    widths = ("hall", "width_")

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        levels = range(1, 5)
        return (
            Choice("hall", (1, 2)),
            Choice("steps", tuple(levels)),
            *(Choice(f"width_{n}", tuple(range(10, 20)), ("steps", n)) for n in levels),
            *(Choice(f"colour_{n}", (1, 2, 3, 4), ("steps", n)) for n in levels),
            *(Choice(f"shines_{n}", (False, True), (f"colour_{n}", 3)) for n in levels),
        )

    def network(self, candidate: Candidate) -> None:  # type: ignore[override]
        raise NotImplementedError


STAIRS = _Stairs()


def _of_levels(candidate: Candidate, kind: str) -> list[bool | int | str]:
    return [value for name, value in candidate.decisions if name.startswith(kind)]


def test_levels_of_a_regular_candidate_are_alike() -> None:
    generator = random.Random(0)
    drawn = [STAIRS.regular(SIGNATURE, generator) for _ in range(400)]
    for candidate in drawn:
        STAIRS.check(candidate)
        widths = [whole(candidate.values, name) for name, _ in candidate.decisions if name.startswith("width_")]
        steps = [after - before for before, after in itertools.pairwise(widths)]
        assert all(step >= 0 for step in steps)
        assert max(steps, default=0) - min(steps, default=0) <= 1
    high = [candidate for candidate in drawn if candidate.values["steps"] == 4]
    # Three levels that are each like the first one with 3/4, or by chance: 0.81 ** 3.
    alike = sum(len(set(_of_levels(candidate, "colour_"))) == 1 for candidate in high)
    assert 0.4 < alike / len(high) < 0.67
    assert {value for candidate in drawn for value in _of_levels(candidate, "colour_")} == {1, 2, 3, 4}
    first, second = random.Random(3), random.Random(3)
    assert STAIRS.regular(SIGNATURE, first) == STAIRS.regular(SIGNATURE, second)


def test_without_levels_a_regular_candidate_is_a_draw() -> None:
    for seed in range(20):
        assert TOWERS.regular(SIGNATURE, random.Random(seed)) == TOWERS.draw(SIGNATURE, random.Random(seed))


def test_a_structure_is_all_but_widths() -> None:
    drawn = STAIRS.regular(SIGNATURE, random.Random(5))
    assert {STAIRS.structure(STAIRS.scaled(drawn, steps)) for steps in (-9, 0, 1)} == {STAIRS.structure(drawn)}
    others = [each for each in STAIRS.neighbours(drawn) if _of_levels(each, "colour_") != _of_levels(drawn, "colour_")]
    assert others
    assert STAIRS.structure(drawn) not in {STAIRS.structure(each) for each in others}


def test_scaling_moves_all_widths_and_nothing_else() -> None:
    drawn = STAIRS.regular(SIGNATURE, random.Random(5))
    wider, narrowest = STAIRS.scaled(drawn, 1), STAIRS.scaled(drawn, -9)
    for name, value in drawn.decisions:
        if name.startswith("width_"):
            assert wider.values[name] == min(whole(drawn.values, name) + 1, 19)
            assert narrowest.values[name] == 10
        elif name == "hall":
            assert (wider.values[name], narrowest.values[name]) == (2, 1)
        else:
            assert wider.values[name] == narrowest.values[name] == value
    assert STAIRS.scaled(drawn, 0) == drawn
    assert TOWERS.scaled(TOWERS.smallest(SIGNATURE), 1) == TOWERS.smallest(SIGNATURE)


def test_a_mutation_changes_a_level_or_all_of_them() -> None:
    generator, changed = random.Random(0), set()
    even = {f"colour_{n}": 1 for n in range(1, 5)}
    start = Candidate(
        family="stairs",
        signature=SIGNATURE,
        decisions=(("hall", 1), ("steps", 4), *((f"width_{n}", 12) for n in range(1, 5)), *even.items()),
    )
    for _ in range(300):
        mutant = STAIRS.mutate(start, generator)
        STAIRS.check(mutant)
        different = tuple(name for name, value in mutant.decisions if start.values.get(name, value) != value)
        changed.add(tuple(name for name in different if not name.startswith("shines_")))
    assert tuple(even) in changed
    assert {("colour_1",), ("colour_4",), ("width_2",), ("hall",)} <= changed
    assert all(len(names) <= 1 or names == tuple(even) for names in changed)


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ((("floors", 4), ("roof", False)), "floors is 4; allowed for (8, 8, 1): 1, 2, 3"),
        ((("floors", 1), ("roof", 1)), "roof is 1; allowed for (8, 8, 1): False, True"),
        ((("floors", 3), ("roof", False)), "third is None"),
        ((("floors", 1), ("roof", False), ("third", "red")), "allowed: floors, roof"),
    ],
)
def test_what_the_family_did_not_make_is_refused(
    decisions: tuple[tuple[str, bool | int | str], ...], message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        TOWERS.check(_tower(*decisions))
    assert message in str(refused.value)


def test_a_signature_has_sides_and_outputs() -> None:
    with pytest.raises(ValidationError):
        Signature(input_shape=(8, 0, 3), outputs=1)
    with pytest.raises(ValidationError):
        Signature(input_shape=(8, 8), outputs=0)


@pytest.mark.parametrize("value", [True, "3"])
def test_whole_takes_numbers_only(value: bool | str) -> None:
    with pytest.raises(ConfigError, match="a whole number"):
        whole({"width": value}, "width")


@pytest.mark.parametrize(("size", "times"), [(48, 4), (64, 6), (49, 0), (8, 3)])
def test_halvings(size: int, times: int) -> None:
    assert halvings(size) == times


def test_an_unknown_family_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="ds_cnn, fast_u, inverted_residual, signal_cnn"):
        FAMILIES.get("fastu")


def test_drawing_imports_no_tensorflow() -> None:
    script = """
import random, sys
from edge_nas.search import FAMILIES, Signature
images, signals = Signature(input_shape=(48, 64, 3), outputs=2), Signature(input_shape=(128, 3), outputs=6)
for name in FAMILIES:
    family, signature = FAMILIES.get(name), signals if name == "signal_cnn" else images
    family.sketch(family.mutate(family.draw(signature, random.Random(0)), random.Random(0)), "qat")
assert not {"tensorflow", "tf_keras", "keras"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
