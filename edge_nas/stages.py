"""What a stage is, what it is given, and the stages of a build: thin functions that call the packages.

    def train(context: StageContext) -> TrainOutput: ...

A stage writes into `context.folder` only and returns its output. It reads earlier stages by the type of their output,
`context.output(TrainOutput)`, and must have named them in `needs`: what it did not name would not be in its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from edge_nas.core.config import BuildConfig
from edge_nas.core.frozen import Frozen
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.errors import ArtifactError, EdgeNasError
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.benchmark import BenchmarkOutput
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.report import ReportOutput
from edge_nas.results.result import Result
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import VerificationReport
from edge_nas.runs.folder import RunFolder
from edge_nas.runs.progress import Progress
from edge_nas.runs.workspace import Fit

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


@dataclass(frozen=True)
class Stage:
    """One line of the pipeline's table.

    Args:
        name: The command's name.
        number: The folder's number; gaps are kept for stages to come.
        function: Does the work.
        output: Type of what it returns.
        reads: Settings that it uses, as dotted keys or whole sections; they enter its key.
        needs: Earlier stages whose outputs or files it uses; they enter its key. A stage that needs none depends on
            the data directly, the others through it.
        outdated: Says why a finished output is to be made again although its key is right; None: it is not.
    """

    name: str
    number: int
    function: Callable[[StageContext], Frozen]
    output: type[Frozen]
    reads: tuple[str, ...]
    needs: tuple[str, ...]
    outdated: Callable[[Any], str | None] = lambda _: None

    @property
    def folder(self) -> str:
        """Name of the stage's folder in the run."""
        return f"{self.number:02d}_{self.name}"


def train(context: StageContext) -> TrainOutput:
    """Trains the student, and its teacher where one is named."""
    load_tensorflow()
    from edge_nas import training

    return training.train(
        context.config.train,
        model=context.config.model,
        augmentation=context.config.augmentation,
        seed=context.config.seed,
        dataset=context.dataset,
        run=context,
        check=partial(_check_later_stages, context),
    )


def _check_later_stages(context: StageContext, network: Any) -> None:
    """Refuses what a later stage would refuse of the untrained network, before time goes into its training.

    Nothing of the output depends on what is read here, so that `reads` does not name it.
    """
    from edge_nas import pruning

    config = context.config
    images = len(context.dataset.calibration(config.data.calibration_images, config.seed))
    pruning.check_preconditions(network, config.prune, images)
    _dry_run(context, network)


def _dry_run(context: StageContext, network: Any) -> None:
    """Raises GraphError where a later stage could not take the untrained network; warns of what only `compile` refuses.

    A build that ends with the .tflite files has no need of C.
    """
    from edge_nas import codegen, exporting, quantization

    data = quantization.dry_run(network, context.config.quantize.scheme)
    if data is None:
        return
    exporting.dry_run(network, data)
    try:
        codegen.compile_tflite(data, source=f"network {network.name!r}")
    except ArtifactError as error:
        context.progress.warning(f"stage compile will not take this network: {error}")


def analyze(context: StageContext) -> AnalyzeOutput:
    """Measures the redundancy of every layer of the trained network."""
    load_tensorflow()
    from edge_nas import analysis

    return analysis.analyze(
        context.config.analyze,
        trained=context.output(TrainOutput),
        dataset=context.dataset,
        calibration_images=context.config.data.calibration_images,
        seed=context.config.seed,
        run=context,
    )


def prune(context: StageContext) -> PruneOutput:
    """Removes channels, repairs their readers and fine-tunes."""
    load_tensorflow()
    from edge_nas import pruning

    return pruning.prune(
        context.config.prune,
        trained=context.output(TrainOutput),
        dataset=context.dataset,
        calibration_images=context.config.data.calibration_images,
        width_error=context.config.analyze.width_error,
        seed=context.config.seed,
        fit=_fit(context),
        run=context,
    )


def quantize(context: StageContext) -> QuantizeOutput:
    """Makes the int8 file by quantization-aware training."""
    load_tensorflow()
    from edge_nas import quantization

    return quantization.quantize(
        context.config.quantize,
        pruned=context.output(PruneOutput),
        dataset=context.dataset,
        calibration_images=context.config.data.calibration_images,
        seed=context.config.seed,
        fit=_fit(context),
        run=context,
    )


