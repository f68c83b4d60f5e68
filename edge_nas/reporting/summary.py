"""The first page: what the build came to, what it is worth beside trivial predictors, and what to be careful about."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge_nas.core.artifacts import Cost
from edge_nas.core.reports import EvaluationReport
from edge_nas.data.dataset import ImageSet
from edge_nas.reporting import formats
from edge_nas.reporting.material import Material
from edge_nas.reporting.plots import Bar, Chart, bar_chart

_LISTED = 5


@dataclass(frozen=True)
class Tile:
    """One figure to see first, and what it is to be compared with."""

    name: str
    value: str
    note: str


@dataclass(frozen=True)
class Row:
    """One network of the line, or a trivial predictor, which costs nothing."""

    name: str
    meaning: str
    evaluation: EvaluationReport
    cost: Cost | None = None
    trivial: bool = False


@dataclass(frozen=True)
class Gate:
    """A promise that was checked; the build would have stopped where it does not hold."""

    name: str
    measured: str
    allowed: str


@dataclass(frozen=True)
class SplitFacts:
    """What a split holds."""

    name: str
    use: str
    images: int
    empty_masks: int
    foreground_share: float
    groups: int | None


@dataclass(frozen=True)
class Summary:
    """The first section of the report."""

    tiles: tuple[Tile, ...]
    rows: tuple[Row, ...]
    chart: Chart
    statements: tuple[str, ...]
    cautions: tuple[str, ...]
    gates: tuple[Gate, ...]
    splits: tuple[SplitFacts, ...]


def summarize(material: Material) -> Summary:
    """Returns the first section."""
    rows = tuple(_rows(material))
    return Summary(
        tiles=tuple(_tiles(material)),
        rows=rows,
        chart=_chart(rows, material.quantized.evaluation.reported.split),
        statements=tuple(_statements(material)),
        cautions=tuple(_cautions(material)),
        gates=tuple(_gates(material)),
        splits=tuple(_splits(material)),
    )


def difference(after: EvaluationReport, before: EvaluationReport) -> float | None:
    """Returns by how much mIoU rose, in [-1, 1]; None where one of the two is undefined."""
    now, was = after.metrics.miou, before.metrics.miou
    return None if now is None or was is None else now - was


def _rows(material: Material) -> Iterator[Row]:
    trained, pruned, quantized = material.trained, material.pruned, material.quantized
    yield Row("all background", "no pixel is foreground", trained.baselines.all_background, trivial=True)
    yield Row("mean mask", "always the mean training mask > 0.5", trained.baselines.mean_mask, trivial=True)
    if trained.teacher_evaluation is not None:
        yield Row("teacher", "gives soft targets, is not deployed", trained.teacher_evaluation.reported)
    yield Row("trained", "float, all channels", trained.evaluation.reported, trained.cost)
    yield Row("repaired", "channels removed, readers repaired", pruned.repaired.reported, pruned.plan.after)
    yield Row("pruned", "fine-tuned after the repair", pruned.pruned.reported, pruned.plan.after)
    yield Row("int8", "the shipped model.tflite", quantized.evaluation.reported, quantized.cost)


def _chart(rows: tuple[Row, ...], split: str) -> Chart:
    bars = [
        Bar(
            label=row.name,
            value=row.evaluation.metrics.miou or 0.0,
            text=formats.score(row.evaluation.metrics.miou),
            colour="orange" if row.name == "int8" else "faint" if row.trivial else "blue",
        )
        for row in rows
    ]
    return bar_chart("line", bars, f"mIoU on {split}, from the trivial predictors to the int8 file")


def _tiles(material: Material) -> Iterator[Tile]:
    before, after = material.trained.cost, material.quantized.cost
    reported = material.quantized.evaluation.reported
    margin = difference(reported, material.trained.baselines.mean_mask)
    yield Tile(
        f"mIoU on {reported.split}, int8",
        formats.score(reported.metrics.miou),
        formats.against(margin, "the mean mask"),
    )
    yield Tile("Flash", formats.kibibytes(after.flash_bytes), "size of model.tflite")
    ram = f"{formats.kibibytes(before.peak_ram_bytes)} as trained"
    yield Tile("Peak RAM", formats.kibibytes(after.peak_ram_bytes), ram)
    macs = f"{formats.count(before.macs)} as trained, {formats.change(before.macs, after.macs)}"
    yield Tile("MACs", formats.count(after.macs), macs)
    params = f"{formats.integer(before.params)} as trained, with BatchNorm"
    yield Tile("Parameters", formats.integer(after.params), params)
    for report in material.benchmarked.benchmarks:
        if (report.runtime, report.model) == ("litert", "model.tflite"):
            note = "model.tflite in LiteRT, on the machine of the build"
            yield Tile("Latency, p50", formats.milliseconds(report.p50_ms), note)


def _statements(material: Material) -> Iterator[str]:
    trained, pruned, quantized = material.trained, material.pruned, material.quantized
    int8, base = quantized.evaluation.reported, trained.baselines
    mean_mask = f"the mean mask ({formats.score(base.mean_mask.metrics.miou)})"
    background = f"a prediction of nothing but background ({formats.score(base.all_background.metrics.miou)})"
    yield (
        f"On {int8.split} ({_images(int8.images)}), the int8 file scores {formats.score(int8.metrics.miou)} mIoU: "
        f"{formats.against(difference(int8, base.mean_mask), mean_mask)} and "
        f"{formats.against(difference(int8, base.all_background), background)}."
    )
    yield from _about_pruning(material)
    yield (
        f"Quantization: {formats.points(difference(int8, pruned.pruned.reported))} points from float to int8 on "
        f"{int8.split}, judged on the TFLite reference kernels."
    )
    if quantized.sparsity is not None:
        dense, sparse = quantized.sparsity.dense, quantized.sparsity.sparse
        yield (
            f"Sparsity: {formats.share(sparse.int8_zeros)} of the int8 kernel weights are zero. Dense kernels compute "
            "them like any other weight, so the network is neither faster nor smaller in flash; under gzip the file "
            f"has {formats.integer(sparse.gzip_bytes)} bytes, before weights were zeroed "
            f"{formats.integer(dense.gzip_bytes)}."
        )
    yield (
        "mIoU is the mean of foreground and background IoU, from one confusion matrix over all pixels of the split; a "
        "pixel is foreground where its logit is above 0. The threshold is never tuned."
    )
    yield (
        "Parameters of the float networks include BatchNorm; in the int8 file BatchNorm is folded into the "
        "convolutions. Peak RAM is the largest sum of tensors alive at once, input and output included, one byte per "
        "value for every network; flash is the size of the .tflite file."
    )


def _about_pruning(material: Material) -> Iterator[str]:
    pruned, trained = material.pruned, material.trained.evaluation.reported
    plan = pruned.plan
    channels = sum(group.channels for group in plan.groups)
    kept = sum(len(group.kept) for group in plan.groups)
    if kept == channels:
        yield f"Pruning: no channel was removed (prune.ratio is {plan.ratio:g}), so cost stays as trained."
    else:
        yield (
            f"Pruning removed {channels - kept} of {channels} channels: MACs "
            f"{formats.change(plan.before.macs, plan.after.macs)}, parameters "
            f"{formats.change(plan.before.params, plan.after.params)}, mIoU "
            f"{formats.points(difference(pruned.repaired.reported, trained))} points after the repair and "
            f"{formats.points(difference(pruned.pruned.reported, trained))} after fine-tuning."
        )


def _cautions(material: Material) -> Iterator[str]:
    data, holdout = material.dataset, material.config.data.holdout_group
    if data.shared_groups:
        named = ", ".join(data.shared_groups[:_LISTED])
        more = f" and {len(data.shared_groups) - _LISTED} more" if len(data.shared_groups) > _LISTED else ""
        yield (
            f"Validation or test shares groups with training ({named}{more}): images of one group resemble each other, "
            "so these scores are higher than on a new group. Hold one out with data.holdout_group."
        )
    if data.test is None:
        what = f"the held-out group {holdout}" if holdout is not None else "val"
        yield (
            f"There is no test split: the scores are those of {what}, on which the best weights were chosen and the "
            "gates were checked as well."
        )
    margin = difference(material.quantized.evaluation.reported, material.trained.baselines.mean_mask)
    if margin is not None and margin <= 0:
        yield "The int8 network is no better than the mean mask, which never looks at the image."
    if not material.trained.history:
        yield "The network was not trained (train.epochs is 0): its weights are those it started with."
    for split in _splits(material):
        if split.foreground_share == 0:
            yield f"No pixel of {split.name} is foreground, so the foreground IoU says little or is undefined."


def _gates(material: Material) -> Iterator[Gate]:
    pruned, quantized, spec = material.pruned, material.quantized, material.config.quantize
    yield Gate(
        "Narrowed network equals the masked one: largest difference of a logit",
        formats.plain(pruned.masked_max_abs),
        f"≤ {formats.plain(pruned.masked_tolerance)}",
    )
    yield Gate("Float tensors in the int8 file", str(quantized.float_tensors), "0")
    yield Gate(
        "mIoU on val that int8 loses against float, in points",
        f"{100 * quantized.drop:.2f}".replace("-", "\N{MINUS SIGN}"),
        f"≤ {100 * spec.max_drop:.2f}",
    )
    for report in material.exported.parity:
        if report.unit == "logit":
            # Export's gate is "within one" of every value: 1e-5 of the largest logit.
            name = f"{report.candidate} equals {report.reference}: values within {formats.plain(1e-5)} of the largest"
            yield Gate(name, formats.share(report.within_one_share), formats.share(1.0))


def _splits(material: Material) -> Iterator[SplitFacts]:
    data = material.dataset
    reported = "reported scores"
    yield _facts("train", "training, calibration", data.train)
    yield _facts("val", f"best weights, gates{'' if data.test else f', {reported}'}", data.val)
    if data.test is not None:
        yield _facts("test", reported, data.test)


def _facts(name: str, use: str, images: ImageSet) -> SplitFacts:
    return SplitFacts(
        name=name,
        use=use,
        images=len(images),
        empty_masks=images.empty_masks,
        foreground_share=float(images.masks.mean()) if images.masks.size else 0.0,
        groups=len(set(images.groups)) if images.groups is not None else None,
    )


def _images(count: int) -> str:
    return f"{count} image" if count == 1 else f"{count} images"
