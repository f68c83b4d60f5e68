"""A trained network is narrowed in truth."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from edge_nas.core.configfile import load_config
from edge_nas.costs.coefficients import CoreCosts
from edge_nas.data.loader import load_dataset
from edge_nas.models.files import load_model
from edge_nas.search.costing import predicted_on
from edge_nas.search.narrowing import Narrowing
from edge_nas.search.space import FAMILIES
from edge_nas.search.training import signature_of, stored

CORE = "cortex-m4"


def _counted(_: CoreCosts, what: str, coefficients: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """A kernel that was never counted takes an instruction a round: this is about narrowing, not about costs."""
    del what
    return sum(coefficients.get(name, 1.0) * count for name, count in counts.items())


def test_a_narrowing_with_another_seed_is_another_one(tmp_path: Path) -> None:
    narrowing = Narrowing.of(load_config(None, ["seed=3"]), tmp_path)
    once, again = (narrowing.narrow("data", "weights", 1000, CORE, again=count) for count in (0, 1))
    assert (once.seed, again.seed) == (3, 4)
    assert once.key != again.key


@pytest.mark.endurance
def test_a_network_is_narrowed_to_its_instructions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoreCosts, "_sum", _counted)
    scenes = ["data.terrain.train_images=8", "data.terrain.val_images=3", "data.terrain.test_images=1"]
    config = load_config(None, ["data.input_shape=[16,16,3]", "prune.fine_tune.epochs=1", "prune.rounds=3", *scenes])
    dataset = load_dataset(config.data, config.task)
    family = FAMILIES.get("fast_u")
    smallest = family.smallest(signature_of(dataset))
    candidate = next(each for each in family.neighbours(smallest) if each.values["width_1"] == 24)
    weights = stored(family.network(candidate), tmp_path)
    narrowing = Narrowing.of(config, tmp_path)
    assert narrowing.prune.rounds == 1
    before = predicted_on(CORE, "qat")(candidate).instructions
    narrow = narrowing.narrow(dataset.sha256, weights, round(0.7 * before), CORE)
    result = narrowing(narrow)
    assert (result.key, result.reason) == (narrow.key, None)
    assert result.predicted is not None
    assert 0.3 * before < result.predicted.instructions <= narrow.instructions
    network = load_model(tmp_path / f"{result.weights_sha256}.npz")
    assert network.output_shape == (None, 16, 16, 1)
    assert result.score is not None
    assert 0 < result.score < 1
    assert network.count_params() < load_model(tmp_path / f"{weights}.npz").count_params()
