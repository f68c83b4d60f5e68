"""How many channels stay: the rounded share, within multiples, minimum and what is left alone."""

import pytest
import tf_keras

from edge_nas.core.config import PruneSpec
from edge_nas.covariance.selection import Elimination
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.widths import kept_indices, uniform_widths

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(4, 1, name="four")(L.Conv2D(5, 1, name="five")(inputs))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1)(x)))


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({"ratio": 0.0}, [5, 4]),
        ({"ratio": 0.25}, [4, 3]),
        ({"ratio": 0.5}, [2, 2]),
        ({"ratio": 0.75}, [1, 1]),
        ({"ratio": 0.99}, [1, 1]),
        ({"ratio": 0.75, "min_channels": 3}, [3, 3]),
        ({"ratio": 0.5, "multiple": 2}, [2, 2]),
        ({"ratio": 0.75, "multiple": 2}, [2, 2]),
        ({"ratio": 0.1, "multiple": 4}, [4, 4]),
        ({"ratio": 0.5, "multiple": 8}, [5, 4]),
        ({"ratio": 0.9, "multiple": 2, "min_channels": 3}, [4, 4]),
    ],
    ids=str,
)
def test_uniform_keeps_the_rounded_share_that_is_allowed(settings, kept: list[int], network) -> None:
    graph = channel_graph(network)
    assert uniform_widths(graph, PruneSpec(**settings)) == dict(zip(("five", "four"), kept, strict=True))


@pytest.mark.parametrize(
    ("settings", "kept"),
    [({"ratio": 0.5}, 4), ({"ratio": 0.75, "multiple": 8}, 4), ({"ratio": 0.9, "min_channels": 5}, 3)],
    ids=str,
)
def test_of_channels_that_go_together_multiple_and_minimum_count_each(settings, kept: int) -> None:
    image = L.Input((8, 8, 3))
    x = L.Conv2D(16, 3, groups=8)(L.Conv2D(16, 1, name="pairs")(image))
    graph = channel_graph(tf_keras.Model(image, L.Conv2D(1, 1)(x)))
    assert uniform_widths(graph, PruneSpec(**settings)) == {"pairs": kept}


def test_what_is_left_alone_has_no_width(network) -> None:
    graph = channel_graph(network).leaving(["fo*"])
    assert uniform_widths(graph, PruneSpec(ratio=0.5)) == {"five": 2}
    assert next(group.frozen for group in graph.groups if group.name == "four") == "left alone as asked"


def test_the_first_of_an_order_go(network) -> None:
    graph = channel_graph(network)
    orders = {"five": Elimination((3, 0, 4, 1), (0.1,) * 4), "four": Elimination((2, 1, 0), (0.2,) * 3)}
    assert kept_indices(graph, orders, {"five": 3, "four": 4}) == {"five": (1, 2, 4), "four": (0, 1, 2, 3)}
