"""`edge-nas compile`: an int8 .tflite as C for microcontrollers."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.options import Json, Optimized, Quiet, Signature
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import Int8Model, Run, one_target
from edge_nas.cli.verify import compiled_of, read_target
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from edge_nas.results.compile import CompiledModel, HostCheck
    from edge_nas.results.costs import PredictedCost

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the C files; made if missing.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("compile")(compile_model)


def compile_model(
    arguments: Int8Model = None,
    run: Run = None,
    out: Out = None,
    optimize: Optimized = None,
    prefix: Annotated[
        str,
        typer.Option(
            "--prefix", metavar="NAME", help="What files, functions and macros are called, for several in one."
        ),
    ] = "edge_model",
    check: Annotated[
        bool,
        typer.Option(
            "--check/--no-check", help="Run the C on this machine beside the reference kernels before it is written."
        ),
    ] = True,
    signature: Signature = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write an int8 .tflite as C99: edge_model.c, edge_model.h, edge_intrinsics.h.

    The C needs no interpreter, no malloc and no libm, keeps everything in one static arena, and computes byte for byte
    what TFLite's reference kernels do: where gcc is there it is tried on a few frames at once, and `edge-nas verify`
    proves it on cores. Of a run it is the C that the run ships, where it has got that far; the run stays as it is.
    """
    target = Path(one_target("compile", arguments, run, "RUN or MODEL.tflite"))
    if out is None:
        raise ConfigError("name the folder for the C files with --out DIR")
    from edge_nas.codegen import write_compiled
    from edge_nas.codegen.prefix import with_prefix
    from edge_nas.costs import predict_costs
    from edge_nas.results.compile import HostCheck
    from edge_nas.runs.folder import hold_run
    from edge_nas.verification.selfcheck import check_on_host

    host_check = HostCheck(skipped="--no-check")
    with hold_run(target):
        model, data, _ = read_target(target, signature)
        compiled = compiled_of(target, model, data, optimize)
        if check:
            host_check = check_on_host(data, compiled, str(model))
        # Costs are known of code made for speed.
        is_fast = compiled.optimize == "speed"
        costs = predict_costs(data, source=str(model), arena_limit=compiled.arena_limit) if is_fast else {}
        compiled = with_prefix(compiled, prefix)
        files = write_compiled(compiled, out)
    if json:
        predicted = {core: cost.to_data() for core, cost in costs.items() if not isinstance(cost, ConfigError)}
        print_json({**summary(compiled, files), "predicted": predicted, "host_check": host_check.to_data()})
    elif not quiet:
        typer.echo(f"arena      {compiled.arena_bytes:>9,} bytes, input and output included")
        typer.echo(f"constants  {compiled.constant_bytes:>9,} bytes")
        for line in (*slowed_lines(compiled), *predicted_lines(costs)):
            typer.echo(line)
        typer.echo(host_check_line(host_check))
        for file in files:
            typer.echo(str(file))


def summary(compiled: "CompiledModel", files: tuple[Path, ...]) -> dict[str, object]:
    """Returns what --json prints: everything but the text of the files."""
    data = compiled.to_data()
    data["files"] = [
        {"path": str(path), "sha256": file.sha256} for path, file in zip(files, compiled.files, strict=True)
    ]
    return {"status": "ok", **data}


def host_check_line(host_check: "HostCheck") -> str:
    """Returns what came of trying the C on this machine."""
    if host_check.skipped is not None:
        return f"not tried on this machine: {host_check.skipped}"
    return f"equal to the reference kernels on this machine, {host_check.inputs} frames"


def predicted_lines(costs: "Mapping[str, PredictedCost | ConfigError]") -> list[str]:
    """Returns a line for each core: what the C is predicted to take there, or why that is not known."""
    return [
        f"predicted  {cost.instructions:>9,} instructions, {cost.flash_bytes:,} bytes of flash on {core}"
        if not isinstance(cost, ConfigError)
        else f"predicted          - on {core}: {cost}"
        for core, cost in costs.items()
    ]


def slowed_lines(compiled: "CompiledModel") -> list[str]:
    """Returns what to say of operators that memory keeps from their fast kernels; nothing where there are none."""
    if not compiled.slowed:
        return []
    names = [f"  {operator.kind} {operator.index}: {operator.tensor}" for operator in compiled.slowed]
    return [
        f"slower     {len(names):>9,} operators for lack of memory: fast kernels want an arena of "
        f"{compiled.fast_arena_bytes:,} bytes, the limit is {compiled.arena_limit:,} (compile.arena_limit)",
        *names,
    ]
