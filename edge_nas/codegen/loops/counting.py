"""How often the loops of a kernel run in a step: what its instructions are a weighted sum of.

A kernel has no branch that depends on codes but a few clips, so its instructions are

    instructions = sum over its loops of (how often the loop runs) * (instructions of the loop's body)

How often is known here, from the step's layouts and fields; how many a body has, a compiler decided, and
`edge_nas.costs` has counted. A kernel's loops are declared under the name of its source:

    @loops("upsample")
    def _upsample(step: CountedStep) -> Loops:
        source = step.source
        pixels = step.target.channels * source.width
        return Loops({"channels": step.target.channels, "pixels": pixels}).times(step.runs)

A loop that a kernel's parameters give another body has another name for each: `Loops.of` puts it in front.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge_nas.codegen.program import Buffer, Field, InstructionSet, Layout, Step
from edge_nas.errors import EdgeNasError


@dataclass(frozen=True)
class Loops:
    """How often each loop of a kernel runs: `counts` by a name of the loop, 0 or more."""

    counts: Mapping[str, int]

    def times(self, runs: int) -> "Loops":
        """Returns the loops of so many calls."""
        return Loops({name: runs * count for name, count in self.counts.items()})

    def of(self, variant: str) -> "Loops":
        """Returns the same loops, under names of their own: their bodies are those of one variant of the kernel."""
        return Loops({f"{variant}: {name}": count for name, count in self.counts.items()})

    def __or__(self, other: "Loops") -> "Loops":
        """Returns the loops of both."""
        return Loops({**self.counts, **other.counts})


@dataclass(frozen=True)
class CountedStep:
    """A step, and what of its program its loops depend on.

    Attributes:
        step: what is counted.
        buffers: of the program.
        instructions: the instruction set for which the kernel's text is taken; None for portable C.
        is_only: whether no other step calls its function, whose text then knows the step's constants.
    """

    step: Step
    buffers: tuple[Buffer, ...]
    instructions: InstructionSet | None
    is_only: bool = False

    @property
    def runs(self) -> int:
        """How often the kernel is called."""
        return self.step.runs

    @property
    def source(self) -> Layout:
        """The layout of the first input."""
        return self.buffers[self.step.reads[0].buffer].layout

    @property
    def output(self) -> Buffer:
        """The buffer it writes."""
        return self.buffers[self.step.write]

    @property
    def target(self) -> Layout:
        """The layout of the output."""
        return self.output.layout

    @property
    def parameters(self) -> Mapping[str, str]:
        """Parameters and places of the kernel."""
        return {**self.step.kernel.places, **self.step.kernel.parameters}

    def number(self, name: str) -> int:
        """Returns a field of the descriptor that is a number."""
        value = self._field(name)
        if not isinstance(value, int):
            raise EdgeNasError(f"{self.step.kernel.source}: {name} of its descriptor is no number")
        return value

    def numbers(self, name: str) -> tuple[int, ...]:
        """Returns a field of the descriptor that is an array of numbers."""
        value = self._field(name)
        if not isinstance(value, tuple) or not all(isinstance(number, int) for number in value):
            raise EdgeNasError(f"{self.step.kernel.source}: {name} of its descriptor is no array of numbers")
        return tuple(number for number in value if isinstance(number, int))

    def _field(self, name: str) -> Field:
        """Returns a field of the descriptor or, as `pair.count`, of a struct in it."""
        fields: Field = self.step.fields
        for part in name.split("."):
            if not isinstance(fields, Mapping):
                raise EdgeNasError(f"{self.step.kernel.source}: its descriptor has no {name}")
            fields = fields[part]
        return fields


# Kernels of many lines, and those that have many where their rows are no assembly. What steps call however few they are
# (`@called_kernel@`, `@called_row_kernel@`) is the same for all.
_LARGE = frozenset(
    {
        *("batch_matmul", "convolution", "convolution_patches", "depthwise_convolution", "depthwise_taps"),
        *("fully_connected", "fully_connected_blocks", "grouped_convolution", "l2_normalization", "log_softmax"),
        *("pairs_from_windows", "sequence_lstm", "sequence_lstm_blocks", "short_convolution", "short_fully_connected"),
        *("svdf", "transpose_convolution"),
    }
)
_LARGE_IN_C = frozenset({"pointwise", "depthwise3", "depthwise3_up2"})
_CALLED_IN_THUMB = frozenset({"depthwise3", "depthwise3_up2"})

BLOCK = 4  # outputs that many kernels sum at a time

Counting = Callable[[CountedStep], Loops]

LOOPS: dict[str, Counting] = {}
"""How the loops of each kernel are counted, by its source; filled as the modules of this package are imported."""


def loops(source: str) -> Callable[[Counting], Counting]:
    """Returns a decorator that declares the loops of a kernel.

    Raises:
        ValueError: they are declared already.
    """

    def add(counting: Counting) -> Counting:
        if source in LOOPS:
            raise ValueError(f"the loops of {source} are declared twice")
        LOOPS[source] = counting
        return counting

    return add


def loops_of(step: CountedStep) -> Loops:
    """Returns how often the loops of a step run, those that fill its output's border and the calls among them.

    Raises:
        EdgeNasError: the kernel has not said.
    """
    source = step.step.kernel.source
    if source not in LOOPS:
        raise EdgeNasError(
            f"kernel {source} does not say how often its loops run, so that its cost is not known; declare them with "
            f'@loops("{source}") (edge_nas/codegen/loops/counting.py says how)'
        )
    own = Loops({"calls": step.runs, "steps": 1}) | LOOPS[source](step)
    if not step.is_only and _is_shared(source, step.instructions):
        # What a body takes more for its constants being loaded, about the same in all variants.
        own |= Loops({f"shared: {name.rpartition(': ')[2]}": count for name, count in own.counts.items()})
    return own | Loops(_border(step))


def _is_shared(source: str, instructions: InstructionSet | None) -> bool:
    """Whether the steps that call a function of a source share one text, compiled once (`@kernel@` in it)."""
    if instructions == "thumb" and source in _CALLED_IN_THUMB:
        return False
    rows_are_assembly = instructions in ("dsp", "helium")
    return source in _LARGE or (source in _LARGE_IN_C and not rows_are_assembly)


def block_form(step: CountedStep, channels: int) -> str:
    """Returns what goes before the variant of a loop over blocks of four outputs, of which the last may have fewer.

    Where the compiler knows how many outputs there are, and the last block has four as well, it asks nothing of them;
    of fewer than four it makes no loop.
    """
    if not step.is_only or (channels > BLOCK and channels % BLOCK):
        return ""
    return "few " if channels < BLOCK else "full "


def known_block_form(channels: int) -> str:
    """Returns the same of a kernel of few lines, which is worked into every step with the number of its outputs.

    Where the compiler would write out one block or several of them, one alone takes less.
    """
    if channels > BLOCK:
        return "" if channels % BLOCK else "full "
    return "few " if channels < BLOCK else "one "


def halved(number: int) -> int:
    """Returns the number of pairs that hold so many."""
    return -(-number // 2)


def blocks(number: int, size: int) -> int:
    """Returns the number of blocks of a size that hold so many."""
    return -(-number // size)


def _border(step: CountedStep) -> Mapping[str, int]:
    """Returns how often the loops of `edge_border` and `edge_pixel_border` run."""
    buffer, layout, runs = step.output, step.target, step.runs
    if layout.kind == "planar":
        between = layout.stride - layout.width
        single = {
            "borders": runs * (layout.channels + 1),
            "border bytes": runs * (layout.left + layout.channels * between),
        }
    elif layout.kind == "pixels":
        single = {
            "border left": runs * layout.left * layout.channels,
            "border right": runs * layout.right * layout.channels,
        }
    else:
        return {}
    return {**single, "border rows": buffer.top, "border words": buffer.top * layout.row_bytes // 4}
