"""What is known of a .tflite file without running it: operators, sizes, and beside which boards they fit."""

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.answers import Answer
from edge_nas.results.artifacts import TensorSpec


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
    """Lower bounds beside a board's memories, in bytes; None: the board has no limit there.

    `milliseconds`: of one call of the generated C, predicted and not measured; None: `unpredicted` says why.
    """

    board: str
    flash_bytes: int | None
    sram_bytes: int | None
    fits: bool
    milliseconds: float | None = None
    unpredicted: str | None = None


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
        peak_ram_bytes: the largest of `live_bytes`: no plan of the memory is smaller.
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
    boards: tuple[BoardFit, ...] = ()
    not_compiled: str | None = None

    @property
    def refused(self) -> tuple[InspectedOperator, ...]:
        """The operators that are not compiled."""
        return tuple(operator for operator in self.operators if operator.refused is not None)
