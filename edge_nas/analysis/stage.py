"""Stage 2: what the trained network's channels repeat of each other."""

from edge_nas.core.atomic import write_json, write_text
from edge_nas.core.config import AnalyzeSpec
from edge_nas.core.preprocessing import Preprocessing
from edge_nas.covariance.report import redundancy_report
from edge_nas.data.dataset import Dataset
from edge_nas.models.files import load_model
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.redundancy import LayerRedundancy, RedundancyReport
from edge_nas.results.train import TrainOutput
from edge_nas.runs.workspace import Workspace

_HEADINGS = ("layer", "kind", "channels", "effective rank", "redundancy", "mean R²", "dead", "suggested width")


def analyze(
    spec: AnalyzeSpec,
    *,
    trained: TrainOutput,
    dataset: Dataset,
    calibration_images: int | None,
    seed: int,
    run: Workspace,
) -> AnalyzeOutput:
    """Returns the redundancy of every layer; writes `redundancy.json` and `redundancy.txt`."""
    network = load_model(run.path_of(trained.model))
    inputs = Preprocessing().apply(dataset.calibration(calibration_images, seed))
    report = redundancy_report(
        network,
        inputs,
        spec.width_error,
        lambda done, total: run.progress.step("images through the network", done, total),
    )
    write_json(run.folder / "redundancy.json", report.to_data())
    write_text(run.folder / "redundancy.txt", redundancy_table(report))
    return AnalyzeOutput(redundancy=report)


def redundancy_table(report: RedundancyReport) -> str:
    """Returns a plain-text table, one line per layer."""
    rows = [_HEADINGS, *(_row(layer) for layer in report.layers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _row(layer: LayerRedundancy) -> tuple[str, ...]:
    return (
        layer.name,
        layer.kind,
        str(layer.channels),
        f"{layer.effective_rank:.1f}",
        f"{layer.score:.3f}",
        f"{sum(layer.r2) / len(layer.r2):.3f}",
        str(len(layer.dead)),
        str(layer.suggested_width),
    )
