"""One output of every stage, as a build of a small network could have made them."""

from dataclasses import dataclass, fields

from edge_nas.core.frozen import Frozen
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.artifacts import ArtifactFormat, Cost, ModelArtifact, TensorSpec
from edge_nas.results.benchmark import BenchmarkOutput, BenchmarkReport
from edge_nas.results.compile import ArenaBuffer, CompiledModel, CompiledStep, SourceFile
from edge_nas.results.costs import Pace
from edge_nas.results.deploy import BudgetLine, BundleFile, DeploymentBundle, LatencyEstimate
from edge_nas.results.export import ExportOutput
from edge_nas.results.fidelity import Int8Fidelity, TensorFidelity
from edge_nas.results.parity import ParityReport
from edge_nas.results.prune import PruneOutput, PruningPlan
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.redundancy import ChannelRedundancy, RedundancyReport
from edge_nas.results.report import ReportOutput
from edge_nas.results.scores import EvaluationReport, Evaluations, Metrics, Split
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import CoreReport, ProgramReport, StepInstructions, VerificationReport

BEFORE = Cost(macs=5_930_000, params=12_920)
AFTER = Cost(macs=2_000_000, params=4_000)
STEM = TensorFidelity(name="stem", operator="CONV_2D", error=0.012)
LOGIT = TensorFidelity(name="logit", operator="FULLY_CONNECTED", error=0.037)
CHANNELS = ChannelRedundancy(
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
    # Of 16 channels 7 can go at 1 %.
    losses=(0.001,) * 7 + (0.5,) * 8,
)
REDUNDANCY = RedundancyReport(images=10, layers=(CHANNELS.with_suggestion(0.01),))


@dataclass(frozen=True)
class SampleOutputs:
    """In the order of the line."""

    train: TrainOutput
    analyze: AnalyzeOutput
    prune: PruneOutput
    quantize: QuantizeOutput
    export: ExportOutput
    compile: CompiledModel
    verify: VerificationReport
    benchmark: BenchmarkOutput
    deploy: DeploymentBundle
    report: ReportOutput

    def all(self) -> list[Frozen]:
        """Returns them in the order of the line."""
        return [getattr(self, field.name) for field in fields(self)]


def make_sample_outputs() -> SampleOutputs:
    """Returns one output of every stage."""
    return SampleOutputs(
        train=_trained(),
        analyze=AnalyzeOutput(redundancy=REDUNDANCY),
        prune=_pruned(),
        quantize=_quantized(),
        export=_exported(),
        compile=_compiled(),
        verify=_verified(),
        benchmark=_benchmarked(),
        deploy=_deployed(),
        report=ReportOutput(path="report.html", sha256="b" * 64),
    )


def _evaluation(miou: float | None, split: Split = "test") -> EvaluationReport:
    metrics = Metrics(miou=miou, foreground_iou=miou, background_iou=miou, f1=miou)
    return EvaluationReport(
        split=split,
        images=2,
        metrics=metrics,
        split_sha256="5" * 64,
        true_positive=1,
        false_positive=2,
        false_negative=3,
        true_negative=4,
    )


def _evaluations(miou: float) -> Evaluations:
    return Evaluations(val=_evaluation(miou + 0.01, "val"), reported=_evaluation(miou))


def _artifact(path: str, kind: ArtifactFormat, stage: str) -> ModelArtifact:
    tensor = TensorSpec(name="image", shape=(1, 48, 64, 3), dtype="float32")
    return ModelArtifact(
        path=path, format=kind, sha256="a" * 64, size_bytes=2048, inputs=(tensor,), outputs=(tensor,), stage=stage
    )


def _trained() -> TrainOutput:
    return TrainOutput(
        model=_artifact("01_train/model.npz", "keras", "train"),
        teacher=None,
        history=(),
        teacher_history=(),
        decov_layer="head",
        monitored=(),
        evaluation=_evaluations(0.90),
        teacher_evaluation=None,
        baselines={"all_background": _evaluation(0.3), "mean_mask": _evaluation(0.6)},
        cost=BEFORE,
    )


def _pruned() -> PruneOutput:
    return PruneOutput(
        plan=PruningPlan(criterion="covariance", ratio=0.5, groups=(), frozen=(), before=BEFORE, after=AFTER),
        repaired_model=_artifact("03_prune/repaired.npz", "keras", "prune"),
        model=_artifact("03_prune/model.npz", "keras", "prune"),
        dense_model=None,
        history=(),
        repaired=_evaluations(0.80),
        pruned=_evaluations(0.88),
        masked_max_abs=1e-6,
        masked_tolerance=1e-5,
        redundancy=(CHANNELS,),
        zero_share=None,
    )


