"""Redundancy as a plain-text table."""

from edge_nas.results.redundancy import LayerRedundancy, RedundancyReport

_HEADINGS = ("layer", "kind", "channels", "effective rank", "redundancy", "mean R²", "dead", "suggested width")


def redundancy_table(report: RedundancyReport) -> str:
    """Returns a plain-text table, one line per layer."""
    rows = [_HEADINGS, *(_row(layer) for layer in report.layers)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


def _row(layer: LayerRedundancy) -> tuple[str, ...]:
    return (
        layer.name,
        layer.kind,
        str(layer.channels),
        f"{layer.effective_rank:.1f}",
        f"{layer.score:.3f}",
        f"{sum(layer.r2) / len(layer.r2):.3f}",
        str(len(layer.dead)),
        str(layer.suggested_width),
    )
