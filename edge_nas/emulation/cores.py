"""The cores that can be emulated: compiler, flags, QEMU machine, memory map, and what its counter counts."""

from dataclasses import dataclass
from fractions import Fraction

from edge_nas.core.nearnames import did_you_mean, nearest_name
from edge_nas.emulation.tools import (
    ARM_GCC,
    QEMU_ARM,
    QEMU_RISCV32,
    QEMU_XTENSA,
    RISCV_GCC,
    XTENSA_GCC,
    Tool,
)
from edge_nas.errors import ConfigError

MIB = 1 << 20
OPTIMIZATION = "-O2"


@dataclass(frozen=True)
class Memory:
    """A stretch of addresses, in bytes."""

    origin: int
    length: int


@dataclass(frozen=True)
class EmulatedCore:
    """One core under QEMU.

    Attributes:
        name: such as "cortex-m4".
        compiler: cross compiler.
        flags: what names the core to it, for the network as for the program around it.
        startup_flags: further flags of the start-up file alone.
        link_flags: which C library.
        startup: start-up file in `firmware`.
        emulator: QEMU.
        machine: the machine it plays.
        options: QEMU options that give the clock per instruction.
        code, ram: where the image and its data go.
        counts_per_instruction: by how much the counter moves in one instruction.
        wrap_instructions: instructions that each wrap of the counter adds.
        arithmetic: file in `firmware` with what the compiler calls and its own library lacks; counted and weighed as
            part of a network that uses it; empty where nothing is lacking.
        stands_in: what to know where the emulated core is not the named one; empty otherwise.
    """

    name: str
    compiler: Tool
    flags: tuple[str, ...]
    startup_flags: tuple[str, ...]
    link_flags: tuple[str, ...]
    startup: str
    emulator: Tool
    machine: str
    options: tuple[str, ...]
    code: Memory
    ram: Memory
    counts_per_instruction: Fraction
    wrap_instructions: int
    arithmetic: str = ""
    stands_in: str = ""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What must be installed."""
        return (self.compiler, self.emulator)


# The most virtual time per instruction that QEMU offers is 2**10 ns. It makes one instruction 16 counts of SysTick or
# more, so that rounding to whole instructions is exact.
_ICOUNT_SHIFT = 10
_WRAP_INSTRUCTIONS = 5  # of `wrapped` in startup_arm.c


def _arm(
    name: str,
    machine: str,
    *,
    clock_hz: int,
    code: Memory,
    ram: Memory,
    float_abi: str = "soft",
    options: tuple[str, ...] = (),
    stands_in: str = "",
) -> EmulatedCore:
    return EmulatedCore(
        name=name,
        compiler=ARM_GCC,
        flags=("-mthumb", f"-mcpu={name}", f"-mfloat-abi={float_abi}"),
        startup_flags=(),
        link_flags=("--specs=nano.specs",),
        startup="startup_arm.c",
        emulator=QEMU_ARM,
        machine=machine,
        options=("-icount", f"shift={_ICOUNT_SHIFT}", *options),
        code=code,
        ram=ram,
        counts_per_instruction=Fraction(clock_hz << _ICOUNT_SHIFT, 10**9),
        wrap_instructions=_WRAP_INSTRUCTIONS,
        stands_in=stands_in,
    )


# Memory maps and SysTick clocks are those of the machines in QEMU 7.2 (hw/arm/mps2.c, mps2-tz.c, nrf51_soc.c,
# hw/riscv/virt.c).
_MPS2_CLOCK_HZ = 25_000_000
_LOW, _SRAM = Memory(0x0, 4 * MIB), Memory(0x2000_0000, 4 * MIB)

# CCOUNT has 32 bits and nothing tells that it wrapped: 5 counts an instruction are enough to round to whole ones, and
# 800 million instructions a frame.
_XTENSA_CLOCK_HZ = 40_000_000
_XTENSA_ICOUNT_SHIFT = 7

CORES: dict[str, EmulatedCore] = {
    core.name: core
    for core in (
        _arm(
            "cortex-m0plus",
            "microbit",
            clock_hz=16_000_000,
            code=_LOW,
            ram=_SRAM,
            options=(
                *("-global", f"nrf51-soc.flash-size={4 * MIB}"),
                *("-global", f"nrf51-soc.sram-size={4 * MIB}"),
            ),
            stands_in="an emulated Cortex-M0, which has the same instructions, with more memory than its machine",
        ),
        _arm("cortex-m3", "mps2-an385", clock_hz=_MPS2_CLOCK_HZ, code=_LOW, ram=_SRAM),
        _arm("cortex-m4", "mps2-an386", clock_hz=_MPS2_CLOCK_HZ, code=_LOW, ram=_SRAM),
        _arm("cortex-m7", "mps2-an500", clock_hz=_MPS2_CLOCK_HZ, code=_LOW, ram=_SRAM),
        _arm(
            "cortex-m33",
            "mps2-an505",
            clock_hz=20_000_000,
            code=Memory(0x1000_0000, 4 * MIB),
            ram=Memory(0x3800_0000, 4 * MIB),
        ),
        _arm(
            "cortex-m55",
            "mps3-an547",
            clock_hz=32_000_000,
            code=Memory(0x1000_0000, MIB // 2),  # its ITCM
            ram=Memory(0x3100_0000, 4 * MIB),  # internal SRAM; the DTCM is too small for large networks
            float_abi="hard",  # with a soft one gcc 12 does without Helium
        ),
        EmulatedCore(
            name="rv32imac",
            compiler=RISCV_GCC,
            flags=("-march=rv32imac", "-mabi=ilp32"),
            startup_flags=("-march=rv32imac_zicsr",),  # its counter is read by a CSR instruction
            link_flags=("--specs=picolibc.specs",),
            startup="startup_riscv.c",
            emulator=QEMU_RISCV32,
            machine="virt",
            options=("-bios", "none", "-icount", "shift=0"),
            code=Memory(0x8000_0000, 16 * MIB),
            ram=Memory(0x8100_0000, 16 * MIB),
            counts_per_instruction=Fraction(1),
            wrap_instructions=0,
        ),
        EmulatedCore(
            name="lx106",
            compiler=XTENSA_GCC,
            flags=("-mtext-section-literals",),  # literals near their code, whatever the linker does
            startup_flags=(),
            link_flags=("--specs=/usr/lib/xtensa-lx106-elf/picolibc.specs",),  # gcc does not look there by itself
            startup="startup_xtensa.c",
            emulator=QEMU_XTENSA,
            machine="sim",
            options=("-cpu", "lx106", "-icount", f"shift={_XTENSA_ICOUNT_SHIFT}"),
            code=Memory(0x5000_0000, 16 * MIB),
            ram=Memory(0x6000_0000, 16 * MIB),
            counts_per_instruction=Fraction(_XTENSA_CLOCK_HZ << _XTENSA_ICOUNT_SHIFT, 10**9),
            wrap_instructions=0,
            arithmetic="arithmetic_xtensa.c",
        ),
    )
}


def find_core(name: str) -> EmulatedCore:
    """Returns the core of that name.

    Raises:
        ConfigError: no such core; the message lists the known ones and the nearest.
    """
    if name in CORES:
        return CORES[name]
    hint = did_you_mean(nearest_name(name, CORES))
    raise ConfigError(f"unknown core {name!r}; known: {', '.join(CORES)}{hint}")
