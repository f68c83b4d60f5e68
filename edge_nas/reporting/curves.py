"""Curves over the epochs of a training: loss terms, scores, the DeCov penalty, and the redundancy that was watched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge_nas.reporting.charts import Chart, description
from edge_nas.reporting.figure import COLOURS, chart
from edge_nas.results.redundancy import RedundancyRecord
from edge_nas.results.train import EpochRecord

# Three curves stand beside each other on the page, in the proportions of a photograph.
_WIDTH, _HEIGHT = 230.0, 146.0
_FEW = 12
"""A curve of fewer epochs gets a dot per epoch: one epoch alone would be no line at all."""

_LOSSES = {
    "loss": ("loss", "ink"),
    "cross_entropy": ("cross-entropy", "blue"),
    "distillation": ("distillation", "teal"),
    "dice": ("Dice", "violet"),
    "val_cross_entropy": ("cross-entropy on val", "orange"),
}
"""Terms of the loss in the order in which they are drawn: name in the records -> (label, colour)."""
_PENALTY = {"decov": ("DeCov", "teal")}
_LAYER_COLOURS = ("blue", "orange", "teal", "violet", "ink")
"""As many layers are drawn as there are colours that can be told apart, also by the colour-blind."""


@dataclass(frozen=True)
class _Curve:
    """One line of a chart: its values at some epochs, in order."""

    label: str
    colour: str
    epochs: tuple[int, ...]
    values: tuple[float, ...]

    @property
    def change(self) -> str:
        """Where it begins and where it ends, in words."""
        return f"{self.label} from {self.values[0]:.3g} to {self.values[-1]:.3g}"


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
    scores = {field: ("training, augmented", "blue"), f"val_{field}": ("val", "orange")}
    charts = [
        _training_chart(f"{name}-loss", records, _LOSSES, "Loss terms, mean over the epoch"),
        _training_chart(f"{name}-{field}", records, scores, heading),
    ]
    if any("decov" in record.values for record in records):
        caption = f"DeCov penalty of {decov_layer}, normalised (0 to 0.5), before its weight"
        charts.append(_training_chart(f"{name}-decov", records, _PENALTY, caption))
    return tuple(charts)


def monitor_charts(records: Sequence[RedundancyRecord]) -> tuple[Chart, ...]:
    """Returns how the redundancy of the watched layers went while the student trained; none without records."""
    layers = list(dict.fromkeys(record.layer for record in records))
    if not layers:
        return ()
    shown = layers[: len(_LAYER_COLOURS)]
    more = f"; {len(layers) - len(shown)} more in redundancy.csv" if len(layers) > len(shown) else ""
    return (
        _monitor_chart("score", records, shown, f"Redundancy score while training{more}"),
        _monitor_chart("effective_rank", records, shown, f"Effective rank while training{more}"),
    )


def _training_chart(
    name: str, records: Sequence[EpochRecord], terms: dict[str, tuple[str, str]], caption: str
) -> Chart:
    curves = []
    for term, (label, colour) in terms.items():
        having = [record for record in records if term in record.values]
        if having:
            epochs = tuple(record.epoch for record in having)
            curves.append(_Curve(label, colour, epochs, tuple(record.values[term] for record in having)))
    first, last = records[0].epoch, records[-1].epoch
    # Of a term that came or went on the way no two ends can be told.
    whole = [curve.change for curve in curves if (curve.epochs[0], curve.epochs[-1]) == (first, last)]

    def paint(axes: Any) -> None:
        _draw(axes, curves)
        if len(records) <= _FEW:
            axes.set_xticks([record.epoch for record in records])
        else:
            _tick_whole_epochs(axes)

    text = description(f"{caption}, epochs {first} to {last}", whole)
    return Chart(chart(name, _HEIGHT, text, paint, _WIDTH), caption, _keys(curves))


def _monitor_chart(measure: str, records: Sequence[RedundancyRecord], layers: Sequence[str], caption: str) -> Chart:
    curves = []
    for layer, colour in zip(layers, _LAYER_COLOURS, strict=False):
        having = [record for record in records if record.layer == layer]
        epochs = tuple(record.epoch for record in having)
        curves.append(_Curve(layer, colour, epochs, tuple(getattr(record, measure) for record in having)))

    def paint(axes: Any) -> None:
        _draw(axes, curves)
        axes.set_ylim(bottom=0)
        _tick_whole_epochs(axes)

    text = description(caption, [curve.change for curve in curves])
    return Chart(chart(f"monitor-{measure}", _HEIGHT, text, paint, _WIDTH), caption, _keys(curves))


def _draw(axes: Any, curves: Sequence[_Curve]) -> None:
    for curve in curves:
        marker = "o" if len(curve.epochs) <= _FEW else ""
        axes.plot(curve.epochs, curve.values, color=COLOURS[curve.colour], marker=marker)
    axes.set_xlabel("epoch")


def _tick_whole_epochs(axes: Any) -> None:
    axes.xaxis.get_major_locator().set_params(integer=True, nbins=6)


def _keys(curves: Sequence[_Curve]) -> tuple[tuple[str, str], ...]:
    return tuple((curve.colour, curve.label) for curve in curves)
