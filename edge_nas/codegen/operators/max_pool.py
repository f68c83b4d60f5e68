"""MAX_POOL_2D: any window, stride, padding and fused activation.

Fast for windows side by side, inside the image, without activation.
"""

from collections.abc import Iterable

from edge_nas.codegen.lowering import Demand, Lowering
from edge_nas.codegen.operators.window_fields import lower_pool
from edge_nas.codegen.program import Field, Kernel, Reading, Rows, RowWindow
from edge_nas.int8.arithmetic import INT8_MAX, INT8_MIN
from edge_nas.int8.operators.max_pool import MaxPool

_LARGEST_WINDOW = 255


def demands(operator: MaxPool, wanted: frozenset[str]) -> Iterable[Demand]:
    """Yields the layout of the input, that of the output."""
    if wanted & {"planar", "pairs"} and _is_fast(operator):
        yield Demand(operator.index, operator.input, "planar")


def lower(lowering: Lowering, operator: MaxPool) -> None:
    """Adds the steps of the operator."""
    if lowering.wanted(operator.output) & {"planar", "pairs"} and _is_fast(operator):
        _lower_planar(lowering, operator)
    else:
        lower_pool(lowering, operator, "max_pool")


def _lower_planar(lowering: Lowering, operator: MaxPool) -> None:
    height, width = operator.window.height, operator.window.width
    by_two = (height, width) == (2, 2) and operator.output_shape[1] % 2 == 0
    source = lowering.read(operator.input, "planar")
    write = lowering.create(operator.output, "planar")
    sizes: list[Field] = [] if by_two else [height, width]
    lowering.step(
        [operator],
        Kernel("max_pool2_planar" if by_two else "max_pool_planar"),
        [Rows(source), Rows(write), *sizes],
        [Reading(source, RowWindow(height, 1, 0, height))],
        write,
        runs=operator.output_shape[0],
        whole=False,
    )


def _is_fast(operator: MaxPool) -> bool:
    window = operator.window
    rows, columns = operator.output_shape[:2]
    return (
        (window.height, window.width) == (window.stride_height, window.stride_width)
        and (window.pad_top, window.pad_left) == (0, 0)
        and (rows * window.height, columns * window.width) <= operator.input_shape[:2]
        and columns * window.width <= operator.input_shape[1]
        and max(window.height, window.width) <= _LARGEST_WINDOW
        and (operator.activation_min, operator.activation_max) == (INT8_MIN, INT8_MAX)
    )
