"""`edge-nas deploy`: a bundle for a board."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge_nas.cli.columns import show
from edge_nas.cli.options import Json, Optimized, Quiet
from edge_nas.cli.outcome import print_json
from edge_nas.cli.target import Int8Model, Run, one_target
from edge_nas.cli.verify import compiled_of, read_target, tick_printer
from edge_nas.errors import ConfigError, GateError, ResourceError

if TYPE_CHECKING:
    from edge_nas.boards import Board
    from edge_nas.results.compile import CompiledModel
    from edge_nas.results.deploy import DeploymentBundle
    from edge_nas.results.verify import VerificationReport

_LABEL = 12  # characters of the first column, as on a build's last screen


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("deploy")(deploy)


def deploy(
    arguments: Int8Model = None,
    run: Run = None,
    board: Annotated[
        str | None,
        typer.Option("--board", metavar="NAME", help="A board (edge-nas boards), or a .yaml file.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="The bundle's folder; a bundle there is replaced.", show_default=False
        ),
    ] = None,
    optimize: Optimized = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a bundle: generated C, self-test, budget table, and what CMake, ESP-IDF, Zephyr and Arduino need.

    The C is verified first, on the board's core where that can be emulated. The bundle scales sensor values as the
    run did, or as the task.json beside MODEL.tflite says; without one it takes pixels, pixel / 127.5 - 1, where the
    input has their range, and says else that it does not. A bundle that does
    not fit is kept as DIR.rejected, with exit code 4. A run stays as it is.
    """
    target = Path(one_target("deploy", arguments, run, "RUN or MODEL.tflite"))
    if board is None:
        raise ConfigError("name the board with --board NAME; edge-nas boards lists them")
    if out is None:
        raise ConfigError("name the bundle's folder with --out DIR")
    from edge_nas.boards import load_board
    from edge_nas.core.atomic import require_writable
    from edge_nas.runs.folder import hold_run

    chosen = load_board(board)
    if out.exists() and not (out / "bundle.json").is_file():
        raise ConfigError(f"{out} exists and is no bundle, so it stays as it is; name another folder with --out")
    require_writable(out.parent)  # verification takes its time
    with hold_run(target):
        model, data, _ = read_target(target)
        compiled = compiled_of(target, model, data, optimize)
        report = _verified(chosen, data, compiled, str(model), quiet=quiet)
        bundle = _written(chosen, data, compiled, report, out, model, of_run=target.is_dir())
    if json:
        print_json({"status": "ok", **bundle.to_data()})
    elif not quiet:
        for label, text in _lines(bundle, report, out):
            show(label, text, width=_LABEL)


def _written(
    board: "Board",
    data: bytes,
    compiled: "CompiledModel",
    report: "VerificationReport",
    final: Path,
    file: Path,
    *,
    of_run: bool,
) -> "DeploymentBundle":
    """Writes the bundle beside its place and moves it there, or to `.rejected` where it does not fit.

    What samples of a run are is known; of a file the task.json beside it says, else the input's range has to.
    """
    from edge_nas.core import atomic
    from edge_nas.core.samples import SampleFormat
    from edge_nas.deployment import make_bundle, require_fit
    from edge_nas.tasks import TaskCard
    from edge_nas.tasks.card import card_of_file

    atomic.make_folder(final.parent)
    new, rejected = (final.with_name(f"{final.name}{suffix}") for suffix in (".new", ".rejected"))
    atomic.remove(new)
    card = card_of_file(file)
    if card is None and of_run:  # which says nothing of its usual task
        card = TaskCard(task="binary_segmentation")
    sample = None if card is None else card.sample
    if sample is None and of_run:  # which says nothing of bytes scaled as usual
        sample = SampleFormat(shape=(compiled.input_codes or compiled.input).shape[1:])
    try:
        bundle = make_bundle(board, data, compiled, report, new, sample=sample, card=card, called=str(final))
    except BaseException:
        with suppress(ResourceError):  # what stopped it is what counts
            atomic.remove(new)
        raise
    try:
        require_fit(bundle)
    except GateError as error:
        atomic.remove(rejected)
        atomic.rename(new, rejected)
        raise GateError(f"{error}. The bundle is kept as {rejected}") from None
    atomic.remove(final)
    atomic.rename(new, final)
    return bundle


def _verified(
    board: "Board", data: bytes, compiled: "CompiledModel", source: str, *, quiet: bool
) -> "VerificationReport":
    """Returns the verification on this machine and, where it can be emulated, on the board's core."""
    from edge_nas.core.config import VerifySpec
    from edge_nas.emulation import find_core, missing_tools
    from edge_nas.verification import skipped_core, verify_model

    core = None if board.emulated_core is None else find_core(board.emulated_core)
    runs = core is not None and not missing_tools(core)
    cores = (core.name,) if core is not None and runs else ()
    spec = VerifySpec().model_copy(update={"cores": cores})
    report = verify_model(spec, data, compiled, source=source, tick=tick_printer(quiet=quiet))
    if core is not None and not runs:
        return report.model_copy(update={"cores": {core.name: skipped_core(core)}})
    return report


def _lines(bundle: "DeploymentBundle", report: "VerificationReport", folder: Path) -> Iterator[tuple[str, str]]:
    """Yields what a line is about, and the line: as a build's last screen says it, and how it is known."""
    from edge_nas.cli.lastscreen import of_memory, proof_text, self_test_command
    from edge_nas.core.formats import estimate_error
    from edge_nas.results.result import proof_of

    needs = (f"{line.memory} {of_memory(line.needed_bytes, line.available_bytes)}" for line in bundle.budget)
    yield bundle.board, f"fits: {', '.join(needs)}"  # what does not ended the command
    for line in bundle.budget:
        yield "", f"{line.memory}: {line.basis}"
    if bundle.latency is not None:
        time = bundle.latency
        yield (
            "time",
            f"~{time.milliseconds:.3g} ms per inference, an estimate ({estimate_error(time.error_percent)}): "
            f"{time.instructions:,} instructions, {time.cycles_per_instruction:g} cycles each, {time.clock_mhz} MHz",
        )
    if bundle.npu is not None:
        yield (
            "NPU",
            f"{bundle.npu.accelerator}: {bundle.npu.cycles:,} cycles, {bundle.npu.sram_bytes:,} bytes of SRAM, an "
            f"estimate of {bundle.npu.tool}; {bundle.npu.npu_operators} operators on the NPU, "
            f"{bundle.npu.cpu_operators} on the core",
        )
    proof = proof_of(report)
    if proof is not None:
        yield "proof", proof_text(proof)
    skipped = {program.name: program.skipped for program in report.programs}
    skipped |= {name: core.skipped for name, core in report.cores.items()}
    for name, reason in skipped.items():
        if reason is not None:
            yield "not run", f"{name}: {reason}"
    if bundle.npu_skipped is not None:
        yield "note", f"no estimate for the NPU: {bundle.npu_skipped}"
    if bundle.interpreter_skipped is not None:
        yield "note", f"no interpreter/: {bundle.interpreter_skipped}"
    if bundle.preprocess_skipped is not None:
        yield "note", f"no edge_preprocess: {bundle.preprocess_skipped}"
    yield "bundle", f"{folder}, {len(bundle.files) + 1} files; start with README.md"
    yield "test it", self_test_command(folder)
