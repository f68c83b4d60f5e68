"""What the loops of every kernel cost on a core: the data files, and what they were counted with."""

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Annotated

from pydantic import Field

from edge_nas.codegen.conditions import code_for
from edge_nas.codegen.loops import Loops
from edge_nas.codegen.loops.runloop import RUN
from edge_nas.codegen.program import InstructionSet
from edge_nas.codegen.sources import kernel_files
from edge_nas.core.frozen import Frozen
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.nearnames import did_you_mean, nearest_name
from edge_nas.errors import ConfigError

Coefficient = Annotated[float, Field(ge=0.0)]

RUN_SOURCE = "edge_model"


class CostUnknownError(ConfigError):
    """A kernel, or a loop of it, was never counted on the core: what it costs is not known."""


class CoreCosts(Frozen):
    """What was counted on one core.

    Attributes:
        core: its name.
        counted_on: the core that networks were counted on; another one where that runs the same instructions.
        instruction_set: the one whose kernels it takes; None for portable C.
        kernels_sha256: by kernel source: of the C that was counted, see `kernel_hash`.
        networks: how many random networks were counted.
        tools: compiler and emulator with their versions.
        instructions: by kernel source (and edge_model_run), by loop: instructions of one round.
        code_bytes: by part of the code: bytes of one.
    """

    core: str
    counted_on: str
    instruction_set: InstructionSet | None
    kernels_sha256: dict[str, str]
    networks: int
    tools: dict[str, str]
    instructions: dict[str, dict[str, Coefficient]]
    code_bytes: dict[str, Coefficient]

    def instructions_of(self, source: str, loops: Loops) -> float:
        """Returns the instructions of a kernel whose loops run so often.

        Raises:
            CostUnknownError: one of them was never counted.
        """
        return self._sum(f"kernel {source}", self.instructions.get(source, {}), loops.counts)

    def bytes_of(self, parts: Mapping[str, int]) -> float:
        """Returns the bytes of code of so many parts.

        Raises:
            CostUnknownError: one of them was never measured.
        """
        return self._sum("code", self.code_bytes, parts)

    def _sum(self, what: str, coefficients: Mapping[str, float], counts: Mapping[str, int]) -> float:
        unknown = [name for name, count in counts.items() if count and name not in coefficients]
        if unknown:
            raise CostUnknownError(
                f"{what}: what {', '.join(map(repr, unknown))} costs on {self.core} was never counted; count networks "
                "that have it: python -m benchmarks.costs --calibrate"
            )
        return sum(coefficients[name] * count for name, count in counts.items() if count)


def known_cores() -> tuple[str, ...]:
    """Returns the cores whose costs are known, sorted."""
    files = resources.files("edge_nas.costs").joinpath("data").iterdir()
    return tuple(sorted(file.name.removesuffix(".json") for file in files if file.name.endswith(".json")))


@functools.cache
def costs_of_core(core: str) -> CoreCosts:
    """Returns what was counted on a core.

    Raises:
        ConfigError: nothing was; the message lists the known ones and the nearest.
    """
    known = known_cores()
    if core not in known:
        hint = did_you_mean(nearest_name(core, known))
        raise ConfigError(f"costs on {core!r} are not known; known: {', '.join(known)}{hint}")
    text = resources.files("edge_nas.costs").joinpath("data", f"{core}.json").read_text(encoding="utf-8")
    return CoreCosts.model_validate_json(text)


def kernel_hash(source: str, instructions: InstructionSet | None) -> str:
    """Returns the sha256 of a kernel's code: of the files that it is made of, and of what all include.

    What a core does not execute is left out, since counting takes minutes: remarks, and lines for other instruction
    sets. What Python puts in at a place of a source is no part of it.

    Args:
        source: of the kernel; edge_model_run's own is edge_model.c.
        instructions: the instruction set for which it is counted: files for others do not matter.
    """
    texts = kernel_files(RUN_SOURCE if source == RUN else source, instructions)
    codes = {name: code_for(text.decode(), instructions).encode() for name, text in texts.items()}
    return sha256_bytes(b"".join(name.encode() + b"\0" + code + b"\0" for name, code in sorted(codes.items())))
