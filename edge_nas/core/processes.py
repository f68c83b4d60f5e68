"""Starts other programs: a time limit for each, nothing left behind, nothing run that lies in the current folder.

Compilers, emulators, and Python modules whose libraries may crash on a malformed file. Python puts the current folder
first among the places that it imports from, so that a file `bisect.py` beside a downloaded model would be run by a
child; children are therefore started with -P and never with a search path that is relative. The same holds for
programs: with an empty entry or `.` in PATH, a file `gcc` beside the model would be the compiler.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from edge_nas.core import interrupts
from edge_nas.core.atomic import resource_errors
from edge_nas.errors import ResourceError

_LOOK_EVERY_S = 0.2
"""How long Ctrl-C waits for the wait for a child."""
_COMPLAINT_CHARACTERS = 2000
"""Of a program's standard error, for a message: a compiler's last complaint fits, its list of warnings does not."""


@dataclass(frozen=True)
class Finished:
    """How a program ended: its exit code (negative: the signal that killed it) and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """The end of its standard error, for a message."""
        return self.stderr.decode("utf-8", errors="replace").strip()[-_COMPLAINT_CHARACTERS:]


class TimeLimitError(ResourceError):
    """A program did not end within its time limit and was killed."""


def python_module(module: str, *arguments: str) -> list[str]:
    """Returns the command that runs a module with this Python, and with nothing of the current folder."""
    return [sys.executable, "-P", "-m", module, *arguments]


def search_path() -> str:
    """Returns PATH without its relative entries: where programs are looked for."""
    return os.pathsep.join(entry for entry in os.environ.get("PATH", "").split(os.pathsep) if entry.startswith(os.sep))


def child_environment(**variables: str) -> dict[str, str]:
    """Returns our environment for a child, messages in English, search paths absolute, and `variables` in it."""
    environment = os.environ | {"LC_ALL": "C", "PATH": search_path()} | variables
    paths = [path for path in environment.pop("PYTHONPATH", "").split(os.pathsep) if path]
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in paths)  # noqa: PTH100 - may be no path
    return environment


def run(
    command: Sequence[str],
    *,
    limit_s: float,
    folder: Path | None = None,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Returns how a program ended.

    Args:
        command: the program and its arguments; no shell reads them.
        limit_s: seconds after which it and its children are killed.
        folder: where it runs; default: the current folder.
        stdin: what it can read.
        environment: all the environment variables it gets; default: `child_environment()`.

    Raises:
        TimeLimitError: it did not end in time.
        ResourceError: it cannot be started.
    """
    # From a file, not through a pipe: `communicate` that is called again after a time-out no longer writes what a pipe
    # did not take the first time (Python 3.11), and both sides would wait for ever.
    with resource_errors(Path(tempfile.gettempdir()), "used for temporary files"):
        source = tempfile.TemporaryFile()  # noqa: SIM115 - closed below, when the child has it
        source.write(stdin)
        source.seek(0)
    try:
        process = subprocess.Popen(  # noqa: S603 - programs of our own tables and paths, no shell
            list(command),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=dict(child_environment() if environment is None else environment),
            start_new_session=True,  # so that a compiler's children can be killed with it
        )
    except OSError as error:
        raise ResourceError(f"{command[0]} cannot be started: {error.strerror}") from error
    finally:
        source.close()
    with process, killed_with_us(process):
        try:
            stdout, stderr = _communicate(process, limit_s)
        except subprocess.TimeoutExpired as error:
            raise TimeLimitError(f"{command[0]} did not end within {limit_s:g} s and was killed") from error
        finally:
            _end(process)
    return Finished(process.returncode, stdout, stderr)


@contextlib.contextmanager
def killed_with_us(process: "subprocess.Popen[Any]") -> Iterator[None]:
    """Has a child killed where our process ends in the block without unwinding."""
    _running.append(process)
    try:
        yield
    finally:
        _running.remove(process)


_running: "list[subprocess.Popen[Any]]" = []


def _kill_running() -> None:
    for process in _running:
        with contextlib.suppress(OSError):
            # Not the group of a child that shares ours: that would be us.
            if os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()


interrupts.kill_at_hard_end(_kill_running)


def _communicate(process: "subprocess.Popen[bytes]", limit_s: float) -> tuple[bytes, bytes]:
    """Returns what a child wrote until its end, looking for Ctrl-C in the meantime."""
    end = monotonic() + limit_s
    while True:
        interrupts.look()
        try:
            return process.communicate(timeout=min(_LOOK_EVERY_S, max(0.0, end - monotonic())))
        except subprocess.TimeoutExpired:
            if monotonic() >= end:
                raise


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kills what is left of a program's session, whatever interrupted the wait for it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
