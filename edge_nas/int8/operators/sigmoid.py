"""LOGISTIC and TANH: tables of a real function.

tflite-micro computes LOGISTIC in fixed point instead; now and then a code differs by one.
"""

from typing import Self

import numpy as np

from edge_nas.int8.kinds import register
from edge_nas.int8.operands import Operands
from edge_nas.int8.operators.lookup import LookupTable, Singles, quantized_function

# The scale and zero point that the schema prescribes for the outputs.
_OUTPUTS = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}


@register("LOGISTIC", "TANH")
class Sigmoid(LookupTable):
    """A logistic function or a hyperbolic tangent."""

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the table of the logistic function or the hyperbolic tangent that an operator describes.

        Raises:
            ArtifactError: the output has another scale or zero point than the operator prescribes, or anything else
                that is not supported.
        """
        operands.expect_inputs(1, 1)
        source = operands.activation(0)
        output = operands.output(shape=source.shape)
        if (output.scale, output.zero_point) != _OUTPUTS[operands.kind]:
            scale, zero_point = _OUTPUTS[operands.kind]
            raise operands.refusal(
                f"the output has scale {output.scale} and zero point {output.zero_point}; "
                f"supported: {scale} and {zero_point}"
            )
        function = _logistic if operands.kind == "LOGISTIC" else _tanh
        return cls.of(operands, source, output, quantized_function(source, output, function))


def _logistic(values: Singles) -> Singles:
    # The exponential of float64, rounded once, is what a good float32 one gives on any machine.
    with np.errstate(over="ignore"):
        exponential = np.exp(-values.astype(np.float64)).astype(np.float32)
    result: Singles = np.float32(1) / (np.float32(1) + exponential)
    return result


def _tanh(values: Singles) -> Singles:
    return np.tanh(values.astype(np.float64)).astype(np.float32)
