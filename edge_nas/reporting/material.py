"""All that a report is made from."""

from dataclasses import dataclass

from edge_nas.core.compiled import CompiledModel
from edge_nas.core.config import BuildConfig
from edge_nas.core.deployment import DeploymentBundle
from edge_nas.core.outputs import (
    AnalyzeOutput,
    BenchmarkOutput,
    ExportOutput,
    PruneOutput,
    QuantizeOutput,
    TrainOutput,
)
from edge_nas.core.result import Result
from edge_nas.core.verification import VerificationReport
from edge_nas.data.dataset import Dataset


@dataclass(frozen=True)
class Material:
    """The outputs of a finished build, its settings, its data, and the result that result.json will hold."""

    config: BuildConfig
    trained: TrainOutput
    analyzed: AnalyzeOutput
    pruned: PruneOutput
    quantized: QuantizeOutput
    exported: ExportOutput
    compiled: CompiledModel
    verified: VerificationReport
    benchmarked: BenchmarkOutput
    deployed: DeploymentBundle
    result: Result
    dataset: Dataset
