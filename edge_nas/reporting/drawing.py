"""A sample as a picture for people: pictures as they are, signals as lines, spectrograms as colours.

| sample | drawn as |
|---|---|
| (h, w, 3) bytes | it is |
| (h, w, 1) bytes | grey |
| (t, c), at most 8 channels | a line for each channel, time to the right; the colours are those of classes, in order |
| (t, c) of more channels | a colour for each value, time to the right, the first channel at the bottom |
| (h, w, c) of other values | the same of the mean over the channels, h being time |
| (n,) | one line over the features |

Lines and colours fill the range of the sample's own values.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from edge_nas.core.arrays import Pixels, Samples
from edge_nas.core.samples import SampleFormat
from edge_nas.tasks.overlay import Colour, palette

MOST_LINES = 8
"""Channels: more lines over each other are not told apart."""
WIDTH, HEIGHT = 256, 96
_PAPER: Colour = (250, 250, 250)
_FINER = 2
"""Lines are drawn so many times larger and scaled down: PIL does not smooth them."""
_MARGIN = 4


def drawn(sample: Samples, kind: SampleFormat) -> Pixels:
    """Returns a sample as (H, W, 3) uint8."""
    if kind.is_picture:
        return sample if sample.shape[-1] > 1 else np.repeat(sample, 3, axis=-1)
    values = sample.astype(np.float64)
    if values.ndim == 1:
        return _lines(values[:, np.newaxis])
    if values.ndim == 2 and values.shape[1] <= MOST_LINES:
        return _lines(values)
    return _colours(values if values.ndim == 2 else values.mean(axis=-1))


def channel_colours(kind: SampleFormat) -> tuple[Colour, ...]:
    """Returns the colours of the channels, where lines are drawn and there is more than one."""
    lines = len(kind.shape) == 2 and 1 < kind.shape[1] <= MOST_LINES
    return palette(kind.shape[1]) if lines else ()


def _shares(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Returns values as shares of their range, [0, 1]; 0.5 where all are the same."""
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else np.full(values.shape, 0.5)


def _lines(values: npt.NDArray[np.float64]) -> Pixels:
    """Returns a line for each column of (t, c)."""
    width, height, margin = WIDTH * _FINER, HEIGHT * _FINER, _MARGIN * _FINER
    canvas = Image.new("RGB", (width, height), _PAPER)
    pen = ImageDraw.Draw(canvas)
    right = np.linspace(margin, width - margin, len(values))
    for column, colour in zip(_shares(values).T, palette(values.shape[1]), strict=True):
        down = (height - margin) - column * (height - 2 * margin)
        pen.line(list(zip(right.tolist(), down.tolist(), strict=True)), fill=colour, width=2 * _FINER)
    return np.asarray(canvas.resize((WIDTH, HEIGHT), Image.Resampling.BOX))


def _colours(values: npt.NDArray[np.float64]) -> Pixels:
    """Returns a block of one colour for each value of (t, c)."""
    from matplotlib import colormaps

    shares = _shares(values).T[::-1]
    coloured = colormaps["cividis"](shares, bytes=True)[..., :3]
    tall, wide = (max(1, size // count) for size, count in zip((HEIGHT, WIDTH), shares.shape, strict=True))
    return np.ascontiguousarray(coloured.repeat(tall, axis=0).repeat(wide, axis=1))
