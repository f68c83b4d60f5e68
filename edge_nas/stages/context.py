"""What a stage is lent while it runs.

    def train(context: StageContext) -> TrainOutput: ...

A stage writes into `context.folder` only and returns its output. It reads earlier stages by the type of their output,
`context.output(TrainOutput)`, and must have named them in `needs`: what it did not name would not be in its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from edge_nas.core.config import BuildConfig, FitSpec
from edge_nas.core.frozen import Frozen
from edge_nas.errors import EdgeNasError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.result import Result
from edge_nas.results.train import EpochRecord
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.progress import Progress

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

Output = TypeVar("Output", bound=Frozen)


class LazyDataset:
    """The data of a build, read when it is first asked for and then kept."""

    def __init__(self, load: "Callable[[], Dataset]") -> None:
        self._load = load

    @cached_property
    def dataset(self) -> "Dataset":
        """The data set.

        Raises:
            ConfigError, DataError, ResourceError, UnsafeError: it cannot be used.
        """
        return self._load()


@dataclass(frozen=True)
class StageContext:
    """What a stage function is given.

    Args:
        config: The whole configuration; a stage uses the settings that its `reads` names.
        folder: An empty folder to write into; it becomes the stage's folder when the function returns.
        name: Name of the stage's folder in the run, such as "01_train".
        key: Hash of all that the stage's output depends on.
        run: The run folder, to read the files of earlier stages.
        progress: Who is told how far the stage is.
        data: The data set, not read yet perhaps; `dataset` reads it.
        outputs: Outputs of the stages that this one needs.
        so_far: The result of all that is finished, for the report.
        published: Files to copy out of the stage's folder when it is finished; `publish` fills it.
    """

    config: BuildConfig
    folder: Path
    name: str
    key: str
    run: RunFolder
    progress: Progress
    data: LazyDataset
    outputs: Mapping[str, Frozen]
    so_far: Result
    published: dict[str, str]

    @property
    def dataset(self) -> "Dataset":
        """The data set, read when it is first asked for."""
        return self.data.dataset

    def output(self, kind: type[Output]) -> Output:
        """Returns the output of the earlier stage that makes this type.

        Raises:
            EdgeNasError: the stage does not name that one in its `needs`.
        """
        for output in self.outputs.values():
            if isinstance(output, kind):
                return output
        raise EdgeNasError(f"stage folder {self.name}: {kind.__name__} is read but not named in the stage's needs")

    def interim(self) -> Path:
        """Returns a folder that outlives an interruption of this stage, for a run with the same key."""
        return self.run.interim(self.name, self.key)

    def path_of(self, artifact: ModelArtifact) -> Path:
        """Returns where the file of an earlier stage lies."""
        return self.run.path / artifact.path

    def in_run(self, name: str) -> str:
        """Returns the path in the run, for a `ModelArtifact`, of a file that the stage writes as `folder / name`."""
        return f"{self.name}/{name}"

    def publish(self, name: str, path: str) -> str:
        """Has `folder / name` copied to `path` in the run once the stage is finished; returns `path`."""
        self.published[name] = path
        return path

    def fit(self, network: Any, spec: FitSpec, **options: Any) -> tuple[EpochRecord, ...]:
        """Trains a network in place on the run's data, augmentation and seed, as `edge_nas.training.fit` does.

        Args:
            network: flat network; its weights are changed.
            spec: how to train.
            options: further arguments of `edge_nas.training.fit`; TensorBoard's files go into the stage's folder unless
                `log_folder` is among them.
        """
        from edge_nas.training.fit import fit

        return fit(
            network,
            spec,
            self.dataset,
            self.config.augmentation,
            seed=self.config.seed,
            progress=self.progress,
            **{"log_folder": self.folder / "tensorboard"} | options,
        )
