"""A network as steps over buffers: lowering makes it, the scheduler orders it, the planner places it, C is its text.

A buffer is a stack of rows. A step runs once per output row (or once in all) and says, as a `RowWindow`, which rows of
its inputs each run reads; everything about streaming, ring sizes and lifetimes follows from these windows alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Union

# Kernels and tables may have versions for these; a core with Helium has DSP instructions as well.
InstructionSet = Literal["dsp", "helium", "thumb"]
LayoutKind = Literal["flat", "planar", "pixels", "pairs"]
Role = Literal["input", "output", "inner"]


@dataclass(frozen=True)
class RowWindow:
    """The rows that run t of a step reads: floor((t * numerator + offset) / denominator) and the `size - 1` after it.

    Rows outside the buffer's own (negative, or behind the last) are its border. `whole` reads every row at once.
    """

    numerator: int = 1
    denominator: int = 1
    offset: int = 0
    size: int = 1
    whole: bool = False

    def first(self, run: int) -> int:
        """Returns the first row that a run reads; may be negative."""
        return 0 if self.whole else (run * self.numerator + self.offset) // self.denominator

    def needed(self, runs: int, rows: int) -> int:
        """Returns how many of the `rows` must exist before `runs` runs are through; 0 for no run."""
        if runs == 0:
            return 0
        return rows if self.whole else max(0, min(rows, self.first(runs - 1) + self.size))


WHOLE = RowWindow(whole=True)


def rounded_up(number: int, multiple: int) -> int:
    """Returns the smallest multiple that is not below a number."""
    return -(-number // multiple) * multiple


@dataclass(frozen=True)
class Layout:
    """How one row lies in memory.

    Four kinds, here of a row of two pixels p and q with four channels 0 to 3; `.` is border:

        flat     p0 p1 p2 p3 q0 q1 q2 q3           int8 codes as TFLite has them
        planar   . p0 q0 . p1 q1 . p2 q2 . p3 q3 . bytes code + 128; between two planes as much border as a convolution
                                                   needs on either side
        pixels   .... p0 p1 p2 p3 q0 q1 q2 q3 .... with DSP instructions int16 codes, with Helium int8 codes, else
                                                   bytes code + 128
        pairs    p0 p1 q0 q1 | p2 p3 q2 q3         uint16 code + 128: one instruction multiplies both channels of a
                                                   pixel as they lie in memory. Helium multiplies 16 codes at once:
                                                   there half of the same bytes hold int8 codes, pixel after pixel, an
                                                   even number each

    The border holds the zero point, so that no edge needs a test.

    Attributes:
        kind: which of the four.
        width: pixels.
        channels: of a pixel.
        left, right: pixels of border.
        reach: codes behind the last one used that loads of whole words may touch.
        pad: the zero point as code + 128.
    """

    kind: LayoutKind
    width: int
    channels: int
    left: int = 0
    right: int = 0
    reach: int = 0
    pad: int = 0

    @property
    def stride(self) -> int:
        """A distance in memory, of each kind another one.

        flat    bytes of the row
        planar  bytes from one plane to the next
        pixels  codes, of one or two bytes, from one pixel to the next
        pairs   bytes from two pixels to the next two
        """
        if self.kind == "flat":
            return self.width * self.channels
        if self.kind == "pixels":
            return self.channels
        if self.kind == "pairs":
            return 4 * rounded_up(self.channels, 2)
        # One plane's right border is the next one's left. Kernels work on pairs of pixels: the last pair may write
        # one byte behind an odd row.
        return self.width + max(self.left, self.right, self.width % 2)

    @property
    def even_width(self) -> int:
        """The width, rounded up to whole pairs of pixels."""
        return rounded_up(self.width, 2)

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        if self.kind == "flat":
            return self.width * self.channels
        if self.kind == "pairs":
            return max(self.stride * self.even_width // 2, self._helium_bytes)
        if self.kind == "pixels":
            codes = (self.left + self.width + self.right) * self.channels + self.reach
            return rounded_up(2 * codes, 4)
        beyond = max(self.reach - (self.stride - self.width), 0)  # the last plane's border is there already
        return rounded_up(self.left + self.stride * self.channels + beyond, 4)

    @property
    def _helium_bytes(self) -> int:
        """Bytes of a row of pairs that a Helium kernel may load: eight pixels at a time, and a vector behind them."""
        return rounded_up(self.width, 8) * rounded_up(self.channels, 2) + 16


@dataclass(frozen=True)
class Buffer:
    """An activation tensor in one layout.

    Attributes:
        index: its number.
        name: of the tensor it holds, for comments and plans.
        layout: of a row.
        rows: image rows, without the border.
        top, bottom: border rows before and behind; they are filled with `layout.pad`.
        role: the network's input and output are reached from outside.
        alias: the buffer whose bytes it is (a reshape, an operator in place), or None.
        element_bytes: of a number in it, which C wants at a multiple of them.
    """

    index: int
    name: str
    layout: Layout
    rows: int
    top: int = 0
    bottom: int = 0
    role: Role = "inner"
    alias: int | None = None
    element_bytes: int = 1

    @property
    def cut(self) -> tuple[int, int]:
        """How its bytes are cut into rows: their number and their bytes."""
        return self.rows, self.layout.row_bytes

    @property
    def size_bytes(self) -> int:
        """Bytes where every row is kept."""
        return (self.rows + self.top + self.bottom) * self.layout.row_bytes


@dataclass(frozen=True)
class Table:
    """A constant array in flash; the first descriptor that points at it, or at its like, gives it its name.

    Attributes:
        c_type: of an element.
        length: number of elements.
        initializer: the text between its braces.
        size_bytes: of the whole.
        versions: what takes its place on cores with an instruction set; the last that a core has counts.
        alignment: its address is a multiple of so many bytes.
    """

    c_type: str
    length: int
    initializer: str
    size_bytes: int
    versions: "Mapping[InstructionSet, Table]" = field(default_factory=dict)
    alignment: int = 4

    def __hash__(self) -> int:
        return hash((self.c_type, self.initializer, frozenset(self.versions.items())))


@dataclass(frozen=True)
class Pointer:
    """A field of a step's descriptor: the address of a buffer's first byte."""

    buffer: int


@dataclass(frozen=True)
class Rows:
    """A field of a step's descriptor: an EdgeImage, by which a kernel finds any row of a buffer."""

    buffer: int


