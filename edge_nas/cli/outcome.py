"""What a command hands to `main` beside its exit: the last result or answer it saw, for `--json` after a failure."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edge_nas.results.answers import Answer
    from edge_nas.results.result import Result


@dataclass
class Outcome:
    """Filled by a command while it runs; typer carries it as `context.obj`.

    Attributes:
        result: of a build, as far as it got.
        answer: of another command that has one although it ends with an exit code, such as a broken policy's.
    """

    result: "Result | None" = None
    answer: "Answer | None" = None


def print_json(data: Any) -> None:
    """Prints plain data on standard output, in ASCII: any terminal and any pipe can take it."""
    print(json.dumps(data, indent=2, allow_nan=False), flush=True)
