"""Layers by name, glob and regular expression; one that matches nothing names the nearest."""

import re

import pytest
import tf_keras

from edge_nas.covariance.selectors import Activation, activations, select
from edge_nas.errors import ConfigError
from edge_nas.graph.flatten import flatten, mirror
from edge_nas.graph.probes import Probe
from edge_nas.models import DepthwiseSepConv

L = tf_keras.layers
NAMES = ("stem", "stem_bn", "block_0_conv", "block_1_conv", "logit")
AMONG = {name: Activation(name, None) for name in NAMES}


@pytest.mark.parametrize(
    ("selectors", "chosen"),
    [
        ("stem", ["stem"]),
        ("stem*", ["stem", "stem_bn"]),
        ("block_?_conv", ["block_0_conv", "block_1_conv"]),
        ("block_[1]_*", ["block_1_conv"]),
        (r"re:block_\d_conv", ["block_0_conv", "block_1_conv"]),
        (re.compile("stem|logit"), ["stem", "logit"]),
        (["logit", "stem", "st*m"], ["stem", "logit"]),  # in the order of the network, each once
    ],
)
def test_selectors_choose(selectors, chosen: list[str]) -> None:
    assert list(select(selectors, AMONG)) == chosen


def test_a_regular_expression_matches_the_whole_name() -> None:
    with pytest.raises(ConfigError, match="matches no layer"):
        select("re:block", AMONG)


@pytest.mark.parametrize(
    ("selectors", "message"),
    [
        ("block_2_conv", "layers: 'block_2_conv' matches no layer or probe; nearest: block_1_conv, block_0_conv"),
        ("lock_1", "nearest: block_1_conv"),
        (["stem", "xyz"], "'xyz' matches no layer or probe; known: stem, stem_bn"),
        ("re:block_(", "no regular expression"),
        ([], "no selector is given"),
        ([3], "3 is no selector"),
    ],
)
def test_what_matches_nothing_is_told(selectors, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        select(selectors, AMONG, "layers")
    assert message in str(caught.value)


def test_every_activation_of_a_flat_network_has_a_name() -> None:
    shared = L.Dense(3, name="shared")
    inputs = L.Input((3,))
    model = flatten(tf_keras.Model(inputs, L.Add(name="sum")([shared(shared(inputs)), inputs])))
    assert list(activations(model)) == ["shared", "shared#2", "sum"]


def test_probes_are_found_by_label() -> None:
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.block, self.first, self.second = DepthwiseSepConv(2), Probe("seen"), Probe("end")
            self.twice = [Probe("same"), Probe("same")]

        def call(self, x):
            return self.second(self.twice[1](self.twice[0](self.block(self.first(x)))))

    twin = mirror(Net(), (8, 8, 3))
    among = activations(twin.flat, twin.probed)
    assert list(among)[-4:] == ["seen", "same", "same_1", "end"]
    assert list(select("same", among)) == ["same", "same_1"]
    assert among["seen"].tensor is twin.flat.inputs[0]
    assert among["end"].tensor is twin.flat.outputs[0]
