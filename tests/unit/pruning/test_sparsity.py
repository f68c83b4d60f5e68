"""TFMOT magnitude pruning of what is left: the share of zeros that was asked for, in a network of the same layers."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import AugmentationSpec, FitSpec, SparsitySpec
from edge_nas.graph.zeros import zero_share
from edge_nas.pruning.sparsity import sparsify
from edge_nas.runs.progress import Silent

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((16, 16, 3), name="image")
    x = L.ReLU(name="relu")(L.BatchNormalization(name="bn")(L.Conv2D(4, 3, padding="same", name="stem")(inputs)))
    x = L.PReLU(shared_axes=[1, 2], name="prelu")(L.DepthwiseConv2D(3, padding="same", name="depthwise")(x))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))


@pytest.fixture(scope="module")
def lent(easy_dataset):
    from edge_nas.training import fit

    def lent(net, spec, **settings):
        assert spec.patience is None  # stopping early would miss the target
        plain = AugmentationSpec(crop=0.0, brightness=0.0, contrast=0.0, colour=0.0)
        return fit(net, spec, easy_dataset, plain, seed=0, progress=Silent(), **settings)

    return lent


@pytest.fixture(scope="module")
def sparse(network, lent):
    settings = FitSpec(batch_size=8, learning_rate=1e-3, patience=1, distillation_weight=0.5)
    return sparsify(network, SparsitySpec(target=0.5, epochs=4), settings, steps_per_epoch=3, fit=lent, teacher=network)


def test_half_of_the_weights_are_zero(sparse, network) -> None:
    model, history = sparse
    assert len(history) == 4
    assert zero_share(model) == pytest.approx(0.5, abs=0.02)
    assert zero_share(network) == 0.0


def test_the_network_is_the_same_but_for_its_weights(sparse, network) -> None:
    model, _ = sparse
    assert [layer.name for layer in model.layers] == [layer.name for layer in network.layers]
    assert [w.shape for w in model.get_weights()] == [w.shape for w in network.get_weights()]
    assert np.all(model.get_layer("depthwise").get_weights()[0] != 0)


def test_the_zeros_are_the_smallest_weights(sparse, network) -> None:
    before, after = (np.abs(net.get_layer("stem").get_weights()[0]) for net in (network, sparse[0]))
    assert before[after == 0].mean() < 0.5 * before[after != 0].mean()


def test_two_of_four_weights_along_the_input_channels_are_zero(network, lent) -> None:
    inputs = L.Input((16, 16, 3), name="image")
    x = L.Conv2D(8, 1, activation="relu", name="first")(inputs)
    wide = tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.Conv2D(4, 3, padding="same", name="second")(x)))
    settings = FitSpec(batch_size=8, learning_rate=1e-3)
    spec = SparsitySpec(pattern="2:4", epochs=1)
    model, _ = sparsify(wide, spec, settings, steps_per_epoch=3, fit=lent, teacher=network)
    fours = model.get_layer("second").get_weights()[0].transpose(0, 1, 3, 2).reshape(-1, 4)
    assert np.all(np.sum(fours == 0, axis=1) == 2)


def test_two_of_four_is_half() -> None:
    with pytest.raises(ValueError, match=r"pattern 2:4 makes half of the weights zero: target must be 0.5, not 0.7"):
        SparsitySpec(pattern="2:4", target=0.7)
