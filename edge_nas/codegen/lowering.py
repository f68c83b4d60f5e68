"""From a network's operators to a program: which kernel computes what, and in which layout every tensor lies.

Every operator can be computed on flat tensors, as TFLite lays them out, by a kernel in portable C: that is its
`OperatorLowering`. Some have fast kernels beside it, each with a layout of its own for what it reads (`program.Layout`
draws the four there are): `FastKernel`.

`lower_network` goes through the operators twice. Backwards, each operator learns in which layouts its output will be
read, chooses its kernel, and says in which layout that wants its inputs. Forwards, each adds its steps to the program.
A tensor that is wanted in several layouts is made in one, and the first reader of each other one has it converted, row
by row; network input and output are always flat. So

    image -> DEPTHWISE_CONV_2D -> a -> CONV_2D of 1 x 1 -> b -> RESHAPE -> output

becomes, backwards: the reshape has no fast kernel and reads b flat; the convolution takes `Pointwise`, which demands a
in pairs; the depthwise convolution takes `Depthwise3`, which demands the image in planes. Forwards:

    step            kernel              reads           writes
    (a conversion)  planar_from_flat    image, flat     image, planar
    DEPTHWISE...    depthwise3          image, planar   a, pairs
    CONV_2D         pointwise           a, pairs        b, flat

and no step for the reshape: its output is the very bytes of b.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from edge_nas.codegen.builder import Demand, ProgramBuilder, kinds_wanted
from edge_nas.codegen.program import LayoutKind, Program
from edge_nas.codegen.scaling import Shifts, fewest_shifts
from edge_nas.core.config import Optimize
from edge_nas.int8.graph import Int8Graph
from edge_nas.int8.operands import ParsedOperator

P = TypeVar("P", bound=ParsedOperator)


class FastKernel(ABC, Generic[P]):
    """A kernel with a layout of its own, for those operators of a kind that it fits.

    A subclass' docstring says which these are, for the page of supported operators. An instance belongs to one
    operator; what it finds out about it, it keeps as long as the compilation lasts.

    Attributes:
        converts: whether it is worth a conversion of its input, row by row. (A limit on memory may have an operator do
            without demands; its input is then made flat, and such a kernel has it converted by reading it.)
    """

    converts: ClassVar[bool] = False

    def __init__(self, operator: P) -> None:
        self.operator = operator

    @abstractmethod
    def fits(self, wanted: frozenset[LayoutKind]) -> bool:
        """Returns whether it computes the operator byte for byte, and faster than those after it in `fast_kernels`.

        Args:
            wanted: the layouts in which the output is read: a kernel may be faster for some only.
        """

    def shifts(self) -> Shifts:
        """Returns the right shifts of which one may follow the multiplication of its sums (`shift_of`); none: empty.

        A shift is a constant in the kernel's code: each that kernels which are `alike` use makes a function of its own,
        so that few are wanted (`scaling.fewest_shifts`).
        """
        return Shifts()

    @property
    def alike(self) -> Hashable:
        """What kernels have in common that may share a function where they share a shift."""
        return type(self)

    @abstractmethod
    def demands(self) -> Iterable[Demand]:
        """Yields in which layout, and with how much border around it, it wants each of its inputs; nothing for flat."""

    @property
    def makes_demands(self) -> bool:
        """Whether it wants any input otherwise than flat."""
        return any(True for _ in self.demands())

    @abstractmethod
    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the steps of the operator."""


class OperatorLowering(ABC, Generic[P]):
    """How operators of one class become steps.

    A subclass' docstring says what is supported, for the page of supported operators. An instance belongs to one
    operator.

    Attributes:
        fast_kernels: the classes of fast kernels that there are for such operators, the best first.
        operator: what is computed.
        kernels: an instance of each for this operator, fit or not.
    """

    fast_kernels: ClassVar[tuple[type[FastKernel[Any]], ...]] = ()

    def __init__(self, operator: P) -> None:
        self.operator = operator
        fast = self.fast_kernels if operator.dtype == "int8" else ()
        self.kernels = tuple(kernel(operator) for kernel in fast)

    @abstractmethod
    def lower(self, builder: ProgramBuilder) -> None:
        """Adds the steps of the operator on flat tensors, which must be possible for every operator of the class."""


