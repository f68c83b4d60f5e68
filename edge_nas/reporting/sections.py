"""What the sections after the first one show: training, redundancy, widths, latency, files and provenance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge_nas.core.config import FitSpec
from edge_nas.reporting.charts import Chart, latency_chart
from edge_nas.reporting.comparisons import Pair, error_chart, rank_chart, score_chart, width_chart
from edge_nas.reporting.curves import monitor_charts, training_charts
from edge_nas.reporting.formats import share
from edge_nas.reporting.heatmaps import HeatmapPair, heatmap, scale
from edge_nas.reporting.material import Material
from edge_nas.results.artifacts import ModelArtifact
from edge_nas.results.redundancy import LayerRedundancy
from edge_nas.results.scores import AnyReport
from edge_nas.results.train import EpochRecord
from edge_nas.runs.manifest import Manifest, describe

_RISE = 0.01
"""By which a score counts as risen: a point, above what epochs of a converged training differ by."""


@dataclass(frozen=True)
class Phase:
    """One training run: how it was set, its curves, its best epoch; `absence` says why there are none.

    `still_rising`: whether the score on val was highest at the last epoch and had risen shortly before.
    """

    name: str
    settings: str
    charts: tuple[Chart, ...]
    best: EpochRecord | None
    absence: str
    still_rising: bool


@dataclass(frozen=True)
class LayerChange:
    """One layer before and after pruning; None where a network has no such layer."""

    name: str
    kind: str
    before: LayerRedundancy | None
    after: LayerRedundancy | None


@dataclass(frozen=True)
class Redundancy:
    """Every layer of the trained and of the pruned network; `scale` is the colour scale of the heat maps."""

    rows: tuple[LayerChange, ...]
    charts: tuple[Chart, ...]
    monitored: tuple[Chart, ...]
    heatmaps: tuple[HeatmapPair, ...]
    scale: str
    images: int


@dataclass(frozen=True)
class FileFacts:
    """A model file of the run, and its score where it was evaluated."""

    name: str
    artifact: ModelArtifact
    evaluation: AnyReport | None = None


def training(material: Material) -> tuple[Phase, ...]:
    """Returns every training run of the build, in its order."""
    return tuple(_phases(material))


def redundancy(material: Material) -> Redundancy:
    """Returns the layers in the order of the forward pass, those of the trained network first."""
    rows = _layer_changes(material)
    pictures = [HeatmapPair(row.name, heatmap(row.before), heatmap(row.after)) for row in rows]
    return Redundancy(
        rows=rows,
        charts=(
            rank_chart("layers-rank", _ranks(rows), "Effective rank within the channels of each layer"),
            score_chart("layers-score", _scores(rows), "Redundancy score of each layer"),
        ),
        monitored=monitor_charts(material.train.monitored),
        heatmaps=tuple(pair for pair in pictures if pair.before or pair.after),
        scale=scale(),
        images=material.analyze.redundancy.images,
    )


def _layer_changes(material: Material) -> tuple[LayerChange, ...]:
    # Suggested here and not in stage prune, which would run again, and all after it, when the error changes.
    width_error = material.config.analyze.width_error
    before = {layer.name: layer for layer in material.analyze.redundancy.layers}
    after = {layer.name: layer.with_suggestion(width_error) for layer in material.prune.redundancy}
    changes = []
    for name, layer in {**before, **after}.items():
        changes.append(LayerChange(name, layer.kind, before.get(name), after.get(name)))
    return tuple(changes)


def _ranks(rows: Sequence[LayerChange]) -> list[Pair]:
    pairs = []
    for row in rows:
        pair = Pair(
            label=row.name,
            before=row.before.effective_rank if row.before else None,
            after=row.after.effective_rank if row.after else None,
            whole_before=row.before.channels if row.before else None,
            whole_after=row.after.channels if row.after else None,
        )
        pairs.append(pair)
    return pairs


def _scores(rows: Sequence[LayerChange]) -> list[Pair]:
    pairs = []
    for row in rows:
        before = row.before.score if row.before else None
        after = row.after.score if row.after else None
        pairs.append(Pair(row.name, before, after))
    return pairs


def widths(material: Material) -> tuple[Chart, ...]:
    """Returns the charts of the channel groups; none where every group is frozen."""
    groups = material.prune.plan.groups
    if not groups:
        return ()
    return (
        width_chart("widths-channels", groups, "Channels per group, before and after pruning"),
        error_chart("widths-error", groups, "Predicted error per group, in per cent"),
    )


def latency(material: Material) -> tuple[Chart, ...]:
    """Returns the latencies of all runtimes, and of the shipped files alone, which Keras would dwarf."""
    every = material.benchmark.benchmarks
    files = [report for report in every if report.runtime != "keras"]
    charts = []
    if every:
        charts.append(latency_chart("latency-all", every, "Median (p50) in ms, whisker from the fastest call to p90"))
    if files and len(files) < len(every):
        charts.append(latency_chart("latency-files", files, "The shipped files alone, in ms on their own scale"))
    return tuple(charts)


def shipped_files(material: Material) -> tuple[FileFacts, ...]:
    """Returns what is in artifacts/, each with its score."""
    exported = material.export
    return tuple(
        FileFacts(name, artifact, exported.evaluations.get(name)) for name, artifact in exported.artifacts.items()
    )


def stage_files(material: Material) -> tuple[FileFacts, ...]:
    """Returns the networks that stages hand on, in the order of the line."""
    trained, pruned = material.train, material.prune
    pruning = [pruned.repaired_model, pruned.dense_model, pruned.model]
    networks = [trained.teacher, trained.model, *pruning, material.quantize.model]
    return tuple(FileFacts(network.path, network) for network in networks if network is not None)


def provenance(material: Material) -> Manifest:
    """Returns versions, seeds and hashes; the files stand beside it, the keys of the stages in manifest.json."""
    return describe(material.config, dataset_sha256=material.dataset.sha256, stages={}, artifacts={})


def _phases(material: Material) -> Iterator[Phase]:
    config, trained = material.config, material.train
    if config.train.teacher is not None:
        spec = config.train.model_copy(update={"epochs": config.train.teacher_epochs})
        plain = {"decov_weight": 0.0, "distillation_weight": 0.0}
        name = f"Teacher ({config.train.teacher.name})"
        yield _phase("teacher", name, trained.teacher_history, spec.model_copy(update=plain), material)
    yield _phase("student", f"Student ({config.model.name})", trained.history, config.train, material)
    yield from _pruning_phases(material)
    yield _phase("qat", "Quantization-aware training", material.quantize.history, config.quantize.fit, material)


def _pruning_phases(material: Material) -> Iterator[Phase]:
    spec = material.config.prune
    runs = _runs(material.prune.history)
    between = spec.fine_tune.model_copy(update={"epochs": spec.round_epochs})
    for number in range(1, spec.rounds):
        name = f"Distillation after removal {number} of {spec.rounds}"
        yield _phase(f"removal-{number}", name, runs.pop(0) if runs else (), between, material)
    removed = spec.ratio > 0 or spec.budget is not None
    tuned = runs.pop(0) if removed and spec.fine_tune.epochs > 0 and runs else ()
    absence = None if removed else "prune.ratio is 0: nothing was removed, so nothing was fine-tuned."
    yield _phase("fine-tuning", "Fine-tuning after pruning", tuned, spec.fine_tune, material, absence=absence)
    if spec.sparsity is not None:
        sparse = spec.fine_tune.model_copy(update={"epochs": spec.sparsity.epochs, "decov_weight": 0.0})
        name = f"Magnitude pruning to {share(spec.sparsity.target)} zeros"
        yield _phase("sparsity", name, runs.pop(0) if runs else (), sparse, material)


def _runs(history: Sequence[EpochRecord]) -> list[tuple[EpochRecord, ...]]:
    """Returns the training runs of a history: each begins with epoch 1."""
    borders = [place for place, record in enumerate(history) if record.epoch == 1] + [len(history)]
    return [tuple(history[start:end]) for start, end in pairwise(borders)]


def _phase(
    slug: str,
    name: str,
    records: Sequence[EpochRecord],
    spec: FitSpec,
    material: Material,
    *,
    absence: str | None = None,
) -> Phase:
    weights = {"DeCov": spec.decov_weight, "Dice": spec.dice_weight, "distillation": spec.distillation_weight}
    terms = [f"{term} weight {weight:g}" for term, weight in weights.items() if weight > 0]
    rate = f"learning rate {spec.learning_rate:g}, cosine to 0"
    score = material.dataset.task.score
    on_val = f"val_{score[0]}"
    scored = [record for record in records if on_val in record.values]
    return Phase(
        name=name,
        settings=", ".join([_epochs(len(records), spec), f"batches of {spec.batch_size}", rate, *terms]),
        charts=training_charts(slug, records, material.train.decov_layer, score) if records else (),
        best=max(scored, key=lambda record: record.values[on_val], default=None),
        absence=absence or "No epoch was run: epochs is 0.",
        still_rising=_still_rising([record.values[on_val] for record in scored]),
    )


def _still_rising(scores: Sequence[float]) -> bool:
    """Returns whether the last score is the highest, by more than noise above those before the last tenth."""
    before = scores[: len(scores) - max(1, len(scores) // 10)]
    return len(scores) > 1 and scores[-1] == max(scores) and scores[-1] - max(before) > _RISE


def _epochs(count: int, spec: FitSpec) -> str:
    """Returns how many epochs were run: 1 epoch, 20 epochs; with patience, 12 of at most 60 epochs."""
    if spec.patience:
        return f"{count} of at most {spec.epochs} epochs"
    return "1 epoch" if count == 1 else f"{count} epochs"
