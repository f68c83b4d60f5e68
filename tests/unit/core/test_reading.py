import os
from pathlib import Path

import pytest

from edge_nas.core.reading import open_regular


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"abc"


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_nothing_else_is_waited_for(kind: str, tmp_path: Path) -> None:
    path = tmp_path / kind
    make = os.mkfifo if kind == "pipe" else os.mkdir
    make(path)
    with pytest.raises(OSError, match="not a file"):
        open_regular(path)
    with pytest.raises(OSError, match="not a file"):
        open_regular(Path("/dev/zero"))
