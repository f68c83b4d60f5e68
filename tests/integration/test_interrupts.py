"""Ctrl-C and SIGTERM at random moments of a build: it ends at once, says how to go on, and goes on from there."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from diskfaults.__main__ import digest

TIMES = int(os.environ.get("EDGE_NAS_INTERRUPTS", "1"))
"""Interrupts of a real build, each of which takes the start of TensorFlow; 20 by `make endurance`."""
STUB_TIMES = max(5, TIMES)
REAL = ["data.input_shape=[16,16,3]", "data.terrain.train_images=64", "data.terrain.val_images=8",
        "data.terrain.test_images=8", "model=nano_u", "model.arguments.widths=[4,4,4,4,4,4]", "train.epochs=40",
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
    return duration_of(process.returncode, time.monotonic() - start, said, number)


def duration_of(code: int, took: float, said: str, number: signal.Signals) -> float:
    """Checks how an interrupted build ended; returns the seconds that it took to, 0 where it was through before."""
    assert "Traceback" not in said
    assert code in (0, 130, -number), said  # -2: it was through, and Python had put its handlers away
    if code != 130:
        return 0.0
    assert "the same command goes on from" in said
    return took


class Builds:
    """Builds of stubs, each in a process of its own that has its imports behind it: see tests/interrupted."""

    def __init__(self, folder: Path) -> None:
        paths = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        self._server = subprocess.Popen(
            [sys.executable, "-m", "interrupted", str(folder / "first" / "run")], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": paths, "TMPDIR": str(folder)},
        )  # fmt: skip
        assert self._read() == ["started"]

    def _read(self) -> list[str]:
        """Returns the words of the next line; none where the server has ended."""
        assert self._server.stdout is not None
        return self._server.stdout.readline().split()

    def build(self, run: Path, interrupt: tuple[float, signal.Signals] | None = None) -> tuple[int, float, str]:
        """Builds a run, and sends a signal after so many seconds; the folder around the run is there.

        Returns:
            The exit code, the seconds from the signal, or the beginning, to the end, and what was said.
        """
        assert self._server.stdin is not None
        self._server.stdin.write(f"{run}\n")
        self._server.stdin.flush()
        word, number = self._read()
        assert word == "ready"
        begin = time.monotonic()
        # So that a build that hangs fails the test: no answer comes, and `_read` has nothing to return.
        watch = threading.Timer(60.0, self._server.kill)
        watch.start()
        if interrupt is not None:
            time.sleep(interrupt[0])
            begin = time.monotonic()
            with suppress(ProcessLookupError):  # it was through
                os.kill(int(number), interrupt[1])
        word, code = self._read()
        lasted = time.monotonic() - begin
        watch.cancel()
        assert word == "ended"
        return int(code), lasted, Path(f"{run}.txt").read_text()

    def close(self) -> None:
        self._server.communicate(timeout=60)


@pytest.fixture
def builds(tmp_path: Path) -> Iterator[Builds]:
    started_builds = Builds(tmp_path)
    yield started_builds
    started_builds.close()


@pytest.mark.slow
def test_a_build_of_stubs(builds: Builds, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # An interrupt that comes when a build is through ends none: others are sent until so many have ended one.
    runs = [tmp_path / str(number) / "run" for number in range(4 * STUB_TIMES + 1)]
    for run in runs:
        run.parent.mkdir()
    undisturbed = runs.pop()
    code, lasts, said = builds.build(undisturbed)  # lasts: on this machine, as busy as it is
    assert code == 0, said
    expected = digest(undisturbed)
    assert len(expected) > 30
    generator, durations = random.Random(0), []
    for run in runs:
        kind = generator.choice((signal.SIGINT, signal.SIGTERM))
        code, took, said = builds.build(run, (generator.uniform(0.0, lasts), kind))
        durations.append(duration_of(code, took, said, kind))
        code, _, said = builds.build(run)
        assert code == 0, said
        assert digest(run) == expected
        ended = sum(duration > 0 for duration in durations)
        if ended == STUB_TIMES:
            break
    with capsys.disabled():
        print(f"\ninterrupts of a build of stubs: {ended} of {len(durations)} ended by it, all went on to the same "
              f"files, at most {max(durations):.2f} s")  # fmt: skip
    assert ended == STUB_TIMES
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
