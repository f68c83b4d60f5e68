"""RELU, RELU6 and LEAKY_RELU as operators of their own, with a rescaling: tables.

tflite-micro clips in RELU6 without rescaling, so that it agrees only where input and output have one scale.
"""

from typing import Self

import numpy as np

from edge_nas.int8.arithmetic import INT8_MAX, multiply
from edge_nas.int8.kinds import SchemaOptions, register
from edge_nas.int8.operands import Operands, code_of, single_factor
from edge_nas.int8.operators.lookup import LookupTable, all_codes


@register("RELU", "RELU6")
@register("LEAKY_RELU", options=SchemaOptions("LeakyReluOptions", reals=("Alpha",)))
class Rectification(LookupTable):
    """A rectification, with a rescaling."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the rectification that an operator describes.

        Raises:
            ArtifactError: a negative slope, or anything else that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        centred = all_codes() - source.zero_point
        entries = output.zero_point + multiply(
            centred, operands.multiplier(single_factor(source.scale, 1.0, output.scale))
        )
        if operands.kind == "LEAKY_RELU":
            slope = operands.real_option("Alpha")
            if slope < 0:
                raise operands.refusal(f"the option Alpha is {slope}; at least 0 is supported")
            factor = operands.multiplier(single_factor(source.scale, slope, output.scale))
            entries = np.where(centred >= 0, entries, output.zero_point + multiply(centred, factor))
        else:
            most = code_of(6.0, output) if operands.kind == "RELU6" else INT8_MAX
            entries = np.clip(entries, output.zero_point, min(most, INT8_MAX))
        return cls.of(operands, source, output, entries)
