"""A network that is not the masked one is held back."""

import numpy as np
import pytest
import tf_keras

from edge_nas.errors import GateError
from edge_nas.pruning.gate import check_surgery
from edge_nas.pruning.removal import Removal

L = tf_keras.layers


@pytest.fixture
def network(randomized):
    inputs = L.Input((16, 16, 3), name="image")
    x = L.ReLU(name="relu")(L.BatchNormalization(name="bn")(L.Conv2D(6, 3, padding="same", name="stem")(inputs)))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))


def test_the_gate_holds_back_a_network_that_is_not_the_masked_one(network, randomized) -> None:
    other = randomized(tf_keras.models.clone_model(network), seed=1)
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 3)).astype(np.float32)
    with pytest.raises(GateError, match=r"surgery: the narrowed network differs from the masked one by .*, allowed"):
        check_surgery(Removal(narrowed=network, repaired=network, masked=other, plan=None), images)
    assert check_surgery(Removal(network, network, network, None), images)[0] == 0.0
