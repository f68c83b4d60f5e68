"""The reference networks of signals and grey pictures: their shapes, and that channels of every width can go."""

import numpy as np
import pytest

from edge_nas.graph.flatten import flatten
from edge_nas.graph.groups import channel_graph
from edge_nas.models.keyword_net import KeywordNet
from edge_nas.models.motion_net import MotionNet
from edge_nas.models.presence_net import PresenceNet

NETS = {
    "motion": (MotionNet, (32, 3), 6, {24, 32, 48, 64}),
    "keywords": (KeywordNet, (20, 8), 10, {48}),
    "presence": (PresenceNet, (32, 32, 1), 2, {8, 16, 32, 64, 96}),
}


@pytest.mark.parametrize("name", NETS)
def test_logits_for_each_sample_and_channels_that_can_go(name: str) -> None:
    make, shape, outputs, widths = NETS[name]
    flat = flatten(make(), shape)
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    assert flat(x).shape == (3, outputs)
    free = {group.channels for group in channel_graph(flat).groups if group.frozen is None}
    assert free == widths
