import math
from pathlib import Path

import numpy as np
import pytest

from edge_nas.codegen import compile_tflite
from edge_nas.emulation.cores import find_core
from edge_nas.emulation.profile import profile_on_core, timed_profile_on_core
from edge_nas.emulation.timing import TABLES, Instruction, instruction_times
from edge_nas.errors import ConfigError
from edge_nas.int8.sketch import Sketch


def _cycles(core: str, *listing: str) -> list[int]:
    """Returns what each instruction of a listing takes when nothing jumps."""
    split = (line.partition(" ") for line in listing)
    instructions = [Instruction(4 * place, name, operands) for place, (name, _, operands) in enumerate(split)]
    return [time.cycles for time in instruction_times(TABLES[core], instructions).values()]


# The examples that the manual itself gives beside the table.
@pytest.mark.parametrize(
    ("listing", "total"),
    [
        (("ldr r0, [r1]", "ldr r1, [r2]"), 3),
        (("ldr r0, [r1, r2]", "str r0, [r3, #20]"), 3),
        (("ldr r0, [r1, r2]", "str r1, [r3, r2]"), 3),
        (("ldr r0, [r1, r5]", "ldr r1, [r2]", "ldr r2, [r3, #4]"), 4),
        # The second address comes of the first load; an address that was computed right before.
        (("ldr r0, [r1]", "ldr r2, [r0]"), 4),
        (("add r1, r2, r3", "ldr r0, [r1]"), 4),
        (("add r4, r2, r3", "ldr r0, [r1]"), 3),
    ],
)
def test_loads_overlap_as_the_manual_says(listing: tuple[str, ...], total: int) -> None:
    assert sum(_cycles("cortex-m4", *listing)) == total


@pytest.mark.parametrize(
    ("core", "line", "cycles"),
    [
        ("cortex-m4", "smlad r0, r1, r2, r0", 1),
        ("cortex-m4", "smlal r0, r1, r2, r3", 1),
        ("cortex-m4", "ldmia r0!, {r4, r5, r6, r7}", 5),
        ("cortex-m4", "push {r0, r4-r6, lr}", 6),
        ("cortex-m4", "ldrd r0, r1, [r2]", 3),
        ("cortex-m4", "strb r0, [r1, #3]", 1),
        ("cortex-m4", "strb r0, [r1, r2]", 2),
        ("cortex-m4", "strbne r0, [r1, #3]", 1),
        ("cortex-m3", "mla r0, r1, r2, r3", 2),
        ("cortex-m3", "umull r0, r1, r2, r3", 4),
        ("cortex-m0plus", "muls r0, r1", 1),
        ("cortex-m0plus", "ldrsb r0, [r1, r2]", 2),
        ("cortex-m0plus", "strb r0, [r1, #3]", 2),
        ("cortex-m0plus", "ldmia r0!, {r4, r5}", 3),
    ],
)
def test_single_instructions(core: str, line: str, cycles: int) -> None:
    assert _cycles(core, line) == [cycles]


def test_jumps_add_what_refills_the_pipeline() -> None:
    jump, call, end = (Instruction(0, "bne", "10 <loop>"), Instruction(2, "bl", "20 <f>"), Instruction(6, "bx", "lr"))
    for core, extra in (("cortex-m4", (2, 2, 2)), ("cortex-m0plus", (1, 2, 1))):
        times = instruction_times(TABLES[core], (jump, call, end))
        assert tuple(time.jump for time in times.values()) == extra
        assert {time.cycles for time in times.values()} == {1}


@pytest.mark.mcu
@pytest.mark.parametrize("name", ["cortex-m4", "cortex-m0plus"])
def test_a_network_is_timed_step_by_step(name: str) -> None:
    net = Sketch((64,), 0)
    data = net.finish(net.dense(net.dense(net.input, 32), 16))
    compiled, core = compile_tflite(data), find_core(name)
    frame = np.zeros(math.prod(compiled.input.shape), np.int8)
    profile, timed = profile_on_core(core, compiled, frame), timed_profile_on_core(core, compiled, frame)
    assert tuple(step.instructions for step in timed.steps) == profile.steps
    assert timed.whole.instructions == profile.instructions
    assert all(1 < step.cycles / step.instructions < 2 for step in timed.steps)
    # Each weight is read once from flash, and few other constants.
    weights = (64 * 32, 32 * 16)
    for step, read in zip(timed.steps[-2:], weights, strict=True):
        assert read <= step.flash_reads < 2 * read


def test_a_core_without_a_table_is_refused(tmp_path: Path) -> None:
    net = Sketch((8,), 0)
    with pytest.raises(ConfigError, match="no instruction timings of cortex-m7 are published"):
        timed_profile_on_core(find_core("cortex-m7"), compile_tflite(net.finish(net.dense(net.input, 2))), np.zeros(8))
