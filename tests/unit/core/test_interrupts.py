"""Real signals, sent to processes of their own."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# A shell has SIGINT ignored in what it starts in the background, such as these tests.
_START = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from edge_nas.core import interrupts
interrupts.RAISE_S, interrupts.LIMIT_S = 0.3, 0.6
interrupts.install()
"""
_LOOKS = """
print("ready", flush=True)
try:
    while True:
        time.sleep(0.01)
        interrupts.look()
except KeyboardInterrupt:
    print("looked", flush=True)
    sys.exit(9)
"""
_NEVER_LOOKS = """
print("ready", flush=True)
while True:
    try:
        time.sleep(0.01)
    except KeyboardInterrupt:
        pass
"""
_SLEEPS = """
print("ready", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    sys.exit(9)
"""


def started(script: str, **options: object) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_look_raises(number: signal.Signals) -> None:
    process = started(_START + _LOOKS)
    process.send_signal(number)
    assert process.communicate(timeout=20) == ("looked\n", "")
    assert process.returncode == 9


def test_without_a_look_it_ends_after_the_limit() -> None:
    process = started(_START + _NEVER_LOOKS)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert "interrupted" in process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert 0.4 < time.monotonic() - start < 5.0


def test_without_a_look_it_is_raised_before_that() -> None:
    process = started(_START + _SLEEPS)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 9


def test_a_second_signal_ends_it_at_once() -> None:
    process = started(_START.replace("0.6", "60.0") + _NEVER_LOOKS)
    for number in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
        time.sleep(0.2)
    process.communicate(timeout=20)
    assert process.returncode == 130


def test_unwinding_that_does_not_end() -> None:
    process = started(_START + _LOOKS.replace("sys.exit(9)", "time.sleep(60)"))
    process.send_signal(signal.SIGINT)
    assert "could not be ended in the usual way" in process.communicate(timeout=20)[1]
    assert process.returncode == 130


def test_a_look_whose_exception_is_dropped_is_followed_by_another() -> None:
    dropped = "import weakref\nclass A: pass\na = A()\nr = weakref.ref(a, lambda _: interrupts.look())\n"
    wait = "while not interrupts._asked.is_set(): time.sleep(0.01)\ndel a\n"
    process = started(
        _START + dropped + 'print("ready", flush=True)\n' + wait + _LOOKS.replace('print("ready", flush=True)', "")
    )
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=20)[1]
    assert "Exception ignored" in said
    assert process.returncode == 9


def test_an_ignored_signal_stays_ignored() -> None:
    process = started(_START.replace("signal.default_int_handler", "signal.SIG_IGN") + _NEVER_LOOKS)
    process.send_signal(signal.SIGINT)
    time.sleep(1.0)
    assert process.poll() is None
    process.kill()
    process.communicate()


def test_nothing_is_left_behind_by_a_hard_end(tmp_path: Path) -> None:
    script = """
from edge_nas.core.processes import run
from edge_nas.core.temporary import temporary_folder
interrupts.look = lambda: None
signal.signal(signal.SIGALRM, signal.SIG_IGN)  # as where the main thread is inside a library
with temporary_folder() as folder:
    run(["sh", "-c", "echo $$ > pid; echo ready >&2; exec sleep 60"], limit_s=60)
"""
    script = script.replace("run(", 'print("ready", flush=True)\n    run(', 1)
    process = started(_START + script, cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path)})
    pid = tmp_path / "pid"
    while not (pid.is_file() and pid.read_text()):
        time.sleep(0.02)
    assert list(tmp_path.glob("edge-nas-*"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == [pid]
    # It would sleep for a minute; that it was killed, the system carries out a moment later.
    deadline = time.monotonic() + 5.0
    while _runs(int(pid.read_text())):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie: nobody waits for it here."""
    try:
        return "Z (zombie)" not in Path("/proc", str(pid), "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_wait_for_a_child_is_ended_at_once(tmp_path: Path) -> None:
    script = """
from edge_nas.core.processes import run
print("ready", flush=True)
run(["sleep", "60"], limit_s=60)
"""
    process = started(_START.replace("0.3, 0.6", "20.0, 30.0") + script)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=20)[1]
    assert time.monotonic() - start < 5.0


def test_the_imports_of_the_command_are_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    moments, generator = 20, random.Random(0)
    command = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from edge_nas.cli.start import main; print('ready', flush=True); sys.argv = ['edge-nas', 'boards']; main()"
    )
    codes = []
    for _ in range(moments):
        process = started(command)
        time.sleep(generator.uniform(0.0, 0.2))  # the command takes about as long
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
        assert "Traceback" not in said
        codes.append(process.returncode)
    # 0: it was through. -2: so much through that Python had put the handlers away; a shell says 130 to that as well.
    assert set(codes) <= {0, 130, -signal.SIGINT}
    with capsys.disabled():
        print(f"\nCtrl-C in the first fifth of a second: {codes.count(130)} of {moments} ended by it, 0 tracebacks")
    assert 130 in codes
