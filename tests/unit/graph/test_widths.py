"""The cost of a network at other widths, without building it; hundreds of networks are in test_random_graphs.py."""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import narrow
from edge_nas.graph.widths import WidthCost

L = tf_keras.layers


@pytest.fixture(scope="module")
def network():
    inputs = L.Input((8, 8, 3))
    x = L.ReLU()(L.BatchNormalization()(L.Conv2D(6, 3, padding="same", name="first")(inputs)))
    x = L.SeparableConv2D(4, 3, depth_multiplier=2, name="separable")(x)
    return tf_keras.Model(inputs, L.Dense(2, name="dense")(L.Flatten()(x)))


def test_it_is_the_cost_of_the_narrowed_network(network) -> None:
    graph = channel_graph(network)
    costs = WidthCost(network, graph)
    for widths in ({}, {"first": 2}, {"first": 5, "separable": 1}):
        narrowed = narrow(network, graph, {name: range(count) for name, count in widths.items()})
        predicted = costs.cost(widths)
        assert predicted.model_copy(update={"flash_bytes": None}) == keras_cost(narrowed)


def test_what_attention_sums_over_it_keeps() -> None:
    inputs = L.Input((6, 8))
    x = L.MultiHeadAttention(2, 4, name="mha")(inputs, inputs)
    model = flatten(tf_keras.Model(inputs, L.Dense(1)(L.Dense(5, name="after")(x))))
    graph = channel_graph(model)
    for widths in ({}, {"mha_value": 1, "after": 2}):
        narrowed = narrow(model, graph, {name: range(count) for name, count in widths.items()})
        predicted = WidthCost(model, graph).cost(widths)
        assert predicted.model_copy(update={"flash_bytes": None}) == keras_cost(narrowed)


def test_flash_falls_by_a_byte_per_weight_and_what_goes_with_each_output_channel(network) -> None:
    costs = WidthCost(network, channel_graph(network))
    whole, less = (costs.cost(widths).flash_bytes for widths in ({}, {"first": 2, "separable": 3}))
    assert whole is not None
    assert less is not None
    kernels = 9 * 3 * (6 - 2), 9 * 2 * (6 - 2), 2 * (6 * 4 - 2 * 3), 36 * 2 * (4 - 3)
    assert whole - less == sum(kernels) + 28 * ((6 - 2) + 2 * (6 - 2) + (4 - 3))


def test_a_layer_called_twice_has_its_constants_once() -> None:
    inputs = L.Input((8, 8, 3))
    shared = L.Conv2D(3, 1, name="shared")
    model = tf_keras.Model(inputs, L.Conv2D(1, 1, name="last")(shared(shared(inputs))))
    cost = WidthCost(model, channel_graph(model)).cost({})
    once = tf_keras.Model(inputs, L.Conv2D(1, 1, name="last")(shared(inputs)))
    more = cost.flash_bytes - WidthCost(once, channel_graph(once)).cost({}).flash_bytes
    assert more == 220 + len("shared")
    assert cost.macs == np.sum([64 * 9, 64 * 9, 64 * 3])
