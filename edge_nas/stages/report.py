"""Stage 10: report.html, and the network's card."""

from edge_nas.core.atomic import write_bytes
from edge_nas.core.config import BuildConfig
from edge_nas.core.hashing import sha256_bytes
from edge_nas.errors import EdgeNasError
from edge_nas.results.export import ExportOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.report import ReportOutput
from edge_nas.results.scores import AnyReport
from edge_nas.runs.names import ARTIFACTS
from edge_nas.stages.contract import Stage, StageContext

FILE, CARD = "report.html", "model_card.md"


def report(context: StageContext) -> ReportOutput:
    """Returns report.html, one file that holds all it shows, at the top of the run; a card is published with the files.

    The same build gives the same bytes: nothing in it tells when or where it was written.

    Raises:
        EdgeNasError: the shipped int8 file gives other answers than those that were evaluated.
        ArtifactError: the shipped int8 file cannot be run.
    """
    from edge_nas.reporting import Material, model_card, render, samples

    deployed = context.output(ExportOutput).deployed
    drawn = samples(context.path_of(deployed), *context.dataset.reported, context.progress)
    _check_same(drawn.report, context.output(QuantizeOutput).evaluation.reported)
    material = Material.from_outputs(context.config, context.outputs, context.result(), context.dataset)
    data = render(material, drawn).encode("utf-8", errors="backslashreplace")
    write_bytes(context.folder / FILE, data)
    write_bytes(context.folder / CARD, model_card(material).encode("utf-8", errors="backslashreplace"))
    context.publish(CARD, f"{ARTIFACTS}/{CARD}")
    return ReportOutput(path=context.publish(FILE, FILE), sha256=sha256_bytes(data))


STAGE = Stage(
    name="report",
    number=10,
    function=report,
    output=ReportOutput,
    reads=tuple(BuildConfig.model_fields),
    needs=("train", "analyze", "prune", "quantize", "export", "compile", "verify", "benchmark", "deploy"),
)


def _check_same(drawn: AnyReport, evaluated: AnyReport) -> None:
    """Refuses to show pictures beside figures that are not theirs."""
    if drawn != evaluated:
        raise EdgeNasError(
            f"report: model.tflite gives {_scores(drawn)} on {evaluated.split}, but {_scores(evaluated)} were "
            "evaluated; run the build with --from quantize"
        )


def _scores(report: AnyReport) -> str:
    return ", ".join(f"{heading} {value}" for heading, value in report.metrics.shown.items())
