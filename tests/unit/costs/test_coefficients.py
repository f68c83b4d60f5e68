import pytest

from edge_nas.codegen.loops import LOOPS, Loops
from edge_nas.costs import coefficients
from edge_nas.costs.coefficients import CoreCosts, CostUnknownError, costs_of_core, kernel_hash, known_cores
from edge_nas.errors import ConfigError


def some_costs() -> CoreCosts:
    return CoreCosts(
        core="cortex-m4",
        counted_on="cortex-m4",
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
    assert set(costs.kernels_sha256) == set(costs.instructions)
    assert set(costs.instructions) - set(LOOPS) == {"edge_model_run"}


@pytest.mark.parametrize("core", known_cores())
def test_what_was_counted_are_the_kernels_of_today(core: str) -> None:
    costs = costs_of_core(core)
    counted = costs.kernels_sha256.items()
    changed = [source for source, sha256 in counted if kernel_hash(source, costs.instruction_set) != sha256]
    assert not changed, f"count them again: python -m benchmarks.costs --cores {core} --calibrate"


@pytest.mark.parametrize("core", known_cores())
def test_no_call_takes_what_its_loops_should(core: str) -> None:
    """Fitted to two steps of one network, every call of a convolution took the 21 million instructions of these."""
    dear = {
        (source, loop): each
        for source, loops in costs_of_core(core).instructions.items()
        for loop, each in loops.items()
        if loop.rpartition(": ")[2] in ("calls", "steps") and each > 20_000
    }
    again = f"count more of them: python -m benchmarks.costs --cores {core} --calibrate --changed --again KERNEL"
    assert not dear, again


@pytest.mark.parametrize(
    ("kernel", "loop", "instructions"),
    [
        # dsp/dense.c: a step of two codes; dsp/edge_blocks.h: four times 16 for four inputs, and the loop's two.
        ("dense", "two codes", 13),
        ("fully_connected_blocks", "sixteen inputs", 66),
        ("sequence_lstm_blocks", "sixteen inputs", 66),
    ],
)
@pytest.mark.parametrize("core", ["cortex-m4", "cortex-m7", "cortex-m33"])
def test_what_was_fitted_is_what_stands_in_the_assembly(core: str, kernel: str, loop: str, instructions: int) -> None:
    """Where loops were not told apart by what was counted, one got what belongs to another: 33 and 81 of these 66."""
    loops = costs_of_core(core).instructions[kernel]
    assert loops[loop] == pytest.approx(instructions, rel=0.03)
    assert loops[loop] + loops.get(f"shared: {loop}", 0.0) == pytest.approx(instructions, rel=0.03)


def test_a_kernel_s_hash_is_of_its_own_files_for_the_instruction_set() -> None:
    assert kernel_hash("pointwise", "dsp") != kernel_hash("pointwise", "helium")
    assert kernel_hash("edge_model_run", None) != kernel_hash("upsample", None)


def test_a_kernel_s_hash_is_of_what_the_core_executes(monkeypatch: pytest.MonkeyPatch) -> None:
    def hashes(text: bytes) -> tuple[str, str]:
        monkeypatch.setattr(coefficients, "kernel_files", lambda source, instructions: {"sum.c": text})
        return kernel_hash("sum", "dsp"), kernel_hash("sum", "helium")

    dsp, helium = hashes(b"/* A sum. */\n#if EDGE_MVE\nvadd;\n#else\nadd;\n#endif\n")
    assert hashes(b"/* The sum. */\n#if EDGE_MVE\nvadd;\n#else\nadd;\n#endif\n") == (dsp, helium)
    assert hashes(b"#if EDGE_MVE\nvadd;\nvadd;\n#else\nadd;\n#endif\n")[0] == dsp
    assert hashes(b"#if EDGE_MVE\nvadd;\n#else\nqadd;\n#endif\n")[1] == helium
    assert len({*hashes(b"#if EDGE_MVE\nvsub;\n#else\nsub;\n#endif\n"), dsp, helium}) == 4
