"""The files that a search leaves."""

import json
from pathlib import Path

import pytest
from searchresults import BOARD, CORE, found

from edge_nas.results.front import Front
from edge_nas.results.search import SearchStory
from edge_nas.search.publishing import publish, rank_correlation, story_of


def _story() -> SearchStory:
    return story_of(found(), name="numbers", heading="mIoU", dataset_sha256="d", seed=0)


def test_the_story_tells_who_was_thrown_out_and_why() -> None:
    story = _story()
    assert [(each.final, each.id, each.why_not) for each in story.placements] == [
        (0, 2, None),
        (1, None, "instructions counted 4,600, allowed 4,500 (asked for)"),
        (2, 1, None),
    ]
    first, second = story.rungs
    assert [training.went_on for training in first.trainings] == [True, True, True, False, False]
    assert first.trainings[-1].reason == "the loss became NaN"
    # Short: 4 > 3 > 2. int8: 4 > 3 > 2. Long: 3 > 4 > 2.
    assert (first.rank_correlation, first.compared) == (1.0, 3)
    assert second.rank_correlation == pytest.approx(0.5)
    assert story.candidate(story.finals[0].candidate).predicted[CORE].instructions == 3000
    assert story.finals[0].counted[CORE].instructions == 3010


def test_files_of_the_front(tmp_path: Path) -> None:
    for folder, names in {"weights": ("w2.npz", "w3.npz"), "models": ("m2.tflite", "m3.tflite")}.items():
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(name)
    (tmp_path / "networks" / "7").mkdir(parents=True)
    front = publish(_story(), tmp_path)
    assert [network.to_data() for network in front.networks] == [
        {"id": 1, "board": BOARD, "score": 0.74, "instructions": 2020, "flash_bytes": 2020, "ram_bytes": 4000,
         "model": "search/networks/1/model.tflite"},
        {"id": 2, "board": BOARD, "score": 0.9, "instructions": 3010, "flash_bytes": 3030, "ram_bytes": 4000,
         "model": "search/networks/2/model.tflite"},
    ]  # fmt: skip
    assert Front.read(tmp_path / "front.json") == front
    assert SearchStory.read(tmp_path / "story.json") == _story()
    files = sorted(str(path.relative_to(tmp_path)) for path in (tmp_path / "networks").rglob("*") if path.is_file())
    # Of an earlier search nothing is left.
    assert files == [f"networks/{number}/{name}" for number in (1, 2) for name in ("model.tflite", "trained.npz")]
    assert (tmp_path / "networks/1/model.tflite").read_text() == "m2.tflite"
    assert (tmp_path / "networks/2/trained.npz").read_text() == "w3.npz"
    assert "the loss became NaN" not in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "front.json").read_text())["schema_version"] == 1


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(1.0, 2.0), (2.0, 3.0), (3.0, 9.0)], 1.0),
        ([(1.0, 3.0), (2.0, 2.0), (3.0, 1.0)], -1.0),
        ([(1.0, 1.0), (2.0, 3.0), (3.0, 2.0), (4.0, 4.0)], 0.8),
        ([(1.0, 1.0), (1.0, 1.0), (2.0, 2.0)], 1.0),
        ([(1.0, 1.0), (2.0, 2.0)], None),
        ([(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)], None),
    ],
)
def test_rank_correlation(pairs: list[tuple[float, float]], expected: float | None) -> None:
    assert rank_correlation(pairs) == (None if expected is None else pytest.approx(expected))
