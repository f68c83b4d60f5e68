"""The journal: what is in it stays, what is damaged is noticed."""

import os
from pathlib import Path

import pytest

from edge_nas.core.faults import VARIABLE
from edge_nas.errors import InputError, LockedError, ResourceError
from edge_nas.search.journal import Journal

EVENTS = [{"kind": "a", "number": number} for number in range(3)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of three events."""
    place = tmp_path / "search" / "journal.jsonl"
    with Journal(place) as journal:
        for event in EVENTS:
            journal.append(event)
    return place


def test_events_are_there_again(path: Path) -> None:
    with Journal(path) as journal:
        assert journal.events == EVENTS
        journal.append({"kind": "b"})
    with Journal(path) as journal:
        assert journal.events == [*EVENTS, {"kind": "b"}]


def test_a_torn_last_line_is_cut_back_at_every_length(path: Path) -> None:
    content = path.read_bytes()
    second = content.index(b"\n", content.index(b"\n") + 1) + 1
    for length in range(second, len(content)):
        path.write_bytes(content[:length])
        with Journal(path) as journal:
            assert journal.events == EVENTS[:2]
            journal.append(EVENTS[2])
        assert path.read_bytes() == content


def test_every_changed_byte_is_noticed(path: Path) -> None:
    content = path.read_bytes()
    # The last newline's change is a torn line; every other byte is of a line that was acted on.
    for place in range(len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(InputError, match=r"line [123] is not what was written there"):
            Journal(path)


def test_a_lost_or_moved_line_is_noticed(path: Path) -> None:
    first, second, third = path.read_bytes().splitlines(keepends=True)
    for lines in ((first, third), (second, third), (second, first, third), (first, first, second, third)):
        path.write_bytes(b"".join(lines))
        with pytest.raises(InputError, match="Name another --run"):
            Journal(path)


def test_one_process_writes(path: Path) -> None:
    with Journal(path), pytest.raises(LockedError, match="another process is searching there"):
        Journal(path)
    Journal(path).close()


def test_a_process_that_is_being_started_holds_nothing_back(path: Path) -> None:
    with Journal(path) as journal:
        # What a fork has until its exec: another descriptor of the same open file.
        copied = os.dup(journal._file.fileno())
    try:
        with Journal(path) as again:
            assert again.events == EVENTS
    finally:
        os.close(copied)


def test_a_full_disk_leaves_whole_lines(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Journal(path) as journal:
        monkeypatch.setattr("edge_nas.core.faults._Counter.operations", 0)
        monkeypatch.setenv(VARIABLE, "enospc@1")
        with pytest.raises(ResourceError, match="the disk is full"):
            journal.append({"kind": "b"})
        monkeypatch.delenv(VARIABLE)
        journal.append({"kind": "c"})
    with Journal(path) as journal:
        assert journal.events == [*EVENTS, {"kind": "c"}]


def test_nan_is_no_event(path: Path) -> None:
    before = path.read_bytes()
    with Journal(path) as journal, pytest.raises(ValueError, match="not JSON compliant"):
        journal.append({"score": float("nan")})
    assert path.read_bytes() == before
