"""What is known of a .tflite file without running it: operators, sizes, and beside which boards they fit."""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.answers import Answer
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.costs import StepCost


class InspectedOperator(Frozen):
    """One operator of the file.

    Attributes:
        number: its place in the file.
        kind: its name in the schema.
        output: its first output; None where it has none.
        macs: multiply-accumulates of one call.
        live_bytes: of all tensors that are alive while it runs.
        refused: why it is not compiled; None: it is.
    """

    number: int
    kind: str
    output: TensorSpec | None
    macs: int = Field(ge=0)
    live_bytes: int = Field(ge=0)
    refused: str | None = None


class BoardFit(Frozen):
    """What a network takes beside a board's memories.

    Attributes:
        board: its name.
        flash_bytes, sram_bytes: what the board has; None: no limit.
        fits: whether the needs are within them; where they are not known, the file's least sizes.
        needed_flash_bytes: constants and predicted code of the generated C, constants alone where `unpredicted` says
            why; None: the network is not compiled.
        needed_sram_bytes: its arena, without the stack; None: the network is not compiled.
        milliseconds: of one call of the generated C, predicted and not measured; None: `unpredicted` says why.
        error_percent: of the time, see `edge_nas.boards.error_percent`.
        dearest: the steps of the generated C that take most instructions, the dearest first.
        instructions: of all steps, predicted; None as `milliseconds`.
    """

    board: str
    flash_bytes: int | None
    sram_bytes: int | None
    fits: bool
    needed_flash_bytes: int | None = None
    needed_sram_bytes: int | None = None
    milliseconds: float | None = None
    error_percent: float | None = None
    unpredicted: str | None = None
    instructions: int | None = None
    dearest: tuple[StepCost, ...] = ()


class Inspection(Answer):
    """A file.

    Attributes:
        source: what it is called.
        notes: what was changed in its bytes to read them.
        inputs, outputs: as the file takes and gives them.
        operators: in the file's order.
        macs, params: of one call.
        file_bytes: of the file, which an interpreter keeps in flash.
        constant_bytes: of its constants, the least that generated C keeps in flash.
        peak_ram_bytes: the largest of `live_bytes`: an interpreter that holds whole tensors needs no less.
        arena_bytes: of the generated C, which may hold a few rows in place of a tensor; None: it is not compiled.
        boards: those that were asked for.
        not_compiled: why nothing of a file of this kind is compiled as it is; None for a .tflite file.
    """

    source: str
    notes: tuple[str, ...]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    operators: tuple[InspectedOperator, ...]
    macs: int
    params: int
    file_bytes: int
    constant_bytes: int
    peak_ram_bytes: int
    arena_bytes: int | None = None
    boards: tuple[BoardFit, ...] = ()
    not_compiled: str | None = None

    @property
    def refused(self) -> tuple[InspectedOperator, ...]:
        """The operators that are not compiled."""
        return tuple(operator for operator in self.operators if operator.refused is not None)
