"""The first page: what the build came to, what it is worth beside trivial predictors, and what to be careful about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge_nas.data.cautions import cautions as data_cautions
from edge_nas.data.dataset import ImageSet
from edge_nas.reporting import formats
from edge_nas.reporting.charts import Bar, Chart, bar_chart
from edge_nas.reporting.material import Material
from edge_nas.results.artifacts import Cost
from edge_nas.results.deploy import DeploymentBundle
from edge_nas.results.prune import PruningPlan
from edge_nas.results.scores import AnyReport


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
    evaluation: AnyReport
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
    """What a split holds; `labels`: what its labels come to, by heading."""

    name: str
    use: str
    images: int
    labels: Mapping[str, int | float | str]
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
        chart=_chart(rows, material.quantize.evaluation.reported.split),
        statements=tuple(_statements(material)),
        cautions=tuple(_cautions(material)),
        gates=tuple(_gates(material)),
        splits=tuple(_splits(material)),
    )


def difference(after: AnyReport, before: AnyReport) -> float | None:
    """Returns by how much the primary score rose; None where one of the two is undefined."""
    now, was = after.metrics.primary, before.metrics.primary
    return None if now is None or was is None else now - was


def _rows(material: Material) -> Iterator[Row]:
    trained, pruned, quantized = material.train, material.prune, material.quantize
    for trivial in material.dataset.task.trivial:
        yield Row(trivial.name, trivial.rule, trained.baselines[trivial.key], trivial=True)
    if trained.teacher_evaluation is not None:
        yield Row("teacher", "gives soft targets, is not deployed", trained.teacher_evaluation.reported)
    yield Row("trained", "float, all channels", trained.evaluation.reported, trained.cost)
    yield Row("repaired", "channels removed, readers repaired", pruned.repaired.reported, pruned.plan.after)
    yield Row("pruned", "fine-tuned after the repair", pruned.pruned.reported, pruned.plan.after)
    yield Row("int8", "the shipped model.tflite", quantized.evaluation.reported, quantized.cost)


def _chart(rows: tuple[Row, ...], split: str) -> Chart:
    bars = []
    for row in rows:
        score = row.evaluation.metrics.primary
        # R² of a poor regression is below 0, where bars do not begin; the text beside it says what it is.
        length = max(0.0, score or 0.0)
        bars.append(Bar(row.name, length, formats.score(score), _colour(row)))
    heading = rows[0].evaluation.metrics.heading
    return bar_chart("line", bars, f"{heading} on {split}, from the trivial predictors to the int8 file")


def _colour(row: Row) -> str:
    """Returns the colour of a row's bar: what is shipped stands out, what never looks at an image is pale."""
    if row.name == "int8":
        return "orange"
    return "faint" if row.trivial else "blue"


def _tiles(material: Material) -> Iterator[Tile]:
    before, after = material.train.cost, material.quantize.cost
    reported = material.quantize.evaluation.reported
    floor = material.dataset.task.trivial[-1]
    yield _fit_tile(material.deploy)
    yield Tile(
        f"{reported.metrics.heading} on {reported.split}, int8",
        formats.score(reported.metrics.primary),
        formats.against(difference(reported, material.train.baselines[floor.key]), floor.phrase),
    )
    yield from _firmware_tiles(material)
    macs = f"{formats.count(before.macs)} as trained, {formats.change(before.macs, after.macs)}"
    yield Tile("MACs", formats.count(after.macs), macs)
    params = f"{formats.integer(before.params)} as trained, with BatchNorm"
    yield Tile("Parameters", formats.integer(after.params), params)


def _fit_tile(bundle: DeploymentBundle) -> Tile:
    """Returns whether the network fits its board, and how much of it the network takes."""
    shares = [
        f"{formats.share(line.needed_bytes / line.available_bytes)} of its {line.memory}"
        for line in bundle.budget
        if line.available_bytes is not None
    ]
    fits = all(not line.over_bytes for line in bundle.budget)
    return Tile(f"Fits {bundle.board}", "yes" if fits else "NO", " and ".join(shares) or "it has no limits")


def _firmware_tiles(material: Material) -> Iterator[Tile]:
    """Yields what the C takes on the build's board; behind it, what the .tflite file does."""
    before, after, bundle = material.train.cost, material.quantize.cost, material.deploy
    if bundle.latency is not None:
        clock = f"{formats.count(bundle.latency.instructions)} instructions at {bundle.latency.clock_mhz} MHz"
        yield Tile(
            f"Time on {bundle.board}",
            formats.milliseconds(bundle.latency.milliseconds),
            f"estimate, {formats.estimate_error(bundle.latency.error_percent)}: {clock}",
        )
    file_figures = {
        "flash": f"model.tflite has {formats.kibibytes(after.flash_bytes)}",
        "SRAM": f"tensors at once: {formats.kibibytes(after.peak_ram_bytes)}, "
        f"{formats.kibibytes(before.peak_ram_bytes)} as trained",
    }
    for line in bundle.budget:
        name = f"{line.memory[0].upper()}{line.memory[1:]} on {bundle.board}"
        # `basis` tells at length; of one that is a lower bound, the tile has to.
        least = "at least; " if line.basis.startswith("a lower bound") else ""
        yield Tile(name, formats.kibibytes(line.needed_bytes), f"{least}{file_figures[line.memory]}")


