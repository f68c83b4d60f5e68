"""Whatever operation on the disk a build is broken at, the same command comes to the same files afterwards.

Each operation in one of three ways, in turn; in all three by `make endurance`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder that lies in memory where there is such a thing: thousands of files are forced to the disk."""
    if not (MEMORY.is_dir() and os.access(MEMORY, os.W_OK)):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        yield Path(name)


@pytest.mark.parametrize("every_way", [False, pytest.param(True, marks=pytest.mark.endurance)])
def test_nothing_is_lost_by_any_fault(every_way: bool, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    command = [sys.executable, "-m", "diskfaults", str(folder), *(["--every-way"] if every_way else [])]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    failures = [failure for outcome in outcomes.values() for failure in outcome["failures"]]
    faults = sum(outcome["faults"] for outcome in outcomes.values())
    operations = sum(outcome["operations"] for outcome in outcomes.values())
    with capsys.disabled():
        print(f"\ndisk faults (kill, disk full, I/O error) in {len(outcomes)} builds: {faults}, {len(failures)} lost")
    assert not failures
    # Fewer would mean that files are written past the module that counts.
    assert operations >= 233
    assert faults == operations * (3 if every_way else 1)
