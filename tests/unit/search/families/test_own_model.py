"""The user's own model at other widths and without blocks: what is open, what is built, what it is said to cost."""

import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge_nas.codegen.compile import plan_network
from edge_nas.core.config import ModelSpec
from edge_nas.core.config.pruning import PruneSpec
from edge_nas.core.configfile import load_config
from edge_nas.costs import cost_of_plan
from edge_nas.errors import ConfigError
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.search.costing import predicted_on
from edge_nas.search.families.own_model import OWN_MODEL, OwnModel, family_named, own_model
from edge_nas.search.pool import families_for
from edge_nas.search.space import Candidate, Family, Signature
from edge_nas.search.training import Training
from edge_nas.search.worker import UnreadInputError
from edge_nas.tasks import BINARY_SEGMENTATION

SIGNATURE = Signature(input_shape=(16, 16, 3), outputs=1)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file of a network of one residual block."""
    import tf_keras

    layers = tf_keras.layers
    inputs = layers.Input((16, 16, 3))
    x = layers.ReLU(name="stem_relu")(layers.Conv2D(8, 3, padding="same", name="stem")(inputs))
    y = layers.ReLU(name="inner_relu")(layers.Conv2D(16, 3, padding="same", name="inner")(x))
    y = layers.BatchNormalization(name="bn")(layers.Conv2D(8, 1, name="outer")(y))
    x = layers.Add(name="add")([x, y])
    outputs = layers.Conv2D(1, 1, name="logit")(x)
    path = tmp_path_factory.mktemp("own") / "mine.keras"
    tf_keras.Model(inputs, outputs).save(path)
    return str(path)


@pytest.fixture(scope="module")
def family(model: str) -> OwnModel:
    return OwnModel(ModelSpec(name=model), BINARY_SEGMENTATION, PruneSpec(multiple=2))


def _candidate(family: OwnModel, **decided: int) -> Candidate:
    values = {"block_1": 1, "width_1": 8, "width_2": 16} | decided
    made = tuple((each.name, values[each.name]) for each in family.choices(SIGNATURE) if each.matters(values))
    return Candidate(family=OWN_MODEL, signature=SIGNATURE, decisions=made)


def _filters(network: Any) -> dict[str, int]:
    return {layer.name: layer.filters for layer in network.layers if hasattr(layer, "filters")}


def test_widths_of_groups_and_blocks_are_open(family: OwnModel) -> None:
    choices = {choice.name: choice for choice in family.choices(SIGNATURE)}
    assert choices["block_1"].values == (0, 1)
    assert choices["width_1"].values == (2, 4, 6, 8)
    assert choices["width_2"].values == (2, 4, 6, 8, 10, 12, 16)
    # The width inside of a block means nothing without it; that of what goes around does.
    assert (choices["width_2"].needs, choices["width_1"].needs) == (("block_1", 1), None)
    assert family.smallest(SIGNATURE).values == {"block_1": 0, "width_1": 2}


def test_a_network_has_the_widths_and_blocks_that_were_decided(family: OwnModel) -> None:
    narrow = family.network(_candidate(family, width_1=4, width_2=6))
    assert _filters(narrow) == {"stem": 4, "inner": 6, "outer": 4, "logit": 1}
    without = family.network(_candidate(family, block_1=0, width_1=6))
    assert _filters(without) == {"stem": 6, "logit": 1}


def test_weights_of_a_file_stay_where_nothing_is_removed(family: OwnModel, model: str) -> None:
    import tf_keras

    inputs = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    whole = family.network(_candidate(family))
    np.testing.assert_allclose(whole(inputs), tf_keras.models.load_model(model)(inputs), atol=1e-6)


@pytest.mark.parametrize("decided", [{}, {"width_1": 4, "width_2": 6}, {"block_1": 0, "width_1": 4}])
def test_a_sketch_is_that_of_the_network(family: OwnModel, decided: dict[str, int]) -> None:
    candidate = _candidate(family, **decided)
    costs = [
        cost_of_plan(plan_network(Int8Interpreter(graph)).plan, "cortex-m4")
        for graph in (family.sketch(candidate, "qat"), Family.sketch(family, candidate, "qat"))
    ]
    assert costs[0].instructions == costs[1].instructions
    assert costs[0].ram_bytes == costs[1].ram_bytes


def test_draws_reach_from_cheap_to_whole(family: OwnModel) -> None:
    generator, cost_of = random.Random(1), predicted_on("cortex-m4", "qat", family)
    costs = [cost_of(family.draw(SIGNATURE, generator)).instructions for _ in range(40)]
    assert max(costs) > 3 * min(costs)


def test_a_worker_opens_it_anew(family: OwnModel) -> None:
    candidate = _candidate(family, width_1=4)
    assert _filters(pickle.loads(pickle.dumps(family)).network(candidate)) == _filters(family.network(candidate))


def test_it_is_searched_where_it_is_named_or_a_file(model: str) -> None:
    cases = {
        (): None,
        (f"model={model}",): OWN_MODEL,
        ("search.families=[own_model]",): OWN_MODEL,
        (f"model={model}", "search.families=[fast_u]"): None,
    }
    for settings, expected in cases.items():
        config = load_config(None, list(settings))
        own = own_model(config, BINARY_SEGMENTATION)
        assert (None if own is None else own.name) == expected, settings
        named = [each.name for each in families_for(SIGNATURE, per_pixel=True, names=config.search.families, own=own)]
        assert (OWN_MODEL in named) == (expected is not None)


def test_the_file_is_part_of_a_trial(family: OwnModel, model: str, tmp_path: Path) -> None:
    config = load_config(None, [f"model={model}"])
    trial = Training.of(config, tmp_path, family).trial("0" * 64, _candidate(family), epochs=1)
    other = OwnModel(ModelSpec(name=model), BINARY_SEGMENTATION, PruneSpec(multiple=2, leave=("stem",)))
    assert Training.of(config, tmp_path, other).trial("0" * 64, _candidate(family), epochs=1).key != trial.key


def test_a_model_that_cannot_be_narrowed_is_refused(model: str) -> None:
    whole = OwnModel(ModelSpec(name=model), BINARY_SEGMENTATION, PruneSpec(leave=("*",), drop_blocks=False))
    with pytest.raises(ConfigError, match=r"no channel of .*mine\.keras can be removed"):
        whole.choices(SIGNATURE)


def test_without_one_its_name_is_unknown() -> None:
    with pytest.raises(ConfigError, match="unknown family 'own_model'"):
        family_named(OWN_MODEL, None)


def test_a_model_that_was_changed_ends_the_search(model: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    path.write_bytes(Path(model).read_bytes())
    begun = OwnModel(ModelSpec(name=str(path)), BINARY_SEGMENTATION, PruneSpec(multiple=2))
    candidate = _candidate(begun)
    path.write_bytes(b"another one")
    there = pickle.loads(pickle.dumps(begun))
    for own in (begun, there):
        with pytest.raises(UnreadInputError, match=r"mine\.keras is not what the search began with, on"):
            own.network(candidate)
    assert there.recipe() == begun.recipe()
    path.unlink()
    with pytest.raises(UnreadInputError, match="no such model file"):
        there.network(candidate)
