"""What a stage changed, in a line or two: parameters, MACs, primary score against the stage before."""

from functools import singledispatch

from edge_nas.core.formats import count, estimate_error, kibibytes, score
from edge_nas.core.frozen import Frozen
from edge_nas.results.analyze import AnalyzeOutput
from edge_nas.results.benchmark import BenchmarkOutput, BenchmarkReport
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import BudgetLine, DeploymentBundle
from edge_nas.results.export import ExportOutput
from edge_nas.results.prune import PruneOutput
from edge_nas.results.quantize import QuantizeOutput
from edge_nas.results.report import ReportOutput
from edge_nas.results.scores import Evaluations
from edge_nas.results.train import TrainOutput
from edge_nas.results.verify import CoreReport, ProgramReport, VerificationReport


class Delta:
    """Remembers the last stage that had a score, to say what the next one made of it."""

    def __init__(self) -> None:
        self._score: float | None = None

    def lines(self, output: Frozen) -> list[str]:
        """Returns what the stage with this output came to; empty for a stage that is not known here."""
        match output:
            case TrainOutput():
                return self._trained(output)
            case PruneOutput():
                return self._pruned(output)
            case QuantizeOutput():
                return self._quantized(output)
        return _lines(output)

    def _trained(self, output: TrainOutput) -> list[str]:
        self._score = _primary(output.evaluation)
        baselines = [f"{key.replace('_', ' ')} {score(b.metrics.primary)}" for key, b in output.baselines.items()]
        return [
            f"params {output.cost.params:,}, MACs {count(output.cost.macs)}, {_heading(output.evaluation)} "
            f"{score(self._score)} on {output.evaluation.reported.split} ({', '.join(baselines)})"
        ]

    def _pruned(self, output: PruneOutput) -> list[str]:
        before, after = output.plan.before, output.plan.after
        repaired, pruned = _primary(output.repaired), _primary(output.pruned)
        line = (
            f"params {_change(before.params, after.params)}, MACs {_change(before.macs, after.macs)}, "
            f"{_heading(output.pruned)} {score(self._score)} -> {score(repaired)} repaired -> {score(pruned)} "
            f"fine-tuned{self._points(pruned)}"
        )
        self._score = pruned
        return [line] if not after.uncounted else [line, f"MACs without those of {', '.join(after.uncounted)}"]

    def _quantized(self, output: QuantizeOutput) -> list[str]:
        int8 = _primary(output.evaluation)
        line = f"{_heading(output.evaluation)} {score(self._score)} -> {score(int8)} int8{self._points(int8)}"
        self._score = int8
        costs = [f"params {output.cost.params:,}", f"MACs {count(output.cost.macs)}"]
        if output.cost.flash_bytes is not None:
            costs.append(f"flash {kibibytes(output.cost.flash_bytes)}")
        if output.cost.peak_ram_bytes is not None:
            costs.append(f"peak RAM {kibibytes(output.cost.peak_ram_bytes)}")
        return [line, ", ".join(costs)]

    def _points(self, now: float | None) -> str:
        if now is None or self._score is None:
            return ""
        return f" ({100 * (now - self._score):+.1f} points)"


@singledispatch
def _lines(_output: Frozen) -> list[str]:
    """Returns what an output says by itself."""
    return []


@_lines.register
def _analyzed(output: AnalyzeOutput) -> list[str]:
    layers = output.redundancy.layers
    channels = sum(layer.channels for layer in layers)
    suggested = sum(layer.suggested_width for layer in layers)
    dead = sum(len(layer.dead) for layer in layers)
    return [f"{len(layers)} layers, {channels} channels, {suggested} suggested, {dead} dead"]


@_lines.register
def _exported(output: ExportOutput) -> list[str]:
    return [f"{name} {kibibytes(artifact.size_bytes)}" for name, artifact in output.artifacts.items()]


@_lines.register
def _compiled(output: CompiledModel) -> list[str]:
    return [f"arena {kibibytes(output.arena_bytes)}, constants {kibibytes(output.constant_bytes)}"]


@_lines.register
def _verified(output: VerificationReport) -> list[str]:
    programs = [_program(program) for program in output.programs]
    cores = [_core(name, report) for name, report in output.cores.items()]
    return programs + cores


@_lines.register
def _benchmarked(output: BenchmarkOutput) -> list[str]:
    return [_latency(report) for report in output.benchmarks]


def _latency(report: BenchmarkReport) -> str:
    threads = "1 thread" if report.threads == 1 else f"{report.threads} threads"
    times = f"p50 {report.p50_ms:.3f} ms, p90 {report.p90_ms:.3f} ms"
    return f"{report.runtime} {report.model}: {times} ({report.runs} runs, {threads})"


@_lines.register
def _reported(output: ReportOutput) -> list[str]:
    return [output.path]


def _program(program: ProgramReport) -> str:
    if program.skipped is not None:
        return f"{program.name}: skipped, {program.skipped}"
    if program.equal_share < 1.0:
        share = f"{100 * program.equal_share:.2f} % of bytes equal, at most {program.max_difference} apart"
        return f"{program.name}: {share}, on {program.inputs:,} inputs"
    return f"{program.name}: equal on {program.inputs:,} inputs"


def _core(name: str, report: CoreReport) -> str:
    if report.skipped is not None or report.instructions is None:
        return f"{name}: skipped, {report.skipped}"
    sizes = (("flash", report.flash_bytes), ("RAM", report.ram_bytes), ("stack", report.stack_bytes))
    shown = "".join(f", {what} {kibibytes(size)}" for what, size in sizes if size is not None)
    return f"{name}: equal on {report.inputs} inputs, {count(report.instructions)} instructions{shown}"


@_lines.register
def _deployed(bundle: DeploymentBundle) -> list[str]:
    figures = [_need(line) for line in bundle.budget]
    if bundle.latency is not None:
        error = estimate_error(bundle.latency.error_percent)
        figures.append(f"{bundle.latency.milliseconds:.1f} ms per inference, estimated, {error}")
    return [f"{bundle.board}: {', '.join(figures)}"]


def _need(line: BudgetLine) -> str:
    limit = "" if line.available_bytes is None else f" of {kibibytes(line.available_bytes)}"
    return f"{line.memory} {kibibytes(line.needed_bytes)}{limit}"


def _change(before: int, after: int) -> str:
    """Returns both counts and the change in per cent, which there is none of from nothing."""
    change = f" ({100 * (after / before - 1):+.0f} %)" if before else ""
    return f"{count(before)} -> {count(after)}{change}"


def _primary(evaluations: Evaluations) -> float | None:
    return evaluations.reported.metrics.primary


def _heading(evaluations: Evaluations) -> str:
    return evaluations.reported.metrics.heading
