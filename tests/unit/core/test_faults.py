import errno
from pathlib import Path

import pytest

from edge_nas.core import atomic, faults
from edge_nas.errors import ConfigError, ResourceError


@pytest.fixture(autouse=True)
def from_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults._Counter, "operations", 0)


def test_only_the_operation_that_was_asked_for_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, "enospc@3")
    faults.disk_operation(tmp_path)
    faults.disk_operation(tmp_path)
    with pytest.raises(OSError, match="No space left") as caught:
        faults.disk_operation(tmp_path)
    assert caught.value.errno == errno.ENOSPC
    faults.disk_operation(tmp_path)


def test_writing_making_renaming_and_removing_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, "eio@1000")
    atomic.write_bytes(tmp_path / "file", b"")
    assert faults._Counter.operations == 2  # written beside its place, then renamed
    atomic.make_folder(tmp_path / "folder")
    atomic.rename(tmp_path / "folder", tmp_path / "other")
    atomic.remove(tmp_path / "other")
    assert faults._Counter.operations == 5
    monkeypatch.setenv(faults.VARIABLE, "eio@6")
    with pytest.raises(ResourceError, match="the disk reports a read or write error"):
        atomic.write_bytes(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.parametrize("value", ["enospc", "full@3", "kill@0", "eio@-1", "eio@x"])
def test_a_fault_that_is_none(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, value)
    with pytest.raises(ConfigError, match=r"expected kill@K, enospc@K or eio@K"):
        faults.disk_operation(Path("x"))


def test_without_the_variable_nothing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(faults.VARIABLE, raising=False)
    faults.disk_operation(Path("x"))
    assert faults._Counter.operations == 0
