"""The command `edge-nas`: hands over to one module per command and turns every end into an exit code.

| code | meaning |
|---|---|
| 0 | ok |
| 1 | internal error: a bug, with the file that holds the traceback |
| 2 | usage or configuration |
| 3 | bad input file or data |
| 4 | gate not met |
| 5 | run locked by another process |
| 6 | resource: disk, memory, permission, missing tool |
| 7 | refused as unsafe |
| 130 | interrupted |
"""

import os
import shlex
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from inspect import cleandoc
from typing import Annotated, NoReturn, TextIO

import typer

from edge_nas import __version__
from edge_nas.cli import (
    analyze,
    boards,
    build,
    check,
    compare,
    config,
    deploy,
    doctor,
    evaluate,
    init,
    inspect,
    predict,
    quantize,
    search,
    verify,
)
from edge_nas.cli import compile as compile_command
from edge_nas.cli.described import description, is_asked
from edge_nas.cli.outcome import Outcome, print_json
from edge_nas.core import interrupts
from edge_nas.core.atomic import DISK_ERRORS
from edge_nas.core.installed import explained
from edge_nas.core.processes import search_path
from edge_nas.errors import (
    INTERRUPTED_EXIT_CODE,
    EdgeNasError,
    ModelWarning,
    ResourceError,
    UntrustedCodeError,
    is_out_of_memory,
)

app = typer.Typer(
    name="edge-nas",
    help="From images, signals or vectors to a small int8 network for a microcontroller, with proof at every step.",
    epilog=(
        "Exit codes: 0 ok, 1 internal, 2 usage or configuration, 3 bad input, 4 gate not met, 5 run locked, "
        "6 resource, 7 refused as unsafe, 130 interrupted."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
init.add_to(app)
build.add_to(app)
search.add_to(app)
check.add_to(app)
analyze.add_to(app)
quantize.add_to(app)
evaluate.add_to(app)
predict.add_to(app)
inspect.add_to(app)
compile_command.add_to(app)
config.add_to(app)
verify.add_to(app)
deploy.add_to(app)
compare.add_to(app)
boards.add_to(app)
doctor.add_to(app)


def _let_the_terminal_wrap(commands: typer.Typer) -> None:
    """Takes the line breaks of the source out of the commands' help, where they would break lines a second time."""
    for command in commands.registered_commands:
        paragraphs = cleandoc(getattr(command.callback, "__doc__", None) or "").split("\n\n")
        command.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    for group in commands.registered_groups:
        if group.typer_instance is not None:
            _let_the_terminal_wrap(group.typer_instance)


_let_the_terminal_wrap(app)

_GOES_ON = {
    "build": "; the same command goes on from the last finished stage",
    "search": "; the same command goes on from the last finished training",
}
"""What a command that goes on says when it is interrupted."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"edge-nas {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    del version


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one command and ends the process with its exit code."""
    interrupts.install()
    code = run(sys.argv[1:] if arguments is None else list(arguments))
    try:
        sys.stdout.flush()
    except OSError as error:
        code = code or _told(error, [])[1]
        # What it could not take would be tried once more when Python ends, which says so in words of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Runs one command and returns its exit code; every failure has told its reason on standard error."""
    # Libraries look for programs as well: Python itself for `uname`, matplotlib for `fc-list`.
    os.environ["PATH"] = search_path()
    if not sys.warnoptions:
        # Deprecations inside TensorFlow are for its developers; python -W default shows them.
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", ModelWarning)
        warnings.showwarning = _show_warning
    if is_asked(arguments):
        print_json(description(app, arguments))
        return 0
    outcome = Outcome()
    failure: BaseException
    try:
        interrupts.look()  # what came during the imports
        app(args=arguments, prog_name="edge-nas", obj=outcome)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
        if code == 0:
            return 0
        if code == INTERRUPTED_EXIT_CODE:
            failure, code = _told(KeyboardInterrupt(), arguments)
        else:
            failure = UsageError("the command line is wrong; standard error says where")  # typer has said so
    except (Exception, KeyboardInterrupt) as error:  # the last line of defence
        failure, code = _told(error, arguments)
    else:
        return 0
    if "--json" in arguments:
        with suppress(OSError):  # a standard output that is full is told by now
            _print_failure(failure, code, outcome)
    return code


def _told(error: BaseException, arguments: list[str]) -> tuple[BaseException, int]:
    """Says on standard error why a command failed; returns the reason and the exit code."""
    if isinstance(error, KeyboardInterrupt):
        goes_on = _GOES_ON.get(arguments[0] if arguments else "", "")
        _complain(f"interrupted{goes_on}")
        return error, INTERRUPTED_EXIT_CODE
    if is_out_of_memory(error):
        error = _caused(ResourceError("out of memory; close other programs or use fewer or smaller images"), error)
    elif isinstance(error, OSError) and error.errno in DISK_ERRORS:
        place = error.filename or "standard output"
        advice = "free some space, or name another place"
        error = _caused(ResourceError(f"{place} cannot be written: {error.strerror}; {advice}"), error)
    elif isinstance(error, ImportError):
        error = _caused_by_import(error, arguments)
    if not isinstance(error, EdgeNasError):
        _complain(_bug(error))
        return error, EdgeNasError.exit_code
    advice = ""
    if isinstance(error, UntrustedCodeError):
        advice = f"\nto run it: {shlex.join(['edge-nas', *arguments, '--trust-config'])}"
    _complain(f"{error}{advice}")
    return error, error.exit_code


def _caused_by_import(error: ImportError, arguments: list[str]) -> BaseException:
    """Returns what to say where an extra is not installed; any other failed import is a bug and stays itself."""
    missing = explained(error, f"edge-nas {arguments[0]}" if arguments else "edge-nas")
    return error if missing is None else _caused(missing, error)


def _caused(error: ResourceError, cause: BaseException) -> ResourceError:
    error.__cause__ = cause
    return error


class UsageError(Exception):
    """What typer found wrong with the arguments; it has been printed."""


def _complain(message: str) -> None:
    with suppress(OSError):  # nothing is left to say it to
        print(f"edge-nas: {message}", file=sys.stderr, flush=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Says a warning of ours in one line, without the place in the code that Python would add."""
    del category, filename, lineno, file, line
    _complain(f"warning: {message}")


def _print_failure(failure: BaseException, code: int, outcome: Outcome) -> None:
    """Prints the answer or the result that the command had when it failed, else one that says no more than why."""
    from edge_nas.results.result import assemble, failure_of

    told = failure_of(failure).model_copy(update={"exit_code": code})
    result = outcome.result
    if result is None or result.status == "ok":
        result = assemble(None, (), {}, told)
    shown = outcome.answer.with_failure(result.status, told) if outcome.answer is not None else result
    print_json(shown.to_data())


def _bug(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error))
    what = f"internal error, a bug in edge-nas: {type(error).__name__}: {error}"
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", prefix="edge-nas-", suffix=".txt", delete=False
        ) as file:
            file.write(text)
    except OSError as refused:
        return f"{what}\n(the traceback could not be written to a file: {refused})\n{text}"
    return f"{what}\nThe traceback is in {file.name}; please report it with that file."
