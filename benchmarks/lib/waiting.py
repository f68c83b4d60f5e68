"""How long a command takes, by the clock and in CPU seconds, each time in a process of its own."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Wait:
    """One call of a command.

    Attributes:
        clock_s: until it was over.
        cpu_s: of the process and of those that it waited for, in all their threads.
        load: of the machine when it began, the system's mean over the minute before.
    """

    clock_s: float
    cpu_s: float
    load: float


def waited(arguments: Sequence[str], folder: Path, exit_code: int) -> Wait:
    """Returns how long `edge-nas` with these arguments takes.

    Args:
        arguments: behind `edge-nas`.
        folder: the current folder of the command.
        exit_code: with which it has to end.

    Raises:
        RuntimeError: it ends with another; the figure would be of something else.
    """
    load, before, begin = os.getloadavg()[0], _cpu_seconds(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "edge_nas", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    wait = Wait(time.perf_counter() - begin, _cpu_seconds() - before, load)
    if done.returncode != exit_code:
        command = " ".join(["edge-nas", *arguments])
        raise RuntimeError(f"{command} ended with {done.returncode} in place of {exit_code}: {done.stderr.strip()}")
    return wait


def _cpu_seconds() -> float:
    """Returns what all processes took that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
