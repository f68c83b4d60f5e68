"""Who may work in a run: nobody in a folder of something else, nobody through a link, one builder at a time."""

import contextlib
import json
import os
import platform
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import filelock

from edge_nas.core import atomic
from edge_nas.errors import ConfigError, LockedError, ResourceError, UnsafeError
from edge_nas.runs.names import HOLDER, LEFTOVER, LOCK, MANIFEST, OURS


def refuse_links(path: Path, names: re.Pattern[str] = OURS) -> None:
    """Refuses a run in which a file of one of our names is a link, a device or a pipe, at any depth.

    A run may come from somebody else. Nothing is written or read through a link in it: who follows one leaves the run.

    Raises:
        UnsafeError: names the first.
    """
    if not path.is_dir():
        return
    for entry in sorted(path.iterdir()):
        if not names.match(entry.name):
            continue
        inner = (Path(folder) / name for folder, folders, files in os.walk(entry) for name in [*folders, *files])
        for file in chain((entry,), inner):  # itself first: a folder behind a link is not even listed
            status = file.lstat()
            # A lock is opened for writing where it stands; every other file is written beside its place.
            doubled = entry.name == LOCK and status.st_nlink > 1
            if doubled or not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
                kind = "a link" if doubled or stat.S_ISLNK(status.st_mode) else "neither a file nor a folder"
                raise UnsafeError(
                    f"{file} is {kind}; a run holds its own files, and nothing was read or written: remove it"
                )


def refuse_foreign(path: Path) -> None:
    """Refuses a folder that holds something and is no run.

    Raises:
        ConfigError: it is not a run, or a file.
        ResourceError: it cannot be read.
    """
    try:
        names = {entry.name for entry in path.iterdir()}
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConfigError(f"{path} is a file; --run names a folder") from None
    except OSError as error:
        raise ResourceError(f"{path} cannot be read: {error.strerror}; name another folder with --run") from None
    leftovers = {name for name in names if LEFTOVER.match(name)}
    if MANIFEST not in names and names - leftovers - {LOCK, HOLDER}:
        seen = ", ".join(sorted(names)[:3])
        raise ConfigError(
            f"{path} holds other files ({seen}) and no {MANIFEST}, so it is not a run and stays as it is; "
            f"name an empty or a new folder with --run"
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock of a run, and says in a file beside it who does and since when.

    Raises:
        LockedError: another process has it; names it.
        ResourceError: the run cannot be written.
    """
    lock = filelock.FileLock(path / LOCK)
    holder = path / HOLDER
    with atomic.resource_errors(path, "locked"):
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            owner = _describe(holder)
            raise LockedError(f"{path} is being built by another process{owner}; wait for it to end") from None
    try:
        since = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        atomic.write_json(holder, {"pid": os.getpid(), "host": platform.node(), "since": since})
        yield
    finally:
        # The lock is what counts; a holder file that cannot be removed is only out of date.
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _describe(holder: Path) -> str:
    try:
        facts = json.loads(holder.read_bytes())
        return f" (pid {facts['pid']} on {facts['host']}, since {facts['since']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""  # The other process has the lock and is about to write this file, or to end.