L = TypeVar("L", bound=type[OperatorLowering[Any]])

LOWERINGS: dict[type[ParsedOperator], type[OperatorLowering[Any]]] = {}
"""How each class of operators becomes steps; filled as the modules of `edge_nas.codegen.operators` are imported."""


def lowers(parsed: type[Any]) -> Callable[[L], L]:
    """Returns a decorator that makes a class the lowering of a class of operators, and of its subclasses.

    Args:
        parsed: a subclass of ParsedOperator, abstract or not.

    Raises:
        ValueError: the operators have one.
    """

    def add(lowering: L) -> L:
        if parsed in LOWERINGS:
            raise ValueError(f"{parsed.__name__} is lowered twice, by {lowering} and {LOWERINGS[parsed]}")
        LOWERINGS[parsed] = lowering
        return lowering

    return add


def lowering_class(parsed: type[ParsedOperator]) -> type[OperatorLowering[Any]] | None:
    """Returns how a class of operators becomes steps; None where nobody has said so."""
    return next((LOWERINGS[base] for base in parsed.__mro__ if base in LOWERINGS), None)


def lower_network(
    graph: Int8Graph,
    lowerings: Sequence[OperatorLowering[Any]],
    flat: frozenset[int] = frozenset(),
    optimize: Optimize = "speed",
    *,
    padding_of: Mapping[int, ParsedOperator] | None = None,
) -> Program:
    """Returns the program of a network.

    Args:
        graph: the network.
        lowerings: of its operators, in execution order.
        flat: indices of operators that make no demands, since other layouts than flat take more memory; `compile` finds
            out which have to.
        optimize: "speed", or "size" of the code.
        padding_of: by the index of an operator that has taken in a PAD, that (`padding.without_paddings`).
    """
    operators = [lowering.operator for lowering in lowerings]
    fast_kernel_of: dict[int, FastKernel[Any]] = {}
    demands: list[Demand] = []
    for lowering in reversed(lowerings):
        operator = lowering.operator
        # All readers of the output (a tensor's index) come later: what they want is known by now.
        wanted = kinds_wanted(graph, operators, demands, operator.output)
        is_flat = operator.index in flat
        kernel = _chosen_kernel(lowering, wanted, flat=is_flat)
        if kernel is not None:
            fast_kernel_of[operator.index] = kernel
            if not is_flat:
                demands += kernel.demands()
    builder = ProgramBuilder(graph, operators, demands, shifts_of(fast_kernel_of), optimize, padding_of=padding_of)
    for lowering in lowerings:
        # Without a fast kernel the lowering itself adds the steps, of portable C on flat tensors.
        fast_kernel_of.get(lowering.operator.index, lowering).lower(builder)
    return builder.program()


def shifts_of(kernels: Mapping[int, FastKernel[Any]]) -> dict[int, int]:
    """Returns the shift of each fast kernel that has some, few among those that are alike; both by operator."""
    alike: dict[Hashable, dict[int, Shifts]] = {}
    for index, kernel in kernels.items():
        if allowed := kernel.shifts():
            alike.setdefault(kernel.alike, {})[index] = allowed
    chosen: dict[int, int] = {}
    for shifts in alike.values():
        few = fewest_shifts(shifts.values())
        chosen |= {index: next(shift for shift in few if shift in allowed) for index, allowed in shifts.items()}
    return chosen


def _chosen_kernel(
    lowering: OperatorLowering[Any], wanted: frozenset[LayoutKind], *, flat: bool
) -> FastKernel[Any] | None:
    """Returns the first fast kernel that fits; None for portable C.

    Where the operator is to make no demands (`flat`), kernels are left that make none, and those that convert.
    """
    for kernel in lowering.kernels:
        if kernel.fits(wanted) and (not flat or kernel.converts or not kernel.makes_demands):
            return kernel
    return None
