"""The redundancy of any model in hand, without a run.

analysis = analyze_model(model, images)              # uint8 pixels (N, H, W, 3), or float network inputs
analysis.report.layers[0].effective_rank
analysis.widths                                      # {"stem": Width(channels=16, recommended=9), ...}
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tf_keras

from edge_nas.core.blasthreads import blas_threads_for
from edge_nas.covariance.redundancy import correlation, measure
from edge_nas.covariance.report import layer_statistics
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.flatten import InputShape
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.handed import handed
from edge_nas.layers.patches import longest_row
from edge_nas.models.outside import as_tf_keras
from edge_nas.results.redundancy import LayerRedundancy, RedundancyReport


class Width(NamedTuple):
    """The channels of a group, and how many of them carry what the others follow from."""

    channels: int
    recommended: int


@dataclass(frozen=True)
class Analysis:
    """What an analysis found.

    `report`: every layer and probe. `correlations`: their (n, n) correlation matrices by name. `widths`: per channel
    group that can be narrowed, the largest suggested width of the layers whose channels are removed together.
    """

    report: RedundancyReport
    correlations: dict[str, npt.NDArray[np.float64]]
    widths: dict[str, Width]

    def to_data(self) -> dict[str, Any]:
        """Returns plain JSON data; the correlations are left to the plots."""
        return {
            "schema_version": 1,
            **self.report.to_data(),
            "widths": {name: width._asdict() for name, width in self.widths.items()},
        }


def analyze_model(
    model: tf_keras.Model,
    images: Any,
    width_error: float = 0.01,
    input_shape: InputShape | None = None,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> Analysis:
    """Returns the redundancy of every layer and probe of a model, and the widths that would do.

    Args:
        model: any model, of tf_keras or Keras 3.
        images: uint8 pixels, which are scaled as everywhere in edge-nas, or floats, which are taken as they are; an
            array or a tf.data.Dataset; a list or a dictionary of arrays for a model of several inputs.
        width_error: share of a layer's variance that its suggested width may lose, between 0 and 1.
        input_shape: (H, W, C) of a model that was never built; that of the images where left out.
        tick: told (images done, images) on the way.

    Raises:
        ConfigError: width_error out of range.
        GraphError: the model cannot be flattened.
        DataError: the activations are not finite.
    """
    if not 0.0 < width_error < 1.0:
        raise ConfigError(f"width_error is {width_error!r}; allowed: a number between 0 and 1")
    twin, inputs, _ = handed(as_tf_keras(model, several=True), images, input_shape)
    with blas_threads_for(longest_row(twin.flat)):
        measured = layer_statistics(twin.flat, inputs, tick, probed=twin.probed)
    layers = tuple(
        measure(output.name, output.kind, statistic).with_suggestion(width_error) for output, statistic in measured
    )
    return Analysis(
        report=RedundancyReport(images=len(inputs), layers=layers),
        correlations={output.name: correlation(statistic.covariance()) for output, statistic in measured},
        widths=_widths(channel_graph(twin.flat), layers),
    )


def _widths(graph: ChannelGraph, layers: tuple[LayerRedundancy, ...]) -> dict[str, Width]:
    suggested = {layer.name: layer.suggested_width for layer in layers if layer.kind != "Probe"}
    widths = {}
    for group in graph.free:
        known = [suggested[name] for name in (*group.writers, *group.carriers) if name in suggested]
        if known:
            recommended = math.ceil(max(known) / group.together)
            widths[group.name] = Width(group.channels, min(group.channels, recommended))
    return widths
