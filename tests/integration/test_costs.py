"""Predicted costs against what emulated cores count; the whole table is made by python -m benchmarks.costs."""

import pytest

from benchmarks.lib.counting import Counter
from benchmarks.lib.networks import RandomNetwork, random_network
from benchmarks.lib.rare import recurrent_layer
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


# Of one row, whose windows lie in one stretch of memory; recurrent layers as large as those of published networks, and
# alone in theirs.
@pytest.mark.parametrize(
    "network",
    [
        random_network(95),
        recurrent_layer(0, (28, 28), 20, 3, "small", clip=10.0),
        recurrent_layer(0, (1, 257), 128, 4, "large", clip=10.0),
        recurrent_layer(0, (8, 30), 24, 3, "lowest", clip=0.0),
    ],
    ids=["one row", "28 inputs", "257 inputs", "weights of -128"],
)
def test_steps_are_near_counts_where_one_loop_takes_nearly_all(network: RandomNetwork) -> None:
    counted = Counter(find_core("cortex-m4")).count(network)
    steps = cost_of_plan(counted.plan, "cortex-m4").steps
    largest = max(range(len(steps)), key=lambda number: counted.profile.steps[number])
    assert abs(steps[largest].instructions / counted.profile.steps[largest] - 1) <= _MOST_PERCENT / 100
