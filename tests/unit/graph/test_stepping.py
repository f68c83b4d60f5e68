"""A network computed call by call gives what it gives as a whole, and forgets what nobody needs."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GraphError
from edge_nas.graph.stepping import Stepper
from edge_nas.graph.walk import output_keys

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((8, 8, 3))
    shared = L.Conv2D(3, 3, padding="same", name="shared")
    x = L.BatchNormalization()(shared(inputs))
    x = L.Dropout(0.5)(L.Concatenate()([shared(x), inputs]) * 0.5)
    return randomized(tf_keras.Model(inputs, L.Add()([x, x])))


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (7, 8, 8, 3)).astype(np.float32)


@pytest.mark.parametrize("batch", [3, 7, 100])
def test_stepping_gives_what_the_whole_network_gives(network, images, batch: int) -> None:
    stepper = Stepper(network, images, batch)
    assert stepper.input_of(stepper.calls[0]) is images
    for call in stepper.calls:
        stepper.run(call)
    assert list(stepper._values) == list(output_keys(network))  # all else is forgotten
    np.testing.assert_allclose(stepper._values[output_keys(network)[0]], network(images).numpy(), atol=1e-6)


def test_layers_may_change_on_the_way(network, images) -> None:
    model = tf_keras.models.clone_model(network)
    stepper = Stepper(model, images)
    model.get_layer("shared").set_weights([np.zeros((3, 3, 3, 3)), np.full(3, 2.0)])
    stepper.run(stepper.calls[0])
    np.testing.assert_array_equal(stepper.input_of(stepper.calls[1]), np.full((7, 8, 8, 3), 2.0))


def test_several_inputs_are_refused(images) -> None:
    a, b = L.Input((8, 8, 3)), L.Input((8, 8, 3))
    with pytest.raises(GraphError, match="has 2 inputs; given are 1"):
        Stepper(tf_keras.Model([a, b], L.Add()([a, b])), images)
