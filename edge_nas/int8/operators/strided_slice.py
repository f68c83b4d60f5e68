"""STRIDED_SLICE: every so many-th element along each dimension."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edge_nas.int8.graph import Int8Graph, Operator
from edge_nas.int8.operators.operands import Codes, Operands, ParsedOperator


@dataclass(frozen=True, eq=False, kw_only=True)
class StridedSlice(ParsedOperator):
    """Output element i of a dimension is input element start + i * step, for i below count.

    Dimensions that the output leaves out have a count of 1.

    Attributes:
        starts: per dimension of the input, without the batch.
        steps: per dimension, not 0; negative ones go backwards.
        counts: per dimension, at least 1.
    """

    starts: tuple[int, ...]
    steps: tuple[int, ...]
    counts: tuple[int, ...]


def parse(graph: Int8Graph, operator: Operator) -> StridedSlice:
    """Returns the slice that an operator describes.

    Raises:
        ArtifactError: the batch is cut, an ellipsis or new axis is asked for, nothing is left, or anything else that
            is not supported.
    """
    operands = Operands(graph, operator)
    operands.expect_inputs(4, 4)
    source = operands.activation(0)
    for option in ("EllipsisMask", "NewAxisMask", "Offset"):
        operands.expect_option(option, 0)
    begins, ends, steps = (operands.constant(slot, "int32", 1) for slot in (1, 2, 3))
    if not begins.shape == ends.shape == steps.shape or len(begins) > len(source.shape) + 1 or not steps.all():
        raise operands.refusal(
            f"begin {begins.tolist()}, end {ends.tolist()} and step {steps.tolist()} are not supported; "
            "expected: one of each per dimension, steps not 0"
        )
    ranges = _ranges(operands, (1, *source.shape), begins, ends, steps)
    shrunk = operands.option("ShrinkAxisMask")
    if list(ranges[0]) != [0] or shrunk & 1:
        raise operands.refusal("the batch is cut; only the other dimensions can be")
    if not all(ranges):
        raise operands.refusal("nothing is left; at least one element is supported")
    output = operands.output(shape=tuple(len(kept) for i, kept in enumerate(ranges) if i and not shrunk >> i & 1))
    return StridedSlice(
        **operands.wiring((source,), output),
        starts=tuple(kept.start for kept in ranges[1:]),
        steps=tuple(kept.step for kept in ranges[1:]),
        counts=tuple(len(kept) for kept in ranges[1:]),
    )


def run(operator: StridedSlice, codes: Codes) -> Codes:
    """Returns the output codes (N, ...) for input codes (N, ...)."""
    kept = [
        start + step * np.arange(count)
        for start, step, count in zip(operator.starts, operator.steps, operator.counts, strict=True)
    ]
    return codes[np.ix_(np.arange(len(codes)), *kept)].reshape(len(codes), *operator.output_shape)


def _ranges(
    operands: Operands,
    shape: tuple[int, ...],
    begins: npt.NDArray[np.int32],
    ends: npt.NDArray[np.int32],
    steps: npt.NDArray[np.int32],
) -> list[range]:
    """Returns the kept positions of every dimension; Python cuts a slice to its sequence as TFLite does."""
    no_begin, no_end, shrunk = (operands.option(f"{name}Mask") for name in ("Begin", "End", "ShrinkAxis"))
    ranges = [range(size) for size in shape]
    for i, (begin, end, step) in enumerate(zip(begins.tolist(), ends.tolist(), steps.tolist(), strict=True)):
        if shrunk >> i & 1:
            at = begin + shape[i] if begin < 0 else begin
            if step != 1 or not 0 <= at < shape[i]:
                raise operands.refusal(f"dimension {i} is cut to position {begin} of {shape[i]} by steps of {step}")
            ranges[i] = range(at, at + 1)
        else:
            kept = slice(None if no_begin >> i & 1 else begin, None if no_end >> i & 1 else end, step)
            ranges[i] = range(shape[i])[kept]
    return ranges
