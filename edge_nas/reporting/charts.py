"""Charts: what is drawn, in which colour, and what is said of it to those who cannot see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.reporting.formats import milliseconds, shortened
from edge_nas.results.benchmark import BenchmarkReport

MARGIN = 24.0
"""Height of what is below and above the rows: the axis with its numbers. Units as of `figure.WIDTH`, text is 8 high."""
ROW = 17.0
"""Height of a row whose label is one line: twice that of the text."""
_TALL_ROW = 24.0
"""Of a row whose label is two lines."""
_BAR = 0.62
"""Share of a row that its bar fills, so that bars stand apart without needing rules between them."""


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

    @property
    def end(self) -> float:
        """Where the bar, or its whisker, ends."""
        return self.value if self.spread is None else max(self.value, self.spread[1])


def bar_chart(name: str, bars: Sequence[Bar], caption: str) -> Chart:
    """Returns horizontal bars on a linear scale that begins at 0, the first one on top.

    Args:
        name: unique in the page.
        bars: at least one; a line break in a label makes all rows higher.
        caption: the line below.
    """

    def paint(axes: Any) -> None:
        longest = max(bar.end for bar in bars) or 1.0
        for row, bar in enumerate(bars):
            axes.barh(row, bar.value, height=_BAR, color=COLOURS[bar.colour])
        for row, bar in enumerate(bars):
            if bar.spread is not None:
                axes.plot(bar.spread, [row, row], color=COLOURS["ink"], linewidth=0.9, marker="|", markersize=5)
            axes.text(bar.end + 0.03 * longest, row, bar.text, va="center")
        axes.set_xlim(0, 1.3 * longest)  # The longest bar's text needs the rest.
        name_rows(axes, [bar.label for bar in bars])

    has_two_lines = any("\n" in bar.label for bar in bars)
    height = MARGIN + (_TALL_ROW if has_two_lines else ROW) * len(bars)
    lengths = [f"{' '.join(bar.label.split())} {bar.text}" for bar in bars]
    return Chart(chart(name, height, description(caption, lengths), paint), caption)


def latency_chart(name: str, benchmarks: Sequence[BenchmarkReport], caption: str) -> Chart:
    """Returns the median latencies, each with its whisker from the fastest call to the 90th percentile."""
    bars = []
    for report in benchmarks:
        bar = Bar(
            label=f"{report.model}\n{report.runtime}",
            value=report.p50_ms,
            text=milliseconds(report.p50_ms),
            spread=(report.min_ms, report.p90_ms),
            # Nobody deploys Keras: it is there to compare with.
            colour="faint" if report.runtime == "keras" else "blue",
        )
        bars.append(bar)
    return bar_chart(name, bars, caption)


def name_rows(axes: Any, labels: Sequence[str]) -> None:
    """Names the rows of a chart, the first one on top."""
    names = []
    for label in labels:
        lines = [shortened(line) for line in label.split("\n")]
        names.append("\n".join(lines))
    axes.set_yticks(range(len(labels)), names)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.xaxis.get_major_locator().set_params(nbins=5)


def description(caption: str, parts: Sequence[str]) -> str:
    """Returns what a reader is told who cannot see the chart."""
    return f"{caption}: {', '.join(parts)}"
