"""What commands print with --json: an answer of their own, or why there is none; each type has a shipped schema.

    schemas/doctor.schema.json     python -m edge_nas.results.schemas writes them anew

The schema of a command takes both, so that a script checks what it got with one schema whatever the exit code was.
"""

from typing import Literal, Self

from pydantic import ConfigDict

from edge_nas.core.frozen import Frozen
from edge_nas.results.result import Failure, Status


class Answer(Frozen):
    """What a command came to; `failure` says why it ended with another exit code than 0 although it has an answer."""

    schema_version: Literal[1] = 1
    status: Status = "ok"
    failure: Failure | None = None

    def with_failure(self, status: Status, failure: Failure) -> Self:
        """Returns the same answer, of a command that ends with the failure's exit code."""
        return self.model_copy(update={"status": status, "failure": failure})


class NoAnswer(Frozen):
    """What stands for the answer of a command that failed before it had one, as far as result.json's type is told."""

    model_config = ConfigDict(frozen=True, extra="allow")

    schema_version: Literal[1] = 1
    status: Literal["failed", "gate"]
    failure: Failure
