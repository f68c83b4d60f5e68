"""Families, choices and candidates as plain data."""

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
    family.sketch(family.mutate(family.draw(signature, random.Random(0)), random.Random(0)))
assert not {"tensorflow", "tf_keras", "keras"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
