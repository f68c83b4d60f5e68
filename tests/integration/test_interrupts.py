"""Ctrl-C and SIGTERM at random moments of a build: it ends at once, says how to go on, and goes on from there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from diskfaults.__main__ import digest

TIMES = int(os.environ.get("EDGE_NAS_INTERRUPTS", "1"))
"""Interrupts of a real build, each of which takes the start of TensorFlow; 20 by `make endurance`."""
STUB_TIMES = 20
REAL = ["data.input_shape=[16,16,3]", "data.terrain.train_images=64", "data.terrain.val_images=8",
        "data.terrain.test_images=8", "model.arguments.widths=[4,4,4,4,4,4]", "train.epochs=40",
        "name=real"]  # fmt: skip
_REAL = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from edge_nas.cli.start import main
print("ready", flush=True)
main()
"""


def started(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
        env=os.environ | {"PYTHONPATH": paths, "TMPDIR": str(folder)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


def interrupted(process: "subprocess.Popen[str]", after_s: float, number: signal.Signals) -> float:
    """Returns how many seconds a build took to end; one that was through before is counted as 0."""
    time.sleep(after_s)
    start = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert "Traceback" not in said
    assert process.returncode in (0, 130, -number), said  # -2: it was through, and Python had put its handlers away
    if process.returncode == 130:
        assert "the same command goes on from" in said
        return time.monotonic() - start
    return 0.0


@pytest.mark.slow
def test_a_build_of_stubs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "interrupted"]
    undisturbed = tmp_path / "undisturbed" / "run"
    begin = time.monotonic()
    started([*command, str(undisturbed)], tmp_path).communicate(timeout=60)
    lasts = time.monotonic() - begin  # on this machine, as busy as it is
    expected = digest(undisturbed)
    assert len(expected) > 30
    generator, durations = random.Random(0), []
    for number in range(STUB_TIMES):
        run = tmp_path / str(number) / "run"
        kind = generator.choice((signal.SIGINT, signal.SIGTERM))
        durations.append(interrupted(started([*command, str(run)], tmp_path), generator.uniform(0.0, lasts), kind))
        process = started([*command, str(run)], tmp_path)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0, said
        assert digest(run) == expected
    ended = sum(duration > 0 for duration in durations)
    with capsys.disabled():
        print(f"\ninterrupts of a build of stubs: {ended} of {STUB_TIMES} ended by it, all went on to the same files, "
              f"at most {max(durations):.2f} s")  # fmt: skip
    assert ended > STUB_TIMES // 3
    assert not list(tmp_path.glob("edge-nas-*"))


@pytest.mark.slow
def test_a_real_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", _REAL, "build", *REAL, "--until", "train"]
    generator, durations = random.Random(1), []
    for _ in range(TIMES):
        # One run for all: each goes on from what the one before has finished, or begins anew.
        durations.append(interrupted(started(command, tmp_path), generator.uniform(0.0, 25.0), signal.SIGINT))
        run = tmp_path / "runs" / "real"
        if run.exists():
            assert not list(run.glob(".*.new"))
        assert not list(tmp_path.glob("edge-nas-*"))
    with capsys.disabled():
        print(f"\ninterrupts of a real build: {TIMES}, at most {max(durations):.1f} s")
    assert max(durations) < 8.0
