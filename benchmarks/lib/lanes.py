"""Many builds on one machine, each held to a core of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def in_lanes(items: Sequence[Item], jobs: int, work: Callable[[Item, int | None], Made]) -> list[Made]:
    """Returns `work(item, core)` of all items in their order, `jobs` at a time; with one at a time the core is None."""
    cores: Queue[int] = Queue()
    for core in sorted(os.sched_getaffinity(0)):
        cores.put(core)

    def held(item: Item) -> Made:
        core = cores.get() if jobs > 1 else None
        try:
            return work(item, core)
        finally:
            if core is not None:
                cores.put(core)

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(held, items))


def run_on(core: int | None, arguments: Sequence[str], what: str) -> None:
    """Runs this Python with the arguments on a core, or on all; a failure ends the whole run, saying `what` failed."""
    before = None if core is None else lambda: os.sched_setaffinity(0, {core})
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, preexec_fn=before, check=False)
    if done.returncode:
        sys.exit(f"{what}: exit code {done.returncode}\n{done.stderr[-2000:]}")
