"""Eight builders in one folder: one at a time builds, the others are told at once, and the last run is whole."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from edge_nas.runs.folder import open_run
from edge_nas.runs.record import StageRecord

ROUNDS = int(os.environ.get("EDGE_NAS_BUILDER_ROUNDS", "5"))
"""50 with EDGE_NAS_BUILDER_ROUNDS=50."""
LIMIT_S = 2.0
"""Until a builder that is too late says so."""


def test_one_builder_at_a_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    command = [sys.executable, "-m", "builders", str(tmp_path), str(ROUNDS)]
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    attempts = json.loads(done.stdout)
    ended = Counter(attempt["code"] for attempt in attempts)
    with capsys.disabled():
        print(
            f"\nbuilders in one folder: {len(attempts)} in {ROUNDS} rounds, {ended[0]} built, {ended[5]} were kept out"
        )
    assert set(ended) == {0, 5}
    assert {attempt["round"] for attempt in attempts if attempt["code"] == 0} == set(range(ROUNDS))
    assert not any(attempt["together"] for attempt in attempts)
    assert max(attempt["seconds"] for attempt in attempts if attempt["code"] == 5) < LIMIT_S
    with open_run(tmp_path / "run") as run:
        assert {folder.name for folder in run.path.glob("*_*")} == {"01_train", "03_prune", "10_report"}
        for folder in run.path.glob("*_*"):
            assert StageRecord.read(folder / "stage.json").stage == folder.name[3:]
