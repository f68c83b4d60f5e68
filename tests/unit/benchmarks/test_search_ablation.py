"""Arms of the ablation: settings that there are, and candidates that cost what their MACs say."""

import random

import pytest

from benchmarks.search_ablation import ARMS, macs_of, macs_on
from edge_nas.core.configfile import load_config
from edge_nas.search.costing import predicted_on
from edge_nas.search.space import FAMILIES, Signature

SIGNATURE = Signature(input_shape=(16, 16, 3), outputs=1)


def test_every_arm_is_a_configuration_of_its_own() -> None:
    settings = {arm: load_config(None, list(overrides)) for arm, overrides in ARMS.items()}
    assert [config.search.brain for config in settings.values()].count("evolution") == len(ARMS) - 2
    assert not settings["without block drops"].prune.drop_blocks
    assert settings["without closed form"].search.narrowed == 0


def test_by_macs_a_candidate_costs_in_proportion_to_them(monkeypatch: pytest.MonkeyPatch) -> None:
    family, generator = FAMILIES.get("fast_u"), random.Random(1)
    drawn = (family.draw(SIGNATURE, generator) for _ in range(40))
    # Of the kernels that a network without skips takes not all were counted.
    first, second, *_ = (candidate for candidate in drawn if candidate.values["skip"] == "add")
    monkeypatch.setattr("benchmarks.search_ablation._PRICED", 3)
    cost_of = macs_on("cortex-m4", "qat", [family], SIGNATURE)
    ratio = cost_of(first).instructions / cost_of(second).instructions
    assert ratio == pytest.approx(macs_of(first) / macs_of(second), rel=1e-3)
    assert cost_of(first).flash_bytes == predicted_on("cortex-m4", "qat")(first).flash_bytes
