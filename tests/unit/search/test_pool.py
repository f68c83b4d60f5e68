"""Candidates that are drawn, chosen, let go on and finished."""

from dataclasses import dataclass

import pytest
from searchresults import BOARD, candidate, pair, pooled

from edge_nas.boards import load_board
from edge_nas.costs import CostUnknownError
from edge_nas.errors import ConfigError
from edge_nas.results.search import Figures
from edge_nas.search.halving import Pair
from edge_nas.search.infeasible import InfeasibleError
from edge_nas.search.limits import Limits, limits_on
from edge_nas.search.pool import (
    Pool,
    by_stratum,
    chosen,
    costs_by_key,
    costs_on_cores,
    draw_pool,
    families_for,
    finalists,
    known_keys,
    spread,
)
from edge_nas.search.space import FAMILIES, Candidate, Signature, whole

IMAGES = Signature(input_shape=(16, 16, 3), outputs=1)
POOL = Pool(board=BOARD, core="cortex-m4", limits=(), fitting=tuple(pooled(number) for number in range(1, 13)))
COSTS = costs_by_key([POOL])


def _numbers(pairs: tuple[Pair, ...]) -> list[int]:
    return [int(trial.candidate.values["number"]) for trial, _ in pairs]


def test_families_by_what_they_answer_for() -> None:
    assert [family.name for family in families_for(IMAGES, per_pixel=True, names=())] == ["fast_u"]
    names = {family.name for family in families_for(IMAGES, per_pixel=False, names=())}
    assert names == {"ds_cnn", "inverted_residual"}
    signal = Signature(input_shape=(128, 3), outputs=6)
    assert [family.name for family in families_for(signal, per_pixel=False, names=())] == ["ds_cnn", "signal_cnn"]


def test_without_a_family_the_reasons_are_told() -> None:
    vector = Signature(input_shape=(7,), outputs=1)
    with pytest.raises(ConfigError, match=r"no family has networks for samples \(7,\).*family ds_cnn.*search.families"):
        families_for(vector, per_pixel=False, names=())
    with pytest.raises(ConfigError, match="family fast_u answers for every pixel"):
        families_for(IMAGES, per_pixel=False, names=("fast_u",))


