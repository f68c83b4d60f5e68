"""Builds with stages that tick and write files; prints "ready" when the command begins."""

import signal
import sys
import time
from typing import Any

# A shell has SIGINT ignored in what it starts in the background, such as tests.
signal.signal(signal.SIGINT, signal.default_int_handler)
from edge_nas.cli.start import main  # noqa: E402
from edge_nas.core.interrupts import install  # noqa: E402

install()
from diskfaults.__main__ import Data, Pruned, Reported, Trained  # noqa: E402

from edge_nas import pipeline  # noqa: E402
from edge_nas.core import atomic  # noqa: E402
from edge_nas.core.frozen import Frozen  # noqa: E402
from edge_nas.pipeline import Pipeline  # noqa: E402
from edge_nas.stages.contract import Stage, StageContext  # noqa: E402

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


pipeline.build = _build  # type: ignore[assignment]
pipeline.perf_counter = lambda: 0.0  # type: ignore[attr-defined]  # so that equal builds are equal to the byte
print("ready", flush=True)
sys.argv = ["edge-nas", "build", "--run", sys.argv[1], "--json"]
main()
