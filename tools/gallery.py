"""Puts what `make examples` printed and drew onto docs/gallery.md and into docs/images.

    make examples
    python -m tools.gallery build/examples            # or behind it the names of some scripts

Of each script it takes NAME.txt, what was printed, without how long a build took: that is the machine's. The pictures
are made here, of drawn data only: of a run a sheet of samples with what the shipped int8 file says of them, of a search
the plot of its front.
"""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from edge_nas.core.arrays import Pixels
from edge_nas.core.atomic import write_text
from edge_nas.data.dataset import ImageSet
from edge_nas.data.loader import load_dataset
from edge_nas.reporting.drawing import drawn
from edge_nas.reporting.figure import COLOURS
from edge_nas.runs.folder import read_config
from edge_nas.runtimes.by_suffix import open_runtime
from edge_nas.tasks.classification import Classification

ROOT = Path(__file__).resolve().parents[1]
PAGE, IMAGES = ROOT / "docs/gallery.md", ROOT / "docs/images"
SHEETS = ("three_classes", "grey_classifier", "motion", "keywords")
"""Scripts of whose runs samples are shown; the terrain's are the README's."""
SEARCH = "board_search"
_SEARCHED = "runs/terrain_48x64/search/report.html"
SHOWN = 8
_NARROW = 128  # pixels of a cell up to which all samples stand in one row; wider ones stand in two
_GAP, _LINE = 6, 12
_PAPER, _INK = (255, 255, 255), (28, 36, 48)
_DURATION = re.compile(r"(?:\d+ h )?(?:\d+ min \d+ s|\d+ min|\d+\.\d s), (?=all gates met)")
_BLOCK = (
    "(?P<begin><!-- {name}: begin, written by tools/gallery.py -->\n\n```text\n).*?(?P<end>```\n\n<!-- {name}: end -->)"
)


def main() -> None:
    """Rewrites the blocks of the page, and the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="in which the scripts ran")
    parser.add_argument("names", nargs="*", help="of scripts; all whose output is there by default")
    options = parser.parse_args()
    names = options.names or sorted(path.stem for path in options.folder.glob("*.txt"))
    page = PAGE.read_text(encoding="utf-8")
    for name in names:
        page = with_output(page, name, (options.folder / f"{name}.txt").read_text(encoding="utf-8"))
        if name in SHEETS:
            sheet(options.folder, options.folder / "runs" / name).save(IMAGES / f"{name}.png", optimize=True)
        if name == SEARCH:
            report = (options.folder / _SEARCHED).read_text(encoding="utf-8")
            write_text(IMAGES / f"{name}.svg", first_plot(report))
    write_text(PAGE, page)


def with_output(page: str, name: str, printed: str) -> str:
    """Returns the page with what a script printed between the markers of its name.

    Raises:
        ValueError: the page has no such markers.
    """
    block = re.compile(_BLOCK.format(name=re.escape(name)), re.DOTALL)
    if block.search(page) is None:
        raise ValueError(f"{PAGE}: no markers for {name}")
    shown = _DURATION.sub("", printed.rstrip())
    return block.sub(lambda match: f"{match['begin']}{shown}\n{match['end']}", page)


def first_plot(report: str) -> str:
    """Returns the first plot of a report as a file of its own, on white, with the colours that a style sheet gave."""
    match = re.search(r'<svg class="plot"(?P<attributes>[^>]*)>(?P<body>.*?)</svg>', report, re.DOTALL)
    if match is None:
        raise ValueError("the report has no plot")
    body = re.sub(r"var\(--(\w+)\)", lambda role: COLOURS[role[1]], match["body"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" font-family="sans-serif"'
        f'{match["attributes"]}>\n<rect width="100%" height="100%" fill="#ffffff"/>{body}</svg>\n'
    )


def sheet(folder: Path, run: Path) -> Image.Image:
    """Returns samples of a run's reported split, with what its int8 file says of them.

    Args:
        folder: in which the build ran; its data lie relative to it.
        run: a finished run.
    """
    config = read_config(run)
    data = config.data
    if hasattr(data, "root"):
        data = data.model_copy(update={"root": str(folder / data.root)})
    _, samples = load_dataset(data, config.task).reported
    chosen = spread_out(samples)
    outputs = open_runtime(run / "artifacts/model.tflite", reference=True).run(samples.inputs(np.array(chosen)))
    cells = [cell(samples, index, output) for index, output in zip(chosen, outputs, strict=True)]
    columns = len(cells) if cells[0].width <= _NARROW else (len(cells) + 1) // 2
    rows = [cells[begin : begin + columns] for begin in range(0, len(cells), columns)]
    wide, high = cells[0].width + _GAP, cells[0].height + _GAP
    canvas = Image.new("RGB", (columns * wide - _GAP, len(rows) * high - _GAP), _PAPER)
    for down, row in enumerate(rows):
        for right, picture in enumerate(row):
            canvas.paste(picture, (right * wide, down * high))
    return canvas


def spread_out(samples: ImageSet) -> list[int]:
    """Returns the numbers of `SHOWN` samples: of classes each in turn, of masks evenly from first to last."""
    if not isinstance(samples.task, Classification):
        return [int(index) for index in np.linspace(0, len(samples) - 1, SHOWN).round()]
    seen: dict[int, int] = {}
    turns = []
    for index, label in enumerate(map(int, samples.labels)):
        turns.append((seen.get(label, 0), label, index))
        seen[label] = seen.get(label, 0) + 1
    return [index for _, _, index in sorted(turns)[:SHOWN]]


def cell(samples: ImageSet, index: int, output: npt.NDArray[np.float32]) -> Image.Image:
    """Returns a sample above its mask and the predicted one, or above its class and the predicted one."""
    task, label = samples.task, samples.labels[index]
    pictures = task.pictures(drawn(samples.images[index], samples.format), label, output)
    stacked = [_zoomed(pixels) for name, pixels in pictures.items() if name != "mistakes"]
    lines = []
    if isinstance(task, Classification):
        row = task.row(output)
        lines = [task.classes[int(label)], f"int8: {row['class']} {float(row['confidence']):.2f}"]
    return captioned(stacked, lines)


def captioned(pictures: Sequence[Pixels], lines: Sequence[str]) -> Image.Image:
    """Returns pictures of one size below each other, and lines of text below them."""
    height, width = pictures[0].shape[:2]
    canvas = Image.new("RGB", (width, len(pictures) * (height + _GAP) + len(lines) * _LINE), _PAPER)
    for number, pixels in enumerate(pictures):
        canvas.paste(Image.fromarray(pixels), (0, number * (height + _GAP)))
    pen = ImageDraw.Draw(canvas)
    for number, line in enumerate(lines):
        pen.text((0, len(pictures) * (height + _GAP) + number * _LINE), line, fill=_INK)
    return canvas


def _zoomed(pixels: Pixels) -> Pixels:
    zoom = max(1, _NARROW // pixels.shape[1])
    return pixels.repeat(zoom, axis=0).repeat(zoom, axis=1)


if __name__ == "__main__":
    main()
