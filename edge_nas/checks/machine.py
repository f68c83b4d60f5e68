"""What this machine has to have for a build: tools, disk, a folder for temporary files, memory.

Stages need more than these floors on large data; they are what even the smallest build fails without, so that it fails
now and not in its fifth stage. The figures were measured with the preset on 96 scenes: the process held 1.2 GB and had
mapped 5.2 GB of addresses when it was done with quantization.
"""

import resource
import shutil
from collections.abc import Collection
from pathlib import Path

from edge_nas.core.config import BuildConfig
from edge_nas.core.temporary import temporary_root
from edge_nas.emulation import cores_to_emulate
from edge_nas.errors import ResourceError

RUN_BYTES = 32 << 20
"""A run of the preset has 6 MB; networks, logs and pictures of others a few times that."""
TEMPORARY_BYTES = 32 << 20
"""A converter's files, and the firmware images and object files of the verification, a core at a time."""
MEMORY_BYTES = 1 << 30
"""TensorFlow with the smallest network; below what was measured, since the system can give more than it says."""
ADDRESS_BYTES = 5 << 30
"""Of a limit as `ulimit -v` sets it: TensorFlow aborts below it without a word."""
_MEMINFO, _CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup")


def check_machine(config: BuildConfig, run: Path, stages: Collection[str]) -> None:
    """Refuses a build that this machine cannot end.

    Args:
        config: what is built.
        run: the run's folder, which need not be there yet.
        stages: those that are going to run.

    Raises:
        ResourceError: says what is missing, how much there is and what to do.
    """
    if "verify" in stages:
        cores_to_emulate(config.verify.cores)
    _check_free(
        _existing(run), RUN_BYTES, "the run has to lie there: free some space, or name another folder with --run"
    )
    temporary = temporary_root()
    advice = "temporary files have to lie there: free some space, or name another folder in the variable TMPDIR"
    _check_free(temporary, TEMPORARY_BYTES, advice)
    _check_memory()


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.is_dir())


def _check_free(folder: Path, needed: int, advice: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ResourceError(f"{folder}: {free / 2**20:.0f} MiB free, {needed / 2**20:.0f} are needed; {advice}")


def _check_memory() -> None:
    available = min(filter(None, (_available_bytes(), _left_in_group())), default=MEMORY_BYTES)
    if available < MEMORY_BYTES:
        raise ResourceError(
            f"{available / 2**20:.0f} MiB of memory are available, TensorFlow alone takes {MEMORY_BYTES / 2**20:.0f}; "
            "close other programs, or build where there is more"
        )
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY and limit < ADDRESS_BYTES:
        raise ResourceError(
            f"this process may map {limit / 2**20:.0f} MiB of addresses, TensorFlow maps {ADDRESS_BYTES / 2**20:.0f}; "
            "raise the limit: ulimit -v unlimited"
        )


def _available_bytes() -> int | None:
    """Returns what the system could give to a process now; None where it does not say."""
    try:
        lines = _MEMINFO.read_text().splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return kilobytes[0] * 1024 if kilobytes else None


def _left_in_group() -> int | None:
    """Returns what a container may still take; None where it has no limit, or does not say."""
    try:
        limit = (_CGROUP / "memory.max").read_text().strip()
        used = int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):
        return None
    return int(limit) - used if limit.isdigit() else None
