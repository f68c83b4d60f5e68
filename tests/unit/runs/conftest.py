from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_nas.runs.folder import RunFolder, open_run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "x"


@pytest.fixture
def run(path: Path) -> Iterator[RunFolder]:
    with open_run(path) as opened:
        yield opened
