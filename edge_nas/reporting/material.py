"""All that a report is made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_type_hints

from edge_nas.core.config import BuildConfig
from edge_nas.core.frozen import Frozen
from edge_nas.data.dataset import Dataset
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.benchmark import BenchmarkOutput
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.result import Result
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import VerificationReport


@dataclass(frozen=True)
class Material:
    """A finished build: its settings, the output of each stage by the stage's name, its result and its data."""

    config: BuildConfig
    train: TrainOutput
    analyze: AnalyzeOutput
    prune: PruneOutput
    quantize: QuantizeOutput
    export: ExportOutput
    compile: CompiledModel
    verify: VerificationReport
    benchmark: BenchmarkOutput
    deploy: DeploymentBundle
    result: Result
    dataset: Dataset

    @classmethod
    def from_outputs(
        cls, config: BuildConfig, outputs: Iterable[Frozen], result: Result, dataset: Dataset
    ) -> "Material":
        """Returns the material of a build, each output in the field of its type.

        Raises:
            KeyError: no output of a field's type.
        """
        by_type = {type(output): output for output in outputs}
        fields: dict[str, Any] = {"config": config, "result": result, "dataset": dataset}
        for name, kind in get_type_hints(cls).items():
            if name not in fields:
                fields[name] = by_type[kind]
        return cls(**fields)
