"""The lines after each stage."""

from typing import Any

from edge_nas.cli.delta import Delta
from edge_nas.core.frozen import Frozen


def test_the_lines_of_a_build(sample_outputs: Any) -> None:
    sram = "SRAM 20.2 KiB of 640.0 KiB"
    delta = Delta()
    assert [delta.lines(output) for output in sample_outputs.all()] == [
        ["params 12,920, MACs 5.93 M, mIoU 0.900 on test (all background 0.300, mean mask 0.600)"],
        ["1 layers, 16 channels, 9 suggested, 1 dead"],
        [
            "params 12.9 k -> 4000 (-69 %), MACs 5.93 M -> 2.00 M (-66 %), "
            "mIoU 0.900 -> 0.800 repaired -> 0.880 fine-tuned (-2.0 points)"
        ],
        [
            "mIoU 0.880 -> 0.870 int8 (-1.0 points)",
            "params 3,900, MACs 2.00 M, flash 10.0 KiB, peak RAM 48.0 KiB",
        ],
        ["model.tflite 2.0 KiB"],
        ["arena 20.0 KiB, constants 5.0 KiB"],
        [
            "numpy interpreter: equal on 50 inputs",
            "tflite-micro: 99.95 % of bytes equal, at most 1 apart, on 50 inputs",
            "generated C on this machine: equal on 1,000 inputs",
            "C with gcc: skipped, install gcc",
            "cortex-m4: equal on 10 inputs, 2.50 M instructions, flash 12.0 KiB, RAM 20.0 KiB, stack 0.1 KiB",
            "rv32imac: skipped, qemu-system-riscv32 is missing: install qemu-system-misc",
        ],
        ["litert model.tflite: p50 0.120 ms, p90 0.150 ms (300 runs, 1 thread)"],
        [f"stm32l4r5: flash 12.2 KiB of 2,048.0 KiB, {sram}, 27.1 ms per inference, estimated, ±20 %"],
        ["report.html"],
    ]


def test_a_stage_that_is_not_known_has_no_lines() -> None:
    assert Delta().lines(Frozen()) == []


def test_layers_whose_macs_are_not_counted_are_named(sample_outputs: Any) -> None:
    plan = sample_outputs.prune.plan
    after = plan.after.model_copy(update={"uncounted": ("memory", "attention")})
    pruned = sample_outputs.prune.model_copy(update={"plan": plan.model_copy(update={"after": after})})
    assert Delta().lines(pruned)[1] == "MACs without those of memory, attention"
