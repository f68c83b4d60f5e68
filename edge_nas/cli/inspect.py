"""`edge-nas inspect`: what is in a model's file or a run, what it needs, and why an operator of it is refused."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Signature
from edge_nas.cli.outcome import print_json
from edge_nas.core.installed import require_train
from edge_nas.errors import ArtifactError, ConfigError, GateError

if TYPE_CHECKING:
    from edge_nas.boards import Board
    from edge_nas.results.artifacts import TensorSpec
    from edge_nas.results.inspect import BoardFit, Inspection

SHIPPED = "artifacts/model.tflite"
_OTHERS = (".onnx", ".keras", ".h5", ".hdf5", ".npz")
_COLUMNS = 80  # of a terminal; in a pipe as well, so that the same file has the same text
_BAR = range(8, 24 + 1)  # characters of the largest sum of bytes: what a table leaves, within reason


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("inspect")(inspect)


def inspect(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE|RUN",
            help="A .tflite file, or a C source with one as an array; an .onnx, .keras, .h5 or .npz file; a run.",
        ),
    ],
    board: Annotated[
        str | None,
        typer.Option(
            "--board",
            metavar="NAME|all",
            help="What the generated C takes of this board's memories, or all boards', and how long it runs.",
            show_default=False,
        ),
    ] = None,
    signature: Signature = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Also draw the memory over time as SVG.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Show operators, scales, multiplications and memory over time of a model's file; nothing is run.

    An operator that is not compiled has its reason below the table. The arena is that of the generated C, to the byte;
    its code, instructions and time are predicted, and the stack is left out: `verify` and `deploy` count them. Of a
    run it is the int8 file that it ships. The exit code is 4 where the board that is named is too small.
    """
    inspection = _inspected(file, signature, _boards(board))
    if svg is not None:
        from edge_nas.core import atomic
        from edge_nas.reporting.memory import memory_svg

        with atomic.replacing(svg) as place:
            place.write_text(memory_svg(inspection), encoding="utf-8")
    if not json:
        for line in report_lines(inspection):
            typer.echo(line)
    if board not in {None, "all"} and not inspection.boards[0].fits:
        context.obj.answer = inspection
        raise GateError(f"{board}: the network does not fit; the table has what it takes and what is there")
    if json:
        print_json(inspection.to_data())


def _inspected(file: Path, signature: str | None, boards: "list[Board]") -> "Inspection":
    """Returns what is known of a file by its kind, of a run of the file that it ships."""
    if file.is_dir():
        file = file / SHIPPED
    if not file.is_file():
        raise ArtifactError(f"{file}: no such file; a .tflite, .onnx or .keras file or a run with one is expected")
    suffix = file.suffix.lower()
    if suffix not in _OTHERS:
        from edge_nas.costs.boards import with_needs
        from edge_nas.int8.inspection import inspect_tflite
        from edge_nas.int8.intake import open_tflite_path

        opened = open_tflite_path(file, signature)
        return with_needs(inspect_tflite(opened, str(file), boards), opened.data, boards)
    if signature is not None:
        raise ConfigError(f"--signature {signature} chooses among the networks of a .tflite file; seen: {file}")
    require_train(f"edge-nas inspect of {suffix} files")
    if suffix == ".onnx":
        from edge_nas.exporting.inspection import inspect_onnx

        return inspect_onnx(file, boards)
    from edge_nas.graph.inspection import inspect_keras

    return inspect_keras(file, boards)


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
    yield f"  RAM     {inspection.peak_ram_bytes:,} bytes of tensors alive at once, as TFLite holds them"
    if inspection.arena_bytes is not None:
        yield f"          {inspection.arena_bytes:,} bytes in the generated C"
    yield ""
    yield from _operator_lines(inspection)
    yield ""
    for operator in inspection.refused:
        yield f"! {operator.refused}"
    if inspection.not_compiled is not None:
        yield inspection.not_compiled
    elif not inspection.refused:
        yield "every operator is compiled"
    if inspection.boards:
        yield from _board_lines(inspection)


