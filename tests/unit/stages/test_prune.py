"""The third stage: two networks, a plan, and what fine-tuning is asked for."""

import json
import shutil

import numpy as np
import pytest
import tf_keras
from stagecontexts import stage_context, written

from edge_nas.core.config import PruneSpec, SparsitySpec
from edge_nas.models import load_model
from edge_nas.models.artifacts import store_network
from edge_nas.pruning.removal import remove_channels
from edge_nas.results.prune import UnrepairedReader
from edge_nas.stages.contract import StageContext
from edge_nas.stages.prune import prune

L = tf_keras.layers


@pytest.fixture
def network(randomized):
    inputs = L.Input((16, 16, 3), name="image")
    x = L.ReLU(name="relu")(L.BatchNormalization(name="bn")(L.Conv2D(6, 3, padding="same", name="stem")(inputs)))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(x)))


@pytest.fixture
def trained(network, desk, sample_outputs):
    model = store_network(network, "trained.npz", stage="train", run=desk("01_train"))
    return sample_outputs.train.model_copy(update={"model": model})


@pytest.fixture
def pruned(trained, easy_dataset, tmp_path, monkeypatch):
    """Runs the stage at a ratio; fine-tuning adds one to the logit's bias, so that its work can be told."""
    asked = []

    def fit(self, net, spec, **settings):
        asked.append((spec, settings))
        last = net.layers[-1]
        getattr(last, "layer", last).bias.assign_add([1.0])  # TFMOT wraps layers whose weights it zeroes
        return ()

    monkeypatch.setattr(StageContext, "fit", fit)

    def run(ratio: float, **settings):
        spec = PruneSpec(ratio=ratio, **settings)
        context = stage_context("prune", tmp_path, trained, dataset=easy_dataset, prune=spec)
        return prune(context), context, asked

    return run


def test_half_the_channels_go_and_the_rest_is_fine_tuned_by_distillation(pruned, network) -> None:
    output, place, asked = pruned(0.5)
    assert [(group.name, len(group.kept)) for group in output.plan.groups] == [("stem", 3)]
    assert output.masked_max_abs <= output.masked_tolerance
    repaired, tuned = (load_model(written(place, artifact)) for artifact in (output.repaired_model, output.model))
    assert repaired.get_layer("stem").filters == tuned.get_layer("stem").filters == 3
    np.testing.assert_allclose(tuned.get_layer("logit").bias, repaired.get_layer("logit").bias + 1.0)
    (spec, settings), = asked  # fmt: skip
    assert spec == PruneSpec().fine_tune
    np.testing.assert_array_equal(settings["teacher"].get_weights()[0], network.get_weights()[0])
    assert output.model.parent == output.repaired_model.sha256
    assert json.loads((place.folder / "plan.json").read_text())["criterion"] == "covariance"
    assert [layer.name for layer in output.redundancy] == ["stem", "logit"]
    assert output.zero_share is None


def test_readers_that_are_not_repaired_are_told_once(pruned, monkeypatch) -> None:
    reader = UnrepairedReader(name="logit", reason="(Own) computes in a way of its own")
    monkeypatch.setattr("edge_nas.pruning.removal.unrepaired_readers", lambda *_: (reader,))
    output, context, _ = pruned(0.5, rounds=2)
    assert output.plan.unrepaired == (reader,)
    (warning,) = context.progress.warnings
    assert "layer 'logit' (Own) computes in a way of its own" in warning


def test_two_rounds_distil_in_between(pruned, network) -> None:
    output, _, asked = pruned(0.5, rounds=2, round_epochs=3)
    assert [len(group.kept) for group in output.plan.groups] == [3]
    (between, settings), (last, _) = asked
    assert between == PruneSpec().fine_tune.model_copy(update={"epochs": 3})
    assert last == PruneSpec().fine_tune
    np.testing.assert_array_equal(settings["teacher"].get_weights()[0], network.get_weights()[0])
    assert output.masked_max_abs <= output.masked_tolerance


def test_a_stage_interrupted_between_removals_goes_on(pruned, network, monkeypatch) -> None:
    whole, place, _ = pruned(0.5, rounds=3)
    expected = load_model(written(place, whole.model)).get_weights()
    shutil.rmtree(place.interim())  # as it goes once a stage is finished
    with monkeypatch.context() as patched:
        patched.setattr("edge_nas.pruning.removal.remove_channels", third_time_lost(remove_channels))
        with pytest.raises(KeyboardInterrupt):
            pruned(0.5, rounds=3)
    output, place, asked = pruned(0.5, rounds=3)
    assert [spec.epochs for spec, _ in asked] == [5, 5, 20, 5, 5, 20]  # three runs; the last one only fine-tunes
    assert place.progress.warnings == []
    assert output.plan == whole.plan
    for one, other in zip(load_model(written(place, output.model)).get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def third_time_lost(function):
    """Returns a function that is interrupted when it is called for the third time."""
    calls = []

    def called(*args, **settings):
        calls.append(args)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return function(*args, **settings)

    return called


def test_with_sparsity_the_network_before_is_kept(pruned) -> None:
    output, place, asked = pruned(0.5, sparsity=SparsitySpec(epochs=3))
    assert [spec.epochs for spec, _ in asked] == [20, 3]
    dense, repaired = (load_model(written(place, artifact)) for artifact in (output.dense_model, output.repaired_model))
    np.testing.assert_allclose(dense.get_layer("logit").bias, repaired.get_layer("logit").bias + 1.0)
    sparse = load_model(written(place, output.model))
    np.testing.assert_allclose(sparse.get_layer("logit").bias, repaired.get_layer("logit").bias + 2.0)
    assert output.zero_share == 0.0  # the training that zeroes weights is not run here
    assert output.dense_model.parent == output.model.parent == output.repaired_model.sha256


def test_ratio_zero_hands_the_trained_network_on(pruned, network) -> None:
    output, place, asked = pruned(0.0)
    assert asked == []
    for old, new in zip(network.get_weights(), load_model(written(place, output.model)).get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert output.plan.before == output.plan.after
    assert output.repaired == output.pruned
