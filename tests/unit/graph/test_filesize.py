"""The predicted size of the int8 file, against the files of both ways to quantize."""

import numpy as np
import pytest

from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.graph.tflite import to_tflite
from edge_nas.graph.widths import WidthCost
from edge_nas.models import Nano_U
from edge_nas.quantization.qat import quantization_aware


@pytest.mark.endurance
def test_nano_u_is_met_within_a_twelfth_whole_and_narrow() -> None:
    network = flatten(Nano_U(), (16, 16, 3))
    graph = channel_graph(network)
    costs = WidthCost(network, graph)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    quantized = to_tflite(quantization_aware(network, images, (-1.0, 1.0)), int8=True)
    widths = {group.name: group.channels // 2 for group in graph.free}
    narrowed = narrow(network, graph, {name: range(count) for name, count in widths.items()})
    for file, predicted, most in (
        (quantized, costs.cost({}), 1.08),
        (to_tflite(network, int8=True, calibration=images), costs.cost({}), 1.08),
        (to_tflite(narrowed, int8=True, calibration=images), costs.cost(widths), 1.08),
    ):
        assert predicted.flash_bytes is not None
        assert len(file) <= predicted.flash_bytes <= most * len(file)
