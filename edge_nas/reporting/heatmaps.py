"""Correlation matrices as pictures: one pixel per pair of channels, which the page enlarges without smoothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.reporting.pictures import data_uri
from edge_nas.results.redundancy import LayerRedundancy

_STEPS = 64


@dataclass(frozen=True)
class Heatmap:
    """|correlation| of one network's layer: a PNG of channels x channels pixels in a data URI."""

    channels: int
    picture: str


@dataclass(frozen=True)
class HeatmapPair:
    """A layer's channels before and after pruning; None where a network has no such layer, or too many channels."""

    layer: str
    before: Heatmap | None
    after: Heatmap | None


def heatmap(layer: LayerRedundancy | None) -> Heatmap | None:
    """Returns the picture of a layer's correlation matrix; None without one, and for one channel, which has none."""
    if layer is None or layer.correlation is None or layer.channels < 2:
        return None
    return Heatmap(layer.channels, data_uri(_coloured(np.abs(np.array(layer.correlation)))))


def scale() -> str:
    """Returns the colours from 0 to 1, left to right, as a data URI."""
    return data_uri(_coloured(np.linspace(0.0, 1.0, _STEPS)[None, :]))


def _coloured(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Returns (H, W, 3) uint8 for (H, W) in [0, 1]: equal differences look equal, in grey and to the colour-blind."""
    from matplotlib import colormaps

    colours: npt.NDArray[np.uint8] = colormaps["cividis"](np.clip(shares, 0.0, 1.0), bytes=True)[..., :3]
    return np.ascontiguousarray(colours)
