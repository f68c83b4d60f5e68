"""`edge-nas inspect`: what is in a model's file or a run, what it needs, and why an operator of it is refused."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Signature
from edge_nas.cli.outcome import print_json
from edge_nas.core.installed import require_train
from edge_nas.errors import ArtifactError, ConfigError

if TYPE_CHECKING:
    from edge_nas.boards import Board
    from edge_nas.results.artifacts import TensorSpec
    from edge_nas.results.inspect import BoardFit, Inspection

SHIPPED = "artifacts/model.tflite"
_OTHERS = (".onnx", ".keras", ".h5", ".hdf5", ".npz")
_BAR = 24  # characters, of the largest sum of bytes


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("inspect")(inspect)


def inspect(
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
            help="Hold it beside this board's memories, or all boards', and predict how long a call takes there.",
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

    An operator that is not compiled has its reason below the table. Sizes are lower bounds: constants without code,
    tensors that are alive at once. `compile` and `verify` tell the real ones. Of a run it is the
    int8 file that it ships.
    """
    inspection = _inspected(file, signature, _boards(board))
    if svg is not None:
        from edge_nas.core import atomic
        from edge_nas.reporting.memory import memory_svg

        with atomic.replacing(svg) as place:
            place.write_text(memory_svg(inspection), encoding="utf-8")
    if json:
        print_json(inspection.to_data())
        return
    for line in report_lines(inspection):
        typer.echo(line)


def _inspected(file: Path, signature: str | None, boards: "list[Board]") -> "Inspection":
    """Returns what is known of a file by its kind, of a run of the file that it ships."""
    if file.is_dir():
        file = file / SHIPPED
    if not file.is_file():
        raise ArtifactError(f"{file}: no such file; a .tflite, .onnx or .keras file or a run with one is expected")
    suffix = file.suffix.lower()
    if suffix not in _OTHERS:
        from edge_nas.costs.boards import with_times
        from edge_nas.int8.inspection import inspect_tflite
        from edge_nas.int8.intake import open_tflite_path

        opened = open_tflite_path(file, signature)
        return with_times(inspect_tflite(opened, str(file), boards), opened.data, boards)
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
    if inspection.not_compiled is not None:
        yield inspection.not_compiled
    elif not inspection.refused:
        yield "every operator is compiled"
    for board in inspection.boards:
        memories = [_limit(board.flash_bytes, "flash"), _limit(board.sram_bytes, "SRAM")]
        verdict = "may fit" if board.fits else "DOES NOT FIT"
        yield f"  {board.board:20} {verdict:13} {_time(board):14} {', '.join(memories)}"
    reasons = sorted({board.unpredicted for board in inspection.boards if board.unpredicted is not None})
    yield from (f"  no time: {reason}" for reason in reasons)


def _time(board: "BoardFit") -> str:
    """Returns the predicted time of a call, which nobody has measured."""
    return "" if board.milliseconds is None else f"about {board.milliseconds:,.3g} ms"


def _spec(spec: "TensorSpec") -> str:
    coded = "" if spec.scale is None else f", scale {spec.scale:.6g}, zero point {spec.zero_point}"
    return f"{spec.name}: {' x '.join(map(str, spec.shape))} {spec.dtype}{coded}"


def _limit(size: int | None, memory: str) -> str:
    return f"no limit of {memory}" if size is None else f"{size:,} bytes of {memory}"
