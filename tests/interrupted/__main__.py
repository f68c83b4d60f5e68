"""Builds with stages that tick and write files, each in a process of its own, forked once everything is imported.

Each line of standard input names a run. Out come "ready PID" when its command begins, and "ended CODE"; what the
command says goes to RUN.txt. Imports are not what is interrupted here, and a new Python would take a second each time.
"""

import os
import signal
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from diskfaults.__main__ import Data, Pruned, Reported, Trained

from edge_nas import pipeline
from edge_nas.cli.main import run
from edge_nas.cli.start import main
from edge_nas.core import atomic
from edge_nas.core.frozen import Frozen
from edge_nas.core.interrupts import install
from edge_nas.pipeline import Pipeline
from edge_nas.stages.contract import Stage, StageContext

TICKS, TICK_S = 10, 0.01


def _work(context: StageContext) -> None:
    for number in range(TICKS):
        context.progress.tick("files", number, TICKS)
        atomic.write_text(context.folder / f"{number}.txt", f"file {number}")
        time.sleep(TICK_S)
    context.publish("0.txt", f"artifacts/{context.folder.name.strip('.')}.txt")


def _train(context: StageContext) -> Frozen:
    _work(context)
    return Trained(text="trained")


def _prune(context: StageContext) -> Frozen:
    atomic.write_text(context.interim() / "round", "round 1")
    _work(context)
    return Pruned(text="pruned")


def _report(context: StageContext) -> Frozen:
    _work(context)
    return Reported(text="reported")


STAGES = (
    Stage("train", 1, _train, Trained, ("seed",), ()),
    Stage("prune", 3, _prune, Pruned, (), ("train",)),
    Stage("report", 10, _report, Reported, (), ("train", "prune")),
)


def _build(config: Any, run: Any, *, progress: Any, **_: Any) -> Any:
    return Pipeline(STAGES, lambda *_: Data()).build(config, run, progress=progress)  # type: ignore[arg-type, return-value]


def _arguments(folder: str) -> list[str]:
    return ["build", "--run", folder, "--json"]


def _command(folder: str) -> NoReturn:
    """What the process of one build does."""
    # A shell has SIGINT ignored in what it starts in the background, such as tests.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    install()
    print(f"ready {os.getpid()}", flush=True)
    said = os.open(f"{folder}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(said, 2)
    sys.argv = ["edge-nas", *_arguments(folder)]
    main()


def _serve(first: Path) -> None:
    """Builds one run here, for all that it imports, then what standard input names."""
    with Path(os.devnull).open("w") as nothing, redirect_stdout(nothing):
        code = run(_arguments(str(first)))
    assert code == 0
    print("started", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _command(line.rstrip("\n"))
        print(f"ended {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}", flush=True)


pipeline.build = _build  # type: ignore[assignment]
pipeline.perf_counter = lambda: 0.0  # type: ignore[attr-defined]  # so that equal builds are equal to the byte
_serve(Path(sys.argv[1]))
