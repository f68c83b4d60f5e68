"""Cycles of each instruction of an image, by the tables that Arm publishes for a core.

    times = instruction_times(TABLES["cortex-m4"], disassembled(core, image))

The tables are those of the technical reference manuals, for memory without wait states: they say what an instruction
takes by itself, what a jump adds, and which loads overlap. Where a manual gives a range the middle of it is taken. Of
Cortex-M7, M33 and M55 no such table is published, nor of the RISC-V cores that are emulated: they have none here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from edge_nas.core.processes import run
from edge_nas.emulation.cores import EmulatedCore
from edge_nas.emulation.tools import require
from edge_nas.errors import ResourceError

_DISASSEMBLY_LIMIT_S = 120.0
_CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le"
_LOAD = re.compile(rf"ldr(b|h|sb|sh)?({_CONDITIONS})?$")
_STORE = re.compile(rf"str(b|h)?({_CONDITIONS})?$")
_PAIR = re.compile(rf"(ldr|str)d({_CONDITIONS})?$")
_SEVERAL = re.compile(rf"(ldm|stm)(ia|db)?({_CONDITIONS})?$|(push|pop)({_CONDITIONS})?$")
_JUMP = re.compile(rf"b({_CONDITIONS})?$|cbn?z$|bx({_CONDITIONS})?$|tb[bh]$")
_CALL = re.compile(rf"blx?({_CONDITIONS})?$")
_LONG = re.compile(r"[us]mull$")
_LONG_SUM = re.compile(r"[us]mlal$")
_COMPARISON = re.compile(r"(cmp|cmn|tst|teq)")
_LINE = re.compile(r"^\s*([0-9a-f]+):\t([a-z][a-z0-9.]*)(?:\t([^;@<]*))?")
_REGISTER = re.compile(r"\b(r\d+|sl|fp|ip|sp|lr)\b")
_LISTED = re.compile(r"(r\d+|sl|fp|ip|sp|lr|pc)(?:-(r\d+|sl|fp|ip))?")
_NUMBERS = MappingProxyType({"sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14, "pc": 15})


@dataclass(frozen=True)
class TimingTable:
    """What instructions take on one core, in cycles; an instruction that is not named takes 1.

    Attributes:
        document: the manual that says so.
        load, store: of one value; of several and of a pair it is 1 and 1 for each.
        indexed_store: of a store whose address is a sum of two registers.
        pipelines: whether a load or store right behind a load takes one less, its address not coming of it, and one
            whose address was computed right before takes one more.
        jump, call, loaded_jump: what a jump adds that is taken, a call, and a jump to a loaded address.
        multiply_sum, long_multiply, long_multiply_sum, divide: of multiplications that are not single, and divisions.
    """

    document: str
    load: int
    store: int
    indexed_store: int
    pipelines: bool
    jump: int
    call: int
    loaded_jump: int
    multiply_sum: int = 1
    long_multiply: int = 1
    long_multiply_sum: int = 1
    divide: int = 7  # 2 to 12


TABLES: Mapping[str, TimingTable] = MappingProxyType(
    {
        "cortex-m0plus": TimingTable(
            document="Cortex-M0+ TRM, DDI 0484, table 3-1, with the single-cycle multiplier",
            load=2, store=2, indexed_store=2, pipelines=False, jump=1, call=2, loaded_jump=2,
        ),
        "cortex-m3": TimingTable(
            document="Cortex-M3 TRM, DDI 0337, table 3-1 and the notes on load and store timings behind it",
            # A pipeline is refilled in 1 to 3 cycles; of long multiplications 3 to 5, with a sum 4 to 7.
            load=2, store=1, indexed_store=2, pipelines=True, jump=2, call=2, loaded_jump=2,
            multiply_sum=2, long_multiply=4, long_multiply_sum=5,
        ),
        "cortex-m4": TimingTable(
            document="Cortex-M4 TRM, 100166 (DDI 0439), table 3-1 and the notes on load and store timings behind it",
            load=2, store=1, indexed_store=2, pipelines=True, jump=2, call=2, loaded_jump=2,
        ),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Instruction:
    """One instruction of an image, as objdump prints it, without the width behind its name."""

    address: int
    name: str
    operands: str

    @property
    def is_load(self) -> bool:
        """Whether it loads one value."""
        return _LOAD.match(self.name) is not None

    @property
    def is_store(self) -> bool:
        """Whether it stores one value."""
        return _STORE.match(self.name) is not None

    @property
    def address_registers(self) -> frozenset[str]:
        """The registers whose sum is the address that it loads from or stores to."""
        _, bracket, behind = self.operands.partition("[")
        return frozenset(_REGISTER.findall(behind.partition("]")[0])) if bracket else frozenset()

    @property
    def written(self) -> str | None:
        """The register that it writes first of all; None: it only compares, stores or jumps."""
        if self.is_store or _COMPARISON.match(self.name) or _JUMP.match(self.name) or _CALL.match(self.name):
            return None
        first = _REGISTER.match(self.operands)
        return first[1] if first else None


@dataclass(frozen=True)
class InstructionTime:
    """Cycles of one instruction, and those that are added when execution goes on elsewhere than behind it."""

    cycles: int
    jump: int


def instruction_times(table: TimingTable, instructions: Sequence[Instruction]) -> dict[int, InstructionTime]:
    """Returns what each instruction takes, by its address.

    Args:
        table: of the core.
        instructions: in order of their addresses: what stands before one decides whether it overlaps.
    """
    times = {}
    previous: Instruction | None = None
    for instruction in instructions:
        times[instruction.address] = _time(table, instruction, previous)
        previous = instruction
    return times


def _time(table: TimingTable, instruction: Instruction, previous: Instruction | None) -> InstructionTime:
    name = instruction.name
    if instruction.is_load or instruction.is_store:
        return InstructionTime(_single(table, instruction, previous), table.loaded_jump)
    if _PAIR.match(name):
        return InstructionTime(3, table.jump)
    if _SEVERAL.match(name):
        return InstructionTime(1 + _listed(instruction.operands), table.loaded_jump)
    if _CALL.match(name):
        # To an address in a register it is shorter on the Cortex-M0+, and never taken here.
        return InstructionTime(1, table.call)
    if name.startswith("tb"):  # a load and an addition before the jump
        return InstructionTime(2, table.jump)
    cycles = 1
    if re.match(r"(mla|mls)$", name):
        cycles = table.multiply_sum
    elif _LONG.match(name):
        cycles = table.long_multiply
    elif _LONG_SUM.match(name):
        cycles = table.long_multiply_sum
    elif re.match(r"[us]div$", name):
        cycles = table.divide
    return InstructionTime(cycles, table.jump)


def _single(table: TimingTable, instruction: Instruction, previous: Instruction | None) -> int:
    """Returns the cycles of a load or store of one value."""
    registers = instruction.address_registers
    store = table.indexed_store if len(registers) > 1 else table.store
    cycles = table.load if instruction.is_load else store
    if not table.pipelines or previous is None:
        return cycles
    depends = previous.written in registers
    if previous.is_load:
        return cycles if depends else max(1, cycles - 1)
    return cycles + 1 if depends else cycles


def _listed(operands: str) -> int:
    """Returns how many registers a list such as `sp!, {r0, r4-r6, pc}` holds."""
    count = 0
    for first, last in _LISTED.findall(operands.partition("{")[2]):
        count += 1 if not last else _number(last) - _number(first) + 1
    return count


def _number(register: str) -> int:
    return _NUMBERS[register] if register in _NUMBERS else int(register[1:])


def disassembled(core: EmulatedCore, image: Path) -> tuple[Instruction, ...]:
    """Returns the instructions of an image, in order of their addresses.

    Raises:
        ResourceError: objdump, which comes with the assembler, fails.
    """
    program = str(require(core.compiler)).removesuffix("gcc") + "objdump"
    finished = run([program, "-d", "--no-show-raw-insn", str(image)], limit_s=_DISASSEMBLY_LIMIT_S)
    if finished.code != 0:
        raise ResourceError(f"{program} does not read the image: {finished.complaint}")
    found = (_LINE.match(line) for line in finished.stdout.decode("utf-8", errors="replace").splitlines())
    return tuple(
        Instruction(int(line[1], 16), re.sub(r"\.[nw]$", "", line[2]), (line[3] or "").strip())
        for line in found
        if line is not None
    )
