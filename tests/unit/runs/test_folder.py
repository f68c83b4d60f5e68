"""A run is always in a state from which the same command goes on."""

import json
from pathlib import Path

import pytest
from runfolders import Out, finish, load, names

from edge_nas.core import atomic
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.errors import ConfigError, EdgeNasError
from edge_nas.results.result import Result
from edge_nas.runs.folder import RunFolder, open_run, read_config


def test_a_finished_stage_is_read_back(run: RunFolder) -> None:
    done = finish(run)
    found = run.load_finished("01_train", "key", Out, print)
    assert found is not None
    assert (found.output, found.seconds, found.identity) == (Out(value=1), 1.5, done.identity)
    record = json.loads((run.path / "01_train" / "stage.json").read_text())
    assert set(record["files"]) == {"model.npz", "logs/events"}
    assert (record["schema_version"], record["versions"]) == (2, {"numpy": "2"})


def test_the_identity_follows_key_output_and_files(run: RunFolder) -> None:
    identities = {finish(run).identity, finish(run, key="other").identity, finish(run, value=2).identity}
    assert len(identities) == 3
    assert finish(run).identity in identities


def test_logs_are_no_part_of_the_identity(run: RunFolder) -> None:
    identities = set()
    for log in ("events.1.host", "events.2.host"):
        new = run.begin("01_train")
        (new / "model").write_text("the same")
        (new / "tensorboard" / "train").mkdir(parents=True)
        (new / "tensorboard" / "train" / log).write_text(log)
        done = run.finish("01_train", Out(value=1), stage="train", key="k", seconds=0, versions={}, published={})
        identities.add(done.identity)
    assert len(identities) == 1
    (run.begin("01_train") / "model").write_text("another")
    done = run.finish("01_train", Out(value=1), stage="train", key="k", seconds=0, versions={}, published={})
    assert done.identity not in identities


def test_another_key_means_not_finished(run: RunFolder) -> None:
    finish(run)
    assert load(run, "other") == (None, [])


def test_nothing_there_means_not_finished(run: RunFolder) -> None:
    assert load(run) == (None, [])


def test_a_stage_that_is_done_again_replaces_the_old_one_whole(run: RunFolder) -> None:
    finish(run)
    new = run.begin("01_train")
    run.finish("01_train", Out(value=2), stage="train", key="key", seconds=0, versions={}, published={})
    assert not new.exists()
    assert names(run.path / "01_train") == {"stage.json"}
    assert load(run)[0] == Out(value=2)


@pytest.mark.parametrize("name", ["model.npz", "logs/events"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_bit_rot_is_noticed(run: RunFolder, name: str, damage: str) -> None:
    finish(run)
    file = run.path / "01_train" / name
    data = bytearray(file.read_bytes())
    if damage == "remove":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(data[:-1])
    else:
        data[2] ^= 1
        file.write_bytes(data)
    output, (warning,) = load(run)
    assert output is None
    assert warning.startswith(f"01_train/{name} ")
    assert warning.endswith("the stage runs again")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"a": 1}',
        "\xff",
    ],
)
def test_a_damaged_stage_json_is_noticed(run: RunFolder, text: str) -> None:
    finish(run)
    (run.path / "01_train" / "stage.json").write_text(text, encoding="latin-1")
    output, (warning,) = load(run)
    assert output is None
    assert warning.startswith("01_train/stage.json cannot be read (")


def test_an_output_of_another_type_is_noticed(run: RunFolder) -> None:
    class Other(Frozen):
        text: str

    finish(run)
    warnings: list[str] = []
    assert run.load_finished("01_train", "key", Other, warnings.append) is None
    assert "does not hold a Other" in warnings[0]


def test_published_files_are_copied_and_mended(run: RunFolder) -> None:
    done = finish(run, model_npz="artifacts/model.npz")
    shipped = run.artifacts / "model.npz"
    assert shipped.read_bytes() == b"weights 1"
    assert set(done.artifacts) == {"artifacts/model.npz"}
    shipped.write_bytes(b"edited")
    assert load(run) == (Out(value=1), [])
    assert shipped.read_bytes() == b"weights 1"
    shipped.unlink()
    assert load(run) == (Out(value=1), [])
    assert shipped.read_bytes() == b"weights 1"


def test_a_stage_may_not_write_the_run_folders_file(run: RunFolder) -> None:
    (run.begin("01_train") / "stage.json").write_text("{}")
    with pytest.raises(EdgeNasError, match=r"wrote a stage\.json of its own"):
        run.finish("01_train", Out(value=1), stage="train", key="k", seconds=0, versions={}, published={})


