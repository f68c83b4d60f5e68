"""Which task a model file is for."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from edge_nas.errors import ArtifactError, ConfigError, UnsafeError
from edge_nas.tasks import BINARY_SEGMENTATION, TASKS, Classification, Regression, Segmentation, TaskCard
from edge_nas.tasks.card import CARD, task_of_file


def write(folder: Path, card: TaskCard | None) -> None:
    assert card is not None
    (folder / CARD).write_text(card.model_dump_json(), encoding="utf-8")


def test_without_a_card_it_is_binary_segmentation(tmp_path: Path) -> None:
    assert task_of_file(tmp_path / "net.tflite", (1, 8, 8, 1)) == BINARY_SEGMENTATION
    assert BINARY_SEGMENTATION.card is None
    with pytest.raises(ArtifactError, match=r"needs 1 output per pixel, not 3.*name the task with --task"):
        task_of_file(tmp_path / "net.tflite", (1, 8, 8, 3))


def test_the_card_beside_the_file_counts(tmp_path: Path) -> None:
    task = Segmentation(("a", "b", "c"))
    write(tmp_path, task.card)
    assert task_of_file(tmp_path / "net.tflite", (1, 8, 8, 3)) == task
    with pytest.raises(ConfigError, match="has 4 outputs, but 3 classes are named"):
        task_of_file(tmp_path / "net.tflite", (1, 8, 8, 4))


def test_what_somebody_says_counts_more(tmp_path: Path) -> None:
    write(tmp_path, Segmentation(("a", "b", "c")).card)
    assert task_of_file(tmp_path / "net.tflite", (1, 3), "classification") == Classification(("0", "1", "2"))
    assert task_of_file(tmp_path / "net.tflite", (1, 2), "classification", ("x", "y")) == Classification(("x", "y"))
    assert task_of_file(tmp_path / "net.tflite", (1, 2), "regression") == Regression((0.0, 0.0), (1.0, 1.0))


def test_a_broken_card_is_refused(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"not a task\.json of a build"):
        task_of_file(tmp_path / "net.tflite", (1, 8, 8, 1))


def test_an_installed_packages_task_is_named_by_the_user_not_by_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "planted_task.py").write_text("from pathlib import Path\nPath('canary').touch()\n")
    (tmp_path / "task.json").write_text('{"task": "planted"}')
    point = EntryPoint("planted", "planted_task:Task", "edge_nas.tasks")
    monkeypatch.setitem(TASKS._named, "planted", point)
    monkeypatch.setitem(TASKS._installed, "planted", point)
    with pytest.raises(UnsafeError, match="give --task planted"):
        task_of_file(tmp_path / "net.tflite", (1, 3))
    assert not (tmp_path / "canary").exists()
    with pytest.raises(ArtifactError, match="cannot be imported"):  # it was imported, and holds no such class
        task_of_file(tmp_path / "net.tflite", (1, 3), "planted")
    assert (tmp_path / "canary").exists()
