"""The redundancy of every layer of a network, seen after its BatchNorm and activation."""

import numpy as np
import pytest
import tf_keras

from edge_nas.covariance.report import layer_outputs, redundancy_report
from edge_nas.graph.flatten import flatten
from edge_nas.models import DepthwiseSepConv

L = tf_keras.layers


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (5, 8, 8, 3)).astype(np.float32)


def test_inner_layers_of_blocks_are_there_in_order() -> None:
    model = flatten(tf_keras.Sequential([DepthwiseSepConv(4, name="block"), L.Conv2D(1, 1, name="logit")]), (8, 8, 3))
    outputs = layer_outputs(model)
    assert [(output.name, output.kind) for output in outputs] == [
        ("block_depthwise", "DepthwiseConv2D"),
        ("block_pointwise", "Conv2D"),
        ("logit", "Conv2D"),
    ]
    assert outputs[0].tensor.node.layer.name == "block_depthwise_relu"


def test_a_layer_read_twice_is_taken_where_it_is_read() -> None:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, name="conv")(inputs)
    outputs = layer_outputs(tf_keras.Model(inputs, L.Add()([x, L.ReLU()(x)])))
    assert outputs[0].tensor.node.layer.name == "conv"


def test_statistics_are_those_of_all_positions_of_all_images(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.ReLU()(L.Conv2D(3, 1, name="conv")(inputs)))
    copies = np.zeros((1, 1, 3, 3), np.float32)
    copies[0, 0, 0, :2] = 1.0, 2.0  # two channels follow the red one, the third is dead
    model.get_layer("conv").set_weights([copies, np.array([0.0, 0.0, -1.0])])
    steps: list[tuple[int, int]] = []
    report = redundancy_report(model, images, 0.01, lambda done, total: steps.append((done, total)), batch=2)
    layer = report.layers[0]
    assert (report.images, layer.samples, layer.dead, layer.suggested_width) == (5, 5 * 64, (2,), 1)
    red = np.maximum(images[..., 0], 0.0).astype(np.float64)
    assert layer.spectrum[0] == pytest.approx(5.0 * red.var(), rel=1e-6)
    assert steps == [(2, 5), (4, 5), (5, 5)]


def test_a_network_without_kernels_has_an_empty_report(images) -> None:
    inputs = L.Input((8, 8, 3))
    assert redundancy_report(tf_keras.Model(inputs, L.ReLU()(inputs)), images, 0.01).layers == ()
