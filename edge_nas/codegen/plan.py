"""A program with its order and its place in memory: all that the C text is made of."""

from dataclasses import dataclass

from edge_nas.codegen.memory import ArenaPlan
from edge_nas.codegen.program import Program
from edge_nas.codegen.schedule import Schedule
from edge_nas.core.config import Optimize


@dataclass(frozen=True)
class Plan:
    """All that the text is made of.

    Attributes:
        program: steps and buffers.
        schedule: which steps run together, and how many rows of each buffer are in memory.
        arena: where the buffers lie.
        optimize: "speed", or "size" of the code.
    """

    program: Program
    schedule: Schedule
    arena: ArenaPlan
    optimize: Optimize = "speed"

    def offset(self, index: int) -> int:
        """Returns where a buffer begins in the arena."""
        return self.arena.offsets[self.program.storage(index)]

    def rows_kept(self, index: int) -> int:
        """Returns how many of a buffer's rows are in memory at once: all where a reshape has cut them anew."""
        if not self.program.has_own_rows(index):
            return self.program.buffers[index].rows
        return self.schedule.capacities[self.program.storage(index)]
