"""Budgets of what the generated C takes on a core."""

import pytest
import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.errors import ConfigError
from edge_nas.graph.channels import ChannelGraph
from edge_nas.graph.groups import channel_graph
from edge_nas.pruning.budget import Budget, budget_of
from edge_nas.pruning.firmware import FirmwareCost

L = tf_keras.layers


@pytest.fixture(scope="module")
def network() -> tf_keras.Model:
    inputs = L.Input((16, 16, 3))
    x = L.Conv2D(8, 3, 2, padding="same", activation="relu", name="stem")(inputs)
    x = L.Conv2D(12, 1, activation="relu", name="wide")(L.DepthwiseConv2D(3, padding="same", activation="relu")(x))
    return tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x))


@pytest.fixture(scope="module")
def graph(network: tf_keras.Model) -> ChannelGraph:
    return channel_graph(network)


def budget(network: tf_keras.Model, graph: ChannelGraph, **limits: float) -> Budget:
    return budget_of(network, graph, PruneSpec(), BudgetSpec(core="cortex-m4", **limits), "qat")


def test_shares_are_of_what_the_unpruned_network_takes(network: tf_keras.Model, graph: ChannelGraph) -> None:
    figures = FirmwareCost(network, graph, "cortex-m4", "qat").figures({})
    found = budget(network, graph, instructions=0.5, firmware_flash_bytes=0.8, firmware_ram_bytes=0.9)
    assert found.limits == {
        "instructions": 0.5 * figures["instructions"],
        "firmware_flash_bytes": 0.8 * figures["firmware_flash_bytes"],
        "firmware_ram_bytes": 0.9 * figures["firmware_ram_bytes"],
    }


@pytest.mark.parametrize(
    # Of RAM most is the input's, which nothing narrows.
    ("limit", "share"),
    [("instructions", 0.7), ("firmware_flash_bytes", 0.7), ("firmware_ram_bytes", 0.95)],
)
def test_narrowing_takes_less_until_the_budget_is_met(
    limit: str, share: float, network: tf_keras.Model, graph: ChannelGraph
) -> None:
    found = budget(network, graph, **{limit: share})
    widths = {group.name: group.channels for group in graph.free}
    first = found.share(widths)
    narrow = {name: max(1, width // 2) for name, width in widths.items()}
    least = dict.fromkeys(widths, 1)
    assert first > found.share(narrow) >= found.share(least)
    assert first > 1
    assert found.met(least)


def test_a_board_stands_for_its_core(network: tf_keras.Model, graph: ChannelGraph) -> None:
    on_board = FirmwareCost(network, graph, "stm32l4r5", "qat").figures({})
    assert on_board == FirmwareCost(network, graph, "cortex-m4", "qat").figures({})
    with pytest.raises(ConfigError, match=r"prune.budget.core is 'host'; cores whose costs are known are .*cortex-m4"):
        FirmwareCost(network, graph, "host", "qat")


def test_what_cannot_be_reached_is_told(network: tf_keras.Model, graph: ChannelGraph) -> None:
    with pytest.raises(ConfigError, match=r"prune.budget.instructions is 100, that is 100 instructions; the least"):
        budget(network, graph, instructions=100.0)


def test_a_layer_whose_c_is_not_known_asks_for_another_kind_of_budget() -> None:
    inputs = L.Input((4, 4, 2))
    model = tf_keras.Model(inputs, L.Permute((2, 1, 3), name="turn")(inputs))
    with pytest.raises(ConfigError, match=r"layer 'turn' .* cannot be predicted; set a budget of macs, params"):
        FirmwareCost(model, channel_graph(model), "cortex-m4", "qat").figures({})
