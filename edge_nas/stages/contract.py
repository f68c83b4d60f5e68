"""A stage's contract: what it declares that it depends on, and what it is lent in return, which is no more than that.

    STAGE = Stage("analyze", 2, analyze, AnalyzeOutput, reads=("seed", "analyze"), needs=("train",))

    def analyze(context: StageContext) -> AnalyzeOutput:
        context.config.analyze.width_error       # declared as part of the section `analyze`
        context.output(TrainOutput)              # of the stage `train`
        context.config.export                    # raises: nothing of it is in `reads`

The key of a stage is made of its declaration. What a stage used without declaring it would not be in its key, and a
stale result would look finished; so using it raises, in tests and in a build (design note 23).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from edge_nas.core.config import BuildConfig, FitSpec
from edge_nas.core.frozen import Frozen
from edge_nas.errors import DivergedError, EdgeNasError
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.result import Result, assemble
from edge_nas.results.train import EpochRecord
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.names import LOGS
from edge_nas.runs.progress import Progress
from edge_nas.runs.record import Finished
from edge_nas.stages.settings import Declaration, declared_settings

if TYPE_CHECKING:
    from edge_nas.data.dataset import Dataset

LAST_GOOD = "last_good.npz"
"""What a stage whose training diverged leaves: the network with the best weights on val before that."""
_QUANTIZING = "tensorflow_model_optimization"

Output = TypeVar("Output", bound=Frozen)


@dataclass(frozen=True)
class Stage:
    """One line of the pipeline's table.

    Args:
        name: What `build --from` and `--until` call it.
        number: The folder's number, and the stage's place in the table; gaps are kept for stages to come.
        function: Does the work.
        output: Type of what it returns.
        reads: Settings that it uses, as dotted keys or whole sections; they enter its key. The data are in every key.
        needs: Earlier stages whose outputs or files it uses; they enter its key.
        looks_ahead: Settings of later stages on which nothing of its output depends: it looks at them to refuse early
            what a later stage would refuse. They stay out of its key; `StageContext.ahead` lends them.
        outside_files: Hashes of files outside the run that its settings name, by name; they enter its key.
        outdated: Says why a finished output is to be made again although its key is right; None: it is not.
    """

    name: str
    number: int
    function: "Callable[[StageContext], Frozen]"
    output: type[Frozen]
    reads: tuple[str, ...]
    needs: tuple[str, ...]
    looks_ahead: tuple[str, ...] = ()
    outside_files: Callable[[BuildConfig], Mapping[str, str]] = lambda _: {}
    outdated: Callable[[Any], str | None] = lambda _: None

    @property
    def folder(self) -> str:
        """Name of the stage's folder in the run."""
        return f"{self.number:02d}_{self.name}"

    def declares(self, setting: str) -> bool:
        """Returns whether a setting, by its dotted key, is in `reads`, alone or as part of a section."""
        return any(setting == entry or setting.startswith(f"{entry}.") for entry in self.reads)

    def settings(self, config: BuildConfig, note: Callable[[str], object] = lambda _: None) -> BuildConfig:
        """Returns the configuration as far as `reads` goes; `note` is told each of its entries that is used."""
        return declared_settings(config, Declaration(self.reads, self.name, "reads", note))

    def settings_ahead(self, config: BuildConfig, note: Callable[[str], object] = lambda _: None) -> BuildConfig:
        """Returns the configuration as far as `looks_ahead` goes."""
        return declared_settings(config, Declaration(self.looks_ahead, self.name, "looks_ahead", note))


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