def _operator_lines(inspection: "Inspection") -> Iterable[str]:
    """Yields the operators with a bar of the memory that is alive at each, and the names of the columns."""
    shapes = ["" if each.output is None else " x ".join(map(str, each.output.shape)) for each in inspection.operators]
    kinds = max((len(each.kind) for each in inspection.operators), default=0)
    widest = max(*map(len, shapes), len("output")) if shapes else 0
    head = f" {'#':>4} {'operator':{kinds}} {'output':{widest}} {'MACs':>11} {'RAM bytes':>9} "
    longest = min(max(_COLUMNS - len(head), _BAR.start), _BAR.stop - 1)
    yield head.rstrip()
    most = max(inspection.peak_ram_bytes, 1)
    for operator, shape in zip(inspection.operators, shapes, strict=True):
        bar = "#" * max(round(longest * operator.live_bytes / most), int(operator.live_bytes > 0))
        mark = "!" if operator.refused else " "
        yield (
            f"{mark}{operator.number:>4} {operator.kind:{kinds}} {shape:{widest}} {operator.macs:>11,} "
            f"{operator.live_bytes:>9,} {bar}"
        ).rstrip()


def _board_lines(inspection: "Inspection") -> Iterable[str]:
    """Yields what the boards have and the network takes; of a single board also where its time goes."""
    boards = inspection.boards
    yield ""
    yield f"  {'board':12} {'':12} {'SRAM, KiB':>14} {'flash, KiB':>18} {'a call':>15}"
    for board in boards:
        sram = _of(board.needed_sram_bytes or inspection.peak_ram_bytes, board.sram_bytes)
        # Constants alone, without any code, where nothing is known of the code.
        least = "> " if board.unpredicted is not None else ""
        flash = least + _of(board.needed_flash_bytes or inspection.constant_bytes, board.flash_bytes)
        yield f"  {board.board:12} {_verdict(board):12} {sram:>14} {flash:>18} {_time(board):>15}".rstrip()
    if any(board.milliseconds is not None for board in boards):
        yield "  SRAM without the stack; code, instructions and time are predictions"
        yield "  ±: how far off the time may be, by rows of MLPerf Tiny; ±?: there is no row"
    for reason in sorted({board.unpredicted for board in boards if board.unpredicted is not None}):
        yield f"  no time: {reason}"
    if len(boards) == 1 and boards[0].dearest:
        yield ""
        yield f"  where the {boards[0].instructions:,} instructions go"
        for step in boards[0].dearest:
            # A fused operator's name has the names of all that it was, apart by semicolons.
            share = 100 * step.instructions / max(boards[0].instructions or 0, 1)
            line = f"  {share:5.1f} %  {step.name.split(';')[0]}"
            yield line if len(line) <= _COLUMNS else f"{line[: _COLUMNS - 3]}..."


def _verdict(fit: "BoardFit") -> str:
    """Returns whether it fits, with more care where only the least sizes are known."""
    if not fit.fits:
        return "DOES NOT FIT"
    return "may fit" if fit.unpredicted is not None or fit.needed_sram_bytes is None else "fits"


def _time(board: "BoardFit") -> str:
    """Returns the predicted time of a call, which nobody has measured."""
    from edge_nas.core.formats import short_error

    if board.milliseconds is None:
        return ""
    return f"~{board.milliseconds:,.3g} ms {short_error(board.error_percent)}"


def _spec(spec: "TensorSpec") -> str:
    coded = "" if spec.scale is None else f", scale {spec.scale:.6g}, zero point {spec.zero_point}"
    return f"{spec.name}: {' x '.join(map(str, spec.shape))} {spec.dtype}{coded}"


def _of(needed: int, limit: int | None) -> str:
    """Returns kibibytes needed of those that a memory has, three digits where they are few."""
    shown = f"{needed / 1024:,.1f}"
    return shown if limit is None else f"{shown} of {limit / 1024:,.0f}"