def _quantized() -> QuantizeOutput:
    return QuantizeOutput(
        model=_artifact("04_quantize/model.tflite", "tflite", "quantize"),
        history=(),
        evaluation=_evaluations(0.87),
        drop=0.01,
        parity=(),
        float_tensors=0,
        sparsity=None,
        fidelity=Int8Fidelity(inputs=4, outputs=(LOGIT,), tensors=(STEM, LOGIT)),
        cost=Cost(macs=2_000_000, params=3_900, flash_bytes=10_240, peak_ram_bytes=49_152),
    )


def _exported() -> ExportOutput:
    parity = ParityReport(
        reference="litert reference",
        candidate="litert",
        inputs=4,
        exact_share=0.7,
        within_one_share=0.99,
        max_abs=3,
        mean_abs=0.3,
        unit="lsb",
        mask_agreement=0.999,
    )
    artifact = _artifact("artifacts/model.tflite", "tflite", "export")
    return ExportOutput(artifacts={"model.tflite": artifact}, parity=(parity,), evaluations={})


def _compiled() -> CompiledModel:
    end = TensorSpec(name="image", shape=(1, 48, 64, 3), dtype="int8", scale=1 / 127.5, zero_point=0)
    steps = (("stem", "depthwise3"), ("logit", "pointwise"))
    return CompiledModel(
        files=(SourceFile(name="edge_model.c", text="/* C */\n", sha256="c" * 64),),
        model_sha256="a" * 64,
        input=end,
        output=end,
        arena_bytes=20_480,
        arena=(
            ArenaBuffer(name="image", layout="flat", offset=0, size_bytes=9_216, rows=48, row_bytes=192,
                        first_step=0, last_step=0),
            ArenaBuffer(name="stem", layout="planar", offset=9_216, size_bytes=11_264, rows=4, row_bytes=2_816,
                        first_step=0, last_step=1),
        ),
        steps=tuple(
            CompiledStep(name=name, function=function, operators=(number,), segment=0)
            for number, (name, function) in enumerate(steps)
        ),
        constant_bytes=5_120,
    )  # fmt: skip


def _verified() -> VerificationReport:
    core = CoreReport(
        bytes_equal=True,
        inputs=10,
        instructions=2_500_000,
        instructions_min=2_499_990,
        flash_bytes=12_288,
        ram_bytes=20_500,
        stack_bytes=144,
        arena_bytes=20_480,
        pace=Pace(cycles_per_instruction=1.25, flash_bytes_per_instruction=0.25),
        steps=(
            StepInstructions(name="stem", instructions=2_000_000),
            StepInstructions(name="logit", instructions=499_000),
        ),
    )
    away = CoreReport(bytes_equal=None, inputs=0, skipped="qemu-system-riscv32 is missing: install qemu-system-misc")
    return VerificationReport(
        model_sha256="a" * 64,
        programs=(
            ProgramReport(name="numpy interpreter", inputs=50),
            ProgramReport(name="tflite-micro", inputs=50, equal_share=0.9995, max_difference=1),
            ProgramReport(name="generated C on this machine", inputs=1000),
            ProgramReport(name="C with gcc", inputs=0, skipped="install gcc"),
        ),
        cores={"cortex-m4": core, "rv32imac": away},
    )


def _benchmarked() -> BenchmarkOutput:
    report = BenchmarkReport(
        runtime="litert",
        model="model.tflite",
        threads=1,
        min_ms=0.1,
        p50_ms=0.12,
        p90_ms=0.15,
        runs=300,
        runtime_version="2.3.0",
    )
    return BenchmarkOutput(benchmarks=(report,), machine={"cpu": "a processor"})


def _deployed() -> DeploymentBundle:
    return DeploymentBundle(
        board="stm32l4r5",
        model_sha256="a" * 64,
        folder="09_deploy/bundle",
        files=(BundleFile(path="edge_model.c", sha256="c" * 64, size_bytes=8),),
        budget=(
            BudgetLine(memory="flash", needed_bytes=12_544, available_bytes=2_097_152, basis="a linked image"),
            BudgetLine(memory="SRAM", needed_bytes=20_644, available_bytes=655_360, basis="a linked image"),
        ),
        latency=LatencyEstimate(
            milliseconds=27.1,
            instructions=2_500_000,
            clock_mhz=120,
            cycles_per_instruction=1.3,
            error_percent=20,
            basis="a model.",
        ),
        interpreter_arena_bytes=None,
    )
