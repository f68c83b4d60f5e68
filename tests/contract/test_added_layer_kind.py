"""A kind of layer that a file outside of the package adds: pruned, repaired, folded and counted like Keras' own.

The layer is what CONTRIBUTING's recipe is followed for: a dense layer whose kernel lies the other way round.
"""

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.cost import keras_cost
from edge_nas.graph.fold import fold_batchnorm
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.surgery import mask, narrow
from edge_nas.graph.widths import WidthCost
from edge_nas.layers import LayerKind, Mixing, kind_of, register
from edge_nas.layers.dense import DenseKernel
from edge_nas.layers.infile import ONE_KERNEL
from edge_nas.pruning.repair import RepairSettings, repair

L = tf_keras.layers


class Backwards(L.Layer):
    """A dense layer with a kernel of (units, channels)."""

    def __init__(self, units, use_bias=True, **settings):
        super().__init__(**settings)
        self.units, self.use_bias = units, use_bias
        self.activation = tf_keras.activations.linear

    def build(self, shape):
        self.kernel = self.add_weight("kernel", (self.units, shape[-1]))
        self.bias = self.add_weight("bias", (self.units,)) if self.use_bias else None

    def call(self, inputs):
        outputs = inputs @ tf_keras.backend.transpose(self.kernel)
        return outputs + self.bias if self.use_bias else outputs

    def get_config(self):
        return {**super().get_config(), "units": self.units, "use_bias": self.use_bias}


class BackwardsKernel(DenseKernel):
    def matrix(self, layer):
        return layer.get_weights()[0].T

    def with_matrix(self, layer, matrix):
        return [matrix.T, *layer.get_weights()[1:]]


register(LayerKind(Mixing("units", input_axis=1, output_axis=0), BackwardsKernel(), ONE_KERNEL), Backwards)

KEPT = {"first": [0, 2, 3]}


@pytest.fixture
def network() -> tf_keras.Model:
    inputs = L.Input((6,))
    x = L.ReLU()(L.BatchNormalization(name="norm")(Backwards(5, name="first")(inputs)))
    model = tf_keras.Model(inputs, Backwards(2, name="second")(x))
    random = np.random.default_rng(1)
    model.set_weights([random.uniform(0.5, 1.5, weight.shape) for weight in model.get_weights()])
    return model


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)


def test_its_channels_are_removed(network, images) -> None:
    graph = channel_graph(network)
    assert [group.name for group in graph.free] == ["first"]
    narrowed = narrow(network, graph, KEPT)
    assert [weight.shape for weight in narrowed.get_layer("second").get_weights()] == [(2, 3), (2,)]
    np.testing.assert_allclose(narrowed(images), mask(network, graph, KEPT)(images), atol=1e-5)


def test_its_kernel_is_repaired(network, images) -> None:
    graph = channel_graph(network)
    narrowed = narrow(network, graph, KEPT)
    repaired = repair(network, narrowed, graph, KEPT, images, settings=RepairSettings())
    wanted = network(images)
    errors = [float(np.mean((net(images) - wanted) ** 2)) for net in (narrowed, repaired)]
    assert errors[1] < 0.9 * errors[0]


def test_a_batchnorm_folds_into_it(network, images) -> None:
    folded = fold_batchnorm(network)
    assert "norm" not in {layer.name for layer in folded.layers}
    np.testing.assert_allclose(folded(images), network(images), atol=1e-5)


def test_its_work_is_counted_at_every_width(network) -> None:
    cost = keras_cost(network)
    assert (cost.macs, cost.uncounted) == (5 * 6 + 2 * 5, ())
    graph = channel_graph(network)
    predicted = WidthCost(network, graph).cost({"first": 3})
    assert (predicted.macs, predicted.params) == (3 * 6 + 2 * 3, keras_cost(narrow(network, graph, KEPT)).params)


def test_a_class_derived_from_it_is_of_its_kind() -> None:
    class Named(Backwards):
        """Adds nothing that computes."""

    assert kind_of(Named(3)) is kind_of(Backwards(3))
