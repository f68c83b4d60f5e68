"""What a network may cost on a board: what the user asks for, and what the board has, whichever is less.

The firmware's costs are meant, those of the generated C: instructions of one inference on the board's core, bytes of
flash that it adds to an image, bytes of RAM of its arena; and where a latency is asked for, the time by the board's
cycle model.
"""

import math
from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import Field

from edge_nas.boards import Board, CycleModel
from edge_nas.core.formats import estimate_error
from edge_nas.core.frozen import Frozen
from edge_nas.costs import CostUnknownError
from edge_nas.errors import ConfigError
from edge_nas.results.costs import Pace

Axis = Literal["instructions", "flash_bytes", "ram_bytes"]
AXES: tuple[Axis, ...] = ("instructions", "flash_bytes", "ram_bytes")
TIME: Literal["microseconds"] = "microseconds"


class Cost(Protocol):
    """What the C of a network costs on one core."""

    @property
    def instructions(self) -> int:
        """Of one inference."""

    @property
    def flash_bytes(self) -> int:
        """Added to an image, code and constants."""

    @property
    def ram_bytes(self) -> int:
        """Of the arena."""

    @property
    def pace(self) -> Pace | None:
        """What an instruction takes; None: no timings of the core are published."""


class Limits(Frozen):
    """What the user asks for; None: what the board has.

    Attributes:
        latency_ms: of one inference, by the board's cycle model.
        instructions: of one inference.
        flash_bytes: that the network adds to an image.
        ram_bytes: of the arena.
    """

    latency_ms: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    instructions: int | None = Field(default=None, ge=1)
    flash_bytes: int | None = Field(default=None, ge=1)
    ram_bytes: int | None = Field(default=None, ge=1)


class Limit(Frozen):
    """The most of one cost, and what says so; of a time also what instructions take on the board."""

    axis: Axis | Literal["microseconds"]
    most: int = Field(ge=0)
    origin: str
    cycle_model: CycleModel | None = None
    clock_mhz: int = 1

    def along(self, cost: Cost) -> int:
        """Returns how much of what is limited a cost has.

        Raises:
            CostUnknownError: of a time: what the instructions take is not known.
        """
        if self.axis != "microseconds":
            return cost_along(cost, self.axis)
        cycles = None if self.cycle_model is None else self.cycle_model.cycles(cost.instructions, cost.pace)
        if cycles is None:
            raise CostUnknownError("what an instruction takes on the board is not known for the network's core")
        return round(cycles / self.clock_mhz)


class BoardLimits(Frozen):
    """What a network may cost on one board; of each axis the limit that binds, and none where nothing limits it."""

    board: str
    core: str
    limits: tuple[Limit, ...]

    def exceeded(self, cost: Cost) -> tuple[Limit, ...]:
        """Returns the limits that a cost does not keep; a limit that is met exactly is kept."""
        return tuple(limit for limit in self.limits if limit.along(cost) > limit.most)


def loosened(limits: BoardLimits, factor: float) -> BoardLimits:
    """Returns limits that allow so many times the instructions, or the time; bytes of flash and RAM stay."""

    def changed(limit: Limit) -> Limit:
        return limit.model_copy(update={"most": int(limit.most * factor)}) if _is_of_time(limit) else limit

    return limits.model_copy(update={"limits": tuple(map(changed, limits.limits))})


def room(limits: BoardLimits, cost: Cost) -> float:
    """Returns by which factor a cost's instructions may grow until a limit of instructions or time is met.

    Below 1 they have to shrink; infinite where nothing limits either.

    Raises:
        CostUnknownError: of a time: what the instructions take is not known.
    """
    slowness = filter(_is_of_time, limits.limits)
    return min((limit.most / max(1, limit.along(cost)) for limit in slowness), default=math.inf)


def _is_of_time(limit: Limit) -> bool:
    return limit.axis in ("instructions", TIME)


def cost_along(cost: Cost, axis: Axis) -> int:
    """Returns one of the costs."""
    return {"instructions": cost.instructions, "flash_bytes": cost.flash_bytes, "ram_bytes": cost.ram_bytes}[axis]


def limits_on(board: Board, asked: Limits) -> BoardLimits:
    """Returns what a network may cost on a board; its own flash and SRAM always limit.

    Raises:
        ConfigError: the board has no core on which C is counted, or a latency is asked for and it has no cycle model.
    """
    if board.emulated_core is None or board.runtime != "c":
        raise ConfigError(f"board {board.name}: its core runs no generated C that is counted; name another --board")
    given: Mapping[Axis, int | None] = {
        "instructions": asked.instructions,
        "flash_bytes": asked.flash_bytes,
        "ram_bytes": asked.ram_bytes,
    }
    candidates = [Limit(axis=axis, most=most, origin="asked for") for axis, most in given.items() if most is not None]
    if board.flash_bytes is not None:
        candidates.append(Limit(axis="flash_bytes", most=board.flash_bytes.value, origin=f"flash of {board.name}"))
    if board.sram_bytes is not None:
        candidates.append(Limit(axis="ram_bytes", most=board.sram_bytes.value, origin=f"SRAM of {board.name}"))
    binding = []
    for axis in AXES:
        along = [limit for limit in candidates if limit.axis == axis]
        if along:
            binding.append(min(along, key=lambda limit: limit.most))
    if asked.latency_ms is not None:
        binding.append(_latency_limit(board, asked.latency_ms))
    return BoardLimits(board=board.name, core=board.emulated_core, limits=tuple(binding))


def _latency_limit(board: Board, latency_ms: float) -> Limit:
    """Returns the limit of a time, by the same cycle model as `edge_nas.boards.estimate_ms`."""
    if board.cycle_model is None or board.clock_mhz is None:
        raise ConfigError(
            f"board {board.name}: it has no cycle model, so that a latency of {latency_ms:g} ms says nothing of a "
            "network; limit --instructions instead"
        )
    return Limit(
        axis=TIME,
        most=int(latency_ms * 1000),
        origin=f"{latency_ms:g} ms on {board.name}, an estimate: {estimate_error(board.cycle_model.error_percent)}",
        cycle_model=board.cycle_model,
        clock_mhz=board.clock_mhz.value,
    )
