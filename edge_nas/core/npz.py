""".npz files of anybody: what can be wrong with one, and what its arrays declare, before numpy makes room for it."""

import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO

import numpy as np

from edge_nas.errors import UnsafeError

MALFORMED: tuple[type[Exception], ...] = (
    KeyError,
    ValueError,
    TypeError,
    OSError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    RecursionError,
    NotImplementedError,  # zipfile's, of a compression or a version of the format that it does not know
    RuntimeError,  # zipfile's, of an encrypted entry
    OverflowError,
    tokenize.TokenError,  # numpy (2.4) filters headers of its first versions through Python's tokenizer
    SyntaxError,
)
"""What zipfile and numpy raise where the bytes are not those of an .npz file."""


_LONGEST = 200


def reason(error: Exception) -> str:
    """Returns why a file is malformed, in one printable line: zipfile and numpy quote whole headers."""
    text = f"{type(error).__name__}: {error}"
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def check_declared(archive: zipfile.ZipFile, entries: Iterable[zipfile.ZipInfo]) -> None:
    """Refuses arrays whose headers declare more than there is: numpy makes room for it before it reads.

    Args:
        archive: the opened file.
        entries: which of its parts are looked at.

    Raises:
        UnsafeError: an array of pickled objects.
        ValueError: a part declares more than it has.
        Exception: one of `MALFORMED`.
    """
    for entry in entries:
        with archive.open(entry) as array:
            _check_header(entry, array)


def _check_header(entry: zipfile.ZipInfo, array: IO[bytes]) -> None:
    version = np.lib.format.read_magic(array)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, kind = read_header(array)
    if kind.hasobject:
        raise UnsafeError(f"{entry.filename!r} holds pickled objects, which run code when they are read")
    if min(shape, default=0) < 0:
        raise ValueError(f"{entry.filename!r} declares an array of shape {shape}")
    if math.prod(shape) * kind.itemsize > entry.file_size:
        raise ValueError(f"{entry.filename!r} declares an array of shape {shape}, but has {entry.file_size} bytes")
