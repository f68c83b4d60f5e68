"""What is looked at in an .npz file before it is read."""

import io
import zipfile

import numpy as np
import pytest

from edge_nas.core.npz import MALFORMED, check_declared, reason
from edge_nas.errors import UnsafeError


def archive_of(header: bytes, *, version: bytes = b"\x01\x00", body: bytes = b"") -> zipfile.ZipFile:
    """Returns an archive with one array of this header."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header + body)
    return zipfile.ZipFile(buffer)


def header_of(shape: str, kind: str = "|u1") -> bytes:
    return f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()


def check(archive: zipfile.ZipFile) -> None:
    with archive:
        check_declared(archive, archive.infolist())


def test_an_array_that_is_what_it_declares_passes() -> None:
    check(archive_of(header_of("(2, 3)"), body=bytes(6)))


@pytest.mark.parametrize(
    "header",
    [
        header_of("(60_000, 60_000)"),
        header_of("(-1, 4)"),
        header_of("(2, 3"),  # Python's tokenizer complains of the end of the file
        b"{'descr': '|u1', 'fortran_order': False, \x00",
        b"",
        b"[" * 60_000,
        header_of("(2,)", "|nothing"),
    ],
)
def test_whatever_a_header_holds_is_told_as_malformed(header: bytes) -> None:
    with pytest.raises(MALFORMED):
        check(archive_of(header))


def test_an_array_of_objects_is_unsafe() -> None:
    with pytest.raises(UnsafeError, match=r"'x\.npy' holds pickled objects"):
        check(archive_of(header_of("(1,)", "|O")))


def test_numpys_own_files_pass() -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, a=np.zeros((3, 4)), b=np.array(["x"]))
    check(zipfile.ZipFile(buffer))


def test_a_reason_is_one_short_line() -> None:
    assert reason(ValueError("no\nheader \x00")) == "ValueError: no\\nheader \\x00"
    assert len(reason(ValueError("x" * 10_000))) < 250
