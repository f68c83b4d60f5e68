"""Trained networks that are narrowed: which ones, and one in truth."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge_nas.core.configfile import load_config
from edge_nas.costs.coefficients import CoreCosts
from edge_nas.data.loader import load_dataset
from edge_nas.models.files import load_model
from edge_nas.results.search import Figures
from edge_nas.search.costing import predicted_on
from edge_nas.search.narrowing import Narrowing, targets
from edge_nas.search.space import FAMILIES
from edge_nas.search.training import signature_of, stored

CORE = "cortex-m4"


def _figures(instructions: int) -> dict[str, Figures]:
    return {CORE: Figures(instructions=instructions, flash_bytes=1, ram_bytes=1)}


def test_two_networks_are_narrowed_to_the_limit_and_then_in_turns() -> None:
    costs = {"a": _figures(1000), "b": {}, "c": _figures(10_000), "d": _figures(1400)}
    rooms = {"a": 2.0, "b": 1.0, "c": 0.5, "d": 9.0}
    # Of a, which keeps the limit, a step; of c what is just under the limit; then each in turn, down to a tenth.
    assert targets(["a", "b", "c", "d"], costs, rooms, 6) == (
        ("a", CORE, 720), ("c", CORE, 4950), ("a", CORE, 486), ("c", CORE, 2725), ("a", CORE, 222), ("c", CORE, 1500)
    )  # fmt: skip
    assert targets(["a", "c"], costs, rooms, 2) == (("a", CORE, 720), ("c", CORE, 4950))
    assert targets(["a", "c"], costs, rooms, 1) == (("a", CORE, 720),)
    assert targets(["a"], costs, {"a": math.inf}, 3) == (("a", CORE, 720), ("a", CORE, 329), ("a", CORE, 150))
    # Ten times over the limit there is no way down from there: another one has its turns.
    assert targets(["c"], costs, {"c": 0.1}, 3) == (("c", CORE, 990),)
    asked = targets(["c", "a"], costs, {"c": 0.1, "a": 1.0}, 4)
    assert asked == (("c", CORE, 990), ("a", CORE, 720), ("a", CORE, 329), ("a", CORE, 150))
    assert len(set(targets(["a", "d"], costs, {"a": 0.25, "d": 0.25}, 8))) == 8
    assert targets(["b"], costs, rooms, 5) == ()
    assert targets(["a"], costs, rooms, 0) == ()


def _counted(_: CoreCosts, what: str, coefficients: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """A kernel that was never counted takes an instruction a round: this is about narrowing, not about costs."""
    del what
    return sum(coefficients.get(name, 1.0) * count for name, count in counts.items())


@pytest.mark.endurance
def test_a_network_is_narrowed_to_its_instructions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoreCosts, "_sum", _counted)
    scenes = ["data.terrain.train_images=8", "data.terrain.val_images=3", "data.terrain.test_images=1"]
    config = load_config(None, ["data.input_shape=[16,16,3]", "prune.fine_tune.epochs=1", "prune.rounds=3", *scenes])
    dataset = load_dataset(config.data, config.task)
    family = FAMILIES.get("fast_u")
    smallest = family.smallest(signature_of(dataset))
    candidate = next(each for each in family.neighbours(smallest) if each.values["width_1"] == 24)
    weights = stored(family.network(candidate), "start", tmp_path)
    narrowing = Narrowing.of(config, tmp_path)
    assert narrowing.prune.rounds == 1
    before = predicted_on(CORE)(candidate).instructions
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


def test_a_cheaper_start_goes_before_a_better_one() -> None:
    costs = {"best": _figures(1000), "next": _figures(1100), "cheap": _figures(900)}
    rooms = dict.fromkeys(costs, 1.0)
    assert [key for key, _, _ in targets(list(costs), costs, rooms, 2)] == ["best", "cheap"]
    assert [key for key, _, _ in targets(["best", "next"], costs, rooms, 2)] == ["best", "next"]
    # What it takes on another core says nothing of that.
    other = {"cortex-m0plus": Figures(instructions=100, flash_bytes=1, ram_bytes=1)}
    assert [key for key, _, _ in targets(["best", "next"], costs | {"next": other}, rooms, 2)] == ["best", "next"]
    cheapest = costs | {"next": other}
    assert [key for key, _, _ in targets(["best", "next", "cheap"], cheapest, rooms, 2)] == ["best", "cheap"]