def test_rejected_files_are_kept_until_the_stage_passes(run: RunFolder) -> None:
    (run.begin("01_train") / "bad.tflite").write_bytes(b"bad")
    rejected = run.reject("01_train")
    assert (rejected / "bad.tflite").read_bytes() == b"bad"
    assert load(run) == (None, [])
    finish(run)
    assert not rejected.exists()


def test_an_interim_folder_outlives_the_process_until_its_stage_is_finished(path: Path) -> None:
    with open_run(path) as run:
        run.begin("01_train")
        (run.interim("01_train", "key") / "step.json").write_text("{}")
        (run.interim("01_train", "key") / ".0123456789abcdef.tmp").write_bytes(b"half a file")
    with open_run(path) as run:
        place = run.interim("01_train", "key")
        assert names(place) == {"key", "step.json"}
        finish(run)
        assert not place.exists()


@pytest.mark.parametrize("mark", [b"another", None, b"\xff"], ids=["another key", "no key", "no text"])
def test_an_interim_folder_of_another_key_is_emptied(run: RunFolder, mark: bytes | None) -> None:
    place = run.interim("03_prune", "another")
    (place / "step.json").write_text("{}")
    if mark is None:
        (place / "key").unlink()
    else:
        (place / "key").write_bytes(mark)
    assert names(run.interim("03_prune", "key")) == {"key"}


def test_a_rejected_stage_and_a_fresh_start_leave_no_interim_folder(path: Path) -> None:
    with open_run(path) as run:
        run.begin("03_prune")
        place = run.interim("03_prune", "key")
        run.reject("03_prune")
        assert not place.exists()
        run.interim("03_prune", "key")
    with open_run(path, fresh=True):
        assert not place.exists()


def test_what_killed_processes_left_is_removed_at_the_next_open(path: Path) -> None:
    with open_run(path) as run:
        finish(run)
        (run.begin("03_prune") / "half").write_bytes(b"half a model")
        (run.path / ".0123456789abcdef.tmp").write_bytes(b"half a file")
        run.artifacts.mkdir()
        (run.artifacts / ".0123456789abcdef.tmp").write_bytes(b"half a file")
        (run.path / "notes.txt").write_text("mine")
    with open_run(path) as run:
        assert load(run)[0] == Out(value=1)
        assert names(path) - {".lock", ".holder.json"} == {"01_train", "artifacts", "manifest.json", "notes.txt"}
        assert names(run.artifacts) == set()


@pytest.mark.parametrize("survivor", ["first rename", "second rename"])
def test_a_stage_killed_between_its_renames_is_finished(
    path: Path, monkeypatch: pytest.MonkeyPatch, survivor: str
) -> None:
    class Killed(BaseException):
        pass

    calls = 0

    def rename(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == (1 if survivor == "first rename" else 2):
            raise Killed
        source.replace(target)

    with open_run(path) as run:
        finish(run)
        monkeypatch.setattr(atomic, "rename", rename)
        with pytest.raises(Killed):
            finish(run, value=2)
        monkeypatch.undo()
    with open_run(path) as run:
        assert load(run)[0] == Out(value=2)
        assert (path / "01_train" / "model.npz").read_bytes() == b"weights 2"
        assert not any(name.startswith(".01") for name in names(path))


def test_config_manifest_and_result(run: RunFolder) -> None:
    assert run.config() is None
    config = load_config(None, ["train.epochs=3"])
    run.write_config(config)
    run.write_result(Result(status="ok"))
    assert run.config() == read_config(run.path) == config
    assert json.loads((run.path / "result.json").read_text())["status"] == "ok"
    run.remove_result()
    assert not (run.path / "result.json").exists()


def test_reading_the_config_of_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is not a run: it has no config\.yaml"):
        read_config(tmp_path)


def test_fresh_removes_what_builds_wrote_and_nothing_else(path: Path) -> None:
    with open_run(path) as run:
        finish(run, model_npz="artifacts/model.npz")
        run.write_config(load_config())
        run.write_result(Result(status="ok"))
        run.begin("03_prune")
        run.reject("03_prune")
        (path / "report.html").write_text("report")
        (path / "notes.txt").write_text("mine")
        (path / "01_train_backup").mkdir()
    with open_run(path, fresh=True) as run:
        assert load(run) == (None, [])
        kept = {".lock", ".holder.json", "manifest.json", "notes.txt", "01_train_backup"}
        assert names(path) == kept
