"""Folders for what nobody keeps: beside nothing of the user's, gone after use, and also when their process was killed.

    /tmp/edge-nas-k3v9x2/lock     held by the process as long as it lives; the kernel lets go of it at the latest
                        /files/   what is handed out

A later process removes the folders whose lock nobody holds. A lock and not a process number tells that: numbers are
used again, and mean something else in another container that shares the folder.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import filelock

from edge_nas.core.atomic import resource_errors
from edge_nas.core.interrupts import before_hard_end
from edge_nas.errors import ResourceError

PREFIX = "edge-nas-"
_LOCK, _FILES = "lock", "files"
_FULL_BYTES = 1 << 20
"""With less than this free a compiler's or converter's failure is put down to the full disk: their files are larger."""
_FULL_TEXT = "No space left on device"
"""What the C library, hence every compiler, says; the disk may have space again when their partial files are gone."""


def temporary_root() -> Path:
    """Returns the folder that temporary files lie in: the one that the environment names, where it names one.

    Python takes another one in silence where that cannot be written; compilers, which look for themselves, do not.

    Raises:
        ResourceError: there is none, or the one that the environment names cannot be written.
    """
    try:
        root = Path(tempfile.gettempdir())
    except OSError as error:
        raise ResourceError(
            f"there is no folder for temporary files ({error.strerror}); name one in the environment variable TMPDIR"
        ) from error
    variable = next((name for name in ("TMPDIR", "TEMP", "TMP") if os.environ.get(name)), None)
    named = root if variable is None else Path(os.environ[variable])
    if named.absolute() != root.absolute():
        try:
            _try_to_write(named)
        except OSError as error:
            raise ResourceError(
                f"{named}, which the environment variable {variable} names for temporary files, cannot be used: "
                f"{error.strerror}; free some space, or name another folder in TMPDIR"
            ) from error
    return root


def _try_to_write(folder: Path) -> None:
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=PREFIX)
    try:
        os.write(descriptor, b"anything")
    finally:
        os.close(descriptor)
        Path(name).unlink()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yields an empty folder that is gone after the block.

    Raises:
        ResourceError: it cannot be made, or the block failed and there is no space left for temporary files.
    """
    root = temporary_root()
    _remove_abandoned(root)
    with resource_errors(root, "used for temporary files"):
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with resource_errors(folder, "made"):
            lock = filelock.FileLock(folder / _LOCK)
            lock.acquire()
            (folder / _FILES).mkdir()
        with lock:
            _in_use.append(folder)
            yield folder / _FILES
    except Exception as error:
        if not _is_full(root, error):
            raise
        free_bytes = shutil.disk_usage(root).free
        raise ResourceError(
            f"{root} is full ({free_bytes} bytes free), and temporary files have to lie there: free some space, or "
            f"name another folder in the environment variable TMPDIR"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if folder in _in_use:
            _in_use.remove(folder)


_in_use: list[Path] = []


def _remove_in_use() -> None:
    for folder in _in_use:
        shutil.rmtree(folder, ignore_errors=True)


before_hard_end(_remove_in_use)


def _is_full(root: Path, error: BaseException) -> bool:
    """Returns whether a failure comes of the lack of space for temporary files, as far as can be told."""
    reason: BaseException | None = error
    while reason is not None:
        if _FULL_TEXT in str(reason):
            return True
        reason = reason.__cause__ or reason.__context__
    return shutil.disk_usage(root).free < _FULL_BYTES


@cache
def _remove_abandoned(root: Path) -> None:
    """Removes the folders of processes that were killed; once per process, since that is enough."""
    for folder in root.glob(f"{PREFIX}*"):
        # Without a lock it is no folder of ours, or one that another process is making at this moment.
        if folder.is_symlink() or not (folder / _LOCK).is_file():
            continue
        with suppress(OSError, filelock.Timeout), filelock.FileLock(folder / _LOCK, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