class StageContext:
    """What a stage function is lent.

    Attributes:
        config: The settings that the stage's `reads` name; the others raise.
        ahead: The settings that its `looks_ahead` names.
        folder: An empty folder to write into; it becomes the stage's folder when the function returns.
        progress: Who is told how far the stage is.
        published: Files to copy out of the stage's folder when it is finished; `publish` fills it.

    Args:
        stage: The stage.
        config: The whole configuration.
        run: The run folder.
        folder: Where the stage writes.
        key: Hash of all that the stage's output depends on.
        progress: Who is told how far the stage is.
        data: The data set, not read yet perhaps.
        finished: The stages that this one needs.
    """

    def __init__(
        self,
        stage: Stage,
        config: BuildConfig,
        *,
        run: RunFolder,
        folder: Path,
        key: str,
        progress: Progress,
        data: LazyDataset,
        finished: Mapping[str, Finished[Frozen]],
    ) -> None:
        self._stage = stage
        self._run = run
        self._key = key
        self._data = data
        self._finished = {name: finished[name] for name in stage.needs}
        self._used: set[tuple[str, str]] = set()
        self.config = stage.settings(config, partial(self._note, "reads"))
        self.ahead = stage.settings_ahead(config, partial(self._note, "looks_ahead"))
        self.folder = folder
        self.progress = progress
        self.published: dict[str, str] = {}

    @property
    def dataset(self) -> "Dataset":
        """The data set, read when it is first asked for. It is in every stage's key."""
        return self._data.dataset

    def output(self, kind: type[Output]) -> Output:
        """Returns the output of the earlier stage that makes this type.

        Raises:
            EdgeNasError: the stage does not name that one in its `needs`.
        """
        for name, finished in self._finished.items():
            if isinstance(finished.output, kind):
                self._note("needs", name)
                return finished.output
        raise self._undeclared(f"the output {kind.__name__}", "the stage that makes it", "needs")

    @property
    def outputs(self) -> tuple[Frozen, ...]:
        """The outputs of all stages that this one needs."""
        for name in self._finished:
            self._note("needs", name)
        return tuple(finished.output for finished in self._finished.values())

    def result(self) -> Result:
        """Returns what result.json would hold of the stages that this one needs."""
        seconds = {name: finished.seconds for name, finished in self._finished.items()}
        return assemble(self.config.name, self.outputs, seconds)

    def path_of(self, artifact: ModelArtifact) -> Path:
        """Returns where the file of an earlier stage lies.

        Raises:
            EdgeNasError: the stage does not name that one in its `needs`.
        """
        if artifact.stage not in self._finished:
            raise self._undeclared(f"the file {artifact.path}", f"{artifact.stage!r}", "needs")
        self._note("needs", artifact.stage)
        return self._run.path / artifact.path

    def interim(self) -> Path:
        """Returns a folder that outlives an interruption of this stage, for a run with the same key."""
        return self._run.interim(self._stage.folder, self._key)

    def in_run(self, name: str) -> str:
        """Returns the path in the run, for a `ModelArtifact`, of a file that the stage writes as `folder / name`."""
        return f"{self._stage.folder}/{name}"

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
        from edge_nas.training import fit

        try:
            return fit(
                network,
                spec,
                self.dataset,
                self.config.augmentation,
                seed=self.config.seed,
                progress=self.progress,
                **{"log_folder": self.folder / LOGS} | options,
            )
        except DivergedError:
            self._keep_last_good(network)
            raise

    def _keep_last_good(self, network: Any) -> None:
        """Writes the weights that a training had before its loss became NaN: the best on val so far."""
        from edge_nas.models.files import save_model

        # While it is being quantized a network has layers that a network file does not take; its float one is kept.
        if not any(type(layer).__module__.startswith(_QUANTIZING) for layer in network.layers):
            save_model(network, self.folder / LAST_GOOD)

    def unused(self) -> tuple[str, ...]:
        """Returns what the stage declares and has not used so far, such as "reads seed".

        What is declared and never used makes a stage run again for nothing.
        """
        fields = {
            "reads": self._stage.reads,
            "needs": self._stage.needs,
            "looks_ahead": self._stage.looks_ahead,
        }
        return tuple(
            f"{field} {entry}"
            for field, entries in fields.items()
            for entry in entries
            if (field, entry) not in self._used
        )

    def _note(self, field: str, entry: str) -> None:
        self._used.add((field, entry))

    def _undeclared(self, what: str, missing: str, field: str) -> EdgeNasError:
        name = self._stage.name
        return EdgeNasError(f"stage {name} uses {what}, but its declaration lacks {missing}: add it to {field}")
