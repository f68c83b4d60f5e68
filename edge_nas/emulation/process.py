"""Starts compilers and emulators: a time limit for each, nothing left behind, messages in English."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_nas.errors import ResourceError

_TOLD = 2000


@dataclass(frozen=True)
class Finished:
    """How a program ended: its exit code (negative: the signal that killed it) and what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def complaint(self) -> str:
        """The end of its standard error, for a message."""
        return self.stderr.decode("utf-8", errors="replace").strip()[-_TOLD:]


class TimeLimitError(ResourceError):
    """A program did not end within its time limit and was killed."""


def run(
    command: Sequence[str], *, limit_s: float, folder: Path | None = None, stdin: bytes = b"", **variables: str
) -> Finished:
    """Returns how a program ended.

    Args:
        command: the program and its arguments; no shell reads them.
        limit_s: seconds after which it and its children are killed.
        folder: where it runs; default: the current folder.
        stdin: what it can read.
        variables: environment variables it gets beside ours.

    Raises:
        TimeLimitError: it did not end in time.
        ResourceError: it cannot be started.
    """
    environment = os.environ | {"LC_ALL": "C"} | variables
    try:
        process = subprocess.Popen(  # noqa: S603 - programs of our own tables and paths, no shell
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,  # so that a compiler's children can be killed with it
        )
    except OSError as error:
        raise ResourceError(f"{command[0]} cannot be started: {error.strerror}") from error
    with process:
        try:
            stdout, stderr = process.communicate(stdin, timeout=limit_s)
        except subprocess.TimeoutExpired as error:
            raise TimeLimitError(f"{command[0]} did not end within {limit_s:g} s and was killed") from error
        finally:
            _end(process)
    return Finished(process.returncode, stdout, stderr)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kills what is left of a program's session, whatever interrupted the wait for it."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
