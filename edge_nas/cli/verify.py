"""`edge-nas verify`: does everything compute the bytes that the reference kernels do?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge_nas.cli.options import Json, Optimized, Quiet, Signature, optimize_of, require_no_optimize
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import Int8Model, Run, one_target
from edge_nas.errors import ConfigError

if TYPE_CHECKING:
    from edge_nas.emulation.profile import FunctionCount
    from edge_nas.results.compile import CompiledModel
    from edge_nas.results.verify import ProgramReport, VerificationReport
    from edge_nas.runs.progress import Tick

MODEL = "artifacts/model.tflite"


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("verify")(verify)


def verify(
    arguments: Int8Model = None,
    run: Run = None,
    cores: Annotated[
        str | None,
        typer.Option(
            "--cores",
            metavar="NAME,NAME",
            help="Cores that must be emulated, such as cortex-m4,rv32imac; all that can be by default.",
            show_default=False,
        ),
    ] = None,
    inputs: Annotated[
        int | None, typer.Option("--inputs", min=1, help="Frames for the C on this machine; 1,000 by default.")
    ] = None,
    slow_inputs: Annotated[
        int | None,
        typer.Option("--slow-inputs", min=1, help="Frames for numpy, tflite-micro and sanitizers; 50 by default."),
    ] = None,
    core_inputs: Annotated[
        int | None, typer.Option("--core-inputs", min=1, help="Frames for each emulated core; 10 by default.")
    ] = None,
    profile: Annotated[
        bool, typer.Option("--profile", help="Also count the instructions of each step and each function on each core.")
    ] = False,
    optimize: Optimized = None,
    signature: Signature = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the numpy interpreter, tflite-micro and the generated C with the reference kernels, byte for byte.

    The C runs on this machine, with sanitizers and as it is shipped, then on emulated cores, where instructions, flash,
    RAM and stack are measured. Of a run, every file is first hashed again, and nothing in it is changed. What cannot
    run is listed with what to install; a core that --cores names must run.
    """
    core_names = None if cores is None else _core_names(cores)
    options = {"inputs": inputs, "slow_inputs": slow_inputs, "core_inputs": core_inputs, "cores": core_names}
    update: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    target = Path(one_target("verify", arguments, run, "RUN or MODEL.tflite"))
    from edge_nas.core.config import VerifySpec
    from edge_nas.emulation.cores import CORES
    from edge_nas.runs.folder import hold_run
    from edge_nas.verification import verify_model

    spec = VerifySpec(step_cores=tuple(CORES) if profile else ()).model_copy(update=update)
    with hold_run(target):
        model, data, hashed = read_target(target, signature)
        compiled = compiled_of(target, model, data, optimize)
        report = verify_model(spec, data, compiled, source=str(model), tick=tick_printer(quiet=quiet))
    profiles = _profiles(report, compiled) if profile else None
    if json:
        print_json(_as_data(report, hashed, profiles))
    elif not quiet:
        if hashed:
            typer.echo(f"{hashed} files of {target} are what was written")
        _print(report)
        _print_profiles(report, profiles or {})


def read_target(target: Path, signature: str | None = None) -> tuple[Path, bytes, int]:
    """Returns the .tflite file of a run or the file itself, its bytes, and how many files of the run were hashed.

    A C source with the file as an array is taken as well, and of a file of several networks the one of a signature;
    what is changed in the bytes is said on standard error.

    Raises:
        ConfigError: another kind of folder, or a run with a signature, whose file has one network.
        GateError: a file of the run is not the one that was written.
        ArtifactError: no such file.
        ResourceError: it cannot be read.
    """
    from edge_nas.audit import audit
    from edge_nas.errors import ArtifactError
    from edge_nas.int8.intake import open_tflite_path

    if signature is not None and target.is_dir():
        raise ConfigError(f"--signature {signature} chooses among the networks of a .tflite file; {target} is a folder")
    hashed = audit(target) if target.is_dir() else 0
    model = target / MODEL if target.is_dir() else target
    if not model.is_file():
        raise ArtifactError(f"{model}: no such file; a run that has been exported, or a .tflite file, is expected")
    file = open_tflite_path(model, signature)
    for note in file.notes:
        typer.echo(f"{model}: {note}", err=True)
    return model, file.data, hashed


