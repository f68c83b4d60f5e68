from typing import Any

import pytest

from edge_nas.boards import Fact, load_board
from edge_nas.deployment.budget import budget_of, latency_of, require_fit
from edge_nas.errors import GateError
from edge_nas.results.deploy import BudgetLine, DeploymentBundle


def test_where_the_core_was_emulated_the_budget_is_measured(verified: Any) -> None:
    flash, sram = budget_of(load_board("stm32l4r5"), verified.compiled, verified.report, 256)
    assert (flash.needed_bytes, sram.needed_bytes) == (4256, 1200)
    assert (flash.available_bytes, sram.available_bytes) == (2_097_152, 655_360)
    assert "linked for cortex-m4" in flash.basis
    assert (flash.over_bytes, sram.over_bytes) == (0, 0)


@pytest.mark.parametrize(
    ("board", "why"),
    [
        ("stm32h743", "cortex-m7 was not emulated, qemu-system-arm is missing"),
        ("esp32c3", "rv32imac was not asked for"),
        ("esp32s3", "xtensa-lx7 is not emulated"),
        ("host", "host is not emulated"),
    ],
)
def test_elsewhere_it_is_a_lower_bound_that_says_why(verified: Any, board: str, why: str) -> None:
    flash, sram = budget_of(load_board(board), verified.compiled, verified.report, 0)
    assert flash.needed_bytes == verified.compiled.constant_bytes
    assert sram.needed_bytes == verified.compiled.arena_bytes
    assert flash.basis == f"a lower bound, constants without code: {why}"
    assert sram.basis == f"a lower bound, the arena without stack: {why}"
    assert (sram.available_bytes is None) == (board == "host")


def test_the_latency_is_an_estimate_with_its_basis(verified: Any) -> None:
    latency = latency_of(load_board("stm32l4r5"), verified.report)
    assert latency is not None
    # 1.5 cycles by the manual, 1.14 times that on the chip, and 0.84 for half a byte from flash.
    assert latency.milliseconds == pytest.approx(60_000 * (1.5 * 1.14 + 0.5 * 0.84) / 120e3)
    assert (latency.cycles_per_instruction, latency.error_percent) == (2.13, 20)
    assert "no generated code was timed on silicon" in latency.basis
    assert latency_of(load_board("esp32s3"), verified.report) is None
    assert latency_of(load_board("stm32h743"), verified.report) is None


def test_a_memory_that_is_too_small_is_named_with_what_is_missing(verified: Any) -> None:
    small = load_board("stm32l4r5").model_copy(update={"sram_bytes": Fact(value=1199, source="a small one")})
    budget = budget_of(small, verified.compiled, verified.report, 0)
    assert [line.over_bytes for line in budget] == [0, 1]
    bundle = DeploymentBundle(
        board="small",
        model_sha256="0" * 64,
        folder="x",
        files=(),
        budget=budget,
        latency=None,
        interpreter_arena_bytes=None,
    )
    with pytest.raises(
        GateError, match="does not fit small: SRAM is over by 1 bytes: needs 1,200, the board has 1,199"
    ):
        require_fit(bundle)
    none = BudgetLine(memory="flash", needed_bytes=10**12, available_bytes=None, basis="no limit")
    require_fit(bundle.model_copy(update={"budget": (none,)}))
