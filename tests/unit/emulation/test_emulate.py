from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge_nas.emulation.cores import CORES, find_core
from edge_nas.emulation.emulate import missing_tools, run_on_core
from edge_nas.emulation.image import TooLargeError
from edge_nas.errors import GateError, ResourceError

Spinning = Callable[[list[int]], np.ndarray]

# The counter has 24 bits: some counts do not fill it, some end at its edge, the last goes round it many times.
TURNS = [1, 2, 1000, 262_144, 327_680, 524_288, 655_360, 5_000_000]


@pytest.mark.mcu
@pytest.mark.parametrize("name", CORES)
def test_bytes_and_instructions_are_exact(name: str, small_model: Path, spinning: Spinning) -> None:
    inputs = spinning(TURNS)
    run = run_on_core(find_core(name), small_model, inputs)
    assert (run.outputs == inputs + np.int8(1)).all()
    rest = {count - 2 * turns for count, turns in zip(run.instructions, TURNS, strict=True)}
    assert len(rest) == 1
    assert 12 < rest.pop() < 100
    assert run.arena_bytes == run.sizes.ram_bytes == 32
    assert 40 < run.sizes.flash_bytes < 150
    assert 0 <= run.stack_bytes <= 64
    assert len(run.tools) == 2
    again = run_on_core(find_core(name), small_model, inputs[:2])
    assert again.instructions == run.instructions[:2]
    assert again.sizes == run.sizes


@pytest.mark.mcu
@pytest.mark.parametrize("name", ["cortex-m4", "rv32imac", "lx106"])
def test_the_stack_is_what_the_code_uses(name: str, altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered("spin(turns);", "volatile uint8_t space[1000]; space[0] = 1; (void)space; spin(turns);")
    run = run_on_core(find_core(name), folder, spinning([1]))
    assert 1000 <= run.stack_bytes <= 1064


@pytest.mark.mcu
def test_flash_and_ram_count_constants_and_variables(
    small_model: Path, altered: Callable[[str, str], Path], spinning: Spinning
) -> None:
    core = find_core("cortex-m4")
    before = run_on_core(core, small_model, spinning([1])).sizes
    # Stored: a table of 1000 bytes and a variable with a value; the variable and an empty array are in RAM as well.
    table = "static const uint8_t table[1000] = {1, 2}; static int state[25] = {3}; static int8_t scratch[500];"
    use = "volatile uint32_t at = turns & 15; scratch[at] = (int8_t)(table[at] + state[at]++); arena[31] = scratch[at];"
    after = run_on_core(core, altered("spin(turns);", f"{table} {use}"), spinning([1])).sizes
    assert after.ram_bytes - before.ram_bytes == 600
    assert 1100 < after.flash_bytes - before.flash_bytes < 1200


@pytest.mark.mcu
def test_more_stack_than_there_is_is_refused(altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered(
        "spin(turns);", "volatile uint8_t space[70000]; for (int i = 0; i < 70000; i++) space[i] = space[0];"
    )
    with pytest.raises(GateError, match="uses more than 65536 bytes of stack"):
        run_on_core(find_core("cortex-m4"), folder, spinning([1]))


@pytest.mark.mcu
def test_an_unaligned_word_faults_on_the_m0plus_alone(altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered("spin(turns);", "volatile uintptr_t odd = (uintptr_t)arena + 17; *(uint32_t *)odd += turns;")
    with pytest.raises(GateError, match=r"cortex-m0plus: the generated C faults \(HardFault\)"):
        run_on_core(find_core("cortex-m0plus"), folder, spinning([1]))
    assert run_on_core(find_core("cortex-m4"), folder, spinning([1])).outputs.shape == (1, 12)


@pytest.mark.mcu
@pytest.mark.parametrize("name", ["cortex-m4", "rv32imac", "lx106"])
def test_a_fault_is_told(name: str, altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered("spin(turns);", "spin(turns); __builtin_trap();")
    with pytest.raises(GateError, match="the generated C faults"):
        run_on_core(find_core(name), folder, spinning([1]))


@pytest.mark.mcu
def test_c_that_never_ends_is_stopped(altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered("spin(turns);", "for (;;) { spin(turns); }")
    with pytest.raises(GateError, match="cortex-m3: the emulated program did not end within 2 s"):
        run_on_core(find_core("cortex-m3"), folder, spinning([1]), limit_s=2)


@pytest.mark.mcu
def test_c_that_does_not_fit_the_machine_is_refused(altered: Callable[[str, str], Path], spinning: Spinning) -> None:
    folder = altered("arena[EDGE_MODEL_ARENA_BYTES]", "arena[4150000]")
    with pytest.raises(TooLargeError, match="which has 512 KiB for code and constants and 4032 KiB for data"):
        run_on_core(find_core("cortex-m55"), folder, spinning([1]))


@pytest.mark.mcu
def test_frames_of_another_size_are_refused(small_model: Path) -> None:
    with pytest.raises(GateError, match="code 13: the frames are not of EDGE_MODEL_INPUT_BYTES"):
        run_on_core(find_core("cortex-m3"), small_model, np.zeros((1, 11), np.int8))


def test_missing_tools_are_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small_model: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    core = find_core("cortex-m4")
    assert [tool.program for tool in missing_tools(core)] == ["arm-none-eabi-gcc", "qemu-system-arm"]
    with pytest.raises(ResourceError, match="arm-none-eabi-gcc is not installed"):
        run_on_core(core, small_model, np.zeros((1, 12), np.int8))
