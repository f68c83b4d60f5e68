"""`edge-nas doctor`: what this machine has of what the commands use, what brings the rest, and what to do next."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from edge_nas.cli.columns import show
from edge_nas.cli.options import Json
from edge_nas.cli.outcome import print_json

if TYPE_CHECKING:
    from edge_nas.results.doctor import Component, Diagnosis

_NAME = 12
"""Characters of the first column; every line begins with what it is about."""


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command("doctor")(doctor)


def doctor(json: Json = False) -> None:
    """Show versions, compilers and emulators, what is missing and what brings it; the last line is what to do next.

    Nothing is loaded, run or written but programs' own --version. What is missing stops no command that does not need
    it, so the exit code is 0.
    """
    from edge_nas.checks.installation import diagnose

    diagnosis = diagnose(Path.cwd())
    if json:
        print_json(diagnosis.to_data())
        return
    for label, text in report_lines(diagnosis):
        show(label, text, width=_NAME)


def report_lines(diagnosis: "Diagnosis") -> Iterator[tuple[str, str]]:
    """Yields what the terminal shows: what a line is about, and the line."""
    yield "edge-nas", f"{diagnosis.edge_nas}, Python {diagnosis.python} on {diagnosis.system}"
    free, memory = diagnosis.free_bytes / 2**30, diagnosis.memory_bytes / 2**30
    yield "machine", f"{diagnosis.cpus} processors, {memory:.1f} GiB of memory, {free:.1f} GiB free here"
    for component in diagnosis.components:
        yield from _component_lines(component)
    ready = [name for name, is_ready in diagnosis.cores.items() if is_ready]
    yield "cores", f"{len(ready)} of {len(diagnosis.cores)} can be emulated: {', '.join(ready) or 'none'}"
    yield "next", diagnosis.next_command


def _component_lines(component: "Component") -> Iterator[tuple[str, str]]:
    if component.is_ready:
        yield component.name, f"ready: {', '.join(' '.join(found) for found in component.found.items())}"
        return
    yield component.name, f"missing: {', '.join(component.missing)}"
    yield "", f"for: {component.serves}"
    yield "", f"get: {component.brings}"
