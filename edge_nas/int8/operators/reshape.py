"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same codes in the same order under another shape."""

import math
from dataclasses import dataclass
from typing import Self

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import ANY_DIMENSIONS, Operands, ParsedOperator, Stored


@register("EXPAND_DIMS", options=SchemaOptions("ExpandDimsOptions"), version=1)
@register("SQUEEZE", options=SchemaOptions("SqueezeOptions", lists=("SqueezeDims",)), version=1)
@register("RESHAPE", options=SchemaOptions("ReshapeOptions"), version=1)
@dataclass(frozen=True, eq=False, kw_only=True)
class Reshape(ParsedOperator):
    """A copy."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the reshape that an operator describes.

        Raises:
            ArtifactError: the number of elements changes, or anything else that is not supported.
        """
        operands.expect_inputs(1, 2)
        source = operands.moved(0, most=ANY_DIMENSIONS)
        output = operands.moved_output(source, most=ANY_DIMENSIONS)
        if math.prod(output.shape) != math.prod(source.shape):
            raise operands.refusal(f"{(1, *source.shape)} cannot become {(1, *output.shape)}")
        _check_shape(operands)
        return cls(**operands.wiring((source,), output))

    def run(self, codes: Stored) -> Stored:
        """Returns the codes (N, ...) under the output's shape."""
        return codes.reshape(len(codes), *self.output_shape)


def _check_shape(operands: Operands) -> None:
    """Refuses a file whose shape of the output is not the one that its options and constants make.

    TFLite computes by those and we by what the file says of the tensor.
    """
    source, output = operands.tensor(0).shape, operands.graph.tensors[operands.operator.outputs[0]].shape
    made = _squeezed(operands, source) if operands.kind == "SQUEEZE" else output
    if operands.has_input(1):
        values = operands.constant(1, ("int32", "int64"), len(operands.tensor(1).shape)).reshape(-1).tolist()
        made = _expanded(values, source) if operands.kind == "EXPAND_DIMS" else _filled(values, source)
    if made != output:
        raise operands.refusal(f"{source} becomes {made} by its options, and the file says {output}")


def _squeezed(operands: Operands, source: tuple[int, ...]) -> tuple[int, ...]:
    named = operands.operator.list_options.get("SqueezeDims", ())
    rank = len(source)
    gone = {axis + rank if axis < 0 else axis for axis in named} or {at for at, size in enumerate(source) if size == 1}
    return tuple(size for at, size in enumerate(source) if at not in gone)


def _expanded(values: list[int], source: tuple[int, ...]) -> tuple[int, ...]:
    axis = values[0] + len(source) + 1 if values[0] < 0 else values[0]
    return (*source[:axis], 1, *source[axis:])


def _filled(values: list[int], source: tuple[int, ...]) -> tuple[int, ...]:
    """Returns a shape with what is left of the elements in the place of its -1."""
    known = math.prod(size for size in values if size != -1)
    return tuple(math.prod(source) // max(1, known) if size == -1 else size for size in values)
