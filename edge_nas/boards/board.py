"""What is known of a board, each figure with its source, and how long instructions take on it by a stated model."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge_nas.core.frozen import Frozen
from edge_nas.results.costs import Pace

Platform = Literal["cmake", "esp-idf", "zephyr", "arduino"]


class Fact(Frozen):
    """A whole number and where it stands."""

    value: Annotated[int, Field(gt=0)]
    source: Annotated[str, Field(min_length=5)]


class CycleModel(Frozen):
    """How instructions become cycles: each takes the same, or what the published timings of the core say of it.

    Attributes:
        cycles_per_instruction: of each; None: `table_factor` says it.
        table_factor: cycles of the board for each cycle of the core's published timings, which are for memory without
            wait states; a core without any takes those of another that executes the same instructions.
        cycles_per_flash_byte: what a byte adds that is loaded from flash as data.
        error_percent: by how much it may be off: the largest error on published measurements of boards, of each
            foretold from the others, and what is not known of their code; None: there are none to hold it against.
        basis: where it is from, and what the measurements are.
    """

    cycles_per_instruction: Annotated[float, Field(gt=0.0, le=20.0)] | None = None
    table_factor: Annotated[float, Field(gt=0.0, le=20.0)] | None = None
    cycles_per_flash_byte: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    error_percent: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    basis: Annotated[str, Field(min_length=20)]

    @model_validator(mode="after")
    def _one_of_two(self) -> "CycleModel":
        if (self.cycles_per_instruction is None) == (self.table_factor is None):
            raise ValueError("a cycle_model has cycles_per_instruction or table_factor, and not both")
        if self.cycles_per_flash_byte and self.table_factor is None:
            raise ValueError("cycles_per_flash_byte needs table_factor: else it is in cycles_per_instruction")
        return self

    def cycles(self, instructions: int, pace: Pace | None) -> float | None:
        """Returns the cycles of so many instructions; None where they depend on a pace that is not known."""
        if self.table_factor is None:
            return instructions * (self.cycles_per_instruction or 0.0)
        if pace is None:
            return None
        own = self.table_factor * pace.cycles_per_instruction
        return instructions * (own + self.cycles_per_flash_byte * pace.flash_bytes_per_instruction)


class Npu(Frozen):
    """A neural processing unit beside the core, as its compiler, ethos-u-vela, names it and the memories beside it."""

    accelerator: Annotated[str, Field(pattern=r"^ethos-u[0-9]+-[0-9]+$")]
    system_config: Annotated[str, Field(min_length=1)]
    memory_mode: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=5)]


class Board(Frozen):
    """A board that firmware is made for.

    Attributes:
        name: what `--board` takes.
        title: chip and board in words.
        core: what executes the network.
        emulated_core: the core of `edge_nas.emulation` that executes the same instructions; None where there is none.
        runtime: what runs the network there: c, the generated code, or litert on the host.
        flash_bytes: memory for code and constants; None on the host, which has no limit here.
        sram_bytes: the largest memory that one program can use as a single region; None on the host.
        clock_mhz: the highest clock; None on the host.
        alignment_bytes: what the core needs of a 32-bit access: 1 where it takes any address.
        cycle_model: how instructions become time; None where instructions cannot be counted.
        npu: what can execute the network in place of the core; None where there is none.
        platforms: build systems that support it.
        notes: what a reader should know.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    title: str
    core: str
    emulated_core: str | None
    runtime: Literal["c", "litert"]
    flash_bytes: Fact | None
    sram_bytes: Fact | None
    clock_mhz: Fact | None
    alignment_bytes: Literal[1, 2, 4]
    cycle_model: CycleModel | None
    npu: Npu | None = None
    platforms: tuple[Platform, ...]
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _time_needs_a_count_and_a_clock(self) -> "Board":
        if self.cycle_model is not None and (self.emulated_core is None or self.clock_mhz is None):
            raise ValueError("a cycle_model needs an emulated_core to count instructions on, and clock_mhz")
        return self


def estimate_ms(board: Board, instructions: int, pace: Pace | None) -> float | None:
    """Returns an estimate of how long instructions take on a board, in ms; None where that is not known.

    ms = cycles / (clock_mhz * 1000), see `CycleModel.cycles`. Nothing of it is measured on the board. Whoever shows it
    says so, and shows the model's `error_percent` beside it (`edge_nas.core.formats.estimate_error`).

    Args:
        board: where; without a cycle model nothing is known.
        instructions: counted on `board.emulated_core`, or predicted.
        pace: of the network there (`PredictedCost.pace`); None: it is not known.
    """
    if board.cycle_model is None or board.clock_mhz is None:
        return None
    cycles = board.cycle_model.cycles(instructions, pace)
    return None if cycles is None else cycles / (board.clock_mhz.value * 1000)


def error_percent(board: Board) -> float | None:
    """Returns by how much times on a board may be off, by published measurements; None: there are none."""
    return None if board.cycle_model is None else board.cycle_model.error_percent
