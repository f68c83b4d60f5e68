"""Stage 8: latency on this machine."""

from edge_nas.results.benchmark import BenchmarkOutput
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.stages.contract import Stage, StageContext


def benchmark(context: StageContext) -> BenchmarkOutput:
    """Returns the latency of the pruned network in Keras and of every file that is shipped.

    Raises:
        ArtifactError: a file cannot be opened.
        EdgeNasError: the process that times Keras ends before it answers.
    """
    from edge_nas import benchmarking

    spec, pruned = context.config.benchmark, context.output(PruneOutput).model
    shipped = context.output(ExportOutput).artifacts.values()
    files = [benchmarking.timed_file(context.path_of(artifact), spec.threads) for artifact in shipped]
    with benchmarking.timed_keras(context.path_of(pruned), spec.threads) as keras:
        return benchmarking.benchmark(spec, [keras, *files], context.progress.tick)


STAGE = Stage(
    name="benchmark",
    number=8,
    function=benchmark,
    output=BenchmarkOutput,
    reads=("benchmark",),
    needs=("prune", "export"),
)
