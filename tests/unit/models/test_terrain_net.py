"""TerrainNet is the candidate of a search that it says it is."""

import pytest

from edge_nas.errors import ConfigError
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.flatten import flatten
from edge_nas.models.terrain_net import TerrainNet
from edge_nas.search.families.fast_u import FAST_U
from edge_nas.search.space import Candidate, Decision, Signature

FOUND: dict[str, Decision] = {
    "stem": 20,
    "levels": 3,
    "width_1": 16,
    "depth_1": 2,
    "residual_1": True,
    "width_2": 32,
    "depth_2": 3,
    "residual_2": True,
    "width_3": 80,
    "depth_3": 2,
    "residual_3": True,
    "lowest_kernel": 5,
    "skip": "add",
    "logits": 4,
    "context": False,
}


def test_it_is_what_the_search_found() -> None:
    signature = Signature(input_shape=(48, 64, 3), outputs=1)
    found = FAST_U.network(Candidate(family="fast_u", signature=signature, decisions=tuple(FOUND.items())))
    flat = flatten(TerrainNet(), (48, 64, 3))
    assert sorted(map(_shape, flat.layers)) == sorted(map(_shape, found.layers))
    cost, expected = keras_cost(flat), keras_cost(found)
    assert (cost.macs, cost.params) == (expected.macs, expected.params) == (1_084_224, 24_001)


@pytest.mark.parametrize("shape", [(8, 8, 3), (12, 20, 1), (9, 15, 3)])
def test_what_has_an_odd_side_is_not_halved(shape: tuple[int, int, int]) -> None:
    flat = flatten(TerrainNet(widths=[4, 4, 4, 4]), shape)
    assert flat.output_shape == (None, *shape[:2], 1)
    enlarging = [layer for layer in flat.layers if type(layer).__name__ == "UpSampling2D"]
    assert all(layer.size != (1, 1) for layer in enlarging)


def test_levels_need_a_depth_each() -> None:
    with pytest.raises(
        ConfigError, match=r"terrain_net: depths needs 2 numbers, .*; seen \[1\] beside widths \[8, 8, 8\]"
    ):
        TerrainNet(widths=[8, 8, 8], depths=[1])


def _shape(layer: object) -> tuple[str, str]:
    return type(layer).__name__, str(layer.output_shape)  # type: ignore[attr-defined]
