"""`edge-nas boards`: the boards that firmware can be made for."""

from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json
from edge_nas.cli.outcome import print_json

if TYPE_CHECKING:
    from edge_nas.boards import Board, Fact


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("boards")(boards)


def boards(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A board, or a .yaml file that describes one.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """List the boards, or show one with the source of each fact."""
    from edge_nas.boards import board_names, load_board

    names = board_names() if name is None else (name,)
    boards = [load_board(known) for known in names]
    if json:
        print_json({"schema_version": 1, "boards": [board.to_data() for board in boards]})
    elif name is None:
        _print_table(boards)
    else:
        _print_board(boards[0])


def _print_table(boards: "list[Board]") -> None:
    from rich.console import Console
    from rich.table import Table

    # Without borders the sizes stay whole in a terminal of 80 columns.
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("name", "board", "core"):
        table.add_column(heading, no_wrap=heading != "board")
    for heading in ("flash", "SRAM", "clock"):
        table.add_column(heading, justify="right", no_wrap=True)
    for board in boards:
        clock = f"{board.clock_mhz.value} MHz" if board.clock_mhz else ""
        table.add_row(board.name, board.title, board.core, _size(board.flash_bytes), _size(board.sram_bytes), clock)
    Console(highlight=False).print(table)


def _print_board(board: "Board") -> None:
    emulated = board.emulated_core or "none: instructions of this core are not counted"
    typer.echo(f"{board.name}: {board.title}\n  core: {board.core}, emulated as: {emulated}")
    for what, fact, unit in (
        ("flash", board.flash_bytes, " bytes"),
        ("SRAM", board.sram_bytes, " bytes"),
        ("clock", board.clock_mhz, " MHz"),
    ):
        if fact is not None:
            typer.echo(f"  {what}: {fact.value:,}{unit} ({fact.source})")
    if board.cycle_model is not None:
        from edge_nas.core.formats import estimate_error

        model = board.cycle_model
        if model.table_factor is None:
            rate = f"{model.cycles_per_instruction:g} cycles per instruction"
        else:
            rate = f"{model.table_factor:g} times the cycles of the core's published timings"
        if model.cycles_per_flash_byte:
            rate += f" and {model.cycles_per_flash_byte:g} for each byte loaded from flash"
        typer.echo(f"  latency: an estimate ({estimate_error(model.error_percent)}), {rate}. {model.basis}")
    if board.npu is not None:
        npu = board.npu
        typer.echo(f"  NPU: {npu.accelerator}, {npu.system_config}, {npu.memory_mode} ({npu.source})")
    typer.echo(f"  runtime: {board.runtime}; 32-bit access aligned to {board.alignment_bytes}")
    typer.echo(f"  builds with: {', '.join(board.platforms)}")
    for note in board.notes:
        typer.echo(f"  note: {note}")


def _size(fact: "Fact | None") -> str:
    """Returns bytes in KiB or MiB, whichever is whole and short; nothing where there is no limit."""
    if fact is None:
        return ""
    count = fact.value
    return f"{count >> 20} MiB" if count % (1 << 20) == 0 else f"{count / 1024:g} KiB"
