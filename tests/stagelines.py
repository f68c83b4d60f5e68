"""A short line of stages that write a file each, for tests of the way through a table of stages."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_nas.core.configfile import load_config
from edge_nas.core.frozen import Frozen
from edge_nas.core.modelnames import file_hashes
from edge_nas.pipeline import Pipeline
from edge_nas.results.result import Result
from edge_nas.runs.progress import Silent
from edge_nas.stages.contract import Stage, StageContext


class First(Frozen):
    text: str


class Second(Frozen):
    text: str


class Third(Frozen):
    text: str


@dataclass
class FakeDataset:
    sha256: str = "data 1"


@dataclass
class Told(Silent):
    """Keeps what it is told."""

    events: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def stage_started(self, stage: str, position: int, total: int) -> None:
        self.events.append(("started", stage, f"{position}/{total}"))

    def stage_finished(self, stage: str, seconds: float, *, resumed: bool, output: Frozen) -> None:
        self.events.append(("resumed" if resumed else "done", stage))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def finished(self, result: Result) -> None:
        self.results.append(result)

    def ran(self) -> list[str]:
        return [stage for what, stage, *_ in self.events if what == "done"]


class Line:
    """Three stages that write a file each, and whatever a test puts in their place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = FakeDataset()
        self.load: Callable[[Any, str], Any] = lambda *_: self.data
        self.instead: dict[str, Callable[[StageContext], None]] = {}
        self.told = Told()
        self.outdated: str | None = None

    def table(self) -> tuple[Stage, ...]:
        return (
            Stage(
                "train",
                1,
                self._function("train", First),
                First,
                ("seed", "model", "train"),
                (),
                outside_files=lambda config: file_hashes(config.model.sources),
            ),
            Stage(
                "prune",
                3,
                self._function("prune", Second),
                Second,
                ("prune",),
                ("train",),
                outdated=lambda _: self.outdated,
            ),
            Stage("report", 10, self._function("report", Third), Third, ("benchmark",), ("train", "prune")),
        )

    def _function(self, name: str, kind: type[Frozen]) -> Callable[[StageContext], Frozen]:
        def function(context: StageContext) -> Frozen:
            (context.folder / "file").write_text(name)
            if name in self.instead:
                self.instead[name](context)
            if name == "report":
                context.publish("file", "artifacts/file")
            return kind.from_data({"text": f"{name} of {[output.to_data()['text'] for output in context.outputs]}"})

        return function

    def build(self, *overrides: str, **options: Any) -> list[str]:
        """Builds and returns the stages that ran."""
        self.told = Told()
        config = load_config(None, overrides)
        Pipeline(self.table(), self.load).build(config, self.path, progress=self.told, **options)
        return self.told.ran()

    def result(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.path / "result.json").read_text())
        return data
