"""What a network is predicted to cost on a core, without a compiler or an emulator."""

from pydantic import Field

from edge_nas.core.frozen import Frozen


class StepCost(Frozen):
    """Instructions of one step of the generated code for one inference; `name` is that of the compiled step."""

    name: str
    instructions: int = Field(ge=0)


class Pace(Frozen):
    """Of an instruction of a network, on the average: what it takes beside being one.

    Attributes:
        cycles_per_instruction: by the published timings of the core, without wait states.
        flash_bytes_per_instruction: loaded from flash as data: weights, tables, constants of steps.
    """

    cycles_per_instruction: float = Field(gt=0.0)
    flash_bytes_per_instruction: float = Field(ge=0.0)


class PredictedCost(Frozen):
    """What the generated C of a network costs on one core.

    Attributes:
        core: its name, as `edge_nas.emulation` has it.
        instructions: of one inference.
        flash_bytes: what the network adds to an image: constants exactly, code by a table.
        ram_bytes: the arena, exactly.
        constant_bytes: of the flash.
        steps: in execution order; together they are the instructions less those of `edge_model_run` itself.
        pace: what an instruction takes; None: no timings of the core are published.
    """

    core: str
    instructions: int = Field(ge=0)
    flash_bytes: int = Field(ge=0)
    ram_bytes: int = Field(ge=0)
    constant_bytes: int = Field(ge=0)
    steps: tuple[StepCost, ...]
    pace: Pace | None = None
