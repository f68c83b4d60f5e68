"""How many cycles the loops of each kernel take by a core's published timings, and what they load from flash.

The files `paces/CORE.json` are made by `python -m benchmarks.cycles --calibrate`: kernels of random networks were
executed on the emulated core, and every executed instruction was given the cycles of `edge_nas.emulation.timing`.
`stale_kernels` tells of which kernels that has to be done again; a test asks.
"""

import functools
from collections.abc import Mapping
from importlib import resources

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.costs.coefficients import CoreCosts, kernel_hash


class KernelPace(Frozen):
    """What a kernel takes: cycles without wait states, and bytes loaded from flash.

    Attributes:
        cycles, flash_bytes: of one of its instructions, on the average.
        loops: by loop, of one round: cycles, bytes.
    """

    cycles: float = Field(gt=0.0)
    flash_bytes: float = Field(ge=0.0)
    loops: dict[str, tuple[float, float]]


class CorePaces(Frozen):
    """What was found on one core.

    Attributes:
        core: its name.
        document: the manual that the timings are from.
        timings: of the manual, as `edge_nas.emulation.timing.TimingTable` names them.
        kernels_sha256: by kernel source: of the C that was executed, see `edge_nas.costs.coefficients.kernel_hash`.
        networks: how many were executed.
        tools: compiler and emulator with their versions.
        average: of all instructions that were executed.
        kernels: by kernel source, and of edge_model_run.
    """

    core: str
    document: str
    timings: dict[str, int]
    kernels_sha256: dict[str, str]
    networks: int
    tools: dict[str, str]
    average: KernelPace
    kernels: dict[str, KernelPace]

    def taken(self, source: str, loops: Mapping[str, int], instructions: Mapping[str, float]) -> tuple[float, float]:
        """Returns (cycles, bytes from flash) of a kernel whose loops run so often.

        A loop that no network ran takes what the kernel's instructions take on the average, and one of a kernel that
        none ran what all instructions take: between kernels that is 1.2 to 1.8 cycles.

        Args:
            source: of the kernel.
            loops: how often each loop runs.
            instructions: of one round of each, see `CoreCosts.instructions`.
        """
        kernel = self.kernels.get(source, self.average)
        cycles = flash_bytes = 0.0
        for name, count in loops.items():
            if not count:
                continue
            known = kernel.loops.get(name)
            each = instructions[name]
            round_cycles, round_bytes = known or (each * kernel.cycles, each * kernel.flash_bytes)
            cycles += count * round_cycles
            flash_bytes += count * round_bytes
        return cycles, flash_bytes


@functools.cache
def paces_of_core(core: str) -> CorePaces | None:
    """Returns what was found on a core; None: no timings of it are published."""
    file = resources.files("edge_nas.costs").joinpath("paces", f"{core}.json")
    return CorePaces.model_validate_json(file.read_text(encoding="utf-8")) if file.is_file() else None


def stale_kernels(paces: CorePaces, costs: CoreCosts) -> dict[str, str]:
    """Returns the kernels whose cycles have to be taken again, by name, each with the reason.

    Of a loop that has no pace the cycles are those of its kernel's average, which nobody would notice.

    Args:
        paces: what was found on a core.
        costs: of the same core.
    """
    reasons = {}
    for source, loops in costs.instructions.items():
        if source not in paces.kernels:
            reasons[source] = "was never executed"
        elif paces.kernels_sha256.get(source) != kernel_hash(source, costs.instruction_set):
            reasons[source] = "has other C since"
        elif unknown := sorted(set(loops) - set(paces.kernels[source].loops)):
            reasons[source] = f"was never seen to run {', '.join(map(repr, unknown))}"
    return reasons
