"""Several removals end at the widths of one, with training in between and one plan over all."""

import numpy as np
import pytest
import tf_keras

from edge_nas.core.config import BudgetSpec, PruneSpec
from edge_nas.graph.cost import keras_cost
from edge_nas.pruning.checkpoint import Checkpoint
from edge_nas.pruning.gate import Gate
from edge_nas.pruning.removal import remove_channels
from edge_nas.pruning.rounds import Round, remove_in_rounds
from edge_nas.results.train import EpochRecord

L = tf_keras.layers


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (10, 8, 8, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((8, 8, 3))
    x = L.Conv2D(8, 3, padding="same", activation="relu", use_bias=False, name="first")(inputs)
    x = L.Conv2D(6, 1, activation="relu", name="second")(x)
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))


def in_rounds(network, images, spec, checkpoint=None, interrupt=None):
    """Removes in rounds; what it did is told in order. `interrupt`: the tuning in which somebody presses Ctrl-C."""
    seen = []

    def remove(model, aim):
        seen.append({name: model.get_layer(name).filters for name in ("first", "second")})
        pruned = remove_channels(model, images, aim.spec, 0, widths=aim.widths)
        return Round(pruned.repaired, pruned.plan, Gate(len(seen) * 1e-7, 1e-5))

    def tune(model):
        seen.append("tuned")
        if seen.count("tuned") == interrupt:
            raise KeyboardInterrupt
        model.get_layer("logit").bias.assign_add([1.0])
        return (EpochRecord(epoch=1, learning_rate=0.1, values={"loss": 1 / 3}),)

    return remove_in_rounds(network, spec, remove, tune, checkpoint), seen


def test_three_rounds_end_where_one_does_with_tuning_in_between(network, images) -> None:
    result, seen = in_rounds(network, images, PruneSpec(ratio=0.75, rounds=3))
    assert seen == [{"first": 8, "second": 6}, "tuned", {"first": 5, "second": 4}, "tuned", {"first": 3, "second": 2}]
    assert [result.network.get_layer(name).filters for name in ("first", "second")] == [2, 2]
    assert (result.plan.ratio, result.plan.before.params) == (0.75, network.count_params())
    assert result.plan.after == keras_cost(result.network)


def test_the_plan_names_channels_of_the_first_network(network, images) -> None:
    result, _ = in_rounds(network, images, PruneSpec(ratio=0.5, rounds=2))
    first = next(group for group in result.plan.groups if group.name == "first")
    # `first` reads the image, of which nothing goes: its filters stay what they were, up to the repair's rounding.
    kernel, left = (net.get_layer("first").get_weights()[0] for net in (network, result.network))
    np.testing.assert_allclose(left, kernel[..., list(first.kept)], atol=1e-3)
    assert len(first.kept) == 4
    assert first.channels == 8


def test_one_round_is_one_removal(network, images) -> None:
    result, seen = in_rounds(network, images, PruneSpec(ratio=0.5))
    assert "tuned" not in seen
    assert result.plan == remove_channels(network, images, PruneSpec(ratio=0.5), 0).plan


def test_a_budget_is_approached_in_equal_shares(network, images) -> None:
    result, seen = in_rounds(network, images, PruneSpec(budget=BudgetSpec(macs=0.25), rounds=2))
    whole = keras_cost(network).macs
    assert keras_cost(result.network).macs <= 0.25 * whole
    middle = seen[2]
    macs = 64 * (27 * middle["first"] + middle["first"] * middle["second"] + middle["second"])
    assert 0.25 * whole < macs <= 0.5 * whole
    kept, channels = (sum(n) for n in zip(*((len(g.kept), g.channels) for g in result.plan.groups), strict=True))
    assert result.plan.ratio == pytest.approx(1 - kept / channels)


THREE = PruneSpec(ratio=0.75, rounds=3)


def test_an_interrupted_removal_goes_on_after_its_last_round(network, images, tmp_path) -> None:
    whole, everything = in_rounds(network, images, THREE)
    checkpoint = Checkpoint(tmp_path, pytest.fail)
    with pytest.raises(KeyboardInterrupt):
        in_rounds(network, images, THREE, checkpoint, interrupt=2)
    assert {path.name for path in tmp_path.iterdir()} == {"round.json", "round_1.npz"}
    result, seen = in_rounds(network, images, THREE, checkpoint)
    assert seen == everything[2:]  # the first removal and its tuning are not done again
    assert (result.plan, result.history, result.rounds) == (whole.plan, whole.history, 3)
    for one, other in zip(result.network.get_weights(), whole.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    again, seen = in_rounds(network, images, THREE, checkpoint)
    assert (seen, again.plan, again.gate) == ([], result.plan, result.gate)


def test_the_gate_is_that_of_the_worst_round(network, images) -> None:
    assert in_rounds(network, images, THREE)[0].gate == Gate(pytest.approx(5e-7), 1e-5)