# Of what fast kernels read and write: ADDW adds constants of 12 bits, and a stride of pairs is 4 bytes per channel.
MOST_CHANNELS = 1020

# A number or an array of them, of any number of dimensions.
Numbers = Union[int, tuple["Numbers", ...]]  # noqa: UP007 - refers to itself
# Numbers, a constant array, where a buffer is, or a struct inside the struct.
Field = Union[Numbers, Table, Pointer, Rows, "Fields"]
# By the names that the C struct has for them, in any order.
Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Reading:
    """One input of a step: a buffer, and the rows of it that each run reads."""

    buffer: int
    window: RowWindow = RowWindow()


@dataclass(frozen=True)
class Step:
    """One kernel at work.

    Attributes:
        name: for comments: operator kinds and the tensor written.
        operators: indices of the network's operators that it computes.
        numbers: of the same operators in the file, where what is folded counts too, and what is split is one.
        reads: its inputs.
        write: the buffer it writes, row t in run t unless `whole`.
        runs: how often its function is called, with run numbers from 0.
        whole: its runs belong together: they read and write buffers that are kept whole.
        kernel: the function that is called.
        fields: of its descriptor.
    """

    name: str
    operators: tuple[int, ...]
    numbers: tuple[int, ...]
    reads: tuple[Reading, ...]
    write: int
    runs: int
    whole: bool
    kernel: "Kernel"
    fields: Fields


@dataclass(frozen=True)
class Kernel:
    """A C function made from a source, a file whose text has places such as `@shift@` to be filled in (see `sources`).

    The same source and parameters are the same function.

    Attributes:
        source: the file of `kernels` without its suffix.
        parameters: values of the places that tell one function of the source from another, in the order of its name.
        places: values of further places, which follow from the parameters.
        without: instruction sets for which the source has a version that these parameters do not suit.
    """

    source: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    without: frozenset[InstructionSet] = frozenset()

    @property
    def function(self) -> str:
        """Its C name."""
        return "_".join(["edge", self.source, *self.parameters.values()])

    @property
    def text_name(self) -> str:
        """What its text in portable C is called: some functions have one with others."""
        return self.places.get("base", self.function)

    @property
    def structure(self) -> str:
        """The C type of its descriptor."""
        return "Edge" + "".join(part.capitalize() for part in self.source.split("_"))


def c_value(value: Numbers | Mapping[str, Numbers]) -> str:
    """Returns numbers as C's initialiser, those of a struct by the names of its fields."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"{{{', '.join(map(c_value, value))}}}"
    return f"{{{', '.join(f'.{name} = {c_value(part)}' for name, part in value.items())}}}"


@dataclass(frozen=True)
class Program:
    """A whole network as steps in execution order."""

    buffers: tuple[Buffer, ...]
    steps: tuple[Step, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    states: tuple[int, ...] = ()  # buffers that keep their values from call to call

    @cached_property
    def only_functions(self) -> frozenset[str]:
        """The functions that one step calls, and no other: the text of such a one may know the step's constants."""
        steps = Counter(step.kernel.text_name for step in self.steps)
        return frozenset(step.kernel.function for step in self.steps if steps[step.kernel.text_name] == 1)

    def storage(self, index: int) -> int:
        """Returns the buffer that owns the bytes of a buffer."""
        alias = self.buffers[index].alias
        return index if alias is None else self.storage(alias)

    def has_own_rows(self, index: int) -> bool:
        """Whether a buffer's rows are those in which its bytes are made: a reshape may cut them anew."""
        return self.buffers[self.storage(index)].cut == self.buffers[index].cut
