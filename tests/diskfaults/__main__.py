"""Breaks every operation of every scenario, goes on each time, and compares what is there in the end.

python -m diskfaults FOLDER --every-way      each operation in all three ways, not in one of them in turn
"""

import argparse
import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from edge_nas import pipeline
from edge_nas.core import atomic, faults
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.errors import EdgeNasError, GateError, ResourceError
from edge_nas.pipeline import Pipeline
from edge_nas.runs.progress import Silent
from edge_nas.stages.contract import Stage, StageContext

MODES = ("kill", "enospc", "eio")
UNCOUNTED = 10**9  # larger than the number of operations of any scenario


class Text(Frozen):
    """What a stage came to."""

    text: str


class Trained(Text):
    """Of the first stage."""


class Pruned(Text):
    """Of the second."""


class Reported(Text):
    """Of the third."""


@dataclass
class Data:
    """Stands for a data set."""

    sha256: str = "data"


def _data(*_: object) -> Any:
    return Data()


def _train(context: StageContext) -> Frozen:
    atomic.make_folder(context.folder / "tensorboard")
    atomic.write_text(context.folder / "tensorboard" / "events", "loss")
    atomic.write_text(context.folder / "weights", f"seed {context.config.seed}")
    context.publish("weights", "artifacts/weights")
    return Trained(text="trained")


def _prune(context: StageContext) -> Frozen:
    """Two rounds; the first is kept where an interrupted stage can go on from it."""
    first = context.interim() / "round"
    if not first.is_file():
        atomic.write_text(first, "round 1")
    atomic.write_text(context.folder / "weights", f"{first.read_text()}, round 2, {context.config.prune.criterion}")
    context.publish("weights", "artifacts/pruned")
    if context.config.prune.criterion == "random":
        raise GateError("worse than allowed")
    return Pruned(text="pruned")


def _report(context: StageContext) -> Frozen:
    atomic.write_text(context.folder / "report.html", f"{[type(output).__name__ for output in context.outputs]}")
    context.publish("report.html", "report.html")
    return Reported(text="reported")


STAGES = (
    Stage("train", 1, _train, Trained, ("seed",), ()),
    Stage("prune", 3, _prune, Pruned, ("prune.criterion",), ("train",)),
    Stage("report", 10, _report, Reported, (), ("train", "prune")),
)
REFUSED, ACCEPTED = "prune.criterion=random", "prune.criterion=covariance"


@cache
def configured(settings: tuple[str, ...]) -> BuildConfig:
    """Returns the configuration of a build: to read it takes as long as the build of stubs."""
    return load_config(None, settings)


def build(run: Path, *settings: str, fresh: bool = False) -> int:
    """Builds, and returns the exit code."""
    try:
        Pipeline(STAGES, _data).build(configured(settings), run, progress=Silent(), fresh=fresh)
    except EdgeNasError as error:
        return error.exit_code
    return 0


@dataclass(frozen=True)
class Scenario:
    """What is there before (`prepare`), and the command that is broken."""

    prepare: Callable[[Path], Any]
    command: Callable[[Path], int]


SCENARIOS = {
    "first build": Scenario(lambda _: None, lambda run: build(run, ACCEPTED)),
    "changed settings": Scenario(lambda run: build(run, ACCEPTED), lambda run: build(run, ACCEPTED, "seed=7")),
    "from the start": Scenario(lambda run: build(run, ACCEPTED), lambda run: build(run, ACCEPTED, fresh=True)),
    "after a gate": Scenario(lambda run: build(run, REFUSED), lambda run: build(run, ACCEPTED)),
    "a gate": Scenario(lambda run: build(run, ACCEPTED), lambda run: build(run, REFUSED)),
}


def forked(work: Callable[[], int], fault: str = "") -> int:
    """Returns the exit code of a process of its own that does the work; negative: the signal that killed it."""
    child = os.fork()
    if child == 0:
        os.environ[faults.VARIABLE] = fault
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def operations(work: Callable[[], int], note: Path) -> int:
    """Returns how many operations on the disk the work takes."""

    def counted() -> int:
        work()
        note.write_text(str(faults._Counter.operations))
        return 0

    forked(counted, f"eio@{UNCOUNTED}")
    return int(note.read_text())


def digest(run: Path) -> dict[str, str]:
    """Returns the hash of every file below a run, the lock's own apart."""
    files = [path for path in sorted(run.rglob("*")) if path.is_file() and path.name not in (".lock", ".holder.json")]
    folders = [path for path in sorted(run.rglob("*")) if path.is_dir()]
    # A message may name the run's own path.
    contents = {str(path.relative_to(run)): path.read_bytes().replace(bytes(run), b"RUN") for path in files}
    hashes = {name: sha256(content).hexdigest() for name, content in contents.items()}
    return hashes | {f"{path.relative_to(run)}/": "" for path in folders}


def copied(prepared: Path, folder: Path) -> Path:
    """Returns a copy of a run, in a folder of its own."""
    return Path(shutil.copytree(prepared, folder / prepared.name))


def break_everywhere(name: str, scenario: Scenario, folder: Path, every_way: bool) -> dict[str, Any]:
    """Returns how many faults were met, and those after which the same command did not come to the same files."""
    prepared = folder / "prepared" / "run"
    prepared.mkdir(parents=True)
    # Not forked: what these two import, read and look up is there in all builds that are forked from here.
    scenario.prepare(prepared)
    undisturbed = copied(prepared, folder / "undisturbed")
    code = scenario.command(undisturbed)
    expected = digest(undisturbed)
    counting = copied(prepared, folder / "counting")
    count = operations(lambda: scenario.command(counting), folder / "count")
    faults = [
        (mode, number)
        for place, mode in enumerate(MODES)
        for number in range(1, count + 1)
        if every_way or number % len(MODES) == place
    ]
    failures: list[str] = []
    for mode, number in faults:
        fault = f"{mode}@{number}"
        run = copied(prepared, folder / fault)
        told = forked(partial(scenario.command, run), fault)
        # A gate that is not met is told even where result.json cannot be written.
        if told not in ({-signal.SIGKILL} if mode == "kill" else {ResourceError.exit_code, code or None}):
            failures.append(f"{name}: {fault} ended with {told}")
        again = forked(partial(scenario.command, run))
        if again != code or digest(run) != expected:
            differing = sorted(dict(set(digest(run).items()) ^ set(expected.items())))
            failures.append(f"{name}: after {fault} the same command ended with {again}; different: {differing}")
        shutil.rmtree(run)
    return {"operations": count, "faults": len(faults), "failures": failures}


def main(folder: Path, every_way: bool) -> None:
    """Prints what all scenarios came to."""
    pipeline.perf_counter = lambda: 0.0  # type: ignore[attr-defined]  # so that equal builds are equal to the byte
    print(
        json.dumps(
            {
                name: break_everywhere(name, scenario, folder / name.replace(" ", "_"), every_way)
                for name, scenario in SCENARIOS.items()
            }
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the builds lie")
    parser.add_argument("--every-way", action="store_true", help="break each operation in all three ways")
    options = parser.parse_args()
    main(options.folder, options.every_way)
