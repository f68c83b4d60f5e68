"""Forks builders that start together, round by round, and prints as JSON how each ended and how long that took.

TensorFlow is not loaded and the stages do no work, so that rounds are quick and builders come close to each other.
"""

import argparse
import json
import multiprocessing
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from diskfaults import __main__ as stubs

from edge_nas.core.frozen import Frozen
from edge_nas.stages.contract import StageContext

BUILDERS = 8


@dataclass(frozen=True)
class Attempt:
    """One builder in one round: exit code, seconds, and whether it met another one in the run."""

    round: int
    code: int
    seconds: float
    together: bool


def attempt(run: Path, number: int) -> Attempt:
    """Builds from the start, with a file in the first stage that nobody else may have put there."""
    inside = run.parent / "inside"
    met = False

    def work(context: StageContext) -> Frozen:
        nonlocal met
        try:
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            met = True
        time.sleep(0.02)
        inside.unlink(missing_ok=True)
        return stubs._train(context)

    stubs.STAGES = (replace(stubs.STAGES[0], function=work), *stubs.STAGES[1:])
    begin = time.monotonic()
    code = stubs.build(run, stubs.ACCEPTED, fresh=True)
    return Attempt(number, code, time.monotonic() - begin, met)


def builder(run: Path, rounds: int, start: Any, queue: Any) -> None:
    """Takes part in every round."""
    for number in range(rounds):
        start.wait()
        queue.put(asdict(attempt(run, number)))


def main(folder: Path, rounds: int) -> None:
    """Prints every attempt."""
    forking = multiprocessing.get_context("fork")
    start, queue = forking.Barrier(BUILDERS), forking.SimpleQueue()
    work = partial(builder, folder / "run", rounds, start, queue)
    processes = [forking.Process(target=work) for _ in range(BUILDERS)]
    for process in processes:
        process.start()
    attempts = [queue.get() for _ in range(BUILDERS * rounds)]
    for process in processes:
        process.join()
    with suppress(FileNotFoundError):
        (folder / "inside").unlink()
    print(json.dumps(attempts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rounds", type=int)
    options = parser.parse_args()
    main(options.folder, options.rounds)
