"""STRIDED_SLICE: any begin, end and step but along the batch; no ellipsis and no new axis."""

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.placement import Block, lower_placement, whole
from edge_nas.int8.operators.strided_slice import StridedSlice


def lower(lowering: Lowering, operator: StridedSlice) -> None:
    """Adds the steps of the operator."""
    source = Block(operator.input_shape, operator.counts, operator.starts, operator.strides)
    lower_placement(lowering, operator, source, whole(operator.counts))
