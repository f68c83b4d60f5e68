"""A run is always in a state from which the same command goes on."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_nas.core import atomic
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.errors import ConfigError, EdgeNasError, LockedError, ResourceError, UnsafeError
from edge_nas.results.result import Result
from edge_nas.runs.folder import RunFolder, hold_run, open_run, read_config
from edge_nas.runs.record import Finished, StageRecord


class Out(Frozen):
    value: int
    shape: tuple[int, ...] = (1, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "x"


@pytest.fixture
def run(path: Path) -> Iterator[RunFolder]:
    with open_run(path) as opened:
        yield opened


def _finish(run: RunFolder, value: int = 1, key: str = "key", **published: str) -> Finished[Out]:
    new = run.begin("01_train")
    (new / "model.npz").write_bytes(f"weights {value}".encode())
    (new / "logs").mkdir()
    (new / "logs" / "events").write_bytes(b"events")
    return run.finish(
        "01_train",
        Out(value=value),
        stage="train",
        key=key,
        seconds=1.5,
        versions={"numpy": "2"},
        published={name.replace("_", "."): target for name, target in published.items()},
    )


def _load(run: RunFolder, key: str = "key") -> tuple[Out | None, list[str]]:
    warnings: list[str] = []
    found = run.load_finished("01_train", key, Out, warnings.append)
    return (None if found is None else found.output), warnings


def _names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def test_a_finished_stage_is_read_back(run: RunFolder) -> None:
    done = _finish(run)
    found = run.load_finished("01_train", "key", Out, print)
    assert found is not None
    assert (found.output, found.seconds, found.identity) == (Out(value=1), 1.5, done.identity)
    record = json.loads((run.path / "01_train" / "stage.json").read_text())
    assert set(record["files"]) == {"model.npz", "logs/events"}
    assert (record["schema_version"], record["versions"]) == (2, {"numpy": "2"})


def test_the_identity_follows_key_output_and_files(run: RunFolder) -> None:
    identities = {_finish(run).identity, _finish(run, key="other").identity, _finish(run, value=2).identity}
    assert len(identities) == 3
    assert _finish(run).identity in identities


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
    _finish(run)
    assert _load(run, "other") == (None, [])


def test_nothing_there_means_not_finished(run: RunFolder) -> None:
    assert _load(run) == (None, [])


def test_a_stage_that_is_done_again_replaces_the_old_one_whole(run: RunFolder) -> None:
    _finish(run)
    new = run.begin("01_train")
    run.finish("01_train", Out(value=2), stage="train", key="key", seconds=0, versions={}, published={})
    assert not new.exists()
    assert _names(run.path / "01_train") == {"stage.json"}
    assert _load(run)[0] == Out(value=2)


@pytest.mark.parametrize("name", ["model.npz", "logs/events"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_bit_rot_is_noticed(run: RunFolder, name: str, damage: str) -> None:
    _finish(run)
    file = run.path / "01_train" / name
    data = bytearray(file.read_bytes())
    if damage == "remove":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(data[:-1])
    else:
        data[2] ^= 1
        file.write_bytes(data)
    output, (warning,) = _load(run)
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
    _finish(run)
    (run.path / "01_train" / "stage.json").write_text(text, encoding="latin-1")
    output, (warning,) = _load(run)
    assert output is None
    assert warning.startswith("01_train/stage.json cannot be read (")


def test_an_output_of_another_type_is_noticed(run: RunFolder) -> None:
    class Other(Frozen):
        text: str

    _finish(run)
    warnings: list[str] = []
    assert run.load_finished("01_train", "key", Other, warnings.append) is None
    assert "does not hold a Other" in warnings[0]


@pytest.mark.parametrize("target", ["../outside", "/etc/outside", "a/../../b"])
def test_a_record_cannot_reach_outside_the_run(target: str) -> None:
    good = StageRecord(stage="a", key="k", seconds=0, versions={}, output={}, files={}, published={}).to_data()
    for field, names in (("files", {target: "h"}), ("published", {"a": target})):
        with pytest.raises(ValueError, match="lies outside the run"):
            StageRecord.from_data({**good, field: names})


@pytest.mark.parametrize("target", ["config.yaml", "01_train/model.npz", ".lock", "manifest.json", "artifact/x"])
def test_a_record_publishes_only_where_artifacts_lie(target: str) -> None:
    good = StageRecord(stage="a", key="k", seconds=0, versions={}, output={}, files={"a": "h"}, published={}).to_data()
    for published in ({"a": "report.html"}, {"a": "artifacts/c/edge_model.c"}):
        assert StageRecord.from_data({**good, "published": published}).published == published
    with pytest.raises(ValueError, match=f"{target} is no place for a published file"):
        StageRecord.from_data({**good, "published": {"a": target}})
    with pytest.raises(ValueError, match="b is published but is none of its files"):
        StageRecord.from_data({**good, "published": {"b": "report.html"}})


def test_every_flipped_bit_of_a_record_is_noticed(run: RunFolder) -> None:
    _finish(run)
    path = run.path / "01_train" / "stage.json"
    written = path.read_bytes()
    for position in range(len(written)):
        for bit in range(8):
            flipped = bytearray(written)
            flipped[position] ^= 1 << bit
            path.write_bytes(flipped)
            with pytest.raises(ValueError, match=r"."):
                StageRecord.read(path)
    path.write_bytes(written)
    assert StageRecord.read(path).seconds == 1.5


FILES = ("config.yaml", "result.json", "manifest.json", ".lock", ".holder.json", "report.html")
FOLDERS = ("artifacts", "01_train", ".01_train.new", "03_prune.rejected", ".03_prune.interim")


@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_nothing_is_followed_out_of_a_run(name: str, path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    with open_run(path):
        pass
    elsewhere.mkdir()
    (elsewhere / "file").write_text("kept")
    for target in (elsewhere if name in FOLDERS else elsewhere / "file", tmp_path / "nowhere"):
        (path / name).unlink(missing_ok=True)
        (path / name).symlink_to(target)
        for opened in (open_run, hold_run):
            with pytest.raises(UnsafeError, match=f"{name} is a link"), opened(path):
                pytest.fail("must not be opened")
    assert (elsewhere / "file").read_text() == "kept"
    assert [entry.name for entry in elsewhere.iterdir()] == ["file"]


def test_links_deep_inside_and_pipes_are_refused_and_files_of_others_are_not(path: Path, tmp_path: Path) -> None:
    with open_run(path) as run:
        _finish(run)
    (path / "notes").symlink_to(tmp_path)  # not a name of ours: never read nor written
    with open_run(path):
        pass
    (path / "01_train" / "logs" / "more").symlink_to(tmp_path)
    with pytest.raises(UnsafeError, match="logs/more is a link"), hold_run(path):
        pytest.fail("must not be opened")
    (path / "01_train" / "logs" / "more").unlink()
    (path / "config.yaml").unlink(missing_ok=True)
    os.mkfifo(path / "config.yaml")
    with pytest.raises(UnsafeError, match=r"config\.yaml is neither a file nor a folder"), open_run(path):
        pytest.fail("must not be opened")


def test_a_lock_that_is_another_files_second_name_is_refused(path: Path, tmp_path: Path) -> None:
    with open_run(path):
        pass
    (tmp_path / "mine").write_text("kept")
    (path / ".lock").unlink(missing_ok=True)
    os.link(tmp_path / "mine", path / ".lock")
    for fresh in (False, True):
        with pytest.raises(UnsafeError, match=r"\.lock is a link"), open_run(path, fresh=fresh):
            pytest.fail("must not be opened")
    assert (tmp_path / "mine").read_text() == "kept"


def test_published_files_are_copied_and_mended(run: RunFolder) -> None:
    done = _finish(run, model_npz="artifacts/model.npz")
    shipped = run.artifacts / "model.npz"
    assert shipped.read_bytes() == b"weights 1"
    assert set(done.artifacts) == {"artifacts/model.npz"}
    shipped.write_bytes(b"edited")
    assert _load(run) == (Out(value=1), [])
    assert shipped.read_bytes() == b"weights 1"
    shipped.unlink()
    assert _load(run) == (Out(value=1), [])
    assert shipped.read_bytes() == b"weights 1"


def test_a_stage_may_not_write_the_run_folders_file(run: RunFolder) -> None:
    (run.begin("01_train") / "stage.json").write_text("{}")
    with pytest.raises(EdgeNasError, match=r"wrote a stage\.json of its own"):
        run.finish("01_train", Out(value=1), stage="train", key="k", seconds=0, versions={}, published={})


def test_rejected_files_are_kept_until_the_stage_passes(run: RunFolder) -> None:
    (run.begin("01_train") / "bad.tflite").write_bytes(b"bad")
    rejected = run.reject("01_train")
    assert (rejected / "bad.tflite").read_bytes() == b"bad"
    assert _load(run) == (None, [])
    _finish(run)
    assert not rejected.exists()


def test_an_interim_folder_outlives_the_process_until_its_stage_is_finished(path: Path) -> None:
    with open_run(path) as run:
        run.begin("01_train")
        (run.interim("01_train", "key") / "step.json").write_text("{}")
        (run.interim("01_train", "key") / ".0123456789abcdef.tmp").write_bytes(b"half a file")
    with open_run(path) as run:
        place = run.interim("01_train", "key")
        assert _names(place) == {"key", "step.json"}
        _finish(run)
        assert not place.exists()


@pytest.mark.parametrize("mark", [b"another", None, b"\xff"], ids=["another key", "no key", "no text"])
def test_an_interim_folder_of_another_key_is_emptied(run: RunFolder, mark: bytes | None) -> None:
    place = run.interim("03_prune", "another")
    (place / "step.json").write_text("{}")
    if mark is None:
        (place / "key").unlink()
    else:
        (place / "key").write_bytes(mark)
    assert _names(run.interim("03_prune", "key")) == {"key"}


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
        _finish(run)
        (run.begin("03_prune") / "half").write_bytes(b"half a model")
        (run.path / ".0123456789abcdef.tmp").write_bytes(b"half a file")
        run.artifacts.mkdir()
        (run.artifacts / ".0123456789abcdef.tmp").write_bytes(b"half a file")
        (run.path / "notes.txt").write_text("mine")
    with open_run(path) as run:
        assert _load(run)[0] == Out(value=1)
        assert _names(path) - {".lock", ".holder.json"} == {"01_train", "artifacts", "manifest.json", "notes.txt"}
        assert _names(run.artifacts) == set()


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
        _finish(run)
        monkeypatch.setattr(atomic, "rename", rename)
        with pytest.raises(Killed):
            _finish(run, value=2)
        monkeypatch.undo()
    with open_run(path) as run:
        assert _load(run)[0] == Out(value=2)
        assert (path / "01_train" / "model.npz").read_bytes() == b"weights 2"
        assert not any(name.startswith(".01") for name in _names(path))


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
        _finish(run, model_npz="artifacts/model.npz")
        run.write_config(load_config())
        run.write_result(Result(status="ok"))
        run.begin("03_prune")
        run.reject("03_prune")
        (path / "report.html").write_text("report")
        (path / "notes.txt").write_text("mine")
        (path / "01_train_backup").mkdir()
    with open_run(path, fresh=True) as run:
        assert _load(run) == (None, [])
        kept = {".lock", ".holder.json", "manifest.json", "notes.txt", "01_train_backup"}
        assert _names(path) == kept


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "own").write_text("mine")
    message = r"\(artifacts, thesis\.tex\) and no manifest\.json, so it is not a run"
    with pytest.raises(ConfigError, match=message), open_run(tmp_path, fresh=fresh):
        pytest.fail("must not be opened")
    assert _names(tmp_path) == {"thesis.tex", "artifacts"}
    assert (tmp_path / "artifacts" / "own").read_text() == "mine"


def test_fresh_does_not_follow_a_link(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "model").write_text("kept")
    with open_run(path):
        (path / "artifacts").symlink_to(tmp_path / "elsewhere")
    with open_run(path, fresh=True):
        assert not (path / "artifacts").is_symlink()
    assert (tmp_path / "elsewhere" / "model").read_text() == "kept"


def test_a_file_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(ConfigError, match="is a file; --run names a folder"), open_run(tmp_path / "x"):
        pytest.fail("must not be opened")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ResourceError, match="permission denied"), open_run(tmp_path / "x"):
        pytest.fail("must not be opened")


def test_a_second_open_in_the_same_process_is_locked_out(path: Path) -> None:
    with open_run(path), pytest.raises(LockedError, match=f"pid {os.getpid()} on "), open_run(path):
        pytest.fail("must not be opened")
    with open_run(path) as run:
        assert (path / ".holder.json").exists()
        _finish(run)
    assert not (path / ".holder.json").exists()


def test_who_holds_a_run_keeps_builders_out_and_touches_nothing_else(path: Path) -> None:
    with hold_run(path):
        assert not path.exists()  # no run, no lock
    with open_run(path) as run:
        _finish(run)
        with pytest.raises(LockedError, match="is being built by another process"), hold_run(path):
            pytest.fail("must not be held")
    (path / ".02_analyze.new").mkdir()
    with hold_run(path), pytest.raises(LockedError), open_run(path):
        pytest.fail("must not be opened")
    assert (path / ".02_analyze.new").exists()  # a builder cleans, a reader does not


HOLDER = """
import sys
from pathlib import Path
from edge_nas.runs.folder import open_run
with open_run(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.readline()
"""


def test_two_processes_cannot_build_in_one_run_and_a_killed_one_leaves_no_lock(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(LockedError) as error, open_run(path):
            pytest.fail("must not be opened")
        pattern = rf"{path} is being built by another process \(pid {other.pid} on .+, since 20\d\d-.+\); wait for it"
        assert re.match(pattern, str(error.value))
        other.kill()
    with open_run(path) as run:
        _finish(run)
        assert _load(run)[0] == Out(value=1)
