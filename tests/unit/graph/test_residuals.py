"""Residual blocks: which can be left out, and that a network without them computes what a muted one does."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tf_keras

from edge_nas.graph.residuals import muted, residual_blocks, without_blocks

L = tf_keras.layers


def _branch(x: Any, name: str, width: int = 4) -> Any:
    y = L.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    y = L.Conv2D(width, 1, use_bias=False, name=f"{name}_point")(L.ReLU(name=f"{name}_relu")(y))
    return L.BatchNormalization(name=f"{name}_end")(y)


@pytest.fixture(scope="module")
def network(randomized: Callable[..., Any]) -> tf_keras.Model:
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 3, padding="same", name="stem")(inputs)
    x = L.Add(name="first")([x, _branch(x, "first")])
    x = L.ReLU()(x)
    x = L.Add(name="second")([_branch(x, "second"), x])
    return randomized(tf_keras.Model(inputs, L.Conv2D(2, 1, name="logit")(x)))


def test_blocks_are_found_whichever_side_goes_around(network: tf_keras.Model) -> None:
    first, second = residual_blocks(network)
    assert (first.name, first.shortcut, first.end) == ("first", 0, "first_end")
    assert first.layers == ("first_depthwise", "first_relu", "first_point", "first_end")
    assert (second.name, second.shortcut) == ("second", 1)


def test_without_a_block_the_network_computes_what_the_muted_one_does(network: tf_keras.Model) -> None:
    first, second = residual_blocks(network)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype(np.float32)
    for blocks in ((first,), (second,), (first, second)):
        smaller = without_blocks(network, blocks)
        gone = {name for block in blocks for name in (block.name, *block.layers)}
        assert {layer.name for layer in network.layers} - {layer.name for layer in smaller.layers} == gone
        np.testing.assert_allclose(smaller(images), muted(network, blocks)(images), atol=1e-6)
        assert np.abs(smaller(images) - network(images)).max() > 1e-3


def test_without_blocks_nothing_changes(network: tf_keras.Model) -> None:
    assert without_blocks(network, ()) is network
    assert muted(network, ()) is network


def _model(join: Callable[[Any], Any]) -> tf_keras.Model:
    inputs = L.Input((8, 8, 4))
    return tf_keras.Model(inputs, join(L.ReLU()(inputs)))


def _read_elsewhere(x: Any) -> Any:
    y = _branch(x, "branch")
    return L.Concatenate()([L.Add()([x, y]), y])


def _without_batchnorm(x: Any) -> Any:
    return L.Add()([x, L.Conv2D(4, 1)(x)])


def _called_twice(x: Any) -> Any:
    batchnorm = L.BatchNormalization()
    return L.Add()([batchnorm(x), batchnorm(L.Add()([x, batchnorm(x)]))])


@pytest.mark.parametrize("join", [_read_elsewhere, _without_batchnorm, _called_twice, lambda x: L.Add()([x, x])])
def test_what_cannot_be_left_out_is_no_block(join: Callable[[Any], Any]) -> None:
    assert residual_blocks(_model(join)) == ()
