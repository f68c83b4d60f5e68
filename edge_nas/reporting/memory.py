"""The memory of a network over time as SVG: a bar for each operator, of the bytes that are alive while it runs."""

from html import escape

from edge_nas.results.inspect import InspectedOperator, Inspection

_ROW, _BAR, _TOP = 20, 13, 58
_NAMES, _BARS, _NUMBERS = 300, 320, 100  # widths
_INK, _MUTED, _BLUE, _ORANGE = "#1c2430", "#566273", "#1f5fa8", "#b85a00"


def memory_svg(inspection: Inspection) -> str:
    """Returns a picture of its own, with the largest bar in another colour."""
    width, height = _NAMES + _BARS + _NUMBERS, _TOP + _ROW * len(inspection.operators) + 12
    peak = inspection.peak_ram_bytes
    title = f"{inspection.source}: bytes alive while each operator runs"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="22" font-size="14" fill="{_INK}">{escape(_shortened(title, 90))}</text>',
        f'<text x="12" y="42" fill="{_MUTED}">{peak:,} bytes at the peak, of tensors held whole</text>',
    ]
    for number, operator in enumerate(inspection.operators):
        lines += _row(operator, _TOP + _ROW * number, peak)
    return "\n".join([*lines, "</svg>", ""])


def _row(operator: InspectedOperator, top: int, peak: int) -> list[str]:
    shape = "" if operator.output is None else " x ".join(map(str, operator.output.shape))
    name = f"{operator.number} {operator.kind}  {shape}"
    length = round(_BARS * operator.live_bytes / max(peak, 1), 1)
    colour = _ORANGE if operator.live_bytes == peak else _BLUE
    base = top + _BAR - 2
    return [
        f'<text x="{_NAMES - 10}" y="{base}" text-anchor="end" fill="{_INK}">{escape(_shortened(name, 44))}</text>',
        f'<rect x="{_NAMES}" y="{top}" width="{length}" height="{_BAR}" fill="{colour}"/>',
        f'<text x="{_NAMES + length + 6}" y="{base}" fill="{_MUTED}">{operator.live_bytes:,}</text>',
    ]


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
