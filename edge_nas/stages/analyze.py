"""Stage 2: what the trained network's channels repeat of each other."""

from edge_nas.core.atomic import write_json, write_text
from edge_nas.core.tensorflowlog import load_tensorflow
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.train import TrainOutput
from edge_nas.stages.contract import Stage, StageContext


def analyze(context: StageContext) -> AnalyzeOutput:
    """Returns the redundancy of every layer of the trained network; writes `redundancy.json` and `redundancy.txt`."""
    load_tensorflow()
    from edge_nas.analysis.table import redundancy_table
    from edge_nas.covariance.report import redundancy_report
    from edge_nas.models.files import load_model

    config = context.config
    network = load_model(context.path_of(context.output(TrainOutput).model))
    inputs = context.dataset.calibration(config.data.calibration_images, config.seed)

    def tell(done: int, total: int) -> None:
        context.progress.tick("images through the network", done, total)

    report = redundancy_report(network, inputs, config.analyze.width_error, tell)
    write_json(context.folder / "redundancy.json", report.to_data())
    write_text(context.folder / "redundancy.txt", redundancy_table(report))
    return AnalyzeOutput(redundancy=report)


STAGE = Stage(
    name="analyze",
    number=2,
    function=analyze,
    output=AnalyzeOutput,
    reads=("seed", "data.calibration_images", "analyze"),
    needs=("train",),
)
