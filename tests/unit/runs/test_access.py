"""Who may open a run: one at a time, no folder of something else, and nothing behind a link."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from runfolders import Out, finish, load, names

from edge_nas.errors import ConfigError, LockedError, ResourceError, UnsafeError
from edge_nas.runs.folder import hold_run, open_run

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
        finish(run)
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


@pytest.mark.parametrize("fresh", [True, False])
def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts" / "own").write_text("mine")
    message = r"\(artifacts, thesis\.tex\) and no manifest\.json, so it is not a run"
    with pytest.raises(ConfigError, match=message), open_run(tmp_path, fresh=fresh):
        pytest.fail("must not be opened")
    assert names(tmp_path) == {"thesis.tex", "artifacts"}
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
        finish(run)
    assert not (path / ".holder.json").exists()


def test_who_holds_a_run_keeps_builders_out_and_touches_nothing_else(path: Path) -> None:
    with hold_run(path):
        assert not path.exists()  # no run, no lock
    with open_run(path) as run:
        finish(run)
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
        finish(run)
        assert load(run)[0] == Out(value=1)
