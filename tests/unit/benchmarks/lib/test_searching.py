"""What a front is worth, where that can be told by hand."""

from pathlib import Path

import pytest
from searchresults import found

from benchmarks.lib.searching import front_area, plan_without_halving, timed
from edge_nas.core.atomic import write_json
from edge_nas.errors import ConfigError
from edge_nas.results.front import Front, FrontNetwork
from edge_nas.search.journal import Journal
from edge_nas.search.planning import Measured, Planned, default_plan
from edge_nas.search.publishing import STORY, story_of

MEASURED = Measured(training_s=1.0, epoch_s=2.0, final_s=9.0, narrow_s=20.0)


def _network(instructions: int, score: float) -> FrontNetwork:
    figures = {"instructions": instructions, "flash_bytes": 1, "ram_bytes": 1}
    return FrontNetwork(id=1, board="b", score=score, model="m", **figures)


@pytest.mark.parametrize(
    ("networks", "area"),
    [
        ([], 0.0),
        ([_network(1600, 0.8)], 0.0),  # at the limit alone
        ([_network(100, 0.8)], 0.8),  # at all limits from a sixteenth on
        ([_network(50, 0.8)], 0.8),
        ([_network(400, 0.8)], 0.4),  # at the upper half: 400 is the middle of 100 and 1600
        ([_network(400, 0.8), _network(800, 0.9)], 0.25 * 0.8 + 0.25 * 0.9),
        ([_network(400, 0.8), _network(800, 0.7)], 0.4),
    ],
)
def test_the_area_of_a_front(networks: list[FrontNetwork], area: float) -> None:
    assert front_area(networks, 1600) == pytest.approx(area)


def _searching(run: Path, *, ends: bool = True) -> Front:
    """Begins a journal, as a search does."""
    Journal(run / "search/journal.jsonl").close()
    if not ends:
        raise KeyboardInterrupt
    return Front(networks=())


def test_the_seconds_of_the_first_time_are_kept(tmp_path: Path) -> None:
    _, first = timed(tmp_path, lambda: _searching(tmp_path))
    _, later = timed(tmp_path, lambda: _searching(tmp_path))
    assert first is not None
    assert later == first


def test_no_seconds_are_known_of_a_search_that_went_on(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        timed(tmp_path, lambda: _searching(tmp_path, ends=False))
    assert [timed(tmp_path, lambda: _searching(tmp_path))[1] for _ in range(2)] == [None, None]


def test_a_plan_trains_for_as_long_as_the_search_did(tmp_path: Path) -> None:
    folder = tmp_path / "search"
    folder.mkdir()
    planned = Planned(plan=default_plan(4, 6, 2), measured=MEASURED)
    with Journal(folder / "journal.jsonl") as journal:
        journal.append({"kind": "decision", "name": "plan", "data": planned.to_data()})
    story = story_of(found(), name="numbers", heading="mIoU", dataset_sha256="d", seed=0)
    write_json(folder / STORY, story.to_data())
    # 5 trainings of 1 epoch and 3 of 4 took 15 + 27 s; one of 4 epochs takes 9.
    plan = plan_without_halving(tmp_path, 4, narrows=False)
    assert [len(rung.trainings) * (1 + 2 * rung.epochs) for rung in story.rungs] == [15, 27]
    assert (plan.beginners, plan.finalists, plan.refined) == (4, 3, 0)
    assert plan.described == "trainings x epochs: 4 x 4; up to 3 networks to the end"
    # With one narrowed network more, whose time goes to trainings where none is narrowed.
    narrowed = story.finals[0].model_copy(update={"candidate": "narrowed"})
    write_json(folder / STORY, story.model_copy(update={"finals": (*story.finals, narrowed)}).to_data())
    with Journal(folder / "journal.jsonl") as journal:
        journal.append({"kind": "narrow", "result": {}})
    plan = plan_without_halving(tmp_path, 4, narrows=True)
    assert (plan.beginners, plan.finalists, plan.narrowed) == (4, 3, 1)
    plan = plan_without_halving(tmp_path, 4, narrows=False)
    assert (plan.beginners, plan.finalists, plan.narrowed) == (6, 4, 0)


def test_a_plan_needs_a_search_that_was_measured(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no search that says what a training takes"):
        plan_without_halving(tmp_path, 10, narrows=True)
