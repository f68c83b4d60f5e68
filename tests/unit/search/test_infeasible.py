"""What is said of limits that no network can keep."""

from edge_nas.search.infeasible import InfeasibleError, of_boards, of_families, out_of_reach
from edge_nas.search.limits import Limit

INSTRUCTIONS = Limit(axis="instructions", most=1000, origin="asked for")
FLASH = Limit(axis="flash_bytes", most=64, origin="flash of small")


def _refusal(family: str, *, board: str = "small", **least: int) -> InfeasibleError:
    limits = {"instructions": INSTRUCTIONS, "flash": FLASH}
    return out_of_reach(board, [family], {limits[name]: value for name, value in least.items()})


def test_of_several_families_the_least_counts() -> None:
    error = of_families([_refusal("boxes", instructions=4000), _refusal("balls", instructions=1200)], {})
    assert str(error) == (
        "no network of the families boxes, balls keeps the limits on small: instructions may be 1,000 (asked for), the "
        "least reachable is 1,200; allow more, or make data.input_shape smaller"
    )
    assert error.beyond == {INSTRUCTIONS: 1200}


def test_families_that_fail_by_different_limits_are_told_one_after_the_other() -> None:
    for boxes in ({"instructions": 4000}, {"instructions": 4000, "flash": 70}):
        error = of_families([_refusal("boxes", **boxes), _refusal("balls", flash=80)], {})
        assert "no network of family boxes keeps the limits on small: instructions may be 1,000 (asked" in str(error)
        assert "no network of family balls keeps the limits on small: flash_bytes may be 64 (flash of" in str(error)
        assert str(error).count("allow more") == 1
        assert error.beyond == {}
        assert error.families == ("boxes", "balls")


def test_the_least_of_a_family_that_fails_otherwise_too_is_not_told_as_that_of_all() -> None:
    error = of_families([_refusal("balls", instructions=1200, flash=80), _refusal("boxes", instructions=4000)], {})
    assert "the least reachable is 1,200; flash_bytes may be 64 (flash of small), the least reachable is 80" in str(
        error
    )
    assert "the least reachable is 4,000" in str(error)


def test_the_advice_of_every_family_is_given() -> None:
    together = InfeasibleError("none keeps all together", "draw more", board="small", families=["cones"])
    error = of_families([_refusal("boxes", flash=70), together], {})
    assert str(error).endswith("none keeps all together; allow more, or make data.input_shape smaller; draw more")


def test_a_family_whose_costs_are_not_known_is_told_as_well() -> None:
    error = of_families([_refusal("boxes", flash=70)], {"mine": ValueError("kernel planks was never counted")})
    assert str(error) == (
        "no network of family boxes keeps the limits on small: flash_bytes may be 64 (flash of small), the least "
        "reachable is 70; what networks of family mine cost is not known: kernel planks was never counted; allow more, "
        "or make data.input_shape smaller"
    )


def test_every_board_has_limits_of_its_own() -> None:
    boards = [_refusal("boxes", flash=70), _refusal("boxes", board="tiny", flash=80)]
    assert str(of_boards(boards)) == (
        "no network of family boxes keeps the limits of any board: small: flash_bytes may be 64 (flash of small), the "
        "least reachable is 70; tiny: flash_bytes may be 64 (flash of small), the least reachable is 80; allow more, "
        "or make data.input_shape smaller"
    )
    together = InfeasibleError("none keeps all of tiny's", "draw more", board="tiny", families=["boxes"])
    assert "small: flash_bytes may be 64" in str(of_boards([boards[0], together]))
    assert "none keeps all of tiny's" in str(of_boards([boards[0], together]))


def test_one_refusal_is_told_as_it_is() -> None:
    refusal = _refusal("boxes", flash=70)
    assert of_families([refusal], {}) is refusal
    assert of_boards([refusal]) is refusal
