"""Stage 10: report.html."""

from collections.abc import Callable
from importlib import resources

import jinja2

from edge_nas.core.atomic import write_bytes
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import dump_config
from edge_nas.core.hashing import sha256_bytes
from edge_nas.data.dataset import Dataset
from edge_nas.errors import EdgeNasError
from edge_nas.reporting import sections
from edge_nas.reporting.formats import FILTERS
from edge_nas.reporting.material import Material
from edge_nas.reporting.microcontroller import microcontroller
from edge_nas.reporting.pictures import Samples, samples
from edge_nas.reporting.summary import difference, summarize
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.benchmark import BenchmarkOutput
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.report import ReportOutput
from edge_nas.results.result import Result
from edge_nas.results.scores import AnyReport
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import VerificationReport
from edge_nas.runs.workspace import Workspace

FILE = "report.html"
DEPLOYED = "model.tflite"
_TEMPLATE = "report.html.j2"


def report(
    config: BuildConfig,
    *,
    trained: TrainOutput,
    analyzed: AnalyzeOutput,
    pruned: PruneOutput,
    quantized: QuantizeOutput,
    exported: ExportOutput,
    compiled: CompiledModel,
    verified: VerificationReport,
    benchmarked: BenchmarkOutput,
    deployed: DeploymentBundle,
    result: Result,
    dataset: Dataset,
    run: Workspace,
) -> ReportOutput:
    """Returns report.html: one file that holds all it shows, published at the top of the run.

    The same build gives the same bytes: nothing in it tells when or where it was written.

    Args:
        config: what was asked for.
        trained: what stage 1 came to.
        analyzed: stage 2.
        pruned: stage 3.
        quantized: stage 4.
        exported: stage 5.
        compiled: stage 6.
        verified: stage 7.
        benchmarked: stage 8.
        deployed: stage 9.
        result: what result.json will hold.
        dataset: the data; the images of the reported split are drawn.
        run: where to write, and where the shipped files lie.

    Raises:
        EdgeNasError: the shipped int8 file gives other answers than those that were judged.
        ArtifactError: the shipped int8 file cannot be run.
    """
    material = Material(
        config,
        trained,
        analyzed,
        pruned,
        quantized,
        exported,
        compiled,
        verified,
        benchmarked,
        deployed,
        result,
        dataset,
    )
    drawn = samples(run.path_of(exported.artifacts[DEPLOYED]), *dataset.reported, run.progress)
    _check_same(drawn.report, quantized.evaluation.reported)
    data = render(material, drawn).encode("utf-8", errors="backslashreplace")
    write_bytes(run.folder / FILE, data)
    return ReportOutput(path=run.publish(FILE, FILE), sha256=sha256_bytes(data))


def render(material: Material, drawn: Samples) -> str:
    """Returns the page."""
    return (
        _environment(_text)
        .get_template(_TEMPLATE)
        .render(
            material=material,
            samples=drawn,
            summary=summarize(material),
            training=sections.training(material),
            redundancy=sections.redundancy(material),
            widths=sections.widths(material),
            latency=sections.latency(material),
            microcontroller=microcontroller(material),
            shipped=sections.shipped_files(material),
            kept=sections.stage_files(material),
            provenance=sections.provenance(material),
            settings=dump_config(material.config),
        )
    )


def _environment(load: Callable[[str], str]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= FILTERS
    environment.globals["difference"] = difference
    return environment


def _text(name: str) -> str:
    """Returns a template of this package."""
    return (resources.files("edge_nas.reporting") / "templates" / name).read_text(encoding="utf-8")


def _check_same(seen: AnyReport, judged: AnyReport) -> None:
    """Refuses to show pictures beside figures that are not theirs."""
    if seen != judged:
        raise EdgeNasError(
            f"report: {DEPLOYED} gives {_told(seen)} on {judged.split}, but {_told(judged)} were judged; "
            "run the build with --from quantize"
        )


def _told(report: AnyReport) -> str:
    return ", ".join(f"{heading} {value}" for heading, value in report.metrics.shown.items())
