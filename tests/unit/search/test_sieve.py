"""The sieve, on a family whose costs are known by heart."""

from dataclasses import dataclass

import pytest

from edge_nas.boards import load_board
from edge_nas.costs import CostUnknownError
from edge_nas.search.infeasible import InfeasibleError
from edge_nas.search.limits import BoardLimits, Limit, Limits, limits_on
from edge_nas.search.sieve import CostOf, least_reachable, sieve, starts
from edge_nas.search.space import Candidate, Choice, Family, Signature, whole

SIGNATURE = Signature(input_shape=(8, 8, 1), outputs=1)


class _Boxes(Family):
    """Boxes of 1 to 10 by 1 to 10."""

    name = "boxes"

    def choices(self, signature: Signature) -> tuple[Choice, ...]:
        sides = tuple(range(1, 11))
        return (Choice("width", sides), Choice("height", sides))

    def network(self, candidate: Candidate) -> None:  # type: ignore[override]
        raise NotImplementedError


@dataclass(frozen=True)
class _Volume:
    """Instructions are the area, flash the width, RAM eleven less the width: the two pull against each other."""

    width: int
    height: int

    @property
    def instructions(self) -> int:
        return self.width * self.height

    @property
    def flash_bytes(self) -> int:
        return self.width

    @property
    def ram_bytes(self) -> int:
        return 11 - self.width

    @property
    def pace(self) -> None:
        return None


BOXES = _Boxes()
AREA, MEMORY = (Limit(axis=axis, most=0, origin="a test") for axis in ("instructions", "ram_bytes"))


def _cost(candidate: Candidate) -> _Volume:
    return _Volume(whole(candidate.values, "width"), whole(candidate.values, "height"))


def _limits(**asked: int) -> BoardLimits:
    return limits_on(load_board("stm32l4r5"), Limits.model_validate(asked))


def test_what_fits_is_left_over_in_order_and_once() -> None:
    sieved = sieve(BOXES, SIGNATURE, _cost, _limits(instructions=6), wanted=5, most_draws=2000, seed=0)
    assert len(sieved.fitting) == len({each.candidate for each in sieved.fitting}) == 5
    assert all(each.cost.instructions <= 6 for each in sieved.fitting)
    assert sieved.exceeded == {"instructions": sieved.drawn - 5}
    again = sieve(BOXES, SIGNATURE, _cost, _limits(instructions=6), wanted=3, most_draws=2000, seed=0)
    assert again.fitting == sieved.fitting[:3]
    other = sieve(BOXES, SIGNATURE, _cost, _limits(instructions=6), wanted=5, most_draws=2000, seed=1)
    assert other.fitting != sieved.fitting


def test_a_small_family_is_drawn_empty() -> None:
    sieved = sieve(BOXES, SIGNATURE, _cost, _limits(instructions=6), wanted=100, most_draws=3000, seed=0)
    # Areas up to 6: 6 + 3 + 2 + 1 + 1 + 1 boxes, of 100.
    assert (len(sieved.fitting), sieved.drawn) == (14, 100)


class _Planks(_Boxes):
    """Boxes whose width is a width."""

    widths = ("width",)


