"""`result.json`: what a build came to, in one small file for people's scripts.

Every field that a stage has not filled yet is null or empty; `status` says whether the command that wrote the file
went through. `result.schema.json` beside this module is its JSON schema (`python -m edge_nas.results.result` prints
it).
"""

import json
from collections.abc import Iterable
from typing import Literal, TypeVar

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.errors import INTERRUPTED_EXIT_CODE, EdgeNasError, GateError
from edge_nas.results.artifacts import Cost, ModelArtifact
from edge_nas.results.benchmark import BenchmarkOutput, BenchmarkReport
from edge_nas.results.costs import Pace
from edge_nas.results.deploy import DeploymentBundle, NpuEstimate
from edge_nas.results.export import ExportOutput
from edge_nas.results.parity import AnyParity
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput, SparsityReport
from edge_nas.results.scores import AnyMetrics
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import SHIPPED_C, CoreReport, VerificationReport

Status = Literal["ok", "failed", "gate"]
Output = TypeVar("Output", bound=Frozen)


class Failure(Frozen):
    """Why a command did not go through: the stage it happened in, and the exit code of the command line."""

    stage: str | None
    error: str = Field(description="kind of error, such as GateError")
    message: str
    exit_code: int


class ResultEvaluation(Frozen):
    """Scores on `split`: trained; repaired (channels removed, readers repaired); pruned (fine-tuned); int8 as shipped.

    int8 is the shipped file on the reference kernels. `baselines`: the trivial predictors of the task that every score
    stands beside, such as `all_background` and `mean_mask`. `split` is `test` where the data has one, else `val`.
    """

    split: Literal["test", "val"] | None = None
    baselines: dict[str, AnyMetrics] | None = None
    trained: AnyMetrics | None = None
    repaired: AnyMetrics | None = None
    pruned: AnyMetrics | None = None
    int8: AnyMetrics | None = None


class CostSummary(Frozen):
    """Cost of one network for one input; `flash_bytes` is the size of the int8 .tflite and null without one."""

    macs: int
    params: int
    flash_bytes: int | None
    peak_ram_bytes: int | None


class ResultCost(Frozen):
    """Before and after: the trained network, and the int8 file that is deployed."""

    trained: CostSummary | None = None
    deployed: CostSummary | None = None


class StageResult(Frozen):
    """How long a stage took when it last ran."""

    seconds: float = Field(ge=0.0)


class ShippedFile(Frozen):
    """A file in `artifacts/`; `path` is relative to the run folder."""

    path: str
    sha256: str
    size_bytes: int


class CoreResult(Frozen):
    """The generated C on one emulated core; figures are null where it was `skipped`, which says what to install.

    `pace` is what an instruction takes by published timings; null where there are none for the core.
    """

    bytes_equal: bool | None
    instructions: int | None
    flash_bytes: int | None
    ram_bytes: int | None
    stack_bytes: int | None
    pace: Pace | None = None
    skipped: str | None


class DeploymentResult(Frozen):
    """The bundle and its board; `latency_estimate_ms` is counted instructions times a cycle model, no measurement.

    `latency_error_percent`: by how much it may be off, by published measurements of boards; null: there are none.
    `folder`: the bundle's, in the run. Bytes that are available: null where the board has no limit. `npu_estimate` is
    what the compiler of the board's NPU estimates; null where there is no NPU or no compiler.
    """

    board: str
    folder: str
    flash_bytes: int
    ram_bytes: int
    flash_available_bytes: int | None = None
    ram_available_bytes: int | None = None
    latency_estimate_ms: float | None
    latency_error_percent: float | None = None
    npu_estimate: NpuEstimate | None = None

    @property
    def fits(self) -> bool:
        """Whether both memories are large enough."""
        pairs = ((self.flash_bytes, self.flash_available_bytes), (self.ram_bytes, self.ram_available_bytes))
        return all(there is None or needed <= there for needed, there in pairs)


class Proof(Frozen):
    """On how many inputs the generated C gave every byte of the reference kernels.

    `host_inputs`: on this machine; 0 where no compiler was there. `core_inputs`: on each of `cores`, by name.
    """

    host_inputs: int
    core_inputs: int
    cores: tuple[str, ...]


class Result(Frozen):
    """Everything a build came to."""

    schema_version: Literal[1] = 1
    name: str | None = None
    status: Status
    failure: Failure | None = None
    evaluation: ResultEvaluation = ResultEvaluation()
    cost: ResultCost = ResultCost()
    parity: tuple[AnyParity, ...] = ()
    sparsity: SparsityReport | None = None
    benchmarks: tuple[BenchmarkReport, ...] = ()
    artifacts: dict[str, ShippedFile] = {}
    cores: dict[str, CoreResult] = {}
    proof: Proof | None = None
    deployment: DeploymentResult | None = None
    stages: dict[str, StageResult] = {}


