"""FULLY_CONNECTED on int16 codes, with int8 weights."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from edge_nas.int8.kinds import register_short
from edge_nas.int8.operands import Operands, ParsedOperator, Stored
from edge_nas.int8.operators import fully_connected  # noqa: F401 - which names the kind
from edge_nas.int8.operators.short_weights import ShortWeights, parse_short_weights
from edge_nas.int8.shapes import OperandShapes


@register_short("FULLY_CONNECTED")
@dataclass(frozen=True, eq=False, kw_only=True)
class ShortFullyConnected(ParsedOperator):
    """A dense layer, applied to each of `rows` groups of `depth` successive input elements.

    As on int8, TFLite's reference rounds once here: to the nearest integer of sum * factor in float64, halves away from
    zero.

    Attributes:
        rows: number of groups.
        depth: elements per group.
        weights: with `weights.weights` of shape (O, depth).
    """

    parameter_slots = (1, 2)

    rows: int
    depth: int
    weights: ShortWeights

    @classmethod
    def parse(cls, operands: Operands) -> Self:
        """Returns the dense layer that an operator describes.

        Raises:
            ArtifactError: shuffled weights, or anything else that is not supported.
        """
        operands.expect_inputs(2, 3)
        operands.expect_option("WeightsFormat", 0)
        source, output = operands.short(0), operands.short_output()
        weights = parse_short_weights(operands, source, output, rank=2, channel_axis=0)
        channels, depth = weights.weights.shape
        keep = bool(operands.option("KeepNumDims"))
        if ((source.shape or (1,))[-1] if keep else math.prod(source.shape)) != depth:
            raise operands.refusal(
                f"the weights read {depth} elements of the input {(1, *source.shape)}", operands.tensor(1)
            )
        operands.short_output(shape=(*source.shape[:-1], channels) if keep else (channels,))
        wiring = operands.wiring((source,), output)
        return cls(**wiring, rows=math.prod(output.shape[:-1]), depth=depth, weights=weights)

    def run(self, codes: Stored) -> Stored:
        """Returns the output codes (N, ..., O) for input codes (N, ...)."""
        # Sums of products are integers below 2 ** 47, exact in float64.
        values = codes.reshape(len(codes), self.rows, self.depth).astype(np.float64)
        sums = values @ self.weights.weights.T.astype(np.float64)
        products = (sums + self.weights.bias) * np.array(self.weights.factors)
        rounded = np.copysign(np.floor(np.abs(products) + 0.5), products)
        # Half a code and less is 0, whatever the sum above makes of 0.49999999999999994.
        rounded = np.where(np.abs(products) < 0.5, 0, rounded)
        output = np.clip(rounded, self.weights.activation_min, self.weights.activation_max).astype(np.int16)
        return output.reshape(len(codes), *self.output_shape)

    @classmethod
    def macs(cls, shapes: OperandShapes) -> int:
        """Every output element sums I products: weights are (O, I)."""
        return math.prod(shapes.output()) * shapes.input(1, 2)[1]