def test_what_is_over_a_limit_is_made_narrower_until_it_keeps_it() -> None:
    sieved = sieve(_Planks(), SIGNATURE, _cost, _limits(instructions=10), wanted=100, most_draws=3000, seed=0)
    fitting = {(_cost(each.candidate).width, _cost(each.candidate).height) for each in sieved.fitting}
    # All heights have one, the highest too; whatever is wider than it may be became the widest that it may be.
    assert {(10 // height, height) for height in range(1, 11)} <= fitting
    assert sieved.exceeded == {"instructions": sieved.drawn - len(sieved.fitting)}
    first = sieve(_Planks(), SIGNATURE, _cost, _limits(instructions=10), wanted=8, most_draws=12, seed=0)
    assert len(first.fitting) == 8


class _KnownPlanks(_Planks):
    """Planks of two by whatever width are known to be good."""

    def known(self, signature: Signature) -> tuple[Candidate, ...]:
        return (Candidate(family="boxes", signature=signature, decisions=(("width", 4), ("height", 2))),)


def test_known_networks_start_as_wide_as_the_limits_allow_and_of_half_the_cost_and_less() -> None:
    found = starts(_KnownPlanks(), SIGNATURE, _cost, _limits(instructions=11))
    assert [(_cost(each.candidate).width, each.cost.instructions) for each in found] == [(5, 10), (2, 4), (1, 2)]
    assert [each.cost.instructions for each in starts(_KnownPlanks(), SIGNATURE, _known_below(3), _limits())] == [4, 2]
    assert starts(_KnownPlanks(), SIGNATURE, _cost, _limits(instructions=1)) == ()
    assert starts(BOXES, SIGNATURE, _cost, _limits()) == ()


def test_nothing_is_costed_twice() -> None:
    asked: list[Candidate] = []

    def noted(candidate: Candidate) -> _Volume:
        asked.append(candidate)
        return _cost(candidate)

    sieve(BOXES, SIGNATURE, noted, _limits(), wanted=101, most_draws=500, seed=0)
    assert len(asked) == len(set(asked)) <= 100


def test_the_least_reachable_is_found_from_anywhere() -> None:
    widest = Candidate(family="boxes", signature=SIGNATURE, decisions=(("width", 10), ("height", 10)))
    assert least_reachable(BOXES, _cost, AREA, widest) == 1
    assert least_reachable(BOXES, _cost, MEMORY, BOXES.smallest(SIGNATURE)) == 1


def _known_below(width: int) -> CostOf:
    """Costs that are known of narrow boxes only."""

    def cost_of(candidate: Candidate) -> _Volume:
        if whole(candidate.values, "width") >= width:
            raise CostUnknownError("kernel planks: what 'planks' costs was never counted")
        return _cost(candidate)

    return cost_of


def test_what_costs_are_unknown_is_not_taken_and_counted_apart() -> None:
    sieved = sieve(BOXES, SIGNATURE, _known_below(3), _limits(instructions=6), wanted=100, most_draws=3000, seed=0)
    # Of 20 boxes that are 1 or 2 wide, 6 + 3 have an area of up to 6.
    assert (len(sieved.fitting), sieved.drawn, sieved.unknown) == (9, 20, 80)
    assert sieved.unknown_reason == "kernel planks: what 'planks' costs was never counted"
    narrow = sieved.fitting[0].candidate
    assert least_reachable(BOXES, _known_below(3), MEMORY, narrow) == 9


def test_a_family_whose_costs_are_all_unknown_says_why() -> None:
    with pytest.raises(CostUnknownError, match="kernel planks"):
        sieve(BOXES, SIGNATURE, _known_below(1), _limits(), wanted=1, most_draws=20, seed=0)


def test_a_limit_out_of_reach_is_named_with_the_least_value() -> None:
    def dear(candidate: Candidate) -> _Volume:
        volume = _cost(candidate)
        return _Volume(volume.width, volume.height + 41)

    with pytest.raises(InfeasibleError) as refused:
        sieve(BOXES, SIGNATURE, dear, _limits(instructions=41, ram_bytes=9), wanted=1, most_draws=50, seed=0)
    text = str(refused.value)
    assert "no network of family boxes keeps the limits on stm32l4r5" in text
    assert "instructions may be 41 (asked for), the least reachable is 42" in text
    assert "ram_bytes" not in text
    assert refused.value.exit_code == 2


def test_limits_that_exclude_each_other_are_told_together() -> None:
    with pytest.raises(InfeasibleError) as refused:
        sieve(BOXES, SIGNATURE, _cost, _limits(flash_bytes=4, ram_bytes=4), wanted=1, most_draws=400, seed=0)
    text = str(refused.value)
    assert "each can be kept alone" in text
    assert "flash_bytes may be 4 (asked for), the least reachable is 1" in text
    assert "ram_bytes may be 4 (asked for), the least reachable is 1" in text
