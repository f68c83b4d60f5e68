"""The charts of the report: what is drawn, in which colour, and what is said of it to those who cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from edge_nas.core.formats import score
from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.reporting.formats import milliseconds, share, shortened
from edge_nas.results.benchmark import BenchmarkReport
from edge_nas.results.prune import GroupPlan
from edge_nas.results.redundancy import RedundancyRecord
from edge_nas.results.train import EpochRecord

_CURVE_WIDTH, _CURVE_HEIGHT = 230.0, 146.0
_ROW, _TALL_ROW = 17.0, 24.0
_MARGIN = 24.0
_FEW = 12
"""A curve of fewer epochs gets a dot per epoch: one epoch alone would be no line at all."""

_LOSSES = {
    "loss": ("loss", "ink"),
    "cross_entropy": ("cross-entropy", "blue"),
    "distillation": ("distillation", "teal"),
    "dice": ("Dice", "violet"),
    "val_cross_entropy": ("cross-entropy on val", "orange"),
}
_LINES = ("blue", "orange", "teal", "violet", "ink")
_PENALTY = {"decov": ("DeCov", "teal")}


@dataclass(frozen=True)
class Chart:
    """A chart, the line below it, and what its colours mean: (colour, meaning) pairs."""

    svg: Markup
    caption: str
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Bar:
    """One horizontal bar: its length, the text at its end, and the ends of its whisker if it has one."""

    label: str
    value: float
    text: str
    colour: str = "blue"
    spread: tuple[float, float] | None = None


@dataclass(frozen=True)
class Pair:
    """One row of a comparison, before and after; None where the network has no such layer any more."""

    label: str
    before: float | None
    after: float | None
    whole_before: float | None = None
    whole_after: float | None = None


def training_charts(
    name: str, records: Sequence[EpochRecord], decov_layer: str, score: tuple[str, str]
) -> tuple[Chart, ...]:
    """Returns the curves of one training run: loss terms, the primary score, and the DeCov penalty where it was on.

    Args:
        name: unique in the page.
        records: at least one epoch.
        decov_layer: the layer whose features the penalty is taken of.
        score: the primary score's name in the records, and its heading.
    """
    field, heading = score
    curves = {field: ("training, augmented", "blue"), f"val_{field}": ("val", "orange")}
    charts = [
        _curves(f"{name}-loss", records, _LOSSES, "Loss terms, mean over the epoch"),
        _curves(f"{name}-{field}", records, curves, heading),
    ]
    if any("decov" in record.values for record in records):
        caption = f"DeCov penalty of {decov_layer}, normalised (0 to 0.5), before its weight"
        charts.append(_curves(f"{name}-decov", records, _PENALTY, caption))
    return tuple(charts)


def _curves(name: str, records: Sequence[EpochRecord], terms: dict[str, tuple[str, str]], caption: str) -> Chart:
    present = {term: look for term, look in terms.items() if any(term in record.values for record in records)}

    def paint(axes: Any) -> None:
        for term, (label, colour) in present.items():
            known = [record for record in records if term in record.values]
            axes.plot(
                [record.epoch for record in known],
                [record.values[term] for record in known],
                label=label,
                color=COLOURS[colour],
                marker="o" if len(known) <= _FEW else "",
            )
        axes.set_xlabel("epoch")
        if len(records) <= _FEW:
            axes.set_xticks([record.epoch for record in records])
        else:
            axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)

    first, last = records[0], records[-1]
    ends = (
        f"{label} from {first.values[term]:.3g} to {last.values[term]:.3g}"
        for term, (label, _) in present.items()
        if term in first.values and term in last.values
    )
    told = f"{caption}, epochs {first.epoch} to {last.epoch}: {', '.join(ends)}"
    keys = tuple((colour, label) for label, colour in present.values())
    return Chart(chart(name, _CURVE_HEIGHT, told, paint, _CURVE_WIDTH), caption, keys)


def monitor_charts(records: Sequence[RedundancyRecord]) -> tuple[Chart, ...]:
    """Returns how the redundancy of the watched layers went while the student trained; none without records."""
    layers = list(dict.fromkeys(record.layer for record in records))
    if not layers:
        return ()
    looks = dict(zip(layers, _LINES, strict=False))
    left = f"; {len(layers) - len(looks)} more in redundancy.csv" if len(layers) > len(looks) else ""
    return tuple(
        _lines(f"monitor-{measure}", [record for record in records if record.layer in looks], measure, looks, caption)
        for measure, caption in (
            ("score", f"Redundancy score while training{left}"),
            ("effective_rank", f"Effective rank while training{left}"),
        )
    )


def _lines(name: str, records: Sequence[RedundancyRecord], measure: str, looks: dict[str, str], caption: str) -> Chart:
    paths = {layer: [record for record in records if record.layer == layer] for layer in looks}

    def paint(axes: Any) -> None:
        for layer, path in paths.items():
            axes.plot(
                [record.epoch for record in path],
                [getattr(record, measure) for record in path],
                color=COLOURS[looks[layer]],
                marker="o" if len(path) <= _FEW else "",
            )
        axes.set_xlabel("epoch")
        axes.set_ylim(bottom=0)
        axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)

    ends = (
        f"{layer} from {getattr(path[0], measure):.3g} to {getattr(path[-1], measure):.3g}"
        for layer, path in paths.items()
    )
    keys = tuple((colour, layer) for layer, colour in looks.items())
    return Chart(chart(name, _CURVE_HEIGHT, f"{caption}: {', '.join(ends)}", paint, _CURVE_WIDTH), caption, keys)


def bar_chart(name: str, bars: Sequence[Bar], caption: str) -> Chart:
    """Returns horizontal bars on a linear scale that begins at 0, the first one on top.

    Args:
        name: unique in the page.
        bars: at least one; a line break in a label makes all rows higher.
        caption: the line below.
    """
    row_height = _TALL_ROW if any("\n" in bar.label for bar in bars) else _ROW

    def paint(axes: Any) -> None:
        rows = range(len(bars))
        axes.barh(rows, [bar.value for bar in bars], height=0.62, color=[COLOURS[bar.colour] for bar in bars])
        largest = max([bar.value for bar in bars] + [bar.spread[1] for bar in bars if bar.spread]) or 1.0
        for row, bar in enumerate(bars):
            end = bar.value
            if bar.spread is not None:
                low, high = bar.spread
                axes.plot([low, high], [row, row], color=COLOURS["ink"], linewidth=0.9, marker="|", markersize=5)
                end = max(end, high)
            axes.text(end + 0.03 * largest, row, bar.text, va="center")
        axes.set_xlim(0, 1.3 * largest)
        _rows(axes, [bar.label for bar in bars])

    told = f"{caption}: " + ", ".join(f"{' '.join(bar.label.split())} {bar.text}" for bar in bars)
    return Chart(chart(name, _MARGIN + row_height * len(bars), told, paint), caption)


def latency_chart(name: str, benchmarks: Sequence[BenchmarkReport], caption: str) -> Chart:
    """Returns the median latencies, each with its whisker from the fastest call to the 90th percentile."""
    bars = [
        Bar(
            label=f"{report.model}\n{report.runtime}",
            value=report.p50_ms,
            text=milliseconds(report.p50_ms),
            spread=(report.min_ms, report.p90_ms),
            colour="faint" if report.runtime == "keras" else "blue",
        )
        for report in benchmarks
    ]
    return bar_chart(name, bars, caption)


def rank_chart(name: str, rows: Sequence[Pair], caption: str) -> Chart:
    """Returns per layer the effective rank (solid) within the number of channels (pale), before and after."""

    def paint(axes: Any) -> None:
        for shift, colour, side in ((-0.2, "blue", "before"), (0.2, "orange", "after")):
            whole = [getattr(row, f"whole_{side}") or 0.0 for row in rows]
            part = [getattr(row, side) or 0.0 for row in rows]
            places = [place + shift for place in range(len(rows))]
            axes.barh(places, whole, height=0.34, color=COLOURS["faint"])
            axes.barh(places, part, height=0.34, color=COLOURS[colour])
        _rows(axes, [row.label for row in rows])

    keys = (("blue", "rank before"), ("orange", "rank after"), ("faint", "channels"))
    return Chart(chart(name, _MARGIN + 20 * len(rows), _told(caption, rows), paint), caption, keys)


def score_chart(name: str, rows: Sequence[Pair], caption: str) -> Chart:
    """Returns per layer a share in [0, 1] before and after, as two dots on one line."""

    def paint(axes: Any) -> None:
        for place, row in enumerate(rows):
            ends = [value for value in (row.before, row.after) if value is not None]
            axes.plot(ends, [place] * len(ends), color=COLOURS["faint"], linewidth=2.4)
        for side, colour, marker in (("before", "blue", "o"), ("after", "orange", "D")):
            places = [place for place, row in enumerate(rows) if getattr(row, side) is not None]
            values = [getattr(rows[place], side) for place in places]
            look = {"marker": marker, "markersize": 4, "color": COLOURS[colour], "clip_on": False, "zorder": 3}
            axes.plot(values, places, linestyle="", **look)
        axes.set_xlim(left=0)
        _rows(axes, [row.label for row in rows])

    keys = (("blue", "before"), ("orange", "after"))
    return Chart(chart(name, _MARGIN + 20 * len(rows), _told(caption, rows), paint), caption, keys)


def width_chart(name: str, groups: Sequence[GroupPlan], caption: str) -> Chart:
    """Returns per channel group the channels that stay (solid) of those there were (pale)."""

    def paint(axes: Any) -> None:
        places = range(len(groups))
        axes.barh(places, [group.channels for group in groups], height=0.62, color=COLOURS["faint"])
        axes.barh(places, [len(group.kept) for group in groups], height=0.62, color=COLOURS["blue"])
        largest = max(group.channels for group in groups)
        for place, group in enumerate(groups):
            axes.text(group.channels + 0.02 * largest, place, f"{group.channels} → {len(group.kept)}", va="center")
        axes.set_xlim(0, 1.24 * largest)
        _rows(axes, [group.name for group in groups])

    told = f"{caption}: " + ", ".join(f"{group.name} {group.channels} to {len(group.kept)}" for group in groups)
    keys = (("blue", "after"), ("faint", "before"))
    return Chart(chart(name, _MARGIN + _ROW * len(groups), told, paint), caption, keys)


def error_chart(name: str, groups: Sequence[GroupPlan], caption: str) -> Chart:
    """Returns the predicted error of each channel group, in per cent of what its readers see."""
    bars = [Bar(group.name, 100 * group.predicted_error, share(group.predicted_error), "teal") for group in groups]
    return bar_chart(name, bars, caption)


def _rows(axes: Any, labels: Sequence[str]) -> None:
    """Names the rows of a chart, the first one on top."""
    names = ["\n".join(shortened(line) for line in label.split("\n")) for label in labels]
    axes.set_yticks(range(len(labels)), names)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.xaxis.get_major_locator().set_params(nbins=5)


def _told(caption: str, rows: Sequence[Pair]) -> str:
    return f"{caption}: " + ", ".join(f"{row.label} {score(row.before)} to {score(row.after)}" for row in rows)
