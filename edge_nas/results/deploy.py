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
    """An estimate, never a measurement: counted instructions, each with the cycles that the board's model gives it.

    `cycles_per_instruction` is the average over the network. `error_percent` is by how much it may be
    off, by published measurements of other engines on boards; None: there are none for this core.
    """

    milliseconds: float = Field(gt=0.0)
    instructions: int
    clock_mhz: int
    cycles_per_instruction: float
    error_percent: float | None = None
    basis: str


class NpuEstimate(Frozen):
    """What the NPU's own compiler, `tool`, estimates for one inference of the .tflite file; nothing of it is measured.

    The clock and the memories' speeds are those of `system_config`, which is the tool's and not the board's.
    `flash_bytes` are the encoded weights and commands. Operators in `cpu_operators` stay on the core, with an
    interpreter's kernels, and are not in the estimate.
    """

    accelerator: str
    system_config: str
    memory_mode: str
    clock_mhz: float = Field(gt=0.0)
    cycles: int = Field(ge=0)
    milliseconds: float = Field(ge=0.0)
    sram_bytes: int = Field(ge=0)
    flash_bytes: int = Field(ge=0)
    npu_operators: int = Field(ge=0)
    cpu_operators: int = Field(ge=0)
    tool: str


class BundleFile(Frozen):
    """A file of the bundle; `path` is relative to it."""

    path: str
    sha256: str
    size_bytes: int


class DeploymentBundle(Frozen):
    """A library component for one board. `folder` is relative to the run, or where it was written.

    `interpreter_arena_bytes` is what tflite-micro needs on this machine, None where it is not installed or where
    `interpreter_skipped` says why it does not run the network; then there is no folder interpreter/. `npu` is an
    estimate for the board's NPU; None where it has none, or where `npu_skipped` says why there is no estimate.
    `preprocess_skipped` says why there is no edge_preprocess and what to do; None where there is.
    """

    schema_version: Literal[1] = 1
    board: str
    model_sha256: str
    folder: str
    files: tuple[BundleFile, ...]
    budget: tuple[BudgetLine, ...]
    latency: LatencyEstimate | None
    interpreter_arena_bytes: int | None
    interpreter_skipped: str | None = None
    npu: NpuEstimate | None = None
    npu_skipped: str | None = None
    preprocess_skipped: str | None = None
