"""What a compiled network is: its C files, where its buffers lie, and how large its constants are."""

from typing import Literal

from pydantic import Field

from edge_nas.core.frozen import Frozen
from edge_nas.results.artifacts import TensorSpec

# What edge_model.c says where it is made for size.
_SMALL = "#define EDGE_SMALL 1\n"
# The descriptor of kernels for vector instructions.
_WIDE = "EdgeWideDot"


class SourceFile(Frozen):
    """A generated file: name, text, sha256 of the text's bytes (UTF-8)."""

    # Of a run that may be somebody else's, and joined to a folder: a plain name, which no folder is.
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    text: str
    sha256: str


class ArenaBuffer(Frozen):
    """A buffer in the arena: `rows` of `row_bytes` each are in memory at once, from `first_step` to `last_step`."""

    name: str
    layout: str
    offset: int = Field(ge=0)
    size_bytes: int = Field(ge=0)
    rows: int
    row_bytes: int
    first_step: int
    last_step: int


class CompiledStep(Frozen):
    """One kernel of the generated code, and the operators of the file that it computes.

    `constant_bytes`: of its constants, those that no step before it has.
    """

    name: str
    function: str
    operators: tuple[int, ...]
    segment: int
    constant_bytes: int = Field(default=0, ge=0)


class SlowedOperator(Frozen):
    """An operator whose fast kernel would need more memory than the limit: its place in the file, kind and output."""

    index: int
    kind: str
    tensor: str


class HostCheck(Frozen):
    """Generated C beside the reference kernels on this machine: equal on `inputs` frames, or not tried, and why."""

    inputs: int = Field(default=0, ge=0)
    skipped: str | None = None


class CompiledEnd(Frozen):
    """One input or output: as the file takes or gives it, and as the network's int8 codes."""

    stored: TensorSpec
    codes: TensorSpec


class CompiledModel(Frozen):
    """A network as C.

    Attributes:
        files: edge_model.c, edge_model.h, edge_intrinsics.h.
        model_sha256: of the .tflite.
        input, output: the file's first ends (often the only ones), which the C takes and gives.
        input_codes, output_codes: the same as the network's int8 codes, where the file converts; else None.
        further_inputs, further_outputs: the file's other ends.
        keeps_state: whether an output depends on earlier calls; `edge_model_reset` forgets them.
        arena: every buffer; together `arena_bytes`, input and output included.
        steps: in execution order; those of one segment run row by row together.
        constant_bytes: weights and tables in flash.
        arena_limit: bytes that the arena was allowed to take for the sake of speed.
        slowed: operators that do without their fast kernels to stay within it.
        fast_arena_bytes: the arena with which none would.
    """

    files: tuple[SourceFile, ...]
    model_sha256: str
    input: TensorSpec
    output: TensorSpec
    input_codes: TensorSpec | None = None
    output_codes: TensorSpec | None = None
    further_inputs: tuple[CompiledEnd, ...] = ()
    further_outputs: tuple[CompiledEnd, ...] = ()
    keeps_state: bool = False
    arena_bytes: int
    arena: tuple[ArenaBuffer, ...]
    steps: tuple[CompiledStep, ...]
    constant_bytes: int
    arena_limit: int = 0
    slowed: tuple[SlowedOperator, ...] = ()
    fast_arena_bytes: int = 0

    @property
    def inputs(self) -> tuple[CompiledEnd, ...]:
        """All inputs, in the file's order."""
        return (CompiledEnd(stored=self.input, codes=self.input_codes or self.input), *self.further_inputs)

    @property
    def outputs(self) -> tuple[CompiledEnd, ...]:
        """All outputs, in the file's order."""
        return (CompiledEnd(stored=self.output, codes=self.output_codes or self.output), *self.further_outputs)

    @property
    def has_several_ends(self) -> bool:
        """Whether it has more than one input and one output, all of which then have numbers in the C."""
        return bool(self.further_inputs or self.further_outputs)

    @property
    def esp32s3_vectors(self) -> bool:
        """Whether it has kernels for the ESP32-S3's vector instructions (`compile.esp32s3_vectors`)."""
        return any(_WIDE in file.text for file in self.files)

    @property
    def optimize(self) -> Literal["speed", "size"]:
        """What the C was made for."""
        return "size" if any(_SMALL in file.text for file in self.files) else "speed"

    @property
    def converts(self) -> bool:
        """Whether the file takes or gives something else than int8 codes."""
        return any(end.stored.dtype != "int8" for end in (*self.inputs, *self.outputs))