def test_half_of_the_chosen_lie_near_the_limit_and_half_in_even_steps_of_the_logarithm() -> None:
    picked = [each.cost.instructions // 1000 for each in spread(POOL.fitting, 6)]
    assert picked == [12, 1, 11, 3, 10, 9]
    assert [each.cost.instructions // 1000 for each in spread(POOL.fitting[:3], 6)] == [3, 2, 1]


def test_known_networks_begin_and_are_half_at_most() -> None:
    pool = POOL.model_copy(update={"starts": 3})  # 1, 2 and 3
    assert [whole(each.values, "number") for each in chosen([pool], 8)] == [1, 2, 3, 12, 4, 11, 5, 10]
    assert [whole(each.values, "number") for each in chosen([pool], 4)] == [1, 2, 12, 4]


def test_boards_take_turns_and_share_candidates() -> None:
    small = Pool(board="other", core="cortex-m3", limits=(), fitting=tuple(pooled(number) for number in (1, 2, 3)))
    empty = Pool(board="none", core="cortex-m0plus", limits=(), problem="no costs")
    picked = chosen([POOL, small, empty], 5)
    assert [whole(each.values, "number") for each in picked] == [12, 3, 1, 2, 11]
    assert len(chosen([small], 9)) == 3


def test_known_networks_of_several_boards_are_half_at_most_together() -> None:
    pools = [
        POOL.model_copy(update={"starts": 3, "fitting": tuple(pooled(number) for number in range(first, first + 6))})
        for first in (1, 11, 21)
    ]
    picked = [whole(each.values, "number") for each in chosen(pools, 8)]
    assert picked[:4] == [1, 11, 21, 2]
    assert set(picked[4:]) <= {4, 5, 6, 14, 15, 16, 24, 25, 26}


def test_the_best_of_each_stratum_goes_on_first() -> None:
    ranked = [pair(9, 0.9), pair(8, 0.85), pair(10, 0.8), pair(3, 0.7), pair(5, 0.6), pair(2, 0.5), pair(1, None)]
    # Of 2 to 10 thousand instructions: four go on, so two strata, from 2 and from 4.5.
    assert _numbers(by_stratum(ranked, COSTS, 4)) == [9, 3, 8, 10, 5, 2, 1]
    # Three strata, from 2, 3.4 and 5.8; the one in the middle has 5.
    assert _numbers(by_stratum(ranked, COSTS, 6)) == [9, 3, 5, 8, 10, 2, 1]
    assert _numbers(by_stratum(ranked, COSTS, 1)) == [9, 8, 10, 3, 5, 2, 1]


def test_known_networks_go_on_before_that_half_of_all_at_most() -> None:
    ranked = [pair(9, 0.9), pair(8, 0.85), pair(10, 0.8), pair(3, 0.7), pair(5, 0.6), pair(2, 0.5), pair(1, None)]
    known = {candidate(number).key for number in (5, 2, 1, 7)}
    assert _numbers(by_stratum(ranked, COSTS, 4, known)) == [5, 2, 9, 3, 8, 10, 1]
    assert _numbers(by_stratum(ranked, COSTS, 3, known)) == [5, 9, 3, 8, 10, 2, 1]
    assert known_keys([POOL]) == frozenset()
    begun = POOL.model_copy(update={"starts": 2})
    assert known_keys([begun, begun]) == {each.candidate.key for each in POOL.fitting[:2]}


@pytest.mark.parametrize("scores", [[0.5, 0.4], [None, None], [0.5, None]])
def test_networks_of_one_cost_and_without_scores_go_on_by_rank(scores: list[float | None]) -> None:
    ranked = [pair(number, score) for number, score in zip((4, 6), scores, strict=True)]
    costs = {each[0].candidate.key: COSTS[candidate(4).key] for each in ranked}
    assert _numbers(by_stratum(ranked, costs, 2)) == [4, 6]


def test_costs_of_all_cores_but_those_that_are_not_known() -> None:
    def unknown(candidate: Candidate) -> _StemCost:
        raise CostUnknownError("kernel planks")

    costs = {"cortex-m0plus": unknown, "cortex-m7": _StemCost, "cortex-m4": _StemCost}
    drawn = _pool(instructions=8).fitting[0]
    assert list(costs_on_cores(drawn.candidate, costs)) == [("cortex-m7", drawn.cost), ("cortex-m4", drawn.cost)]


def test_who_is_finished() -> None:
    first = [pair(9, 0.8), pair(7, 0.7), pair(3, 0.6), pair(4, 0.5), pair(1, None)]
    second = [pair(7, 0.9, 4), pair(9, 0.85, 4)]
    # Those that no other one beats; then the last rung. 4 costs more than 3 and scores less.
    assert [(_numbers((each,))[0], each[0].epochs) for each in finalists([first, second], COSTS, 9)] == [
        (7, 4),
        (3, 1),
        (9, 4),
    ]
    assert _numbers(finalists([first, second], COSTS, 1)) == [7]


def test_who_is_cheaper_in_bytes_only_is_finished_last() -> None:
    small = Figures(instructions=9500, flash_bytes=10, ram_bytes=10)
    costs = COSTS | {candidate(3).key: {"cortex-m4": small}}
    ranked = [pair(7, 0.9), pair(9, 0.8), pair(3, 0.6)]
    assert _numbers(finalists([[ranked[2]], ranked[:2]], costs, 9)) == [7, 9, 3]


@dataclass(frozen=True)
class _StemCost:
    """Instructions are the stem's channels; the rest is nothing."""

    candidate: Candidate
    flash_bytes: int = 0
    ram_bytes: int = 0

    @property
    def instructions(self) -> int:
        return whole(self.candidate.values, "stem")


def _pool(board: str = BOARD, **asked: int) -> Pool:
    limits = limits_on(load_board(board), Limits.model_validate(asked))
    family = FAMILIES.get("fast_u")
    return draw_pool(limits, (family,), IMAGES, _StemCost, wanted=5, most_draws=400, seed=0, sieve_s=None)


def test_a_pool_keeps_the_limits_and_tells_the_draws() -> None:
    pool = _pool(instructions=8)
    (draws,) = pool.draws
    assert len(pool.fitting) == pool.starts + 5
    assert all(each.cost.instructions <= 8 for each in pool.fitting)
    assert draws.drawn == draws.fitting + draws.exceeded["instructions"] == 5 + draws.exceeded["instructions"]
    # Fast_U with a stem of 8, which is the cost here, and of 4.
    assert [whole(each.candidate.values, "stem") for each in pool.fitting[: pool.starts]] == [8, 4]
    assert {each.candidate.values["skip"] for each in pool.fitting[: pool.starts]} == {"add"}
    assert pool.described == f"{BOARD}: {draws.drawn} candidates costed, 5 taken"


def test_a_limit_out_of_reach_is_refused_before_anything_is_drawn() -> None:
    with pytest.raises(InfeasibleError, match=r"instructions may be 3 \(asked for\), the least reachable is 4"):
        _pool(instructions=3)


def test_what_is_trained_to_be_narrowed_may_take_more() -> None:
    limits = limits_on(load_board(BOARD), Limits(instructions=8))
    family = FAMILIES.get("fast_u")
    pool = draw_pool(
        limits, (family,), IMAGES, _StemCost, oversize=2.0, wanted=40, most_draws=400, seed=0, sieve_s=None
    )
    assert max(each.cost.instructions for each in pool.fitting) == 16
    assert (pool.limits[0].axis, pool.limits[0].most) == ("instructions", 8)
    too_low = limits_on(load_board(BOARD), Limits(instructions=3))
    with pytest.raises(InfeasibleError, match=r"instructions may be 3 \(asked for\), the least reachable is 4"):
        draw_pool(too_low, (family,), IMAGES, _StemCost, oversize=2.0, wanted=5, most_draws=9, seed=0, sieve_s=None)


def test_a_core_without_coefficients_has_no_pool() -> None:
    limits = limits_on(load_board(BOARD), Limits())
    pool = draw_pool(limits, (FAMILIES.get("fast_u"),), IMAGES, None, wanted=5, most_draws=9, seed=0, sieve_s=None)
    assert pool.fitting == ()
    assert pool.described == f"{BOARD}: no costs of cortex-m4 were counted, so that none can be predicted"


def test_equal_candidates_have_one_key() -> None:
    assert candidate(1).key == pooled(1).candidate.key


def test_known_networks_of_all_families_come_in_turns() -> None:
    signature = Signature(input_shape=(32, 3), outputs=2)
    families = [FAMILIES.get(name) for name in ("ds_cnn", "signal_cnn")]

    def cost_of(drawn: Candidate) -> Figures:
        widths = [value for name, value in drawn.decisions if name.startswith("width") and isinstance(value, int)]
        return Figures(instructions=sum(widths), flash_bytes=0, ram_bytes=0)

    limits = limits_on(load_board(BOARD), Limits(instructions=1000))
    pool = draw_pool(limits, families, signature, cost_of, wanted=4, most_draws=40, seed=0, sieve_s=None)
    known = [each.candidate.family for each in pool.fitting[: pool.starts]]
    assert known[:4] == ["ds_cnn", "signal_cnn"] * 2
    assert {each.family for each in chosen([pool], 4)} == {"ds_cnn", "signal_cnn"}
