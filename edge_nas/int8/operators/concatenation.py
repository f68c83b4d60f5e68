"""CONCATENATION: inputs of one scale and zero point, side by side."""

from dataclasses import dataclass

import numpy as np

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class Concatenation(ParsedOperator):
    """Tensors of the same shape but for one dimension, in order.

    Attributes:
        axis: the dimension along which they follow each other, counted without the batch.
    """

    axis: int


def parse(graph: Int8Graph, operator: Operator) -> Concatenation:
    """Returns the concatenation that an operator describes.

    Raises:
        ArtifactError: several scales, the batch as axis, or anything else that is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_option("FusedActivationFunction", 0)
    if not operator.inputs:
        raise operands.refusal("it has no inputs; at least one is supported")
    sources = [operands.input(slot) for slot in range(len(operator.inputs))]
    rank = len(sources[0].shape)
    axis = operands.option("Axis")
    axis = axis - 1 if axis >= 0 else axis + rank
    if not 0 <= axis < rank:
        allowed = f"1 to {rank} or {-rank} to -1 (not the batch)"
        raise operands.refusal(f"the option Axis is {operands.option('Axis')}; supported: {allowed}")
    for slot, source in enumerate(sources):
        others = source.shape[:axis] + source.shape[axis + 1 :]
        if others != sources[0].shape[:axis] + sources[0].shape[axis + 1 :]:
            raise operands.refusal("its shape does not fit the first input's", operands.tensor(slot))
    shape = list(sources[0].shape)
    shape[axis] = sum(source.shape[axis] for source in sources)
    for source in sources:
        output = operands.output(shape=tuple(shape), same_codes_as=source)
    return Concatenation(**operands.wiring(sources, output), axis=axis)


def run(operator: Concatenation, *inputs: Codes) -> Codes:
    """Returns the inputs (N, ...), of which constants have N = 1, one after the other along the axis."""
    count = max(len(codes) for codes in inputs)
    return np.concatenate([np.broadcast_to(codes, (count, *codes.shape[1:])) for codes in inputs], operator.axis + 1)
