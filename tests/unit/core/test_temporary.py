import errno
import os
import subprocess
import sys
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_nas.core import temporary
from edge_nas.core.temporary import PREFIX, temporary_folder, temporary_root
from edge_nas.errors import GateError, ResourceError

Usage = namedtuple("Usage", ["total", "used", "free"])


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delenv("TMPDIR", raising=False)
    temporary._remove_abandoned.cache_clear()
    yield tmp_path
    temporary._remove_abandoned.cache_clear()


def test_it_is_empty_and_gone_afterwards(root: Path) -> None:
    with temporary_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").write_text("x")
    assert list(root.iterdir()) == []
    with pytest.raises(GateError, match=r"^bad$"), temporary_folder():
        raise GateError("bad")
    assert list(root.iterdir()) == []


def test_the_folders_of_killed_processes_are_removed_and_no_others(root: Path) -> None:
    script = (
        f"import os, signal, tempfile; tempfile.tempdir = {str(root)!r}\n"
        "from edge_nas.core.temporary import temporary_folder\n"
        "with temporary_folder() as folder:\n    (folder / 'x').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=False)
    (abandoned,) = root.iterdir()
    mine = root / f"{PREFIX}of-the-user"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    with temporary_folder():
        temporary._remove_abandoned.cache_clear()
        with temporary_folder() as inner:  # the outer one is in use, and stays
            assert inner.is_dir()
            assert not abandoned.exists()
            assert len(list(root.iterdir())) == 3
    assert list(root.iterdir()) == [mine]


def test_a_full_disk_is_told_whatever_it_made_fail(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceError, match=r"is full .*TMPDIR"), temporary_folder():
        raise GateError("host: the generated C does not compile: No space left on device")
    with pytest.raises(ResourceError, match=r"is full .*TMPDIR"), temporary_folder():
        raise ValueError("h5py") from OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(10, 10, 0))
    with pytest.raises(ResourceError, match=r"is full \(0 bytes free\)"), temporary_folder():
        raise GateError("bad")


def test_a_place_that_cannot_be_written(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(root / "nowhere"))
    with pytest.raises(ResourceError, match="nowhere cannot be used for temporary files"), temporary_folder():
        pass


def test_the_folder_that_the_environment_names_is_not_left_in_silence(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Python falls back to /tmp where TMPDIR cannot be written."""
    monkeypatch.setenv("TMPDIR", str(root / "nowhere"))
    with pytest.raises(ResourceError, match=r"nowhere, which .* TMPDIR names .* cannot be used: No such file"):
        temporary_root()
    other = tmp_path_factory.mktemp("other")  # as a program may choose that sets tempfile.tempdir
    monkeypatch.setenv("TMPDIR", str(other))
    assert temporary_root() == root
    assert list(other.iterdir()) == []
