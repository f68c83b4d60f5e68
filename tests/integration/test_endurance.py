"""A small real build over and over: killed at random moments it goes on to the same bytes, and equal builds are equal.

Not part of a usual run of the tests: `make endurance`, about twenty minutes on two idle cores.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.endurance

KILLS = 20
EQUAL_BUILDS = 5
BUILD = [
    "build", "data.input_shape=[16,16,3]", "data.terrain.train_images=16", "data.terrain.val_images=8",
    "data.terrain.test_images=8", "model=nano_u", "model.arguments.widths=[4,4,4,4,4,4]", "train.epochs=2",
    "prune.fine_tune.epochs=1", "quantize.fit.epochs=1", "quantize.max_drop=1", "gates.trivial=false",
    "verify.inputs=20", "verify.slow_inputs=2",
    "verify.cores=[]", "benchmark.runs=6", "benchmark.warmup=1", "name=small", "--quiet",
]  # fmt: skip
LONGEST_S = 1800.0
"""Of one build, on a machine that has other things to do."""


def built(run: Path, hash_seed: int = 0) -> "subprocess.Popen[bytes]":
    """Starts the build; sets and dictionaries of Python have another order with each hash seed."""
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    return subprocess.Popen([sys.executable, "-P", "-m", "edge_nas", *BUILD, "--run", str(run)], env=environment)


def finish(run: Path, hash_seed: int = 0) -> None:
    assert built(run, hash_seed).wait(LONGEST_S) == 0


def manifest(run: Path) -> dict[str, Any]:
    """Returns what a run says of itself, without what it says of the seconds it took: those stand in the report."""
    data: dict[str, Any] = json.loads((run / "manifest.json").read_text())
    del data["seal"], data["stages"]["report"], data["artifacts"]["report.html"]
    return data


def files(run: Path) -> dict[str, str]:
    """Returns the hash of every file whose bytes do not hold a time: records, reports and TensorBoard's do."""
    timed = ("stage.json", "result.json", "manifest.json", "report.html")
    found = {}
    for path in sorted(run.rglob("*")):
        name = str(path.relative_to(run))
        if path.is_file() and path.name not in timed and "tensorboard/" not in name:
            found[name] = sha256(path.read_bytes()).hexdigest()
    return found


def test_equal_builds_have_equal_manifests(tmp_path: Path) -> None:
    runs = [tmp_path / str(number) for number in range(EQUAL_BUILDS)]
    for number, run in enumerate(runs):
        finish(run, hash_seed=number)
    equal = sum(manifest(run) == manifest(runs[0]) for run in runs)
    print(f"\nequal builds: {equal} of {EQUAL_BUILDS} manifests equal, {len(files(runs[0]))} files each")
    assert equal == EQUAL_BUILDS
    assert all(files(run) == files(runs[0]) for run in runs)


def test_a_killed_build_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    begin = time.monotonic()
    finish(undisturbed)
    lasts = time.monotonic() - begin
    expected, generator = files(undisturbed), random.Random(0)
    assert len(expected) > 30
    kills = runs = 0
    stages: set[str] = set()
    while kills < KILLS:
        run = tmp_path / f"run{runs}"
        runs += 1
        # Three kills a run: moments over the whole build, and over what is left of it after each.
        for _ in range(3):
            process = built(run)
            try:
                process.wait(generator.uniform(0.0, lasts))
            except subprocess.TimeoutExpired:
                stages.add(current_stage(run))
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
        finish(run)
        assert files(run) == expected
        assert manifest(run) == manifest(undisturbed)
    print(f"\nSIGKILLs of a real build: {kills} in {runs} runs, behind {sorted(stages)}, all went on to the same bytes")


def current_stage(run: Path) -> str:
    """Returns the last finished stage of a run; "nothing" where none is."""
    finished = sorted(path.parent.name for path in run.glob("*/stage.json")) if run.exists() else []
    return finished[-1] if finished else "nothing"