def _statements(material: Material) -> Iterator[str]:
    pruned, quantized, task = material.prune, material.quantize, material.dataset.task
    int8, baselines = quantized.evaluation.reported, material.train.baselines
    compared = []
    for trivial in reversed(task.trivial):
        baseline = baselines[trivial.key]
        name = f"{trivial.phrase} ({formats.score(baseline.metrics.primary)})"
        compared.append(formats.against(difference(int8, baseline), name))
    yield (
        f"On {int8.split} ({_counted(int8.images, material.dataset.format.noun)}), the int8 file scores "
        f"{formats.score(int8.metrics.primary)} {int8.metrics.heading}: {' and '.join(compared)}."
    )
    yield from _about_pruning(material)
    yield (
        f"Quantization: {formats.points(difference(int8, pruned.pruned.reported))} points from float to int8 on "
        f"{int8.split}, on the TFLite reference kernels."
    )
    if quantized.sparsity is not None:
        dense, sparse = quantized.sparsity.dense, quantized.sparsity.sparse
        yield (
            f"Sparsity: {formats.share(sparse.int8_zeros)} of the int8 kernel weights are zero. Dense kernels compute "
            "them like any other weight, so the network is neither faster nor smaller in flash; under gzip the file "
            f"has {formats.integer(sparse.gzip_bytes)} bytes, before weights were zeroed "
            f"{formats.integer(dense.gzip_bytes)}."
        )
    yield task.report_text.scores
    yield (
        "Parameters of the float networks include BatchNorm; in the int8 file BatchNorm is folded into the "
        "convolutions. Peak RAM is the largest sum of tensors alive at once, input and output included, one byte per "
        "value for every network; flash is the size of the .tflite file."
    )


def _about_pruning(material: Material) -> Iterator[str]:
    pruned, trained = material.prune, material.train.evaluation.reported
    plan = pruned.plan
    channels = sum(group.channels for group in plan.groups)
    kept = sum(len(group.kept) for group in plan.groups)
    if kept == channels and not plan.blocks:
        yield f"Pruning: no channel was removed (prune.ratio is {plan.ratio:g}), so cost stays as trained."
    else:
        yield (
            f"Pruning removed {channels - kept} of {channels} channels{_and_blocks(plan)}: MACs "
            f"{formats.change(plan.before.macs, plan.after.macs)}, parameters "
            f"{formats.change(plan.before.params, plan.after.params)}, {trained.metrics.heading} "
            f"{formats.points(difference(pruned.repaired.reported, trained))} points after the repair and "
            f"{formats.points(difference(pruned.pruned.reported, trained))} after fine-tuning."
        )


def _and_blocks(plan: PruningPlan) -> str:
    """Says which residual blocks went as a whole."""
    return f" and the residual blocks {', '.join(plan.blocks)}" if plan.blocks else ""


def _cautions(material: Material) -> Iterator[str]:
    data, holdout = material.dataset, material.config.data.holdout_group
    if data.test is None:
        what = f"the held-out group {holdout}" if holdout is not None else "val"
        yield (
            f"There is no test split: the scores are those of {what}, on which the best weights were chosen and the "
            "gates were checked as well."
        )
    floor = data.task.trivial[-1]
    margin = difference(material.quantize.evaluation.reported, material.train.baselines[floor.key])
    if margin is not None and margin <= 0:
        yield f"The int8 network is no better than {floor.phrase}, which never looks at the image."
    if not material.train.history:
        yield "The network was not trained (train.epochs is 0): its weights are those it started with."
    yield from data_cautions(data)


def _gates(material: Material) -> Iterator[Gate]:
    pruned, quantized, spec = material.prune, material.quantize, material.config.quantize
    yield Gate(
        "Narrowed network equals the masked one: largest difference of a logit",
        formats.plain(pruned.masked_max_abs),
        f"≤ {formats.plain(pruned.masked_tolerance)}",
    )
    yield Gate("Float tensors in the int8 file", str(quantized.float_tensors), "0")
    yield Gate(
        f"{quantized.evaluation.val.metrics.heading} on val that int8 loses against float, in points",
        f"{100 * quantized.drop:.2f}".replace("-", "\N{MINUS SIGN}"),
        f"≤ {100 * spec.max_drop:.2f}",
    )
    for report in material.export.parity:
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
        labels=images.task.facts(images.labels),
        groups=len(set(images.groups)) if images.groups is not None else None,
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
