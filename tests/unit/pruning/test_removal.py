"""From a network and images to a narrower one with a plan that says what was done."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.errors import ConfigError, DataError
from edge_nas.graph.flatten import flatten
from edge_nas.models import Fast_U
from edge_nas.pruning import remove_channels
from edge_nas.pruning.allocation import Allocation
from edge_nas.pruning.widths import uniform_widths

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (10, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network(randomized):
    return randomized(flatten(Fast_U((4, 6, 8), depth=1), (8, 8, 3)))


def test_half_of_every_free_group_goes(network, images) -> None:
    steps: list[str] = []
    pruned = remove_channels(network, images, PruneSpec(ratio=0.5), 0, lambda what, done, total: steps.append(what))
    plan = pruned.plan
    assert (plan.criterion, plan.ratio, len(steps)) == ("covariance", 0.5, 3)
    assert {(group.channels, len(group.kept)) for group in plan.groups} <= {(4, 2), (6, 3), (8, 4)}
    assert {group.reason for group in plan.frozen} == {"the network's input", "the network's output"}
    assert ("stem", "reduce_0") in [group.members for group in plan.groups]
    assert pruned.narrowed.get_layer("stem").filters == 2
    assert (plan.before.params, plan.after.params) == (network.count_params(), pruned.repaired.count_params())
    assert plan.after.macs < 0.5 * plan.before.macs
    assert all(0.0 <= group.predicted_error <= 1.0 + 1e-6 for group in plan.groups)


def test_the_narrowed_network_is_the_masked_one_and_the_repaired_is_closer(network, images) -> None:
    pruned = remove_channels(network, images, PruneSpec(ratio=0.25), 0)
    masked, narrowed = pruned.masked(images).numpy(), pruned.narrowed(images).numpy()
    np.testing.assert_allclose(narrowed, masked, atol=1e-5 * max(1.0, np.abs(masked).max()))
    expected = network(images).numpy()
    cut, repaired = (np.mean((net(images).numpy() - expected) ** 2) for net in (pruned.narrowed, pruned.repaired))
    assert repaired < 0.5 * cut


def test_one_image_is_too_few(network, images) -> None:
    with pytest.raises(DataError, match="1 calibration image: how channels vary together cannot be told"):
        remove_channels(network, images[:1], PruneSpec(ratio=0.5), 0)


def test_the_plan_names_the_criterion_and_what_is_left_alone(network, images) -> None:
    plan = remove_channels(network, images, PruneSpec(ratio=0.5, criterion="l1", leave=("stem",)), 0).plan
    assert plan.criterion == "l1"
    assert "left alone as asked" in {group.reason for group in plan.frozen if "stem" in group.members}
    assert all("stem" not in group.members for group in plan.groups)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"criterion": "magnitude"}, "unknown criterion 'magnitude'"),
        ({"criterion": "taylor"}, "criterion taylor needs labels"),
        ({"leave": ("stam",)}, "no layer or channel group 'stam' to leave alone; did you mean 'stem'"),
    ],
)
def test_mistakes_are_named(settings, message: str, network, images) -> None:
    with pytest.raises(ConfigError, match=message):
        remove_channels(network, images, PruneSpec(**settings), 0)


def test_ratio_zero_changes_nothing(network, images) -> None:
    before = network.get_weights()
    pruned = remove_channels(network, images, PruneSpec(ratio=0.0), 0)
    for old, new in zip(before, pruned.repaired.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert pruned.plan.before == pruned.plan.after
    assert all(group.predicted_error == 0 for group in pruned.plan.groups)


def test_a_network_with_nothing_to_remove_stays_as_it_is(images) -> None:
    inputs = L.Input((8, 8, 3))
    model = tf_keras.Model(inputs, L.Conv2D(1, 1)(inputs))
    pruned = remove_channels(model, images, PruneSpec(ratio=0.5), 0)
    assert pruned.plan.groups == ()
    np.testing.assert_array_equal(pruned.repaired(images), model(images))


def test_the_widths_under_a_budget_are_found_without_the_held_out_images(network, images, monkeypatch) -> None:
    searched = []

    def uniform(evidence, orders, spec, limits, tick, *, scheme):
        searched.append(evidence)
        return Allocation(uniform_widths(evidence.graph, PruneSpec(ratio=0.5)))

    monkeypatch.setattr("edge_nas.pruning.removal.allocate", uniform)
    spec = PruneSpec(budget=BudgetSpec(macs=0.9))
    by_all = remove_channels(network, images, PruneSpec(ratio=0.5), 0)
    under_a_budget = remove_channels(network, images, spec, 0)
    (evidence,) = searched
    assert len(evidence.inputs) + len(evidence.check_inputs) == len(images)
    assert not any(np.array_equal(a, b) for a in evidence.inputs for b in evidence.check_inputs)
    # Channels are chosen and readers repaired from all images, whatever the search has learnt from.
    assert [group.kept for group in under_a_budget.plan.groups] == [group.kept for group in by_all.plan.groups]
    for ours, theirs in zip(under_a_budget.repaired.get_weights(), by_all.repaired.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
