"""What is known of a build before anything is trained."""

from typing import Any

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.answers import Answer


class PlannedFit(Frozen):
    """What the pruned network's C will take on the board, from a sketch of the network with random weights.

    Attributes:
        board: its name.
        basis: at which widths, such as "prune.ratio=0.5".
        sram_bytes: the arena, without the stack.
        flash_bytes: code and constants; constants alone where `is_lower_bound`.
        sram_available_bytes, flash_available_bytes: of the board; None: no limit.
        instructions, milliseconds: predicted; None where the board's core was never counted.
        error_percent: of the time, see `edge_nas.boards.error_percent`.
        is_lower_bound: whether flash is a lower bound, for the same reason.
        is_limited: whether a budget of settings can still make it smaller, so that too much is no refusal.
    """

    board: str
    basis: str
    sram_bytes: int = Field(ge=0)
    flash_bytes: int = Field(ge=0)
    sram_available_bytes: int | None
    flash_available_bytes: int | None
    instructions: int | None = None
    milliseconds: float | None = None
    error_percent: float | None = None
    is_lower_bound: bool = False
    is_limited: bool = False

    @property
    def over(self) -> tuple[tuple[str, int, int], ...]:
        """The memories that are too small: name, bytes needed, bytes there."""
        pairs = (
            ("SRAM", self.sram_bytes, self.sram_available_bytes),
            ("flash", self.flash_bytes, self.flash_available_bytes),
        )
        return tuple((name, needed, there) for name, needed, there in pairs if there is not None and needed > there)


class CheckedNetwork(Frozen):
    """The untrained network: what Keras counts of it, and its layers of the kind that pruning and int8 fold."""

    name: str
    params: int
    macs: int
    batch_normalizations: int


class Check(Answer):
    """What `edge-nas check` found of a build that nothing speaks against, or that does not fit its board.

    Attributes:
        data: per split how many images there are, and what the task says of its labels.
        data_text: the same in words.
        network: the untrained network.
        board: as the configuration names it.
        planned: what it will take there; None where `planned_unknown` says why that is not known.
        warnings: what to be careful about.
        next_command: the build.
    """

    data: dict[str, dict[str, Any]]
    data_text: str
    network: CheckedNetwork
    board: str
    planned: PlannedFit | None
    planned_unknown: str | None = None
    warnings: tuple[str, ...] = ()
    next_command: str