def compiled_of(target: Path, model: Path, data: bytes, optimize: str | None) -> "CompiledModel":
    """Returns the C that a run ships or, where there is none yet and for a file, the C made of it now.

    Raises:
        ArtifactError: it cannot be compiled.
        ConfigError: `optimize` is asked of a run whose C is there, or is something else than speed or size.
        ConfigError, GateError: the run's C cannot be read, or is not what was written.
        UnsafeError: it is not what is made of the run's network here.
    """
    from edge_nas.codegen.compile import compile_tflite, require_generated
    from edge_nas.verification import shipped_c

    shipped = shipped_c(target) if target.is_dir() else None
    if shipped is None:
        return compile_tflite(data, source=str(model), optimize=optimize_of(optimize))
    require_no_optimize(optimize, target)
    require_generated(shipped, data, str(target))
    return shipped


def _core_names(text: str) -> tuple[str, ...]:
    """Returns the names between the commas, each once."""
    names = [name.strip() for name in text.split(",")]
    different = tuple(dict.fromkeys(filter(None, names)))
    if not different:
        raise ConfigError(f"--cores is {text!r}; name cores with commas between, such as cortex-m4,rv32imac")
    return different


def tick_printer(*, quiet: bool) -> "Tick":
    """Returns what prints each tick on standard error; for quiet nothing."""
    from edge_nas.runs.progress import no_tick

    if quiet:
        return no_tick

    def tell(what: str, done: int, total: int) -> None:
        if done < total:
            typer.echo(f"[{done + 1}/{total}] {what}", err=True)

    return tell


def _profiles(report: "VerificationReport", compiled: "CompiledModel") -> "dict[str, tuple[FunctionCount, ...]]":
    """Returns the instructions of each function, for every core that was emulated, on the smooth kind of frame."""
    from edge_nas.codegen import write_compiled
    from edge_nas.core.temporary import temporary_folder
    from edge_nas.emulation import find_core
    from edge_nas.emulation.frames import packed, stored_frames
    from edge_nas.emulation.profile import functions_on_core

    frame = packed(stored_frames(compiled.inputs, 2).codes)[1]
    with temporary_folder() as folder:
        write_compiled(compiled, folder)
        return {
            name: functions_on_core(find_core(name), folder, frame)
            for name, core in report.cores.items()
            if core.skipped is None
        }


def _as_data(
    report: "VerificationReport", hashed: int, profiles: "dict[str, tuple[FunctionCount, ...]] | None"
) -> dict[str, Any]:
    """Returns what --json prints; profiles only where they were asked for."""
    data = {"schema_version": 2, "status": "ok", "files_hashed": hashed, **report.to_data()}
    if profiles is not None:
        data["profiles"] = {
            core: {function.name: function.instructions for function in functions}
            for core, functions in profiles.items()
        }
    return data


def _print(report: "VerificationReport") -> None:
    from rich.console import Console
    from rich.table import Table

    typer.echo(f"compared with {report.reference}")
    for program in report.programs:
        typer.echo(f"{program.name}: {_outcome(program)}")
    # Without borders its six columns fit a terminal of 80.
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("core", no_wrap=True)
    for heading in ("frames", "instructions", "flash bytes", "RAM bytes", "stack bytes"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, core in report.cores.items():
        if core.skipped is not None:
            typer.echo(f"{name}: skipped, {core.skipped}")
            continue
        figures = (core.inputs, core.instructions, core.flash_bytes, core.ram_bytes, core.stack_bytes)
        table.add_row(name, *(f"{figure:,}" for figure in figures))
    if table.row_count:
        Console(highlight=False).print(table)


def _outcome(program: "ProgramReport") -> str:
    if program.skipped is not None:
        return f"skipped, {program.skipped}"
    if program.max_difference:
        share = 100 * (1 - program.equal_share)
        return (
            f"differs in {share:.1f} % of the bytes on {program.inputs:,} frames, by {program.max_difference} at most"
        )
    return f"equal on {program.inputs:,} frames"


def _print_profiles(report: "VerificationReport", profiles: "dict[str, tuple[FunctionCount, ...]]") -> None:
    for core, profile in profiles.items():
        functions = [(entry.name, entry.instructions) for entry in profile]
        total = sum(count for _, count in functions)
        steps = [(step.name, step.instructions) for step in report.cores[core].steps]
        if report.cores[core].steps_unclear is not None:
            typer.echo(f"{core}: no counts by step: {report.cores[core].steps_unclear}")
        for what, entries in (("step", steps), ("function", functions)):
            if entries:
                typer.echo(f"{core}: {total:,} instructions by {what}")
            for name, count in entries:
                typer.echo(f"  {count:>12,}  {100 * count / total:5.1f} %  {name}")
