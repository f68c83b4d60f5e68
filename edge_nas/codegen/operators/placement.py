"""Copies of a block of one tensor to a place of another: the step behind concatenation, padding and slices."""

import math
from dataclasses import dataclass

from edge_nas.codegen.lowering import Lowering
from edge_nas.codegen.operators.pairing import element_steps, padded
from edge_nas.codegen.program import Field
from edge_nas.int8.operands import ParsedOperator, Shape


@dataclass(frozen=True)
class Block:
    """A block of `counts` elements per dimension; in a tensor of `shape` it starts at `starts` and goes by `steps`."""

    shape: Shape
    counts: Shape
    starts: Shape
    steps: Shape

    @property
    def offset(self) -> int:
        """Element number of its first element."""
        elements = element_steps(self.shape)
        return sum(start * element for start, element in zip(padded(self.starts, 0), elements, strict=True))

    @property
    def element_steps(self) -> str:
        """Distance of neighbours along four dimensions, as a C initialiser."""
        steps = zip(padded(self.steps, 1), element_steps(self.shape), strict=True)
        return f"{{{', '.join(str(step * element) for step, element in steps)}}}"


def lower_placement(
    lowering: Lowering,
    operator: ParsedOperator,
    source: Block,
    target: Block,
    *,
    tensor: int | None = None,
    output: int | None = None,
    fill: int | None = None,
) -> None:
    """Adds the step that copies a block; `fill`: what the whole output is set to before."""
    fields: list[Field] = [
        f"{{{', '.join(map(str, padded(source.counts, 1)))}}}",
        source.offset,
        source.element_steps,
        target.offset,
        target.element_steps,
        math.prod(target.shape) if fill is not None else 0,
        fill or 0,
    ]
    inputs = [operator.input if tensor is None else tensor]
    lowering.flat_step(operator, "placement", fields, output=output, inputs=inputs)


def whole(shape: Shape) -> Block:
    """Returns the block of all elements."""
    return Block(shape, shape, (0,) * len(shape), (1,) * len(shape))
