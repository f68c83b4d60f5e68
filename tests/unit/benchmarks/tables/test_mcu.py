from typing import Any

from benchmarks.tables.mcu import mcu_table, measured_lines, recorded_lines
from benchmarks.tables.recorded import RECORDED


def row(**given: Any) -> dict[str, Any]:
    ran = {"skipped": None, "instructions": 5_000, "flash_bytes": 1_024, "ram_bytes": 96, "stack_bytes": 16}
    cores = {"cortex-m4": ran, "cortex-m55": ran | {"instructions": 2_000}, "rv32imac": ran | {"skipped": "no QEMU"}}
    return {
        "model": "net.tflite",
        "model_sha256": "0",
        "optimize": "speed",
        "macs": 2_000,
        "tflm": [],
        "cores": cores,
    } | given


def test_a_line_for_each_core_that_ran() -> None:
    given = row(predicted={"cortex-m4": 4_990})
    first, second = mcu_table(measured_lines(given, "net")).splitlines()[2:]
    assert first == "| net | generated C | cortex-m4 | 5,000 | 4,990 (-0.2 %) | 2.50 | 1,024 | 96 | 16 |"
    assert second == "| net | generated C | cortex-m55 | 2,000 |  | 1.00 | 1,024 | 96 | 16 |"


def test_cores_can_be_chosen_and_size_is_named() -> None:
    (line,) = measured_lines(row(optimize="size"), "net", ("cortex-m55",))
    assert (line.core, line.engine) == ("cortex-m55", "generated C, for size")


def test_figures_that_were_recorded_are_for_their_very_file() -> None:
    assert list(recorded_lines(row(), "net")) == []
    given = row(model_sha256=RECORDED[0].sha256)
    lines = list(recorded_lines(given, "net"))
    assert [line.instructions for line in lines] == [23_315_000, 12_000_000, 25_000_000, 81_000_000]
    assert mcu_table(lines[:1]).endswith("| 74,544 |  |  |")
    assert [line.core for line in recorded_lines(given, "net", ("cortex-m3",))] == ["cortex-m3"]


def test_tflm_stands_before_the_c_with_its_commit_and_what_differs() -> None:
    peer = {"engine": "TFLM", "core": "cortex-m4", "commit": "0123456789abcdef-dirty", "differing_share": 0.25}
    peer |= {"instructions": 9_000, "flash_bytes": 1, "ram_bytes": 2, "stack_bytes": 3}
    first = next(measured_lines(row(tflm=[peer]), "net"))
    assert first.engine == "TFLM (012345678-dirty, 25 % of bytes differ)"
