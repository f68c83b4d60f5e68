"""How many threads numpy's BLAS computes with, for a while: matrices of a few hundred columns are worth one.

OpenBLAS shares every product among all cores, and its threads then wait for the next one in a loop that takes a core
each: pruning a MobileNetV2 0.35 costs 7 CPU s with one thread and 16 with two, of which 9 are spent waiting. It is
no faster for it, and slower where somebody else works on the machine.
"""

import ctypes
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WORTH_THREADS = 2_000
"""Columns of a matrix from which on all cores take part: its covariance over 20,000 rows then takes a core 4 s."""
_PREFIXES = ("scipy_openblas", "openblas")
_SUFFIXES = ("64_", "", "_64_")
_MAPS = Path("/proc/self/maps")


@contextmanager
def blas_threads_for(columns: int, maps: Path = _MAPS) -> Iterator[None]:
    """Has OpenBLAS compute with one thread inside, unless a matrix has `WORTH_THREADS` columns.

    It holds for the whole process. Nothing changes with another BLAS, or where the system does not list the libraries
    of a process.

    Args:
        columns: of the widest matrix that is worked on inside.
        maps: Linux's list of what is mapped into this process.
    """
    with ExitStack() as threads_of_before:
        if columns < WORTH_THREADS:
            for library in _open_blas(maps):
                threads = _function(library, "get_num_threads")
                set_threads = _function(library, "set_num_threads")
                if threads is not None and set_threads is not None:
                    threads_of_before.callback(set_threads, threads())
                    set_threads(1)
        yield


def _open_blas(maps: Path) -> list[ctypes.CDLL]:
    """Returns the OpenBLAS libraries that this process has loaded: numpy and scipy bring one each."""
    try:
        lines = maps.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    mapped = (line.split(maxsplit=5) for line in lines if "openblas" in line)
    return [ctypes.CDLL(path) for path in dict.fromkeys(fields[5] for fields in mapped if len(fields) == 6)]


def _function(library: ctypes.CDLL, name: str) -> "ctypes._NamedFuncPointer | None":
    """Returns a function of OpenBLAS, whose builds differ in what they put around its name; None: it has none."""
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            found: ctypes._NamedFuncPointer | None = getattr(library, f"{prefix}_{name}{suffix}", None)
            if found is not None:
                return found
    return None
