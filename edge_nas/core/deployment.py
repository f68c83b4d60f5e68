"""What a bundle for a board holds, what it needs there, and how long one inference is estimated to take."""

from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen


class BudgetLine(Frozen):
    """What is needed of one memory of the board.

    `available_bytes` is None where the board has no limit. `basis` says how `needed_bytes` is known: measured in the
    linked image of a core, or a lower bound.
    """

    memory: Literal["flash", "SRAM"]
    needed_bytes: int = Field(ge=0)
    available_bytes: int | None
    basis: str

    @property
    def over_bytes(self) -> int:
        """How many bytes more are needed than there are; 0 where it fits."""
        return 0 if self.available_bytes is None else max(0, self.needed_bytes - self.available_bytes)


class LatencyEstimate(Frozen):
    """An estimate, never a measurement: counted instructions times the cycle model of the board."""

    milliseconds: float = Field(gt=0.0)
    instructions: int
    clock_mhz: int
    cycles_per_instruction: float
    basis: str


class BundleFile(Frozen):
    """A file of the bundle; `path` is relative to it."""

    path: str
    sha256: str
    size_bytes: int


class DeploymentBundle(Frozen):
    """A library component for one board. `folder` is relative to the run, or where it was written.

    `interpreter_arena_bytes` is what tflite-micro needs on this machine, None where it is not installed.
    """

    schema_version: Literal[1] = 1
    board: str
    model_sha256: str
    folder: str
    files: tuple[BundleFile, ...]
    budget: tuple[BudgetLine, ...]
    latency: LatencyEstimate | None
    interpreter_arena_bytes: int | None
