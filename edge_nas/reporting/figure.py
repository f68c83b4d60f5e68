"""One chart as SVG inside HTML: no colour, font or address of its own, so that the page's style sheet rules it.

Matplotlib draws with the colours of `COLOURS`; each becomes the style sheet's variable of that name, which has another
value in the dark. The same numbers give the same bytes: fixed ids, no date, no settings of the user's matplotlib.
"""

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup, escape

COLOURS = {
    "ink": "#1c2430",
    "muted": "#566273",
    "line": "#d5dbe3",
    "faint": "#c5d0dd",
    "blue": "#1f5fa8",
    "orange": "#b85a00",
    "teal": "#0a7567",
    "violet": "#764ba2",
}
WIDTH = 264.0
"""Width of a chart in its own units; text is 8 of them high. Charts stand beside each other and below on a phone."""

_STYLE = {
    "font.size": 8,
    # Measures text; what is shown is the page's own font.
    "font.sans-serif": ["DejaVu Sans"],
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "text.color": COLOURS["ink"],
    "text.parse_math": False,
    "axes.edgecolor": COLOURS["line"],
    "axes.labelcolor": COLOURS["muted"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": COLOURS["line"],
    "grid.linewidth": 0.6,
    "figure.facecolor": "none",
    "lines.linewidth": 1.4,
    "lines.markersize": 3.0,
    "xtick.color": COLOURS["line"],
    "ytick.color": COLOURS["line"],
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.labelcolor": COLOURS["muted"],
    "ytick.labelcolor": COLOURS["muted"],
    "svg.fonttype": "none",
}


def chart(name: str, height: float, label: str, paint: Callable[[Any], None], width: float = WIDTH) -> Markup:
    """Returns an `<svg>` element.

    Args:
        name: unique in the page; its ids begin with it.
        height: in units of which `width` has that many.
        label: what a reader who cannot see the chart is told.
        paint: draws on the matplotlib Axes it is given.
        width: see `WIDTH`.
    """
    with _matplotlib(name) as figure_type:
        figure = figure_type(figsize=(width / 72, height / 72), layout="constrained")
        paint(figure.add_subplot())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None}, transparent=True)
    return _inline(text.getvalue(), name, label)


@contextmanager
def _matplotlib(name: str) -> Iterator[Any]:
    """Yields matplotlib's Figure, with our style only and nothing on standard error."""
    logger = logging.getLogger("matplotlib")
    level = logger.level
    # The first import tells of its font cache and of folders that it cannot write.
    logger.setLevel(logging.ERROR)
    try:
        import matplotlib.style
        from matplotlib.figure import Figure

        with matplotlib.style.context(["default", {**_STYLE, "svg.hashsalt": name}]), warnings.catch_warnings():
            # Its own font measures only; the reader's browser has the letters that it lacks.
            warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
            yield Figure
    finally:
        logger.setLevel(level)


_DROPPED = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>|<defs>\s*</defs>", re.DOTALL)


def _inline(svg: str, name: str, label: str) -> Markup:
    """Returns matplotlib's SVG as an element of an HTML page that holds others of its kind."""
    opening, closing = svg.index(">", svg.index("<svg")), svg.rindex("</svg>")
    match = re.search(r'viewBox="([^"]+)"', svg[:opening])
    if match is None:
        raise ValueError(f"chart {name}: matplotlib wrote an SVG without a viewBox")
    body = _DROPPED.sub("", _DROPPED.sub("", svg[opening + 1 : closing]))
    body = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", body)
    for role, colour in COLOURS.items():
        body = body.replace(colour, f"var(--{role})")
    body = "\n".join(line.strip() for line in body.splitlines() if line.strip())
    return Markup(  # noqa: S704 - matplotlib escapes the names in it, and what is ours is escaped here
        f'<svg class="plot" role="img" aria-label="{escape(label)}" viewBox="{match[1]}">\n{body}\n</svg>'
    )
