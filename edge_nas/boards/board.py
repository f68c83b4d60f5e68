"""What is known of a board, each figure with its source, and how long instructions take on it by a stated model."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from edge_nas.core.frozen import Frozen

Platform = Literal["cmake", "esp-idf", "zephyr", "arduino"]


class Fact(Frozen):
    """A whole number and where it stands."""

    value: Annotated[int, Field(gt=0)]
    source: Annotated[str, Field(min_length=5)]


class CycleModel(Frozen):
    """Cycles as instructions times a constant, with no wait states of flash or caches; `basis` says why this one."""

    cycles_per_instruction: Annotated[float, Field(gt=0.0, le=20.0)]
    basis: Annotated[str, Field(min_length=20)]


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


def estimate_ms(board: Board, instructions: int) -> float | None:
    """Returns an estimate of how long instructions take on a board, in ms; None where the board has no cycle model.

    cycles = instructions * cycles_per_instruction; ms = cycles / (clock_mhz * 1000). Nothing of it is measured on the
    board: pipelines, wait states and caches are in the model's one constant or not at all. Whoever shows it says so.

    Args:
        board: where.
        instructions: counted on `board.emulated_core`.
    """
    if board.cycle_model is None or board.clock_mhz is None:
        return None
    return instructions * board.cycle_model.cycles_per_instruction / (board.clock_mhz.value * 1000)
