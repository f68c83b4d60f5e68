"""Files that are there as a whole or not at all, whatever kills the process between two lines.

A file is written under a name of its own beside its place, forced to the disk, renamed over the final name, and the
rename forced to the disk. Every write, rename and removal in a run folder goes through this module, and what the
system refuses (disk full, read-only, no permission) becomes a ResourceError that names the path and what to do.
"""

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from edge_nas.core.faults import disk_operation
from edge_nas.errors import ResourceError

TEMPORARY_SUFFIX = ".tmp"

# What the disk says to anybody who writes, whatever they were about to do.
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EROFS: "the file system is read-only; name another folder",
    errno.EACCES: "permission denied; change its permissions or name another folder",
    errno.EIO: "the disk reports a read or write error; look at the disk",
    errno.EPERM: "not permitted; change its permissions or name another folder",
    errno.ENAMETOOLONG: "the name is too long for this file system; choose a shorter one",
    errno.ENOTDIR: "a part of the path is a file, not a folder; name another folder",
    errno.EEXIST: "a file stands where a folder is needed; remove it or name another folder",
    errno.EISDIR: "a folder stands where a file is needed; remove it or name another folder",
}


@contextmanager
def resource_errors(path: Path, action: str) -> Iterator[None]:
    """Turns what the operating system refuses inside the block into a ResourceError about `path`.

    Raises:
        ResourceError: "<path> cannot be <action>: <why and what to do>", with the bytes free where the disk is full.
    """
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, f"{error.strerror or error}; look at the disk")
        free = f" ({_free_bytes(path)} bytes free)" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise ResourceError(f"{path} cannot be {action}: {advice}{free}") from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Hands out a path beside `path` to write a new file at; at the end of the block it takes the place of `path`.

    Readers see the old file or the new one, never a part; where the block raises, the old file is untouched.

    Raises:
        ResourceError: the folder is missing or not writable, or the disk is full.
    """
    # A name that does not grow with the final one: that may already be as long as the file system allows.
    temporary = path.with_name(f".{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    with resource_errors(path, "written"):
        try:
            disk_operation(temporary)
            yield temporary
            sync_file(temporary)
            disk_operation(path)
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):  # the first error is the one to tell; the run folder's next open cleans up
                temporary.unlink()
            raise
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Puts `data` at `path`; see `replacing`."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Puts `text` at `path` as UTF-8; see `replacing`."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """Puts plain data at `path` as indented JSON; see `replacing`.

    Raises:
        ValueError: NaN or an infinity, which JSON does not have.
    """
    write_bytes(path, json_bytes(data))


def json_bytes(data: Any) -> bytes:
    """Returns what `write_json` writes for plain data.

    Raises:
        ValueError: NaN or an infinity, which JSON does not have.
    """
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    # A lone surrogate stands for a byte of a file name that is no UTF-8; "\udcff" is its escape in JSON as well.
    return f"{text}\n".encode("utf-8", errors="backslashreplace")


def copy_file(source: Path, path: Path) -> None:
    """Puts the content of `source` at `path`; see `replacing`."""
    with resource_errors(source, "read"):
        data = source.read_bytes()
    write_bytes(path, data)


def make_folder(path: Path) -> None:
    """Makes the folder and its missing parents.

    Raises:
        ResourceError: not permitted, read-only, or a file stands in the way.
    """
    with resource_errors(path, "made"):
        disk_operation(path)
        path.mkdir(parents=True, exist_ok=True)


def require_writable(folder: Path) -> None:
    """Refuses a folder that cannot be written or made, before there is anything to write; writes nothing.

    Raises:
        ResourceError: not permitted, read-only, or a file stands in the way.
    """
    existing = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    with resource_errors(folder, "written"):
        if not existing.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(existing, os.W_OK | os.X_OK):  # root may write anywhere but on a read-only disk
            code = errno.EROFS if os.statvfs(existing).f_flag & os.ST_RDONLY else errno.EACCES
            raise OSError(code, os.strerror(code))


def rename(source: Path, target: Path) -> None:
    """Renames within one folder; the target must not be a folder with content."""
    with resource_errors(source, f"renamed to {target.name}"):
        disk_operation(target)
        source.replace(target)
        sync_folder(target.parent)


def remove(path: Path) -> None:
    """Removes a file, a link (not what it points to) or a folder with all it holds; nothing there is fine."""
    with resource_errors(path, "removed"):
        disk_operation(path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Forces the content of a file that others wrote to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Forces the names in a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _free_bytes(path: Path) -> int:
    folder = path if path.is_dir() else path.parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
