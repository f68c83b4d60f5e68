"""SHA-256 of files, bytes and plain data, as 64 hexadecimal digits."""

import hashlib
import json
from pathlib import Path
from typing import Any


def sha256_bytes(data: bytes) -> str:
    """Returns the hash of `data`."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """Returns the hash of a file's content.

    Raises:
        OSError: the file is missing or cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_data(data: Any) -> str:
    """Returns the hash of plain JSON data; equal data has equal hashes, whatever the order of keys.

    Raises:
        ValueError: NaN or an infinity.
        TypeError: something that JSON does not have.
    """
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256_bytes(text.encode("ascii"))
