"""What all tests share: quiet TensorFlow, real data, reproducible property tests, an output of every stage."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

from edge_nas.core.artifacts import Cost, ModelArtifact, TensorSpec
from edge_nas.core.frozen import Frozen
from edge_nas.core.outputs import (
    AnalyzeOutput,
    Baselines,
    BenchmarkOutput,
    ExportOutput,
    PruneOutput,
    QuantizeOutput,
    ReportOutput,
    TrainOutput,
)
from edge_nas.core.reports import (
    BenchmarkReport,
    EvaluationReport,
    Evaluations,
    LayerRedundancy,
    Metrics,
    ParityReport,
    PruningPlan,
    RedundancyReport,
)
from edge_nas.core.tensorflowlog import quiet_tensorflow

quiet_tensorflow()
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")


@dataclass(frozen=True)
class SampleOutputs:
    """One output of every stage, as a build of a small network could have made them."""

    train: TrainOutput
    analyze: AnalyzeOutput
    prune: PruneOutput
    quantize: QuantizeOutput
    export: ExportOutput
    benchmark: BenchmarkOutput
    report: ReportOutput

    def all(self) -> list[Frozen]:
        """In the order of the line."""
        return [
            self.train,
            self.analyze,
            self.prune,
            self.quantize,
            self.export,
            self.benchmark,
            self.report,
        ]


def _evaluation(miou: float | None, split: str = "test") -> EvaluationReport:
    metrics = Metrics(miou=miou, foreground_iou=miou, background_iou=miou, f1=miou)
    counts = {"true_positive": 1, "false_positive": 2, "false_negative": 3, "true_negative": 4}
    return EvaluationReport(split=split, images=2, metrics=metrics, split_sha256="5" * 64, **counts)


def _evaluations(miou: float) -> Evaluations:
    return Evaluations(val=_evaluation(miou + 0.01, "val"), reported=_evaluation(miou))


def _artifact(path: str, kind: str, stage: str) -> ModelArtifact:
    tensor = TensorSpec(name="image", shape=(1, 48, 64, 3), dtype="float32")
    return ModelArtifact(
        path=path, format=kind, sha256="a" * 64, size_bytes=2048, inputs=(tensor,), outputs=(tensor,), stage=stage
    )


@pytest.fixture(scope="session")
def sample_outputs() -> SampleOutputs:
    layer = LayerRedundancy(
        name="stem",
        kind="Conv2D",
        channels=16,
        samples=100,
        spectrum=(2.0, 1.0),
        effective_rank=1.9,
        score=0.5,
        mean_abs_correlation=0.6,
        r2=(0.9,),
        dead=(3,),
        suggested_width=9,
    )
    redundancy = RedundancyReport(images=10, layers=(layer,))
    before = Cost(macs=5_930_000, params=12_920)
    after = Cost(macs=2_000_000, params=4_000)
    return SampleOutputs(
        train=TrainOutput(
            model=_artifact("01_train/model.npz", "keras", "train"),
            teacher=None,
            history=(),
            teacher_history=(),
            decov_layer="head",
            monitored=(),
            evaluation=_evaluations(0.90),
            teacher_evaluation=None,
            baselines=Baselines(all_background=_evaluation(0.3), mean_mask=_evaluation(0.6)),
            cost=before,
        ),
        analyze=AnalyzeOutput(redundancy=redundancy),
        prune=PruneOutput(
            plan=PruningPlan(criterion="covariance", ratio=0.5, groups=(), frozen=(), before=before, after=after),
            repaired_model=_artifact("03_prune/repaired.npz", "keras", "prune"),
            model=_artifact("03_prune/model.npz", "keras", "prune"),
            history=(),
            repaired=_evaluations(0.80),
            pruned=_evaluations(0.88),
            masked_max_abs=1e-6,
            masked_tolerance=1e-5,
            redundancy=redundancy,
            zero_share=None,
        ),
        quantize=QuantizeOutput(
            model=_artifact("04_quantize/model.tflite", "tflite", "quantize"),
            history=(),
            evaluation=_evaluations(0.87),
            drop=0.01,
            float_tensors=0,
            zero_share=None,
            cost=Cost(macs=2_000_000, params=3_900, flash_bytes=10_240, peak_ram_bytes=49_152),
        ),
        export=ExportOutput(
            artifacts={"model.tflite": _artifact("artifacts/model.tflite", "tflite", "export")},
            parity=(
                ParityReport(
                    reference="litert reference",
                    candidate="litert",
                    inputs=4,
                    exact_share=0.7,
                    within_one_share=0.99,
                    max_abs=3,
                    mean_abs=0.3,
                    unit="lsb",
                    mask_agreement=0.999,
                ),
            ),
            evaluations={},
        ),
        benchmark=BenchmarkOutput(
            benchmarks=(
                BenchmarkReport(
                    runtime="litert",
                    model="model.tflite",
                    threads=1,
                    min_ms=0.1,
                    p50_ms=0.12,
                    p90_ms=0.15,
                    runs=300,
                    runtime_version="2.3.0",
                ),
            ),
            machine={"cpu": "a processor"},
        ),
        report=ReportOutput(path="report.html", sha256="b" * 64),
    )


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; tests that ask for it skip where it is absent."""
    root = Path(__file__).parents[1]
    folder = Path(os.environ.get("EDGE_NAS_TEST_DATA", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is no folder (EDGE_NAS_TEST_DATA names it)")
    return folder
