"""What a search leaves for people and builds: the front, the files of its networks, the story.

RUN/search/front.json
RUN/search/story.json
RUN/search/networks/3/model.tflite, trained.npz
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from edge_nas.core import atomic
from edge_nas.reporting.searched import render_search
from edge_nas.results.front import Front, FrontNetwork
from edge_nas.results.search import (
    BoardStory,
    Figures,
    FinalStory,
    Placement,
    RungStory,
    SearchStory,
    TrainingStory,
    Tried,
)
from edge_nas.runs.names import REPORT, SEARCH
from edge_nas.search.final import FinalResult
from edge_nas.search.found import Found
from edge_nas.search.halving import RungRecord
from edge_nas.search.pool import costs_by_key
from edge_nas.search.whole import MODELS, WEIGHTS

FRONT, STORY, NETWORKS = "front.json", "story.json", "networks"
MODEL, TRAINED = "model.tflite", "trained.npz"
_LEAST_COMPARED = 3
"""Of two networks the rank correlation is 1 or -1, whatever they are."""


def story_of(found: Found, *, name: str, heading: str, dataset_sha256: str, seed: int) -> SearchStory:
    """Returns what a search tried, threw out and why, with the ids of its networks.

    Args:
        found: what the search came to.
        name: of the search.
        heading: of the primary score.
        dataset_sha256: of its data.
        seed: of its configuration.
    """
    costs = costs_by_key(found.pools)
    tried = {trial.candidate.key: trial.candidate for record in found.rungs for trial, _ in record.ranked}
    scores = {each.key: result.score for each, _, result in found.finals if result.score is not None}
    narrowed = [each for each, _, _ in found.finals if each.key not in tried]
    return SearchStory(
        name=name,
        heading=heading,
        dataset_sha256=dataset_sha256,
        seed=seed,
        boards=tuple(
            BoardStory(
                board=pool.board,
                named=named,
                core=pool.core,
                limits=pool.limits,
                draws=pool.draws,
                problem=pool.problem,
            )
            for named, pool in zip(found.boards, found.pools, strict=True)
        ),
        candidates=tuple(
            Tried(key=key, described=candidate.described, predicted=costs.get(key, {}))
            for key, candidate in tried.items()
        )
        + tuple(
            Tried(key=each.key, described=each.described, predicted=dict(each.predicted), made_of=each.candidate)
            for each in narrowed
        ),
        rungs=tuple(_rung(record, scores) for record in found.rungs),
        finals=tuple(
            FinalStory(
                candidate=each.key,
                epochs=each.epochs,
                float_score=final.float_score,
                score=result.score,
                weights_sha256=final.weights_sha256,
                model_sha256=result.model_sha256,
                counted=_counted(result),
                stack_bytes={core: cost.stack_bytes for core, cost in result.cores.items()},
                reason=result.reason,
            )
            for each, final, result in found.finals
        ),
        placements=tuple(_placements(found)),
    )


def front_of(story: SearchStory) -> Front:
    """Returns the front of every board."""
    networks = []
    for placement in story.placements:
        if placement.id is None:
            continue
        final = story.finals[placement.final]
        core = next(board.core for board in story.boards if board.board == placement.board)
        figures = final.counted[core]
        networks.append(
            FrontNetwork(
                id=placement.id,
                board=placement.board,
                score=float(final.score or 0.0),
                instructions=figures.instructions,
                flash_bytes=figures.flash_bytes,
                ram_bytes=figures.ram_bytes,
                model=f"{SEARCH}/{NETWORKS}/{placement.id}/{MODEL}",
            )
        )
    return Front(networks=tuple(sorted(networks, key=lambda network: network.id)))


def publish(story: SearchStory, folder: Path) -> Front:
    """Writes the files of the networks, the report, the story and, last, the front, which is returned.

    Args:
        story: of the search.
        folder: of the search, with weights and models.

    Raises:
        ResourceError: the disk is full, or a file was removed meanwhile.
    """
    front = front_of(story)
    # While the networks are replaced no front names them.
    atomic.remove(folder / FRONT)
    atomic.remove(folder / NETWORKS)
    finals = {placement.id: story.finals[placement.final] for placement in story.placements}
    for network in front.networks:
        final = finals[network.id]
        place = folder / NETWORKS / str(network.id)
        atomic.make_folder(place)
        atomic.copy_file(folder / MODELS / f"{final.model_sha256}.tflite", place / MODEL)
        atomic.copy_file(folder / WEIGHTS / f"{final.weights_sha256}.npz", place / TRAINED)
    page = render_search(story, front)
    atomic.write_bytes(folder / REPORT, page.encode("utf-8", errors="backslashreplace"))
    atomic.write_json(folder / STORY, story.to_data())
    atomic.write_json(folder / FRONT, front.to_data())
    return front


def rank_correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Returns Spearman's rank correlation, equal values sharing their mean rank.

    None of fewer than three pairs, or where one side is all alike.
    """
    if len(pairs) < _LEAST_COMPARED:
        return None
    one, other = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    spread = float(np.sqrt(np.var(one) * np.var(other)))
    if spread == 0.0:
        return None
    return float(np.mean((one - one.mean()) * (other - other.mean())) / spread)


def _ranks(values: Sequence[float]) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    array = np.asarray(values, np.float64)
    below = (array[:, None] > array[None, :]).sum(axis=1)
    equal = (array[:, None] == array[None, :]).sum(axis=1)
    ranks: np.ndarray[tuple[int], np.dtype[np.float64]] = below + (equal - 1) / 2
    return ranks


def _rung(record: RungRecord, scores: dict[str, float]) -> RungStory:
    survivors = {candidate.key for candidate in record.survivors}
    compared = [
        (result.score, scores[trial.candidate.key])
        for trial, result in record.ranked
        if result.score is not None and trial.candidate.key in scores
    ]
    return RungStory(
        epochs=record.rung.epochs,
        trainings=tuple(
            TrainingStory(
                candidate=trial.candidate.key,
                score=result.score,
                went_on=trial.candidate.key in survivors,
                reason=result.reason,
            )
            for trial, result in record.ranked
        ),
        rank_correlation=rank_correlation(compared),
        compared=len(compared),
        mutants=record.mutants,
    )


def _counted(result: FinalResult) -> dict[str, Figures]:
    return {
        core: Figures(instructions=cost.instructions, flash_bytes=cost.flash_bytes, ram_bytes=cost.ram_bytes)
        for core, cost in sorted(result.cores.items())
    }


def _placements(found: Found) -> Iterator[Placement]:
    """Yields where each network stands, by board; ids count the networks of the fronts, the cheapest first."""
    number = 0
    for pool, board in zip(found.pools, found.standings, strict=True):
        on_front = [place for place, standing in enumerate(board) if standing.why_not is None]
        on_front.sort(key=lambda place, board=board: board[place].instructions)  # type: ignore[misc]
        ids = {place: number + count for count, place in enumerate(on_front, 1)}
        number += len(on_front)
        for place, standing in enumerate(board):
            yield Placement(board=pool.board, final=place, id=ids.get(place), why_not=standing.why_not)
