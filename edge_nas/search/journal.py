"""What a search has done, line by line in one file, so that it goes on after whatever ended it.

    {"sha256": "...", "event": {"kind": "result", ...}}

Each line's hash is that of the hash before it and its event: a line that was changed, lost or moved is noticed. One
process writes, under a lock. A line is on the disk before anybody acts on it; one that the end of a process cut off, at
the end of the file, is cut back, for nobody has acted on it.

It is a file of our own and not Optuna's: that one has no hashes, a killed writer left its lock behind in every second
round of an experiment, and a trial whose process was killed stayed "running" for ever.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge_nas.core.atomic import make_folder, resource_errors, sync_folder
from edge_nas.core.faults import disk_operation
from edge_nas.core.hashing import sha256_data
from edge_nas.errors import InputError, LockedError

JOURNAL = "journal.jsonl"
"""The file in a search's folder."""
_START = ""  # in place of the hash before the first line


class Journal:
    """The journal of one search, open for writing; a context manager.

    Attributes:
        events: what has happened, in order.
    """

    def __init__(self, path: Path) -> None:
        """Opens or begins a journal.

        Raises:
            LockedError: another process has it open.
            InputError: a line is damaged; the message says which.
            ResourceError: the file cannot be written or read.
        """
        self.path = path
        self.events: list[Any] = []
        self._last = _START
        make_folder(path.parent)
        with resource_errors(path, "opened"):
            # Unbuffered: what a full disk refused does not stay behind to be written later.
            self._file = path.open("a+b", buffering=0)
        try:
            self._lock()
            self._read()
            sync_folder(path.parent)
        except BaseException:
            self.close()
            raise

    def append(self, event: Any) -> None:
        """Adds an event; when this returns, it is on the disk.

        Args:
            event: plain JSON data.

        Raises:
            ResourceError: the disk is full or reports an error.
        """
        digest = _digest(self._last, event)
        line = json.dumps({"sha256": digest, "event": event}, ensure_ascii=True, allow_nan=False)
        with self._whole_lines():
            disk_operation(self.path)
            rest = f"{line}\n".encode("ascii")
            while rest:
                rest = rest[self._file.write(rest) :]
            os.fsync(self._file.fileno())
        self._last = digest
        self.events.append(event)

    def close(self) -> None:
        """Ends writing and gives the lock back."""
        if not self._file.closed:
            # A lock lasts while any copy of the descriptor is open, and a process that is just being started has one.
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _whole_lines(self) -> Iterator[None]:
        """Cuts the file back where the block fails: a later line would stand behind a part of this one."""
        end = self.path.stat().st_size
        try:
            with resource_errors(self.path, "written"):
                yield
        except BaseException:
            os.ftruncate(self._file.fileno(), end)
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(
                f"{self.path}: another process is searching there; wait for it or name another --run"
            ) from error

    def _read(self) -> None:
        """Takes over the events of the file, and cuts off what stands behind its last whole line."""
        with resource_errors(self.path, "read"):
            self._file.seek(0)
            content = self._file.read()
        whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[:whole].splitlines(), start=1):
            self._last, event = self._checked(number, line)
            self.events.append(event)
        if whole < len(content):
            with resource_errors(self.path, "written"):
                self._file.truncate(whole)
                os.fsync(self._file.fileno())

    def _checked(self, number: int, line: bytes) -> tuple[str, Any]:
        """Returns the hash and the event of a line."""
        try:
            entry = json.loads(line)
            digest, event = entry["sha256"], entry["event"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._damaged(number) from error
        if digest != _digest(self._last, event):
            raise self._damaged(number)
        return digest, event

    def _damaged(self, number: int) -> InputError:
        return InputError(
            f"{self.path}: line {number} is not what was written there; allowed: lines of this search only. Name "
            "another --run, or remove the file to begin again"
        )


def _digest(last: str, event: Any) -> str:
    return sha256_data([last, event])
