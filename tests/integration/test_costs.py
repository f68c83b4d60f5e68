"""Predicted costs against what emulated cores count; the whole table is made by python -m benchmarks.costs."""

import pytest

from benchmarks.lib.counting import Counter
from benchmarks.lib.networks import random_network
from edge_nas.costs import known_cores
from edge_nas.costs.prediction import cost_of_plan
from edge_nas.emulation.cores import find_core

pytestmark = pytest.mark.mcu

# Of instructions: of many networks a core by python -m benchmarks.costs. Flash follows from a table of parts of code,
# which is up to 16 off on a Cortex-M0+, 12 elsewhere.
_MOST_PERCENT, _MOST_FLASH_PERCENT = 5.0, 15.0


@pytest.mark.parametrize("core", known_cores())
@pytest.mark.parametrize("seed", [1, 7])
def test_predictions_are_near_counts(core: str, seed: int) -> None:
    counted = Counter(find_core(core)).count(random_network(seed))
    cost = cost_of_plan(counted.plan, core)
    assert abs(cost.instructions / counted.profile.instructions - 1) <= _MOST_PERCENT / 100
    assert abs(cost.flash_bytes / counted.profile.sizes.flash_bytes - 1) <= _MOST_FLASH_PERCENT / 100
    # The linker lays the arena on 16 bytes.
    assert 0 <= counted.profile.sizes.ram_bytes - cost.ram_bytes < 16
