"""RESIZE_NEAREST_NEIGHBOR: any sizes, with or without aligned corners or half-pixel centers.

Fast for whole factors; by 2 in front of fast depthwise convolutions alone, it costs nothing.
"""

from collections.abc import Iterable

from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators import depthwise_convolution
from edge_nas.codegen.program import Field, Kernel, Reading, Rows, RowWindow
from edge_nas.int8.operators.depthwise_convolution import DepthwiseConvolution
from edge_nas.int8.operators.resize_nearest import ResizeNearest

_LARGEST_FACTOR = 255


def demands(operator: ResizeNearest, wanted: frozenset[str]) -> Iterable[Demand]:
    """Yields the layout of the input, that of the output where the factors are whole."""
    if wanted == {"planar"} and factors(operator) is not None:
        yield Demand(operator.index, operator.input, "planar", top=1, bottom=1, left=1, right=1, reach=2)


def lower(lowering: Lowering, operator: ResizeNearest) -> None:
    """Adds the steps of the operator."""
    found = factors(operator)
    if found is None or lowering.wanted(operator.output) != {"planar"}:
        lower_flat(lowering, operator)
    elif _is_taken_in(lowering, operator):
        lowering.upsampled[operator.output] = operator
    else:
        source = lowering.read(operator.input, "planar")
        write = lowering.create(operator.output, "planar")
        reads = [Reading(source, RowWindow(1, found[0], 0, 1))]
        fields: list[Field] = [Rows(source), Rows(write), *found]
        lowering.step([operator], Kernel("upsample"), fields, reads, write, runs=operator.output_shape[0], whole=False)


def factors(operator: ResizeNearest) -> tuple[int, int] | None:
    """Returns by how much height and width grow, if every pixel becomes a block of that size."""
    found = []
    for sources, size in zip((operator.rows, operator.columns), operator.input_shape, strict=False):
        factor = max(len(sources) // size, 1)
        if factor > _LARGEST_FACTOR or sources != tuple(i // factor for i in range(factor * size)):
            return None
        found.append(factor)
    return found[0], found[1]


def _is_taken_in(lowering: Lowering, operator: ResizeNearest) -> bool:
    """Whether every reader computes from the small image instead; kernels take two of its pixels at a time."""
    readers = lowering.readers(operator.output)
    taken = all(
        isinstance(reader, DepthwiseConvolution) and depthwise_convolution.takes_upsampling(reader)
        for reader in readers
    )
    return taken and factors(operator) == (2, 2) and operator.input_shape[1] % 2 == 0


def lower_flat(lowering: Lowering, operator: ResizeNearest) -> None:
    """Adds the steps of the operator on flat tensors."""
    fields: list[Field] = [
        lowering.table(operator.rows, "uint16"),
        lowering.table(operator.columns, "uint16"),
        operator.input_shape[1],
        *operator.output_shape[1:],
    ]
    lowering.flat_step(operator, "resize_nearest", fields, runs=operator.output_shape[0])
