"""What a stage says of itself: its place, what its output depends on, and the function that makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edge_nas.core.frozen import Frozen
from edge_nas.stages.context import StageContext


@dataclass(frozen=True)
class Stage:
    """One line of the pipeline's table.

    Args:
        name: The command's name.
        number: The folder's number, and the stage's place in the table; gaps are kept for stages to come.
        function: Does the work.
        output: Type of what it returns.
        reads: Settings that it uses, as dotted keys or whole sections; they enter its key.
        needs: Earlier stages whose outputs or files it uses; they enter its key. A stage that needs none depends on
            the data directly, the others through it.
        outdated: Says why a finished output is to be made again although its key is right; None: it is not.
    """

    name: str
    number: int
    function: Callable[[StageContext], Frozen]
    output: type[Frozen]
    reads: tuple[str, ...]
    needs: tuple[str, ...]
    outdated: Callable[[Any], str | None] = lambda _: None

    @property
    def folder(self) -> str:
        """Name of the stage's folder in the run."""
        return f"{self.number:02d}_{self.name}"
