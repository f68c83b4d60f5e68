"""Folders that are really full or read-only: code 6 with the name, nothing half-written, and all is well with room."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
MOUNT = ["unshare", "--map-root-user", "--mount"]


def why_not() -> str | None:
    """Why no file system can be mounted here; None where one can."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*MOUNT, "mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            return f"unshare cannot be started: {error.strerror}"
    return None if done.returncode == 0 else f"no file system can be mounted here: {done.stderr.strip()}"


@pytest.mark.mcu
@pytest.mark.slow
def test_full_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)])}
    command = [*MOUNT, sys.executable, "-P", "-m", "fulldisk", str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    refused = [outcome for outcome in outcomes if outcome["code"] != 0]
    unwritable = [outcome for outcome in refused if "read-only" in outcome["what"]]
    left = [outcome for outcome in outcomes if outcome["left"]]
    with capsys.disabled():
        print(
            f"\nfull disks: {len(refused) - len(unwritable)} commands met one, {len(unwritable)} a read-only one, "
            f"{len(left)} left something half-written or took long"
        )
    assert {outcome["code"] for outcome in refused} == {6}, refused
    assert all(outcome["named"] for outcome in refused), refused
    assert all("space" in outcome["said"] or "read-only" in outcome["said"] for outcome in refused), refused
    assert not left, left
    assert (len(refused) - len(unwritable), len(unwritable)) >= (12, 8)
    # With room to spare a folder that is not empty is none that is full.
    assert outcomes[3]["code"] == 0, outcomes[3]