def export(context: StageContext) -> ExportOutput:
    """Writes the files that are shipped and compares each with what it was made from."""
    load_tensorflow()
    from edge_nas import exporting

    return exporting.export(
        context.config.export,
        pruned=context.output(PruneOutput),
        quantized=context.output(QuantizeOutput),
        dataset=context.dataset,
        run=context,
        budget=context.config.prune.budget,
    )


def compile_network(context: StageContext) -> CompiledModel:
    """Writes the int8 file as C."""
    from edge_nas import codegen

    return codegen.compile_artifact(context.config.compile, model=_deployed(context), run=context)


def verify(context: StageContext) -> VerificationReport:
    """Compares everything that computes the int8 file with the reference kernels, on emulated cores as well."""
    from edge_nas import verification

    compiled = context.output(CompiledModel)
    return verification.verify(context.config.verify, model=_deployed(context), compiled=compiled, run=context)


def more_can_be_verified(report: VerificationReport) -> str | None:
    """Returns what a finished verification skipped for want of tools that are installed now; None: nothing.

    Tools are no part of the stage's key: a run that is looked at where there are none keeps what was verified.
    """
    from edge_nas.emulation.tools import is_on_path
    from edge_nas.runtimes import tflm

    missing = {rung.name: rung.missing for rung in report.rungs} | {
        name: core.missing for name, core in report.cores.items()
    }
    now = [
        name
        for name, tools in missing.items()
        if tools and all(tflm.installed() if tool == tflm.PACKAGE else is_on_path(tool) for tool in tools)
    ]
    return f"{', '.join(now)} had to be skipped, and can run now" if now else None


def benchmark(context: StageContext) -> BenchmarkOutput:
    """Measures latency on this machine: the pruned network in Keras, and every file that is shipped."""
    from edge_nas import benchmarking

    spec, pruned = context.config.benchmark, context.output(PruneOutput).model
    shipped = context.output(ExportOutput).artifacts.values()
    files = [benchmarking.file_subject(context.path_of(artifact), spec.threads) for artifact in shipped]
    with benchmarking.keras_subject(context.path_of(pruned), spec.threads) as keras:
        return benchmarking.benchmark(
            spec, [keras, *files], lambda done, total, what: context.progress.step(what, done, total)
        )


def deploy(context: StageContext) -> DeploymentBundle:
    """Writes the bundle for the board."""
    from edge_nas import deployment

    return deployment.deploy(
        context.config.deploy,
        model=_deployed(context),
        compiled=context.output(CompiledModel),
        verified=context.output(VerificationReport),
        run=context,
    )


def more_can_be_estimated(bundle: DeploymentBundle) -> str | None:
    """Returns what a finished bundle lacks for want of a tool that is installed now; None: nothing."""
    if bundle.npu_skipped is None:
        return None
    from edge_nas.deployment import vela

    if bundle.npu_skipped != vela.NOT_INSTALLED or not vela.installed():
        return None
    return f"{vela.PACKAGE} was missing, and is installed now"


def report(context: StageContext) -> ReportOutput:
    """Writes the HTML file."""
    from edge_nas import reporting

    return reporting.report(
        context.config,
        trained=context.output(TrainOutput),
        analyzed=context.output(AnalyzeOutput),
        pruned=context.output(PruneOutput),
        quantized=context.output(QuantizeOutput),
        exported=context.output(ExportOutput),
        compiled=context.output(CompiledModel),
        verified=context.output(VerificationReport),
        benchmarked=context.output(BenchmarkOutput),
        deployed=context.output(DeploymentBundle),
        result=context.so_far,
        dataset=context.dataset,
        run=context,
    )


def _deployed(context: StageContext) -> ModelArtifact:
    return context.output(ExportOutput).artifacts["model.tflite"]


def _fit(context: StageContext) -> Fit:
    """Lends a stage the training of the first one, on the same data, augmentation and seed."""
    from edge_nas.training import fit

    return partial(
        fit,
        dataset=context.dataset,
        augmentation=context.config.augmentation,
        seed=context.config.seed,
        progress=context.progress,
        log_folder=context.folder / "tensorboard",
    )
