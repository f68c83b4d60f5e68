"""Pictures of an analysis: a correlation heat map per layer, and the spectra of all layers."""

import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from edge_nas.core.atomic import replacing
from edge_nas.results.redundancy import RedundancyReport

_COLUMNS = 6
"""Heat maps beside each other: at two inches each they fill the width of a slide."""
_SMALLEST_SHARE = 1e-8
"""Below it a share of the variance is float32's rounding; on a logarithmic axis 0 would be nowhere."""


def draw_correlations(correlations: Mapping[str, npt.NDArray[np.float64]], path: Path) -> None:
    """Writes one heat map per layer of |correlation| between its channels, 0 (white) to 1 (dark), to a .png or .svg."""
    rows = math.ceil(len(correlations) / _COLUMNS)
    with _figure(path, (2.0 * _COLUMNS, 2.2 * rows)) as figure:
        image = None
        for place, (name, matrix) in enumerate(correlations.items(), start=1):
            axes = figure.add_subplot(rows, _COLUMNS, place)
            image = axes.imshow(np.abs(matrix), vmin=0.0, vmax=1.0, cmap="Blues", interpolation="nearest")
            axes.set_title(_wrapped(name), fontsize=6)
            axes.set_xticks([])
            axes.set_yticks([])
        figure.colorbar(image, ax=figure.axes, label="|correlation|", shrink=0.6)


def draw_spectra(report: RedundancyReport, path: Path) -> None:
    """Writes the covariance's eigenvalues of every layer, largest first, as shares of its variance, to .png or .svg."""
    import matplotlib

    with _figure(path, (8.0, 5.0)) as figure:
        axes = figure.add_subplot()
        varied = [layer for layer in report.layers if sum(layer.spectrum) > 0]
        for place, layer in enumerate(varied):
            shares = np.maximum(np.asarray(layer.spectrum) / sum(layer.spectrum), _SMALLEST_SHARE)
            colour = matplotlib.colormaps["viridis"](place / len(varied))
            axes.semilogy(range(1, len(shares) + 1), shares, label=layer.name, linewidth=1.0, color=colour)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel("eigenvalue, largest first")
        axes.set_ylabel("share of the layer's variance")
        axes.grid(visible=True, alpha=0.3)
        figure.legend(loc="outside right upper", fontsize=5)


@contextmanager
def _figure(path: Path, size: tuple[float, float]) -> Iterator[Any]:
    """Yields a matplotlib Figure and writes it to `path` as a whole; the user's matplotlib settings do not count."""
    # The first import of matplotlib tells of its font cache.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context("default"), matplotlib.rc_context({"text.parse_math": False, "svg.hashsalt": "edge"}):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        kind = path.suffix.removeprefix(".")
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else {})


def _wrapped(name: str, width: int = 22) -> str:
    """Returns a name broken into lines that are no wider than a heat map."""
    return "\n".join(name[start : start + width] for start in range(0, len(name), width))