def assemble(
    name: str | None, outputs: Iterable[Frozen], seconds: dict[str, float], failure: Failure | None = None
) -> Result:
    """Returns the result of the stages that are finished, in any order.

    Args:
        name: The build's name.
        outputs: Outputs of stages; the types that result.json does not show are passed over.
        seconds: Stage name -> seconds.
        failure: What stopped the build, if something did.
    """
    finished = list(outputs)
    trained = _of_type(TrainOutput, finished)
    pruned = _of_type(PruneOutput, finished)
    quantized = _of_type(QuantizeOutput, finished)
    exported = _of_type(ExportOutput, finished)
    verified = _of_type(VerificationReport, finished)
    benchmarked = _of_type(BenchmarkOutput, finished)
    return Result(
        name=name,
        status=_status(failure),
        failure=failure,
        evaluation=_evaluation(trained, pruned, quantized),
        cost=_cost(trained, quantized),
        parity=_parity(quantized, exported),
        sparsity=quantized.sparsity if quantized else None,
        benchmarks=benchmarked.benchmarks if benchmarked else (),
        artifacts=_artifacts(exported),
        cores=_cores(verified),
        proof=proof_of(verified),
        deployment=_deployment(_of_type(DeploymentBundle, finished)),
        stages={stage: StageResult(seconds=round(duration, 3)) for stage, duration in seconds.items()},
    )


def failure_of(error: BaseException, stage: str | None = None) -> Failure:
    """Returns the failure that an exception means, as result.json tells it."""
    if isinstance(error, KeyboardInterrupt):
        message = "interrupted; the same command goes on from the last finished stage"
        return Failure(stage=stage, error="Interrupted", message=message, exit_code=INTERRUPTED_EXIT_CODE)
    exit_code = error.exit_code if isinstance(error, EdgeNasError) else EdgeNasError.exit_code
    return Failure(stage=stage, error=type(error).__name__, message=str(error), exit_code=exit_code)


def schema_text() -> str:
    """Returns the JSON schema of `result.json`, as it is shipped."""
    return json.dumps(Result.model_json_schema(mode="serialization"), indent=2) + "\n"


def _status(failure: Failure | None) -> Status:
    if failure is None:
        return "ok"
    return "gate" if failure.exit_code == GateError.exit_code else "failed"


def _evaluation(
    trained: TrainOutput | None, pruned: PruneOutput | None, quantized: QuantizeOutput | None
) -> ResultEvaluation:
    if trained is None:
        return ResultEvaluation()
    reported = trained.evaluation.reported
    return ResultEvaluation(
        split="test" if reported.split == "test" else "val",
        baselines={key: baseline.metrics for key, baseline in trained.baselines.items()},
        trained=reported.metrics,
        repaired=pruned.repaired.reported.metrics if pruned else None,
        pruned=pruned.pruned.reported.metrics if pruned else None,
        int8=quantized.evaluation.reported.metrics if quantized else None,
    )


def _cost(trained: TrainOutput | None, quantized: QuantizeOutput | None) -> ResultCost:
    return ResultCost(
        trained=_summary(trained.cost) if trained else None,
        deployed=_summary(quantized.cost) if quantized else None,
    )


def _summary(cost: Cost) -> CostSummary:
    return CostSummary(
        macs=cost.macs, params=cost.params, flash_bytes=cost.flash_bytes, peak_ram_bytes=cost.peak_ram_bytes
    )


def _parity(quantized: QuantizeOutput | None, exported: ExportOutput | None) -> tuple[AnyParity, ...]:
    """Returns how the int8 file agrees with what was trained, then how the shipped files agree with their origins."""
    in_training = quantized.parity if quantized else ()
    shipped = exported.parity if exported else ()
    return (*in_training, *shipped)


def _artifacts(exported: ExportOutput | None) -> dict[str, ShippedFile]:
    if exported is None:
        return {}
    return {name: _shipped(artifact) for name, artifact in exported.artifacts.items()}


def _shipped(artifact: ModelArtifact) -> ShippedFile:
    return ShippedFile(path=artifact.path, sha256=artifact.sha256, size_bytes=artifact.size_bytes)


def _cores(verified: VerificationReport | None) -> dict[str, CoreResult]:
    if verified is None:
        return {}
    return {name: _core(report) for name, report in verified.cores.items()}


def proof_of(verified: VerificationReport | None) -> Proof | None:
    """Returns what verification held equal; a difference would have ended the build."""
    if verified is None:
        return None
    host = [program.inputs for program in verified.programs if program.name == SHIPPED_C and program.skipped is None]
    equal = {name: core.inputs for name, core in verified.cores.items() if core.bytes_equal}
    return Proof(host_inputs=max(host, default=0), core_inputs=min(equal.values(), default=0), cores=tuple(equal))


def _core(report: CoreReport) -> CoreResult:
    """Returns the figures of a report that are for people's scripts: those of the same names."""
    return CoreResult(**{field: getattr(report, field) for field in CoreResult.model_fields})


def _deployment(bundle: DeploymentBundle | None) -> DeploymentResult | None:
    if bundle is None:
        return None
    lines = {line.memory: line for line in bundle.budget}
    return DeploymentResult(
        board=bundle.board,
        folder=bundle.folder,
        flash_bytes=lines["flash"].needed_bytes,
        ram_bytes=lines["SRAM"].needed_bytes,
        flash_available_bytes=lines["flash"].available_bytes,
        ram_available_bytes=lines["SRAM"].available_bytes,
        latency_estimate_ms=bundle.latency.milliseconds if bundle.latency is not None else None,
        latency_error_percent=bundle.latency.error_percent if bundle.latency is not None else None,
        npu_estimate=bundle.npu,
    )


def _of_type(kind: type[Output], outputs: list[Frozen]) -> Output | None:
    """Returns the output of a type; None where its stage is not finished."""
    return next((output for output in outputs if isinstance(output, kind)), None)


if __name__ == "__main__":
    print(schema_text(), end="")
