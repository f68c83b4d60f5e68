"""The pictures of docs/concepts.md, drawn as SVG: boxes, arrows and words.

python -m tools.pictures         writes docs/images/*.svg; a test fails while one is stale
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import NamedTuple

IMAGES = Path(__file__).parents[1] / "docs/images"
_INK, _PALE, _BLUE, _GONE = "#1c2430", "#f5f7fa", "#1f5fa8", "#b9c2cd"


class Box(NamedTuple):
    """A rectangle with a line of text in it; `gone` draws it pale and dashed."""

    x: int
    y: int
    width: int
    height: int
    text: str = ""
    gone: bool = False


class Arrow(NamedTuple):
    """A line with a head at its end."""

    x1: int
    y1: int
    x2: int
    y2: int


class Words(NamedTuple):
    """A line of text without a box, from its left."""

    x: int
    y: int
    text: str


def svg(width: int, height: int, parts: Iterable[Box | Arrow | Words]) -> str:
    """Returns a picture on white, so that it can be read on a dark page as well."""
    drawn = "\n".join(_drawn(part) for part in parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="13">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        '<defs><marker id="head" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="{_INK}"/></marker></defs>\n{drawn}\n</svg>\n'
    )


def _drawn(part: Box | Arrow | Words) -> str:
    if isinstance(part, Arrow):
        return (
            f'<line x1="{part.x1}" y1="{part.y1}" x2="{part.x2}" y2="{part.y2}" stroke="{_INK}" '
            'marker-end="url(#head)"/>'
        )
    if isinstance(part, Words):
        return f'<text x="{part.x}" y="{part.y}" fill="{_INK}">{escape(part.text)}</text>'
    line = f'stroke="{_GONE}" stroke-dasharray="4 3"' if part.gone else f'stroke="{_BLUE}"'
    ink = _GONE if part.gone else _INK
    middle = (part.x + part.width // 2, part.y + part.height // 2 + 5)
    text = f'<text x="{middle[0]}" y="{middle[1]}" fill="{ink}" text-anchor="middle">{escape(part.text)}</text>'
    return (
        f'<rect x="{part.x}" y="{part.y}" width="{part.width}" height="{part.height}" rx="4" fill="{_PALE}" {line}/>'
        f"{text if part.text else ''}"
    )


def _channels(x: int, y: int, count: int, gone: Iterable[int] = ()) -> list[Box]:
    removed = set(gone)
    return [Box(x + 22 * index, y, 18, 18, str(index), gone=index in removed) for index in range(count)]


def channel_group() -> str:
    """Two writers that are added have to lose the same channels, and every reader the same inputs."""
    return svg(640, 210, [
        Box(20, 20, 120, 34, "conv a (writer)"), Box(20, 120, 120, 34, "conv b (writer)"),
        *_channels(20, 64, 6, (2, 5)), *_channels(20, 164, 6, (2, 5)),
        Arrow(160, 40, 250, 84), Arrow(160, 140, 250, 98), Box(254, 74, 70, 34, "add"),
        *_channels(234, 118, 6, (2, 5)), Arrow(330, 84, 430, 44), Arrow(330, 98, 430, 140),
        Box(434, 24, 150, 34, "conv c (reader)"), Box(434, 124, 150, 34, "dense d (reader)"),
        Words(20, 202, "one group: channels 2 and 5 go in a, in b and in the sum; c and d lose the inputs 2 and 5"),
    ])  # fmt: skip


def covariance() -> str:
    """One covariance of a layer's channels and what it is used for."""
    return svg(640, 220, [
        Box(20, 90, 150, 40, "activations"), Arrow(172, 110, 216, 110), Box(220, 90, 150, 40, "covariance"),
        *(Arrow(372, 110, 428, y + 18) for y in (12, 62, 112, 162)),
        Box(432, 12, 190, 36, "1 penalty in the loss"), Box(432, 62, 190, 36, "2 redundancy report"),
        Box(432, 112, 190, 36, "3 which channels go"), Box(432, 162, 190, 36, "4 repair of the readers"),
        Words(20, 160, "channels that repeat"), Words(20, 178, "others show as large"),
        Words(20, 196, "entries beside the diagonal"),
    ])  # fmt: skip


def repair() -> str:
    """A reader's kernel is solved anew for the channels that are kept."""
    return svg(640, 190, [
        Words(20, 26, "before"), *_channels(90, 12, 6), Arrow(226, 21, 270, 21), Box(274, 6, 150, 30, "kernel W"),
        Arrow(426, 21, 470, 21), Words(476, 26, "y"),
        Words(20, 86, "cut"), *_channels(90, 72, 6, (2, 5)), Arrow(226, 81, 270, 81),
        Box(274, 66, 150, 30, "W without 2, 5"), Arrow(426, 81, 470, 81), Words(476, 86, "y is off"),
        Words(20, 146, "repaired"), *_channels(90, 132, 6, (2, 5)), Arrow(226, 141, 270, 141),
        Box(274, 126, 150, 30, "W' by least squares"), Arrow(426, 141, 470, 141), Words(476, 146, "near y again"),
        Words(20, 180, "W' is what the covariance says best predicts y from the kept channels; no training, no labels"),
    ])  # fmt: skip


def layouts() -> str:
    """How the codes of a row lie in memory for the kernels of a core."""

    def row(y: int, names: Iterable[str]) -> list[Box]:
        return [Box(110 + 46 * index, y, 42, 24, name) for index, name in enumerate(names)]

    return svg(640, 190, [
        Words(20, 36, "flat"), *row(20, ("p0 a", "p0 b", "p1 a", "p1 b", "p2 a", "p2 b", "p3 a", "p3 b")),
        Words(20, 76, "planar"), *row(60, ("p0 a", "p1 a", "p2 a", "p3 a", "p0 b", "p1 b", "p2 b", "p3 b")),
        Words(20, 116, "pairs"), *row(100, ("p0 a", "p0 b", "p1 a", "p1 b")),
        Words(300, 116, "16 bits each: two products in one instruction"),
        Words(20, 160, "a, b: channels of the pixels p0 to p3. A kernel says which layout it reads;"),
        Words(20, 178, "the one before it writes that."),
    ])  # fmt: skip


PICTURES = {"channel-group": channel_group, "covariance": covariance, "repair": repair, "layouts": layouts}


def main() -> None:
    """Writes every picture."""
    for name, draw in PICTURES.items():
        (IMAGES / f"{name}.svg").write_text(draw(), encoding="utf-8")


if __name__ == "__main__":
    main()
