"""What a search came to, made up: for tests of fronts, stories and reports, without any training."""

from edge_nas.boards import load_board
from edge_nas.results.search import Draws, Figures
from edge_nas.search.final import CountedCost, Final, FinalResult
from edge_nas.search.finalist import Finalist
from edge_nas.search.found import Found
from edge_nas.search.front import standings
from edge_nas.search.halving import Pair, Rung, RungRecord
from edge_nas.search.limits import Limits, limits_on
from edge_nas.search.pool import Pool, Pooled, costs_by_key, stated
from edge_nas.search.space import Candidate, Signature
from edge_nas.search.trial import Trial, TrialResult

BOARD = "nrf52840"
CORE = "cortex-m4"


def candidate(number: int) -> Candidate:
    """A candidate of one decision."""
    signature = Signature(input_shape=(8, 8, 3), outputs=1)
    return Candidate(family="numbers", signature=signature, decisions=(("number", number),))


def pooled(number: int) -> Pooled:
    """A candidate that is predicted to cost its number of thousand instructions, bytes of flash and of RAM."""
    cost = Figures(instructions=1000 * number, flash_bytes=1000 * number, ram_bytes=1000 * number)
    return Pooled(candidate=candidate(number), cost=cost)


def pair(number: int, score: float | None, epochs: int = 1) -> Pair:
    """A training of a candidate and its score."""
    trial = Trial(candidate=candidate(number), epochs=epochs, recipe_sha256="r", data_sha256="d", seed=0)
    weights = None if score is None else f"{number:02}{epochs:03}"
    reason = "the loss became NaN" if score is None else None
    return trial, TrialResult(key=trial.key, score=score, weights_sha256=weights, reason=reason)


def finished(
    number: int, score: float | None, instructions: int, *, ram_bytes: int = 4000, stack_bytes: int = 500
) -> tuple[Final, FinalResult]:
    """A final and what it came to on Cortex-M4; without a score it came to nothing."""
    final = Final(
        weights_sha256=f"w{number}", float_score=score or 0.5, cores=(CORE,), recipe_sha256="r", data_sha256="d", seed=0
    )
    cost = CountedCost(
        instructions=instructions, flash_bytes=1010 * number, ram_bytes=ram_bytes, stack_bytes=stack_bytes
    )
    if score is None:
        return final, FinalResult(key=final.key, score=None, reason="a drop of 0.2")
    return final, FinalResult(key=final.key, score=score, model_sha256=f"m{number}", cores={CORE: cost})


def found() -> Found:
    """A search of five candidates: three are finished, of which two are on the front."""
    board = load_board(BOARD)
    limits = limits_on(board, Limits(instructions=4500))
    draws = Draws(family="numbers", drawn=9, fitting=5, exceeded={"instructions": 4}, unknown=0, unknown_reason=None)
    pool = Pool(
        board=BOARD,
        core=CORE,
        limits=stated(limits),
        fitting=tuple(pooled(number) for number in range(1, 6)),
        draws=(draws,),
    )
    first = [pair(4, 0.9), pair(3, 0.8), pair(2, 0.7), pair(1, 0.6), pair(5, None)]
    second = [pair(3, 0.91, 4), pair(4, 0.9, 4), pair(2, 0.75, 4)]
    pairs, costs = second, costs_by_key([pool])
    finals = [finished(3, 0.9, 3010), finished(4, 0.92, 4600), finished(2, 0.74, 2020)]
    placed = standings(board, limits, [result for _, result in finals])
    return Found(
        boards=(BOARD,),
        pools=(pool,),
        rungs=(
            RungRecord(Rung(epochs=1, survivors=3), tuple(first)),
            RungRecord(Rung(epochs=4, survivors=3), tuple(second)),
        ),
        finals=tuple(zip([Finalist.of(each, costs) for each in pairs], *zip(*finals, strict=True), strict=True)),
        standings=(placed,),
    )
