"""What is said of limits that no network can keep."""

from edge_nas.search.infeasible import InfeasibleError, of_boards, of_families
from edge_nas.search.limits import Limit

INSTRUCTIONS = Limit(axis="instructions", most=1000, origin="asked for")
FLASH = Limit(axis="flash_bytes", most=64, origin="flash of small")


def _refusal(family: str, *, board: str = "small", **least: int) -> InfeasibleError:
    limits = {"instructions": INSTRUCTIONS, "flash": FLASH}
    return InfeasibleError.of_limits(board, [family], {limits[name]: value for name, value in least.items()})


def test_of_several_families_the_least_counts() -> None:
    error = of_families([_refusal("boxes", instructions=4000, flash=70), _refusal("balls", instructions=1200)])
    assert str(error) == (
        "no network of the families boxes, balls keeps the limits on small: instructions may be 1,000 (asked for), the "
        "least reachable is 1,200; allow more, or make data.input_shape smaller"
    )
    assert error.beyond == {INSTRUCTIONS: 1200}


def test_families_that_fail_by_different_limits_are_told_one_after_the_other() -> None:
    text = str(of_families([_refusal("boxes", instructions=4000), _refusal("balls", flash=80)]))
    assert "no network of family boxes keeps the limits on small: instructions may be 1,000 (asked for)" in text
    assert "no network of family balls keeps the limits on small: flash_bytes may be 64 (flash of small)" in text
    assert text.count("allow more") == 1


def test_every_board_has_limits_of_its_own() -> None:
    text = str(of_boards([_refusal("boxes", flash=70), _refusal("boxes", board="tiny", flash=80)]))
    assert "limits on small: flash_bytes may be 64 (flash of small), the least reachable is 70" in text
    assert "limits on tiny: flash_bytes may be 64 (flash of small), the least reachable is 80" in text


def test_one_refusal_is_told_as_it_is() -> None:
    refusal = _refusal("boxes", flash=70)
    assert of_families([refusal]) is refusal
    assert of_boards([refusal]) is refusal
