"""`edge-nas inspect`: what is in a .tflite file, what it needs, and why an operator of it is refused."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Signature
from edge_nas.cli.outcome import print_json
from edge_nas.errors import ArtifactError

if TYPE_CHECKING:
    from edge_nas.boards import Board
    from edge_nas.results.artifacts import TensorSpec
    from edge_nas.results.inspect import Inspection

_BAR = 24  # characters, of the largest sum of bytes


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("inspect")(inspect)


def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .tflite file, or a C source with one as an array.")],
    board: Annotated[
        str | None,
        typer.Option(
            "--board",
            metavar="NAME|all",
            help="Hold it beside this board's memories, or all boards'.",
            show_default=False,
        ),
    ] = None,
    signature: Signature = None,
    json: Json = False,
) -> None:
    """Show operators, scales, multiplications and memory over time of a .tflite file; nothing is run or written.

    An operator that is not compiled has its reason below the table. Sizes are lower bounds: constants without code,
    tensors that are alive at once. `compile` and `verify` tell the real ones.
    """
    from edge_nas.int8.inspection import inspect_tflite
    from edge_nas.int8.intake import open_tflite_path

    if not file.is_file():
        raise ArtifactError(f"{file}: no such file; a .tflite file is expected")
    boards = _boards(board)
    inspection = inspect_tflite(open_tflite_path(file, signature), str(file), boards)
    if json:
        print_json({"schema_version": 1, "status": "ok", **inspection.to_data()})
        return
    for line in report_lines(inspection):
        typer.echo(line)


def _boards(name: str | None) -> "list[Board]":
    """Returns the board of a name, all boards, or none."""
    if name is None:
        return []
    from edge_nas.boards import board_names, load_board

    return [load_board(known) for known in (board_names() if name == "all" else (name,))]


def report_lines(inspection: "Inspection") -> Iterable[str]:
    """Yields what the terminal shows of a file."""
    yield inspection.source
    for note in inspection.notes:
        yield f"  note: {note}"
    for side, specs in (("input", inspection.inputs), ("output", inspection.outputs)):
        for spec in specs:
            yield f"  {side:6}  {_spec(spec)}"
    yield f"  {inspection.macs:,} multiply-accumulates, {inspection.params:,} weights and biases"
    yield f"  flash   {inspection.constant_bytes:,} bytes of constants at least; the file has {inspection.file_bytes:,}"
    yield f"  RAM     {inspection.peak_ram_bytes:,} bytes at least, where the bar below is longest"
    yield ""
    most = max(inspection.peak_ram_bytes, 1)
    for operator in inspection.operators:
        bar = "#" * max(round(_BAR * operator.live_bytes / most), int(operator.live_bytes > 0))
        shape = "" if operator.output is None else " x ".join(map(str, operator.output.shape))
        mark = "!" if operator.refused else " "
        yield (
            f"{mark}{operator.number:>4} {operator.kind:28.28} {shape:18.18} {operator.macs:>11,} "
            f"{operator.live_bytes:>9,} {bar}"
        ).rstrip()
    yield ""
    for operator in inspection.refused:
        yield f"! {operator.refused}"
    if not inspection.refused:
        yield "every operator is compiled"
    for board in inspection.boards:
        memories = [_limit(board.flash_bytes, "flash"), _limit(board.sram_bytes, "SRAM")]
        verdict = "may fit" if board.fits else "DOES NOT FIT"
        yield f"  {board.board:20} {verdict:13} {', '.join(memories)}"


def _spec(spec: "TensorSpec") -> str:
    coded = "" if spec.scale is None else f", scale {spec.scale:.6g}, zero point {spec.zero_point}"
    return f"{spec.name}: {' x '.join(map(str, spec.shape))} {spec.dtype}{coded}"


def _limit(size: int | None, memory: str) -> str:
    return f"no limit of {memory}" if size is None else f"{size:,} bytes of {memory}"
