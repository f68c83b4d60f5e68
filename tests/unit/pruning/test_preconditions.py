"""What is refused before training: the same words as those of the stage that would refuse it afterwards."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.errors import ConfigError, DataError, EdgeNasError
from edge_nas.pruning.preconditions import check_preconditions
from edge_nas.pruning.removal import remove_channels

L = tf_keras.layers


@pytest.fixture(scope="module")
def network():
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(6, 3, activation="relu", name="middle")(L.Conv2D(4, 3, name="stem")(inputs))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))


@pytest.mark.parametrize(
    ("settings", "images", "kind", "message"),
    [
        ({"leave": ["nope"]}, 4, ConfigError, "no layer or channel group 'nope' to leave alone"),
        ({"budget": {"macs": 0.0001}}, 4, ConfigError, "prune.budget.macs is 0.0001.*the least that can be reached"),
        ({"criterion": "luck"}, 4, ConfigError, "luck"),
        ({"min_channels": 8}, 4, ConfigError, "min_channels 8 and .* the widest free group, 'middle', has 6"),
        ({"multiple": 16}, 4, ConfigError, "prune.multiple 16 no channel may go"),
        ({}, 1, DataError, "^1 calibration image: .* fewer than 2"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_before_and_by_the_removal_alike(settings, images, kind, message, network) -> None:
    spec = PruneSpec(**settings)
    inputs = np.random.default_rng(0).uniform(-1, 1, (images, 8, 8, 3)).astype(np.float32)
    told = []
    for refused in (
        lambda: check_preconditions(network, spec, images),
        lambda: remove_channels(network, inputs, spec, 0),
    ):
        with pytest.raises(kind, match=message) as caught:
            refused()
        told.append(str(caught.value))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "settings",
    [{}, {"min_channels": 5}, {"ratio": 0.0, "min_channels": 8}, {"budget": {"macs": 0.5}}, {"leave": ["*"]}],
    ids=str,
)
def test_what_can_be_passes(settings, network) -> None:
    try:
        check_preconditions(network, PruneSpec(**settings), 2)
    except EdgeNasError as error:
        pytest.fail(str(error))
