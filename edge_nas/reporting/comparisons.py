"""Charts of before and after pruning: a row for each layer, or for each channel group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge_nas.core.formats import score
from edge_nas.reporting.charts import MARGIN, ROW, Bar, Chart, bar_chart, description, name_rows
from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.reporting.formats import share
from edge_nas.results.prune import GroupPlan

_PAIR_ROW = 20.0
"""Height of a row that holds two bars or dots, before and after."""


@dataclass(frozen=True)
class Pair:
    """One row of a comparison, before and after; None where the network has no such layer any more.

    `whole_before` and `whole_after`: what the values are parts of, such as the channels in which a rank lies.
    """

    label: str
    before: float | None
    after: float | None
    whole_before: float | None = None
    whole_after: float | None = None


def rank_chart(name: str, rows: Sequence[Pair], caption: str) -> Chart:
    """Returns per layer the effective rank (solid) within the number of channels (pale), before and after."""

    def paint(axes: Any) -> None:
        for place, row in enumerate(rows):
            _draw_part(axes, place - 0.2, row.before, row.whole_before, "blue")
        for place, row in enumerate(rows):
            _draw_part(axes, place + 0.2, row.after, row.whole_after, "orange")
        name_rows(axes, [row.label for row in rows])

    keys = (("blue", "rank before"), ("orange", "rank after"), ("faint", "channels"))
    return Chart(chart(name, MARGIN + _PAIR_ROW * len(rows), _changes(caption, rows), paint), caption, keys)


def score_chart(name: str, rows: Sequence[Pair], caption: str) -> Chart:
    """Returns per layer a share in [0, 1] before and after, as two dots on one line."""

    def paint(axes: Any) -> None:
        for place, row in enumerate(rows):
            ends = [value for value in (row.before, row.after) if value is not None]
            axes.plot(ends, [place] * len(ends), color=COLOURS["faint"], linewidth=2.4)
        _draw_dots(axes, [row.before for row in rows], "blue", "o")
        _draw_dots(axes, [row.after for row in rows], "orange", "D")
        axes.set_xlim(left=0)
        name_rows(axes, [row.label for row in rows])

    keys = (("blue", "before"), ("orange", "after"))
    return Chart(chart(name, MARGIN + _PAIR_ROW * len(rows), _changes(caption, rows), paint), caption, keys)


def width_chart(name: str, groups: Sequence[GroupPlan], caption: str) -> Chart:
    """Returns per channel group the kept channels (solid) of those there were (pale)."""

    def paint(axes: Any) -> None:
        widest = max(group.channels for group in groups)
        for place, group in enumerate(groups):
            axes.barh(place, group.channels, height=0.62, color=COLOURS["faint"])
            axes.barh(place, len(group.kept), height=0.62, color=COLOURS["blue"])
            axes.text(group.channels + 0.02 * widest, place, f"{group.channels} → {len(group.kept)}", va="center")
        axes.set_xlim(0, 1.24 * widest)  # The text beside the widest group needs the rest.
        name_rows(axes, [group.name for group in groups])

    changes = [f"{group.name} {group.channels} to {len(group.kept)}" for group in groups]
    keys = (("blue", "after"), ("faint", "before"))
    height = MARGIN + ROW * len(groups)
    return Chart(chart(name, height, description(caption, changes), paint), caption, keys)


def error_chart(name: str, groups: Sequence[GroupPlan], caption: str) -> Chart:
    """Returns the predicted error of each channel group, in per cent of what its readers see."""
    bars = [Bar(group.name, 100 * group.predicted_error, share(group.predicted_error), "teal") for group in groups]
    return bar_chart(name, bars, caption)


def _draw_part(axes: Any, place: float, part: float | None, whole: float | None, colour: str) -> None:
    """Draws a bar over the pale bar of what it is a part of; nothing where there is no such layer."""
    axes.barh(place, whole or 0.0, height=0.34, color=COLOURS["faint"])
    axes.barh(place, part or 0.0, height=0.34, color=COLOURS[colour])


def _draw_dots(axes: Any, values: Sequence[float | None], colour: str, marker: str) -> None:
    """Draws a dot in each row that has a value."""
    places = [place for place, value in enumerate(values) if value is not None]
    dots = [values[place] for place in places]
    look = {"marker": marker, "markersize": 4, "color": COLOURS[colour], "clip_on": False, "zorder": 3}
    axes.plot(dots, places, linestyle="", **look)


def _changes(caption: str, rows: Sequence[Pair]) -> str:
    return description(caption, [f"{row.label} {score(row.before)} to {score(row.after)}" for row in rows])
