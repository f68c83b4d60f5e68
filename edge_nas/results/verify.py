"""What verification found: which programs computed the reference's bytes, and what that took on each core."""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.costs import Pace

SHIPPED_C = "generated C on this machine"
"""The program that is the C as it is shipped."""


class ProgramReport(Frozen):
    """One program beside the reference kernels; where it is ours, it gave every byte, or was skipped.

    `skipped` says what to install where the program could not run, `missing` names that; None where it ran on `inputs`
    frames. Programs of others, tflite-micro, may differ: `equal_share` is the share of output bytes that are equal,
    `max_difference` the largest difference in steps of the code.
    """

    name: str
    inputs: int = Field(ge=0)
    skipped: str | None = None
    missing: tuple[str, ...] = ()
    equal_share: float = Field(default=1.0, ge=0.0, le=1.0)
    max_difference: int = Field(default=0, ge=0)
    versions: dict[str, str] = {}


class StepInstructions(Frozen):
    """Instructions of one step of the generated code, for one inference; `name` is that of the compiled step."""

    name: str
    instructions: int = Field(ge=0)


class CoreReport(Frozen):
    """Generated code on one emulated core.

    `bytes_equal` and all figures are None where it was `skipped`; `missing` names the programs that were not installed,
    if that is why. `instructions` is the most that one inference took,
    `instructions_min` the least, counted exactly. `flash_bytes` and `ram_bytes` are what the network adds to an empty
    image: code, constants and library functions; data and bss, arena included. `stack_bytes` was used at most by one
    inference. `pace` is what an instruction takes there, by the kernels of the C; None where no timings of the core are
    published. `steps` has an entry for each step of the compiled model where steps were counted, else none;
    `steps_unclear` says why they are missing where they should have been counted.
    """

    bytes_equal: bool | None
    inputs: int = Field(ge=0)
    instructions: int | None = None
    instructions_min: int | None = None
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    stack_bytes: int | None = None
    arena_bytes: int | None = None
    pace: Pace | None = None
    steps: tuple[StepInstructions, ...] = ()
    steps_unclear: str | None = None
    tools: dict[str, str] = {}
    skipped: str | None = None
    missing: tuple[str, ...] = ()


class VerificationReport(Frozen):
    """Every program on this machine in order, and the generated C on every core by name.

    `reference` says what they were compared with.
    """

    model_sha256: str
    reference: str = "the reference kernels"
    programs: tuple[ProgramReport, ...]
    cores: dict[str, CoreReport]
