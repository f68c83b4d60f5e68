"""PACK: tensors of one shape, side by side along a new dimension."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Codes, Operands
from edge_nas.int8.operators.concatenation import Concatenation


@register("PACK", options=SchemaOptions("PackOptions", ("ValuesCount", "Axis")))
@dataclass(frozen=True, eq=False, kw_only=True)
class Pack(Concatenation):
    """A concatenation of the inputs with a dimension of one more."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the concatenation that an operator describes.

        Raises:
            ArtifactError: several shapes or scales, a new batch, or anything else that is not supported.
        """
        slots = range(len(operands.operator.inputs))
        if not slots:
            raise operands.refusal("it has no inputs; at least one is supported")
        sources = [operands.moved(slot) for slot in slots]
        shape, option = sources[0].shape, operands.option("Axis")
        axis = option - 1 if option >= 0 else option + len(shape) + 1
        if not 0 <= axis <= len(shape):
            raise operands.refusal(f"the option Axis is {option}; supported: 1 to {len(shape) + 1} (not the batch)")
        for slot, source in enumerate(sources):
            if source.shape != shape:
                raise operands.refusal("its shape is not the first input's", operands.tensor(slot))
        for source in sources:
            output = operands.moved_output(source, (*shape[:axis], len(sources), *shape[axis:]))
        longer = [replace(source, shape=(*shape[:axis], 1, *shape[axis:])) for source in sources]
        return cls(**operands.wiring(longer, output), axis=axis)

    def run(self, *inputs: Codes) -> Codes:
        """Returns the inputs (N, ...), one after the other along the new axis."""
        return np.stack(inputs, self.axis + 1)
