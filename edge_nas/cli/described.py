"""The commands as data: what each takes, which exit codes there are, which schema describes what it prints.

    edge-nas --help --json            all commands
    edge-nas compare --help --json    one, with the schema of its --json

A program that drives the tool reads this in place of the prose of --help; docs/reference/commands.md is made of it.
"""

import json
from typing import TYPE_CHECKING, Any

from edge_nas.errors import INTERRUPTED_EXIT_CODE, EdgeNasError

if TYPE_CHECKING:
    import typer

EXIT_CODES = {
    0: "ok",
    1: "internal error: a bug, with the file that holds the traceback",
    2: "usage or configuration",
    3: "bad input file or data, or a path that is not there",
    4: "a gate was not met: accuracy, parity, a budget, a board's memory, a policy",
    5: "the run is locked by another process",
    6: "resource: disk, memory, permission, missing tool or extra",
    7: "refused as unsafe",
    INTERRUPTED_EXIT_CODE: "interrupted",
}


def is_asked(arguments: list[str]) -> bool:
    """Returns whether the arguments ask for help as data."""
    return "--json" in arguments and ("--help" in arguments or "-h" in arguments)


def description(app: "typer.Typer", arguments: list[str]) -> dict[str, Any]:
    """Returns all commands, or the one that the arguments name, as plain data.

    Args:
        app: the command line.
        arguments: those of the process.
    """
    from typer.main import get_command

    from edge_nas import __version__

    commands = _commands(get_command(app), "")
    words = [argument for argument in arguments if not argument.startswith("-")]
    named = next((name for name in (" ".join(words[:2]), " ".join(words[:1])) if name in commands), None)
    if named is not None:
        return {"schema_version": 1, "command": named, **commands[named], "output_schema": _schema(named)}
    codes = [{"code": code, "meaning": meaning} for code, meaning in EXIT_CODES.items()]
    return {"schema_version": 1, "edge_nas": __version__, "exit_codes": codes, "commands": commands}


def error_codes() -> dict[int, list[str]]:
    """Returns exit code -> the errors of `edge_nas.errors` that end with it, outermost first."""
    codes: dict[int, list[str]] = {}
    kinds = [EdgeNasError]
    for kind in kinds:
        codes.setdefault(kind.exit_code, []).append(kind.__name__)
        # Others derive from these, and which of them have been imported depends on what a process has done.
        kinds += [each for each in kind.__subclasses__() if each.__module__ == EdgeNasError.__module__]
    return codes


def _commands(command: Any, name: str) -> dict[str, dict[str, Any]]:
    """Returns every command that is not hidden, by the words that call it."""
    if hasattr(command, "commands"):
        found: dict[str, dict[str, Any]] = {}
        for key, inner in command.commands.items():
            if not inner.hidden:
                found |= _commands(inner, f"{name} {key}".strip())
        return found
    text = " ".join((command.help or "").split())
    return {name: {"help": text, "parameters": [_parameter(entry) for entry in command.params if entry.name != "help"]}}


def _parameter(parameter: Any) -> dict[str, Any]:
    default = parameter.default if isinstance(parameter.default, str | int | float | bool | None) else None
    return {
        "name": parameter.name,
        "kind": parameter.param_type_name,
        "options": list(parameter.opts) + list(parameter.secondary_opts)
        if parameter.param_type_name == "option"
        else [],
        "metavar": parameter.metavar,
        "is_flag": bool(getattr(parameter, "is_flag", False)),
        "takes_several": parameter.nargs != 1 or bool(getattr(parameter, "multiple", False)),
        "required": parameter.required,
        "default": default,
        "help": " ".join((getattr(parameter, "help", None) or "").split()),
    }


def _schema(command: str) -> Any:
    """Returns the schema of what a command prints with --json; None where it prints no document of its own type."""
    from importlib import resources

    from edge_nas.results.schemas import ANSWERS, shipped_schema

    if command in ANSWERS:
        return json.loads(shipped_schema(command))
    if command == "build":
        return json.loads(resources.files("edge_nas.results").joinpath("result.schema.json").read_text())
    return None
