"""What a stage is lent, for tests that run one: a folder of its own, earlier outputs, and someone who listens."""

from pathlib import Path
from typing import Any

from edge_nas.core.config import BuildConfig
from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.progress import Silent
from edge_nas.runs.record import Finished, StageRecord
from edge_nas.stages.contract import LazyDataset, StageContext
from edge_nas.stages.table import STAGES


class Listener(Silent):
    """A Progress that remembers steps, notes and warnings."""

    def __init__(self) -> None:
        self.ticks: list[tuple[str, int, int]] = []
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def tick(self, what: str, done: int, total: int) -> None:
        self.ticks.append((what, done, total))

    def note(self, message: str) -> None:
        self.notes.append(message)

    def warning(self, message: str) -> None:
        self.warnings.append(message)


def stage_context(name: str, root: Path, *outputs: Frozen, dataset: Any = None, **settings: Any) -> StageContext:
    """Returns what stage `name` is lent in the run at `root`.

    Args:
        name: of the stage.
        root: the run; the stage's folder is made in it, under its final name, so that what it writes is found there.
        outputs: of earlier stages, all that the stage needs.
        dataset: the data.
        settings: of the build, as `BuildConfig` takes them.
    """
    makers = {stage.output: stage.name for stage in STAGES}
    (stage,) = (stage for stage in STAGES if stage.name == name)
    folder = root / stage.folder
    folder.mkdir(exist_ok=True, parents=True)
    return StageContext(
        stage,
        BuildConfig(**settings),
        run=RunFolder(root),
        folder=folder,
        key="0" * 64,
        progress=Listener(),
        data=LazyDataset(lambda: dataset),
        finished={makers[type(output)]: finished(output) for output in outputs},
    )


def finished(output: Frozen, seconds: float = 1.0) -> Finished[Frozen]:
    """Returns an output as if a stage had come to it."""
    record = StageRecord(
        stage="", key="0" * 64, seconds=seconds, versions={}, output=output.to_data(), files={}, published={}
    )
    return Finished(output, record)


def written(context: StageContext, artifact: ModelArtifact) -> Path:
    """Returns where a file lies that the stage itself wrote."""
    return context.folder / Path(artifact.path).name
