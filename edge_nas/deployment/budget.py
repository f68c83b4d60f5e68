"""Does it fit? What the network needs of flash and SRAM beside what the board has."""

from edge_nas.boards import Board, Fact, error_percent, estimate_ms
from edge_nas.errors import GateError
from edge_nas.results.compile import CompiledModel
from edge_nas.results.deploy import BudgetLine, DeploymentBundle, LatencyEstimate
from edge_nas.results.verify import CoreReport, VerificationReport


def budget_of(
    board: Board, compiled: CompiledModel, report: VerificationReport, table_bytes: int
) -> tuple[BudgetLine, ...]:
    """Returns the lines for flash and SRAM.

    Where the board's core was emulated they hold what was measured: flash of the network in the linked image and the
    pixel table; its data, bss and stack. Elsewhere they hold what is known without: constants and arena.

    Args:
        board: the memories.
        compiled: the generated code.
        report: figures per core.
        table_bytes: of the pixel table.
    """
    core = _emulated(board, report)
    if core is not None and core.flash_bytes is not None and core.ram_bytes is not None:
        flash = core.flash_bytes + table_bytes
        flash_basis = f"code, constants and the library functions it uses, in an image linked for {board.emulated_core}"
        sram = core.ram_bytes + (core.stack_bytes or 0)
        sram_basis = f"data, bss and the deepest stack, in an image run on {board.emulated_core}"
    else:
        why = _why_not(board, report)
        flash = compiled.constant_bytes + table_bytes
        flash_basis = f"a lower bound, constants without code: {why}"
        sram = compiled.arena_bytes
        sram_basis = f"a lower bound, the arena without stack: {why}"
    return (
        BudgetLine(memory="flash", needed_bytes=flash, available_bytes=_size(board.flash_bytes), basis=flash_basis),
        BudgetLine(memory="SRAM", needed_bytes=sram, available_bytes=_size(board.sram_bytes), basis=sram_basis),
    )


def latency_of(board: Board, report: VerificationReport) -> LatencyEstimate | None:
    """Returns the estimate for one inference; None where the core was not emulated or its cycles are not known."""
    core = _emulated(board, report)
    if core is None or core.instructions is None or board.cycle_model is None or board.clock_mhz is None:
        return None
    milliseconds = estimate_ms(board, core.instructions, core.pace)
    if milliseconds is None:
        return None
    return LatencyEstimate(
        milliseconds=milliseconds,
        instructions=core.instructions,
        clock_mhz=board.clock_mhz.value,
        cycles_per_instruction=round(milliseconds * board.clock_mhz.value * 1000 / core.instructions, 2),
        error_percent=error_percent(board),
        basis=board.cycle_model.basis,
    )


def require_fit(bundle: DeploymentBundle) -> None:
    """Returns where the bundle fits its board.

    Raises:
        GateError: names each memory that is too small, what is needed, what there is and by how much it is over.
    """
    exceeded = [_excess(line) for line in bundle.budget if line.over_bytes]
    if exceeded:
        raise GateError(
            f"the network does not fit {bundle.board}: {'; '.join(exceeded)}. Prune more, use a smaller input_shape or "
            "a larger board"
        )


def _excess(line: BudgetLine) -> str:
    """Returns by how much a memory is too small, in words."""
    return (
        f"{line.memory} is over by {line.over_bytes:,} bytes: needs {line.needed_bytes:,}, the board has "
        f"{line.available_bytes:,} ({line.basis})"
    )


def _size(fact: Fact | None) -> int | None:
    """Returns a size in bytes; None where the board's file has none, as for a memory without a limit."""
    return None if fact is None else fact.value


def _emulated(board: Board, report: VerificationReport) -> CoreReport | None:
    """Returns the report on the board's core; None where it was not emulated."""
    if board.emulated_core is None:
        return None
    core = report.cores.get(board.emulated_core)
    return None if core is None or core.skipped is not None else core


def _why_not(board: Board, report: VerificationReport) -> str:
    """Returns why there is no report on the board's core."""
    if board.emulated_core is None:
        return f"{board.core} is not emulated"
    core = report.cores.get(board.emulated_core)
    if core is None:
        return f"{board.emulated_core} was not asked for"
    return f"{board.emulated_core} was not emulated, {core.skipped}"
