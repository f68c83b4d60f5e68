"""Whole files or none, whoever pulls the plug."""

import errno
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edge_nas.core import atomic
from edge_nas.errors import ResourceError


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")
    atomic.write_text(path, "new ✓")
    assert path.read_text(encoding="utf-8") == "new ✓"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_file_obeys_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.write_bytes(tmp_path / "a", b"")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    atomic.write_bytes(path, b"1")
    assert path.read_bytes() == b"1"


def test_json_has_no_nan_and_takes_names_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    atomic.write_json(path, {"name": "caf\udce9 ✓"})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "caf\\udce9 ✓"\n}\n'
    with pytest.raises(ValueError, match="Out of range float"):
        atomic.write_json(path, {"x": float("nan")})
    assert "caf" in path.read_text(encoding="utf-8")


def test_the_old_file_stays_where_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")

    def write_half() -> None:
        with atomic.replacing(path) as temporary:
            temporary.write_text("ne")
            raise RuntimeError("half-way")

    with pytest.raises(RuntimeError, match="half-way"):
        write_half()
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_full_disk_is_told_with_what_is_free_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.txt"
    atomic.write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(ResourceError, match=rf"{path} cannot be written: the disk is full; .*\(\d+ bytes free\)"):
        atomic.write_bytes(path, b"new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EROFS, "the file system is read-only; name another folder"),
        (errno.EACCES, "permission denied; change its permissions or name another folder"),
        (errno.EIO, "the disk reports a read or write error; look at the disk"),
        (errno.EMFILE, "Too many open files; look at the disk"),
    ],
)
def test_what_the_system_refuses_becomes_advice(tmp_path: Path, number: int, advice: str) -> None:
    with pytest.raises(ResourceError) as error, atomic.resource_errors(tmp_path, "locked"):
        raise OSError(number, os.strerror(number))
    assert str(error.value) == f"{tmp_path} cannot be locked: {advice}"


def test_a_missing_folder_is_a_resource_error(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="No such file or directory"):
        atomic.write_bytes(tmp_path / "missing" / "a", b"")


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(ResourceError, match="a file stands where a folder is needed"):
        atomic.make_folder(tmp_path / "a")
    with pytest.raises(ResourceError, match="a part of the path is a file"):
        atomic.make_folder(tmp_path / "a" / "b")


def test_removing_a_link_leaves_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    atomic.remove(tmp_path / "link")
    atomic.remove(tmp_path / "nothing")
    assert (tmp_path / "folder" / "a").read_text() == "kept"
    assert not (tmp_path / "link").is_symlink()
    atomic.remove(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


WRITER = """
import sys
from pathlib import Path
from edge_nas.core.atomic import write_bytes
path = Path(sys.argv[1])
number = 0
while True:
    write_bytes(path, bytes([number % 256]) * 200_000)
    number += 1
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    wait = random.Random(0)
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        with writer.stdout:
            assert writer.stdout.readline()
            time.sleep(wait.uniform(0.0, 0.05))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        content = path.read_bytes()
        assert len(content) == 200_000
        assert len(set(content)) == 1


def test_whether_a_folder_can_be_written_is_known_before_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atomic.require_writable(tmp_path / "not" / "there" / "yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="a part of the path is a file"):
        atomic.require_writable(tmp_path / "file" / "folder")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ResourceError, match=r"there cannot be written: permission denied; change its"):
        atomic.require_writable(tmp_path / "there")
