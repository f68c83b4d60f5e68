"""What a stage changed, in one or two lines: parameters, MACs, mIoU against the stage before."""

from edge_nas.core.formats import count, kibibytes, score
from edge_nas.core.frozen import Frozen
from edge_nas.core.outputs import (
    AnalyzeOutput,
    BenchmarkOutput,
    ExportOutput,
    PruneOutput,
    QuantizeOutput,
    ReportOutput,
    TrainOutput,
)
from edge_nas.core.reports import Evaluations


class Delta:
    """Remembers the last stage that had a score, to say what the next one made of it."""

    def __init__(self) -> None:
        self._miou: float | None = None

    def lines(self, output: Frozen) -> list[str]:
        """Returns what the stage with this output came to; empty for a stage that is not known here."""
        match output:
            case TrainOutput():
                return self._trained(output)
            case AnalyzeOutput():
                return _analyzed(output)
            case PruneOutput():
                return self._pruned(output)
            case QuantizeOutput():
                return self._quantized(output)
            case ExportOutput():
                return [f"{name} {kibibytes(artifact.size_bytes)}" for name, artifact in output.artifacts.items()]
            case BenchmarkOutput():
                return [
                    f"{entry.runtime} {entry.model}: p50 {entry.p50_ms:.3f} ms, p90 {entry.p90_ms:.3f} ms "
                    f"({entry.runs} runs, {entry.threads} thread{'s' if entry.threads > 1 else ''})"
                    for entry in output.benchmarks
                ]
            case ReportOutput():
                return [output.path]
        return []

    def _trained(self, output: TrainOutput) -> list[str]:
        self._miou = _miou(output.evaluation)
        floor, mean = output.baselines.all_background.metrics.miou, output.baselines.mean_mask.metrics.miou
        return [
            f"params {output.cost.params:,}, MACs {count(output.cost.macs)}, mIoU {score(self._miou)} on "
            f"{output.evaluation.reported.split} (all background {score(floor)}, mean mask {score(mean)})"
        ]

    def _pruned(self, output: PruneOutput) -> list[str]:
        before, after = output.plan.before, output.plan.after
        repaired, pruned = _miou(output.repaired), _miou(output.pruned)
        line = (
            f"params {_change(before.params, after.params)}, MACs {_change(before.macs, after.macs)}, mIoU "
            f"{score(self._miou)} -> {score(repaired)} repaired -> {score(pruned)} fine-tuned"
        )
        line += self._points(pruned)
        self._miou = pruned
        return [line]

    def _quantized(self, output: QuantizeOutput) -> list[str]:
        miou = _miou(output.evaluation)
        line = f"mIoU {score(self._miou)} -> {score(miou)} int8{self._points(miou)}"
        self._miou = miou
        costs = [f"params {output.cost.params:,}", f"MACs {count(output.cost.macs)}"]
        if output.cost.flash_bytes is not None:
            costs.append(f"flash {kibibytes(output.cost.flash_bytes)}")
        if output.cost.peak_ram_bytes is not None:
            costs.append(f"peak RAM {kibibytes(output.cost.peak_ram_bytes)}")
        return [line, ", ".join(costs)]

    def _points(self, miou: float | None) -> str:
        if miou is None or self._miou is None:
            return ""
        return f" ({100 * (miou - self._miou):+.1f} points)"


def _analyzed(output: AnalyzeOutput) -> list[str]:
    layers = output.redundancy.layers
    channels = sum(layer.channels for layer in layers)
    suggested = sum(layer.suggested_width for layer in layers)
    dead = sum(len(layer.dead) for layer in layers)
    return [f"{len(layers)} layers, {channels} channels, {suggested} suggested, {dead} dead"]


def _change(before: int, after: int) -> str:
    share = f" ({100 * (after / before - 1):+.0f} %)" if before else ""
    return f"{count(before)} -> {count(after)}{share}"


def _miou(evaluations: Evaluations) -> float | None:
    return evaluations.reported.metrics.miou
