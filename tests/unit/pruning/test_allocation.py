"""Widths under a budget: met, taken from where nothing is lost, never worse than uniform, refused below the floor."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.errors import ConfigError
from edge_nas.graph.cost import keras_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.residuals import residual_blocks, without_blocks
from edge_nas.graph.widths import WidthCost
from edge_nas.pruning.allocation import _spread, allocate
from edge_nas.pruning.budget import Budget
from edge_nas.pruning.criteria import eliminations
from edge_nas.pruning.evidence import Evidence
from edge_nas.pruning.removal import remove_channels
from edge_nas.pruning.trial import Trial
from edge_nas.runs.progress import no_tick

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (24, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network(randomized):
    """The channels of `copies` are all alike, those of `lean` are not; both cost the same."""
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(8, 1, activation="relu", name="lean")(inputs)
    x = L.Conv2D(8, 3, padding="same", activation="relu", name="copies")(x)
    x = L.BatchNormalization(name="bn")(L.Conv2D(8, 1, use_bias=False, name="mix")(x))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.ReLU()(x))))
    kernel, bias = model.get_layer("copies").get_weights()
    model.get_layer("copies").set_weights([np.repeat(kernel[..., :1], 8, axis=-1), np.repeat(bias[:1], 8)])
    return model


@pytest.fixture(scope="module")
def evidence(network, images):
    return Evidence(network, channel_graph(network), images)


def test_outputs_are_compared_on_the_check_inputs(network, images, monkeypatch) -> None:
    check_images = []

    class Noting(Trial):
        def __init__(self, *parts, images, **settings):
            check_images.append(images)
            super().__init__(*parts, images=images, **settings)

    monkeypatch.setattr("edge_nas.pruning.allocation.Trial", Noting)
    widths_for(Evidence(network, channel_graph(network), images, check_inputs=images[:5] / 2), macs=0.7)
    np.testing.assert_array_equal(check_images[0], images[:5] / 2)


def widths_for(evidence, spec=None, **limits) -> dict[str, int]:
    orders = eliminations(evidence, "covariance")
    return allocate(evidence, orders, spec or PruneSpec(), BudgetSpec(**limits), no_tick).widths


@pytest.mark.parametrize("limits", [{"macs": 0.5}, {"params": 0.5}, {"flash_bytes": 0.88}, {"macs": 20_000}], ids=str)
def test_the_budget_is_met_at_the_expense_of_the_copies(limits, evidence) -> None:
    widths = widths_for(evidence, **limits)
    (name, limit), = limits.items()  # fmt: skip
    costs = WidthCost(evidence.model, evidence.graph)
    whole, found = (getattr(costs.cost(w), name) for w in ({}, widths))
    assert found <= (limit * whole if limit <= 1 else limit)
    assert widths["copies"] < min(widths["lean"], 5)


def test_peak_ram_is_met_by_the_groups_alive_at_the_peak(evidence) -> None:
    costs = WidthCost(evidence.model, evidence.graph)
    whole = costs.cost({}).peak_ram_bytes
    widths = widths_for(evidence, peak_ram_bytes=0.8)
    assert costs.cost(widths).peak_ram_bytes <= 0.8 * whole


def test_several_limits_hold_together(evidence) -> None:
    costs = WidthCost(evidence.model, evidence.graph)
    whole, found = costs.cost({}), costs.cost(widths_for(evidence, macs=0.7, params=0.5, peak_ram_bytes=0.9))
    assert found.macs <= 0.7 * whole.macs
    assert found.params <= 0.5 * whole.params
    assert found.peak_ram_bytes <= 0.9 * whole.peak_ram_bytes


def test_multiples_minimum_and_what_is_left_alone_are_kept_to(network, images) -> None:
    evidence = Evidence(network, channel_graph(network).leaving(["mix"]), images)
    widths = widths_for(evidence, PruneSpec(multiple=2, min_channels=3), macs=0.6)
    assert set(widths) == {"lean", "copies"}
    assert all(width % 2 == 0 and width >= 4 for width in widths.values())


def test_a_budget_that_is_met_already_takes_nothing(evidence) -> None:
    assert set(widths_for(evidence, macs=1.0).values()) == {8}


def test_a_budget_below_the_floor_says_the_least_there_is(evidence) -> None:
    floor = WidthCost(evidence.model, evidence.graph).cost(dict.fromkeys(("lean", "copies", "mix"), 1))
    with pytest.raises(
        ConfigError, match=rf"prune.budget.macs is 0.001, .*; the least that can be reached is {floor.macs:,} "
    ):
        widths_for(evidence, macs=0.001)
    with pytest.raises(ConfigError, match=r"prune.budget.peak_ram_bytes is 2, that is 2 bytes of RAM; the least"):
        widths_for(evidence, peak_ram_bytes=2.0)


def test_the_tightest_limit_counts(evidence) -> None:
    costs = WidthCost(evidence.model, evidence.graph)
    budget = Budget(
        BudgetSpec(macs=0.5, params=0.8), costs, evidence.graph, dict.fromkeys(("lean", "copies", "mix"), 1)
    )
    assert budget.share({}) == pytest.approx(2.0)
    assert not budget.met({})
    assert budget.share({"copies": 1}) == pytest.approx(
        max(
            costs.cost({"copies": 1}).macs / budget.limits["macs"],
            costs.cost({"copies": 1}).params / budget.limits["params"],
        )
    )


def test_the_engine_takes_a_budget_in_place_of_a_ratio(network, images) -> None:
    spec = PruneSpec(budget=BudgetSpec(macs=0.5))
    pruned = remove_channels(network, images, spec, 0)
    assert keras_cost(pruned.repaired).macs <= 0.5 * keras_cost(network).macs
    kept, channels = (
        sum(count) for count in zip(*((len(g.kept), g.channels) for g in pruned.plan.groups), strict=True)
    )
    assert pruned.plan.ratio == pytest.approx(1 - kept / channels)


def test_a_block_that_adds_nothing_is_dropped(randomized, images) -> None:
    inputs = L.Input((8, 8, 3))
    x = L.ReLU()(L.Conv2D(8, 3, padding="same", name="stem")(inputs))
    y = L.DepthwiseConv2D(3, padding="same", name="depthwise")(x)
    y = L.BatchNormalization(name="end")(L.Conv2D(8, 1, use_bias=False, name="point")(y))
    model = randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(L.Add(name="block")([x, y]))))
    (block,) = residual_blocks(model)
    block.mute(model)
    # Just as much as the block takes: without it, every channel can stay.
    left = keras_cost(without_blocks(model, [block])).macs
    pruned = remove_channels(model, images, PruneSpec(budget=BudgetSpec(macs=float(left))), 0)
    assert pruned.plan.blocks == ("block",)
    assert [(group.name, len(group.kept)) for group in pruned.plan.groups] == [("stem", 8)]
    assert keras_cost(pruned.repaired).macs == left
    for network in (pruned.narrowed, pruned.repaired, pruned.masked):
        np.testing.assert_allclose(network(images), model(images), atol=1e-3)
    kept = remove_channels(model, images, PruneSpec(budget=BudgetSpec(macs=float(left)), drop_blocks=False), 0)
    assert kept.plan.blocks == ()
    assert {layer.name for layer in kept.repaired.layers} == {layer.name for layer in model.layers}


def test_inputs_are_taken_evenly_spread() -> None:
    assert _spread(np.arange(10.0), 5).tolist() == [0, 2, 4, 6, 8]
    assert _spread(np.arange(3.0), 5).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (
            {},
            "a budget needs a limit: macs, params, flash_bytes, peak_ram_bytes, instructions, .* or firmware_ram_bytes",
        ),
        ({"instructions": 1e6}, "instructions depend on the core: name one, or a board, in core"),
        ({"macs": 0.5, "core": "cortex-m4"}, "core is 'cortex-m4', but none of instructions, .* is set"),
        ({"macs": 0}, "greater than 0"),
    ],
)
def test_impossible_budgets_are_refused(budget, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PruneSpec(budget=budget)
