import pytest

from edge_nas.codegen.loops import LOOPS, Loops
from edge_nas.costs.coefficients import CoreCosts, CostUnknownError, costs_of_core, known_cores
from edge_nas.errors import ConfigError


def some_costs() -> CoreCosts:
    return CoreCosts(
        core="cortex-m4",
        instruction_set="dsp",
        kernels_sha256={},
        networks=1,
        tools={},
        instructions={"upsample": {"calls": 30.0, "copies": 4.5, "rest": 0.0}},
        code_bytes={"network": 100.0},
    )


def test_instructions_are_a_sum_over_loops() -> None:
    assert some_costs().instructions_of("upsample", Loops({"calls": 2, "copies": 10, "rest": 3})) == 105.0


def test_a_loop_that_was_never_counted_is_refused_unless_it_does_not_run() -> None:
    costs = some_costs()
    assert costs.instructions_of("upsample", Loops({"calls": 1, "planes": 0})) == 30.0
    with pytest.raises(CostUnknownError, match=r"kernel upsample: what 'planes' costs on cortex-m4 was never counted"):
        costs.instructions_of("upsample", Loops({"calls": 1, "planes": 1}))
    with pytest.raises(CostUnknownError, match="kernel softmax"):
        costs.instructions_of("softmax", Loops({"calls": 1}))
    with pytest.raises(CostUnknownError, match="code"):
        costs.bytes_of({"network": 1, "softmax functions": 1})


def test_an_unknown_core_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"costs on 'cortex-m5' are not known; known: .*cortex-m4"):
        costs_of_core("cortex-m5")


@pytest.mark.parametrize("core", known_cores())
def test_every_file_was_made_of_kernels_that_say_how_their_loops_run(core: str) -> None:
    costs = costs_of_core(core)
    assert costs.core == core
    assert set(costs.instructions) - set(LOOPS) == {"edge_model_run"}
