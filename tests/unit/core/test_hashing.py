"""Hashes against known answers."""

from pathlib import Path

import pytest

from edge_nas.core.hashing import sha256_bytes, sha256_data, sha256_file

# FIPS 180-2, example B.1.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_bytes_and_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256_bytes(b"abc") == sha256_file(tmp_path / "a") == ABC


def test_data_is_hashed_by_value() -> None:
    assert sha256_data({"a": 1, "b": [1.5, None, "é"]}) == sha256_data({"b": [1.5, None, "é"], "a": 1})
    assert sha256_data([1]) != sha256_data(["1"])
    assert sha256_data([1]) != sha256_data([1.0])
    assert sha256_data([]) == sha256_bytes(b"[]")


def test_nan_has_no_hash() -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        sha256_data(float("nan"))
